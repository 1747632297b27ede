"""Finds the fonts that scenes are drawn with among those installed."""

from __future__ import annotations

import functools
import sys
from pathlib import Path

_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts", "/Library/Fonts", "~/Library/Fonts")
_EMOJI = "NotoColorEmoji.ttf"
_CHINESE = "DroidSansFallbackFull.ttf"
_SIGNS = (
    "DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSansCondensed.ttf", "DejaVuSansCondensed-Bold.ttf", "DejaVuSerif-Bold.ttf",
    "DejaVuSansMono-Bold.ttf", "LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf", "LiberationSansNarrow-Bold.ttf",
    "LiberationSerif-Bold.ttf", "LiberationMono-Bold.ttf", "Roboto-Medium.ttf", "Roboto-Bold.ttf", "RobotoCondensed-Bold.ttf",
    "OpenSans-Semibold.ttf", "OpenSans-Bold.ttf", "OpenSans-CondBold.ttf", "Lato-Bold.ttf", "Lato-Heavy.ttf",
)  # fmt: skip
_PACKAGES = (
    "fonts-noto-color-emoji fonts-dejavu-core fonts-dejavu-extra 'fonts-liberation*' "
    "fonts-roboto-unhinted fonts-open-sans fonts-lato"
)
"""Debian's and Ubuntu's. The star: Liberation Sans Narrow has been a package of its own since Debian 13 and Ubuntu 24.04."""


def why_not() -> str:
    """Return what is missing on this machine; empty when there is nothing."""
    missing = [name for name in (_EMOJI, *_SIGNS) if name not in _installed()]
    return f"fonts not installed: {' '.join(missing)} (Debian: {_PACKAGES})" if missing else ""


def emoji_font() -> str:
    """Return the path of Noto Color Emoji, a bitmap font of 109 points.

    Raises:
        SystemExit: A font is missing; it says what to install.
    """
    return _found()[_EMOJI]


@functools.lru_cache(None)
def sign_fonts() -> tuple[str, ...]:
    """Return the paths of the fonts of signs.

    Raises:
        SystemExit: A font is missing; it says what to install.
    """
    found = _found()
    return tuple(found[name] for name in _SIGNS)


def text_font() -> str:
    """Return the path of the font of documents in English.

    Raises:
        SystemExit: A font is missing; it says what to install.
    """
    return _found()["LiberationSans-Regular.ttf"]


def chinese_font() -> str:
    """Return the path of the font of documents in Chinese.

    Raises:
        SystemExit: It is missing; it says what to install.
    """
    if reason := why_no_chinese():
        sys.exit(reason)
    return _installed()[_CHINESE]


def why_no_chinese() -> str:
    """Return that the font of documents in Chinese is missing; empty when it is not."""
    return "" if _CHINESE in _installed() else f"font not installed: {_CHINESE} (Debian: fonts-droid-fallback)"


def _found() -> dict[str, str]:
    if reason := why_not():
        sys.exit(f"practice: scenes cannot be drawn: {reason}")
    return _installed()


@functools.lru_cache(None)
def _installed() -> dict[str, str]:
    """Return the paths of the fonts by their file names: the first of that name, where there are several."""
    paths = (path for folder in _FOLDERS for path in sorted(Path(folder).expanduser().rglob("*.ttf")))
    found: dict[str, str] = {}
    for path in paths:
        found.setdefault(path.name, str(path))
    return found
