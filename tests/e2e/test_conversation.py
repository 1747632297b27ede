"""``assistant run``: a spoken conversation over virtual sound devices, a video as the camera, real Whisper, a real GGUF.

The person is a recording played into the virtual microphone; what the assistant says is recorded from the virtual loudspeaker
and written down by Whisper again.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from assistant.engines.file_microphone import read_recording
from assistant.engines.whisper_transcriber import WhisperTranscriber
from assistant.errors import CameraLost
from assistant.turn import prompts
from assistant.turn.earcons import Earcon, earcon_sound
from assistant.types import SAMPLE_RATE, Samples, Utterance
from tests import mjpeg
from tests.e2e.assistant_process import AssistantProcess
from tests.virtual_sound import VirtualSound, is_quiet, loud_part, loudest_frequency

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "assistant" / "samples"
THING, COLOUR = "umbrella", "yellow"
"""What is on the left in the bundled scene."""

pytestmark = [pytest.mark.sound, pytest.mark.weights, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Film the bundled scene for two seconds."""
    path = tmp_path_factory.mktemp("film") / "scene.avi"
    picture = cv2.imread(str(SAMPLES / "scene.png"))
    assert picture is not None
    height, width, _ = picture.shape
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 15, (width, height))
    for _ in range(30):
        writer.write(picture)
    writer.release()
    return path


@pytest.fixture(scope="module")
def ears(whisper_base: Path) -> WhisperTranscriber:
    return WhisperTranscriber(whisper_base, "en", 0)


@pytest.fixture
def sound(virtual_sound: VirtualSound) -> Iterator[VirtualSound]:
    virtual_sound.ensure()
    yield virtual_sound
    virtual_sound.ensure()


def configured(folder: Path, camera: str | Path, barge_in: str = "voice", rate: int = 150) -> Path:
    """Write a configuration. Whisper base understands espeak's voice best when it is low and slow."""
    path = folder / "config.toml"
    path.write_text(
        f'[camera]\nsource = "{camera}"\n[transcriber]\nlanguage = "en"\n'
        '[vision]\nmodel = "practice"\ntemperature = 0\nn_ctx = 1024\nmax_tokens = 64\n'
        '[voice]\nkind = "espeak"\npitch = 30\n'
        f'rate = {rate}\n[conversation]\nbarge_in = "{barge_in}"\n',
        encoding="utf-8",
    )
    return path


def written(ears: WhisperTranscriber, samples: Samples) -> str:
    spoken = np.pad(loud_part(samples), SAMPLE_RATE // 4)
    return ears.transcribe(Utterance(spoken, len(spoken) / SAMPLE_RATE)).text.lower()


@pytest.mark.alone
def test_a_conversation(sound: VirtualSound, film: Path, ears: WhisperTranscriber, tmp_path: Path) -> None:
    everything, left, colour = (read_recording(SAMPLES / name) for name in ("question.wav", "question2.wav", "question3.wav"))
    with AssistantProcess("run", "--config", configured(tmp_path, film)) as program, sound.listening() as heard:
        # it says what it does before it can be asked anything
        assert "ready" in written(ears, program.wait_for_greeting(heard))

        # a question is looked at while it is asked, and its answer means what is there
        before = heard.samples.size
        sound.say(left)
        program.wait_for("speech started")
        program.wait_for("picture looked at")
        answer = program.wait_for("answered").lower()
        spoken = written(ears, heard.samples[before:])
        assert THING in answer
        assert THING in spoken

        # the first thing heard after the question is that it was taken in
        captured = loud_part(heard.samples[before:])[: SAMPLE_RATE // 12]
        assert abs(loudest_frequency(captured) - loudest_frequency(earcon_sound(Earcon.CAPTURED, SAMPLE_RATE))) < 30

        # a follow-up on the same scene needs no second look
        sound.say(colour)
        answer = program.wait_for("answered").lower()
        assert THING in answer
        assert COLOUR in answer
        assert "picture looked at" not in "\n".join(program.lines[-6:])

        # talking over an answer stops it, and asks the next question
        sound.say(everything)
        program.wait_for("first sound")
        sound.say(left)
        program.wait_for("interrupted")
        assert THING in program.wait_for("answered").lower()

        # Ctrl-C ends it in mid-answer, and the loudspeaker is silent
        sound.say(everything)
        program.wait_for("first sound")
        assert program.interrupt() == 130
        end = heard.samples.size
        heard.wait_until(lambda samples: samples.size > end + SAMPLE_RATE)
        assert is_quiet(heard.samples[end + SAMPLE_RATE // 2 :])
    assert not any("Traceback" in line for line in program.lines)


@pytest.mark.alone
def test_on_a_loudspeaker_it_does_not_hear_itself_but_who_talks_over_it(
    sound: VirtualSound, film: Path, ears: WhisperTranscriber, tmp_path: Path
) -> None:
    everything, left = (read_recording(SAMPLES / name) for name in ("question.wav", "question2.wav"))
    config = configured(tmp_path, film, barge_in="auto")
    with sound.echoing(), AssistantProcess("run", "--config", config) as program, sound.listening() as heard:
        assert "headphones" not in written(ears, program.wait_for_greeting(heard))

        sound.say(everything)
        program.wait_for("answered")
        time.sleep(2.0)
        sound.say(everything)
        program.wait_for("first sound")
        sound.say(left)
        program.wait_for("interrupted")
        # what is left of its own voice in the question may change its words, as a person's would: not what it is about
        assert "left" in program.wait_for("heard").lower()
        program.wait_for("answered")
        time.sleep(3.0)
        assert program.interrupt() == 130
    assert sum("answered" in line for line in program.lines) == 2  # none of them its own
    assert not any(prompts.HALF_DUPLEX["en"] in line for line in program.lines)  # as it would say, and be deaf while it speaks


def test_what_breaks_is_said_and_the_conversation_goes_on(sound: VirtualSound, tmp_path: Path) -> None:
    question = read_recording(SAMPLES / "question.wav")
    lost_camera = CameraLost("").spoken("en")
    with contextlib.ExitStack() as stack:
        camera = stack.enter_context(mjpeg.serving())
        config = configured(tmp_path, camera.address, rate=400)
        program = stack.enter_context(AssistantProcess("run", "--config", config))
        with sound.listening() as heard:
            program.wait_for_greeting(heard)
            sound.say(question)
            program.wait_for("answered")

            # the camera is unplugged, and plugged in again
            camera.die()
            sound.say(question)
            program.wait_for(lost_camera)
            camera.start()
            camera.wait_for_viewer()
            heard.wait_for_silence()
            sound.say(question)
            program.wait_for("answered")

        # the sound server crashes, and is started again
        sound.kill()
        program.wait_for("the microphone stopped delivering sound")
        sound.start()
        program.wait_for("I can hear you again")
        time.sleep(2.0)  # until that has been said, if the loudspeaker is there again
        sound.say(question)
        program.wait_for("answered")
        assert program.interrupt() == 130
    assert not any("Traceback" in line for line in program.lines)
