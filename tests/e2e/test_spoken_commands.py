"""``assistant run`` is commanded: by voice, by a wake word, and by ``assistant press`` from another program."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from assistant.engines.file_microphone import read_recording
from assistant.models.catalogue import WakeWordFiles
from assistant.turn import prompts
from assistant.types import SAMPLE_RATE, Samples
from tests.e2e.assistant_process import AssistantProcess
from tests.person import spoken
from tests.virtual_sound import VirtualSound

SAMPLES = Path(__file__).parents[2] / "assistant" / "samples"

pytestmark = [pytest.mark.sound, pytest.mark.weights, pytest.mark.timeout(240)]


def told(text: str, pitch: int = 30, rate: int = 150) -> Samples:
    """Say it, low and slow as Whisper base understands espeak best, with a breath of silence around."""
    return np.pad(spoken(text, rate=rate, pitch=pitch), SAMPLE_RATE // 10)


def configured(folder: Path, start: str = "") -> Path:
    path = folder / "config.toml"
    path.write_text(
        f'[camera]\nsource = "{SAMPLES / "scene.png"}"\n[transcriber]\nlanguage = "en"\n'
        '[vision]\nmodel = "practice"\ntemperature = 0\nn_ctx = 1024\nmax_tokens = 64\n'
        f'[voice]\nkind = "espeak"\nrate = 400\n[conversation]\nbarge_in = "voice"\n{start}',
        encoding="utf-8",
    )
    return path


@pytest.fixture
def sound(virtual_sound: VirtualSound, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> VirtualSound:
    """Return the virtual devices; the assistant remembers in a folder of its own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    virtual_sound.ensure()
    return virtual_sound


def command(program: AssistantProcess, sound: VirtualSound, text: str, name: str) -> None:
    """Say it until it is understood, as a person would: on a busy machine some sound is lost, and a word is short."""
    for patience in (15.0, 15.0, 60.0):
        sound.say(told(text))
        with contextlib.suppress(AssertionError):
            program.wait_for(f"command: {name}", patience)
            return
    raise AssertionError(f"{text!r} was never understood. All lines:\n" + "\n".join(program.lines))


def press() -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "assistant", "press"], capture_output=True, text=True, check=False, env=dict(os.environ)
    )


def test_commands_are_obeyed_and_remembered(sound: VirtualSound, tmp_path: Path) -> None:
    everything, stop = read_recording(SAMPLES / "question.wav"), told("Stop!")
    assert "no assistant" in press().stderr.lower()
    with AssistantProcess("run", "--config", configured(tmp_path)) as program, sound.listening() as heard:
        program.wait_for_greeting(heard)
        assert prompts.INTRODUCTION["en"] in "\n".join(program.lines)

        # what changes the voice is said, and kept
        command(program, sound, "Louder.", "louder")
        program.wait_for(prompts.LOUDER["en"])
        program.wait_for("first sound")
        heard.wait_for_silence()
        assert json.loads((tmp_path / "state" / "assistant" / "preferences.json").read_text()) == {"volume": 140}

        # one short word stops an answer
        sound.say(everything)
        program.wait_for("first sound")
        sound.say(stop)
        program.wait_for("interrupted")
        program.wait_for("command: stop")

        # and so does a key of the desktop
        time.sleep(2.0)
        sound.say(everything)
        program.wait_for("first sound")
        assert press().returncode == 0
        program.wait_for("interrupted")

        # asleep it answers nothing
        time.sleep(2.0)
        command(program, sound, "Go to sleep.", "sleep")
        program.wait_for("first sound")
        heard.wait_for_silence()
        sound.say(everything)
        time.sleep(3.0)
        command(program, sound, "Wake up.", "wake")
        assert not any("picture looked at" in line for line in program.lines[-8:])
        assert program.interrupt() == 130

    # the next start does not introduce itself again
    with AssistantProcess("run", "--config", configured(tmp_path)) as program:
        assert prompts.INTRODUCTION["en"] not in program.wait_for("sentence: Ready")
    assert not any("Traceback" in line for line in program.lines)


def test_a_wake_word_opens_its_ears(sound: VirtualSound, tmp_path: Path, hey_jarvis: WakeWordFiles) -> None:
    assert hey_jarvis.word.is_file()
    left, called = read_recording(SAMPLES / "question2.wav"), told("Hey Jarvis!", pitch=50, rate=160)
    with AssistantProcess("run", "--config", configured(tmp_path, '[start]\nkind = "wake-word"\n')) as program:
        with sound.listening() as heard:
            program.wait_for_greeting(heard)
        sound.say(left)
        time.sleep(2.0)
        sound.say(called)
        time.sleep(0.5)
        sound.say(left)
        assert "umbrella" in program.wait_for("answered").lower()
        assert sum("speech started" in line for line in program.lines) == 1
        assert program.interrupt() == 130
    assert not any("Traceback" in line for line in program.lines)


def test_the_modes_are_asked_for_by_voice(sound: VirtualSound, tmp_path: Path) -> None:
    with AssistantProcess("run", "--config", configured(tmp_path)) as program, sound.listening() as heard:
        program.wait_for_greeting(heard)

        # what is there is told by itself, once
        command(program, sound, "Keep describing.", "keep describing")
        assert "umbrella" in program.wait_for("umbrella").lower()
        heard.wait_for_silence()
        command(program, sound, "Stop!", "stop")
        program.wait_for("first sound")
        heard.wait_for_silence()

        # a guide goes on until it is told to stop
        command(program, sound, "Find the umbrella.", "find umbrella")
        assert "left" in program.wait_for("sentence: The umbrella")
        command(program, sound, "Stop!", "stop")

        # what is there is compared with what was there
        command(program, sound, "Remember this as the reference.", "reference")
        heard.wait_for_silence()
        command(program, sound, "Compare with the reference.", "compare")
        program.wait_for("sentence: I find no difference")
        assert program.interrupt() == 130
    assert not any("Traceback" in line for line in program.lines)
