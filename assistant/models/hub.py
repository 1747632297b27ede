"""Where the files of model hubs are, and what the hubs themselves say is in them.

Plain HTTP in place of huggingface_hub and the ModelScope SDK: both hubs serve ``…/resolve/revision/file`` with redirects and
ranges, so one route serves both, and GitHub as well. The SDKs bring caches that keep a second folder structure, tokens and
telemetry; neither compares a file with a hash of *ours*, goes on in another hub with what the first one sent, or tells how far it
is in lines that can be read aloud. huggingface_hub is installed anyway, for faster-whisper; the ModelScope SDK would be 6 MB
more.
"""

from __future__ import annotations

import os
from typing import Any

import httpx

from assistant.errors import DownloadFailed
from assistant.models.entries import HubSource, ModelFile
from assistant.models.pins import Content

_MOST_REDIRECTS = 5


def address(source: HubSource, name: str) -> str:
    """Return the address of a repository's file.

    ``HF_ENDPOINT`` and ``MODELSCOPE_DOMAIN`` (or ``MODELSCOPE_ENDPOINT``) choose mirrors of the hubs, as they do for the SDKs.
    """
    match source.kind:
        case "github":
            return f"https://github.com/{source.repo}/releases/download/{source.revision}/{source.folder}{name}"
        case "huggingface":
            return f"{_huggingface()}/{source.repo}/resolve/{source.revision}/{source.folder}{name}"
        case "modelscope":
            return f"{_modelscope()}/models/{source.repo}/resolve/{source.revision}/{source.folder}{name}"


def _huggingface() -> str:
    return (os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")


def _modelscope() -> str:
    chosen = os.environ.get("MODELSCOPE_ENDPOINT") or os.environ.get("MODELSCOPE_DOMAIN") or "modelscope.cn"
    return (chosen if "://" in chosen else f"https://{chosen}").rstrip("/")


def published(source: HubSource, file: ModelFile, client: httpx.Client) -> Content:
    """Return what the hub says is in a file.

    Raises:
        DownloadFailed: It is out of reach, or does not tell.
    """
    try:
        found = _by_headers(source, file, client) if source.kind == "huggingface" else _by_listing(source, file, client)
        return Content.model_validate(found)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise DownloadFailed(f"{file.name}: {error or type(error).__name__}", file.name) from error
    except (ValueError, LookupError, TypeError, StopIteration) as error:  # it answers in another form than is known
        raise DownloadFailed(f"{file.name}: its size and sha256 are not told there", file.name) from error


def _by_headers(source: HubSource, file: ModelFile, client: httpx.Client) -> dict[str, Any]:
    """Ask Hugging Face: the answer that redirects to the file's storage has both, after redirects to a repository's new name."""
    url = httpx.URL(address(source, file.name))
    for _ in range(_MOST_REDIRECTS):
        response = client.head(url, follow_redirects=False)
        if "X-Linked-Etag" in response.headers:
            return {"bytes": response.headers["X-Linked-Size"], "sha256": response.headers["X-Linked-Etag"].strip('"')}
        if not response.is_redirect:
            response.raise_for_status()
            break
        url = url.join(response.headers["Location"])
    raise LookupError


def _by_listing(source: HubSource, file: ModelFile, client: httpx.Client) -> dict[str, Any]:
    """Ask ModelScope for its list of files. GitHub has none of this form, and is not asked for files that are not known."""
    query = {"Revision": source.revision, "Recursive": "true"}
    response = client.get(f"{_modelscope()}/api/v1/models/{source.repo}/repo/files", params=query)
    response.raise_for_status()
    wanted = f"{source.folder}{file.name}"
    found = next(entry for entry in response.json()["Data"]["Files"] if entry["Path"] == wanted)
    return {"bytes": found["Size"], "sha256": found["Sha256"]}
