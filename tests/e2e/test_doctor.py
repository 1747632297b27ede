"""``assistant doctor`` over virtual sound devices, with a video as the camera and real weights."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from assistant.engines.whisper_transcriber import WhisperTranscriber
from assistant.types import SAMPLE_RATE, Samples, Utterance
from tests.e2e.assistant_process import AssistantProcess
from tests.virtual_sound import VirtualSound, loud_part

SCENE = Path(__file__).parents[2] / "assistant" / "samples" / "scene.png"
SETTINGS = ("--profile", "practice", "--set", "voice.rate=150", "--set", "voice.pitch=30")
"""Whisper base understands espeak's voice best when it is low and slow."""

pytestmark = [pytest.mark.sound, pytest.mark.weights, pytest.mark.timeout(240)]


@pytest.fixture
def sound(virtual_sound: VirtualSound) -> VirtualSound:
    virtual_sound.ensure()
    return virtual_sound


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Film the bundled scene for a second."""
    path = tmp_path / "scene.avi"
    picture = cv2.imread(str(SCENE))
    assert picture is not None
    height, width, _ = picture.shape
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 15, (width, height))
    for _ in range(15):
        writer.write(picture)
    writer.release()
    return path


@contextlib.contextmanager
def heard_by_the_microphone() -> Iterator[None]:
    """Let the microphone hear the loudspeaker while the body runs, as it does without headphones."""
    command = ["pactl", "load-module", "module-loopback", "source=speaker.monitor", "sink=micfeed", "latency_msec=30"]
    module = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    yield
    subprocess.run(["pactl", "unload-module", module], check=True)


def written(whisper: Path, samples: Samples) -> str:
    spoken = np.pad(loud_part(samples), SAMPLE_RATE // 4)
    return WhisperTranscriber(whisper, "en", 0).transcribe(Utterance(spoken, len(spoken) / SAMPLE_RATE)).text.lower()


def test_all_is_well(sound: VirtualSound, film: Path, whisper_base: Path) -> None:
    hum = np.random.default_rng(1).normal(0, 0.01, 25 * SAMPLE_RATE)
    arguments = ("doctor", *SETTINGS, "--set", f"camera.source={film}")
    with sound.saying(hum), heard_by_the_microphone(), sound.listening() as heard, AssistantProcess(*arguments) as program:
        program.wait_for("loudspeaker: ok. It plays, and the microphone hears it")
        before = heard.samples.size
        assert program.wait() == 0, program.lines
    lines = "\n".join(program.lines)
    for line in (
        "profile: ok. practice, chosen by: --profile.",
        "camera: ok. It gives a good picture",
        "sound system: ok. PulseAudio",
        "microphone: ok. It hears, at -4",
        "speech recognition: ok. whisper-base is here and whole.",
        "vision model: ok. practice is here and whole.",
    ):
        assert line in lines
    assert program.lines[-1] == "All is well."
    assert "all is well" in written(whisper_base, heard.samples[before:])


def test_what_is_wrong_is_told_and_said(
    sound: VirtualSound, tmp_path: Path, whisper_base: Path, smart_turn: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = tmp_path / "models"
    (models / "whisper-base").mkdir(parents=True)
    (models / "smart-turn").symlink_to(smart_turn.parent)
    for file in whisper_base.iterdir():
        (models / "whisper-base" / file.name).symlink_to(file)
    damaged = models / "whisper-base" / "model.bin"
    damaged.unlink()
    content = bytearray((whisper_base / "model.bin").read_bytes())
    content[len(content) // 2] ^= 1
    damaged.write_bytes(content)
    monkeypatch.setenv("ASSISTANT_MODELS", str(models))
    arguments = ("doctor", *SETTINGS, "--set", f"camera.source={tmp_path}/nowhere.avi")
    with sound.listening() as heard, AssistantProcess(*arguments) as program:
        program.wait_for("disk for state")
        before = heard.samples.size
        assert program.wait() == 1, program.lines
    lines = "\n".join(program.lines)
    assert "camera: problem. The camera gives no picture: check its cable. (" in lines
    assert "microphone: problem. The microphone is silent: it is muted, or switched off." in lines
    assert "speech recognition: problem. The model file model.bin is damaged." in lines
    assert "sha256" in lines
    assert "loudspeaker: ok. It plays, and the microphone does not hear it." in lines
    assert program.lines[-1] == "Three problems."
    assert "Traceback" not in lines
    said = written(whisper_base, heard.samples[before:])
    for words in ("three problems", "camera", "muted", "damaged"):
        assert words in said


def test_a_sound_server_that_hangs_holds_nothing_up(sound: VirtualSound, film: Path) -> None:
    sound.freeze()
    try:
        with AssistantProcess("doctor", "--quick", "--json", *SETTINGS, "--set", f"camera.source={film}") as program:
            assert program.wait(40) == 1
    finally:
        sound.thaw()
    (line,) = program.lines
    assert '"check": "camera", "state": "ok"' in line
    assert '"check": "microphone", "state": "problem"' in line
    assert '"check": "loudspeaker", "state": "problem"' in line


def test_a_mistake_in_the_settings_is_said(sound: VirtualSound, whisper_base: Path) -> None:
    with sound.listening() as heard, AssistantProcess("doctor", "--set", "voice.rat=1") as program:
        assert program.wait() == 1
        assert program.lines[0] == "--set: voice.rat: there is no such setting"
        assert "mistake" in written(whisper_base, heard.samples)
