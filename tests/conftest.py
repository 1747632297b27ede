from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import hypothesis
import pytest
from practice import fonts

from assistant.errors import ModelError
from assistant.models.catalogue import (
    HEY_JARVIS,
    WakeWordFiles,
    kokoro_folder,
    text_files,
    turn_file,
    wake_word_files,
    whisper_folder,
)
from tests.virtual_sound import VirtualSound, why_not

# A busy machine may take a second for what takes a millisecond: hypothesis must not call that a failure.
hypothesis.settings.register_profile("busy", deadline=None)
hypothesis.settings.register_profile("gate", deadline=None, derandomize=True)  # what a gate finds is the change's own fault
hypothesis.settings.load_profile("busy")


def _miss(reason: str) -> NoReturn:
    """Skip a test on a developer's machine; fail it where all that it needs was to be set up."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session", autouse=True)
def own_state_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep programs that tests start from the developer's own log, from being pressed by the developer, and from their models."""
    with pytest.MonkeyPatch.context() as patch:
        state = tmp_path_factory.mktemp("state")
        (state / "assistant").mkdir()
        # it has introduced itself: greetings are short
        (state / "assistant" / "preferences.json").write_text("{}", encoding="utf-8")
        patch.setenv("XDG_STATE_HOME", str(state))
        patch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
        patch.setenv("ASSISTANT_PROFILE", "practice")
        yield


@pytest.fixture(scope="session")
def whisper_base() -> Path:
    """Return the folder of the real weights for speech recognition."""
    try:
        return whisper_folder("whisper-base")
    except ModelError as error:
        _miss(error.detail)


@pytest.fixture(scope="session")
def smart_turn() -> Path:
    """Return the real weights of the turn detector."""
    try:
        return turn_file()
    except ModelError as error:
        _miss(error.detail)


@pytest.fixture(scope="session")
def hey_jarvis() -> WakeWordFiles:
    """Return the real weights of the wake word."""
    try:
        return wake_word_files(HEY_JARVIS)
    except ModelError as error:
        _miss(error.detail)


@pytest.fixture(scope="session")
def ppocr() -> tuple[Path, Path]:
    """Return the real weights of the text reader."""
    try:
        return text_files()
    except ModelError as error:
        _miss(error.detail)


@pytest.fixture(scope="session")
def chinese_font() -> None:
    """Need the font that documents in Chinese are drawn with."""
    if reason := fonts.why_no_chinese():
        _miss(reason)


@pytest.fixture(scope="session")
def kokoro() -> Path:
    """Return the folder of the real Kokoro voice."""
    try:
        return kokoro_folder()
    except ModelError as error:
        _miss(error.detail)


@pytest.fixture(scope="session")
def speech_dispatcher() -> None:
    """Need Speech Dispatcher's module for espeak-ng."""
    if not list(Path("/usr").glob("lib*/speech-dispatcher-modules/sd_espeak-ng")):
        _miss("Speech Dispatcher is not here: scripts/setup --dev installs it")


@pytest.fixture(scope="session")
def systemd_analyze() -> str:
    """Return the program that finds mistakes in units."""
    return shutil.which("systemd-analyze") or _miss("systemd-analyze is not here: scripts/setup --dev installs it")


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the browser that the page is tried in."""
    return shutil.which("chromium") or _miss("chromium is not here: scripts/setup --dev installs it")


@pytest.fixture(scope="session")
def scene_fonts() -> None:
    """Need the fonts that the practice model's scenes are drawn with."""
    if reason := fonts.why_not():
        _miss(reason)


@pytest.fixture(scope="session")
def virtual_sound() -> Iterator[VirtualSound]:
    if reason := why_not():
        _miss(reason)
    server = VirtualSound()
    try:
        server.start()
        yield server
    finally:
        server.stop()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Try again, once and visibly, what failed over sound, cameras and browsers in real time: no machine is this test's alone."""
    for item in items:
        if item.path.parent.name == "e2e" or item.get_closest_marker("alone"):
            item.add_marker(pytest.mark.flaky(reruns=1))
