"""The assistant on a phone: ``assistant serve``, its page in a real browser, real Whisper and the practice model."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from playwright.sync_api import Page, WebSocket, sync_playwright

from assistant.engines.whisper_transcriber import WhisperTranscriber
from assistant.types import SAMPLE_RATE, Samples, Seconds, Utterance
from tests.e2e.assistant_process import PATIENCE, AssistantProcess
from tests.e2e.page_visit import LISTENERS, SAMPLES, fake_camera, fake_microphone, launch, until

BEFORE = 2.5
"""Seconds until the fake microphone hears the question, from when it is lent: Talk is held down by then."""
QUESTION, ANSWER = "What is in front of me?", "An umbrella on your left, a dog ahead and a chair on your right."

pytestmark = [pytest.mark.weights, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, whisper_base: Path) -> Iterator[str]:
    """Serve on a free port. Whisper base understands espeak's voice best when it is low and slow."""
    assert whisper_base
    path = tmp_path_factory.mktemp("settings") / "config.toml"
    path.write_text(
        '[transcriber]\nlanguage = "en"\n[vision]\nmodel = "practice"\ntemperature = 0\nn_ctx = 1024\nmax_tokens = 64\n'
        '[voice]\nkind = "espeak"\nrate = 150\npitch = 30\n[serve]\nport = 0\n',
        encoding="utf-8",
    )
    with AssistantProcess("serve", "--config", path) as assistant:
        line = assistant.wait_for("http://127.0.0.1:")
        yield line[line.index("http://") :]


class Phone:
    """The page, and all speech that it was sent."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.speech: list[Samples] = []
        page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._hear)

    def _hear(self, payload: str | bytes) -> None:
        if isinstance(payload, bytes) and payload[0] == 1:
            (rate,) = struct.unpack("<I", payload[1:5])
            frame = av.AudioFrame.from_ndarray(np.frombuffer(payload[5:], np.int16)[np.newaxis], format="s16", layout="mono")
            frame.sample_rate = rate
            resampler = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)
            self.speech += [part.to_ndarray()[0] for whole in (frame, None) for part in resampler.resample(whole)]

    def written(self, ears: WhisperTranscriber) -> str:
        sound = np.pad(np.concatenate(self.speech), SAMPLE_RATE // 4)
        return ears.transcribe(Utterance(sound, len(sound) / SAMPLE_RATE)).text.lower()

    def until(self, holds: Callable[[], object], limit: Seconds = PATIENCE) -> None:
        until(self.page, holds, limit)

    def until_turn(self, question: str, answer: str) -> None:
        """Wait until the last turn of the conversation is this one."""
        last = self.page.locator("#turns li").last
        self.until(lambda: question in last.inner_text() and answer in last.inner_text())

    def loudness(self) -> float:
        return float(self.page.evaluate("loudness()"))


@pytest.fixture
def phone(tmp_path: Path, chromium: str, address: str) -> Iterator[Phone]:
    microphone = fake_microphone(tmp_path / "question.wav", SAMPLES / "question.wav", before=BEFORE, after=60)
    with sync_playwright() as playwright:
        browser = launch(playwright, chromium, microphone, fake_camera(tmp_path / "scene.mjpeg", SAMPLES / "scene.png"))
        page = browser.new_page()
        page.add_init_script(LISTENERS)
        phone = Phone(page)
        page.goto(address)
        yield phone
        browser.close()


def test_a_conversation_on_the_phone(phone: Phone, whisper_base: Path) -> None:
    page = phone.page
    page.click("#talk")  # Start
    phone.until(lambda: page.get_attribute("#talk", "aria-pressed") == "false")
    page.keyboard.down("Space")
    page.wait_for_timeout(500)
    phone.speech.clear()  # of the greeting, which that has stopped
    page.wait_for_timeout((BEFORE + 2.6) * 1000)
    page.keyboard.up("Space")
    phone.until_turn(QUESTION, ANSWER)
    phone.until(lambda: phone.loudness() > 0.05)
    phone.until(lambda: page.inner_text("#state") == "Ready")
    heard = phone.written(WhisperTranscriber(whisper_base, "en", 0))
    assert re.search("umbrella.+left.+dog.+chair.+right", heard), heard

    page.fill("#question", "What color is the umbrella?")
    page.keyboard.press("Enter")
    phone.until_turn("What color is the umbrella?", "The umbrella is yellow.")
    phone.until(lambda: phone.loudness() > 0.05)

    page.fill("#question", QUESTION)
    page.keyboard.press("Enter")
    phone.until_turn(QUESTION, ANSWER)
    phone.until(lambda: phone.loudness() > 0.05)
    page.keyboard.press("Escape")
    phone.until(lambda: phone.loudness() < 0.01, limit=1)
    phone.until(lambda: page.locator("#turns li", has_text="(stopped)").count())
    phone.until(lambda: page.inner_text("#state") == "Ready")
    phone.until(lambda: phone.loudness() < 0.01, limit=1)  # the sound that ends a command reaches the ear a little later
    page.wait_for_timeout(500)
    assert phone.loudness() < 0.01
    assert page.evaluate("violations") == []
