"""What the tests of the page share: a browser whose microphone and camera are files, and visits that go without a fault."""

from __future__ import annotations

import contextlib
import io
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright

from assistant.types import Seconds
from tests.scripted_talk import ScriptedTalk

SAMPLES = Path(__file__).parents[2] / "assistant" / "samples"
LISTENERS = Path(__file__).with_name("page_listeners.js").read_text(encoding="utf-8")
_EXPECTED = re.compile("WebSocket connection to|The Cross-Origin-Opener-Policy header has been ignored|.+ 401 .Unauthorized")
"""What a browser logs of a server that is gone or knows it no more, and of a page without encryption, as some tests want it."""


def fake_microphone(path: Path, recording: Path, before: Seconds, after: Seconds) -> Path:
    """Write a recording as Chromium's fake microphone wants it, 48 kHz, between two stretches of silence."""
    silence = {when: np.zeros((1, round(seconds * 48_000)), np.int16) for when, seconds in (("before", before), ("after", after))}
    resampler = av.AudioResampler(format="s16", layout="mono", rate=48_000)
    with av.open(str(recording)) as source:
        blocks = [block.to_ndarray() for frame in source.decode(audio=0) for block in resampler.resample(frame)]
    sound = np.concatenate([silence["before"], *blocks, silence["after"]], axis=1)
    with av.open(str(path), "w", format="wav") as sink:
        stream = sink.add_stream("pcm_s16le", rate=48_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(sound, format="s16", layout="mono")
        frame.sample_rate = 48_000
        sink.mux(stream.encode(frame))
        sink.mux(stream.encode(None))
    return path


def fake_camera(path: Path, picture: Path) -> Path:
    """Write a picture as Chromium's fake camera wants it."""
    jpeg = io.BytesIO()
    Image.open(picture).convert("RGB").save(jpeg, "JPEG", quality=92)
    path.write_bytes(jpeg.getvalue() * 2)
    return path


def launch(playwright: Playwright, chromium: str, microphone: Path, camera: Path) -> Browser:
    """Start the system's Chromium. ``phone.test`` leads to this machine, and is no more secure than an address at home."""
    return playwright.chromium.launch(
        executable_path=chromium,
        args=[
            "--no-sandbox",
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-audio-capture={microphone}%noloop",
            f"--use-file-for-fake-video-capture={camera}",
            "--host-resolver-rules=MAP phone.test 127.0.0.1",
        ],
    )


def until(page: Page, holds: Callable[[], Any], limit: Seconds) -> None:
    """Wait until something holds, and let the page go on meanwhile. Playwright's own way evaluates a string within the page."""
    end = time.monotonic() + limit
    while not holds():
        assert time.monotonic() < end, f"not within {limit} s; the page says:\n{page.inner_text('body')}"
        page.wait_for_timeout(20)


class Visit:
    """One visit of the page, in a browser that has never seen it."""

    def __init__(self, page: Page, talk: ScriptedTalk) -> None:
        self.page = page
        self.talk = talk
        self.trouble: list[str] = []
        page.on("console", self._log)
        page.on("pageerror", lambda error: self.trouble.append(str(error)))
        page.on("request", lambda request: self._ask(request.url))

    def _log(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not _EXPECTED.match(message.text):
            self.trouble.append(message.text)

    def _ask(self, url: str) -> None:
        if not re.match(rf"(http|ws)://(127\.0\.0\.1|phone\.test):{self.talk.port}/|blob:", url):
            self.trouble.append(f"asked {url}")

    def until(self, holds: Callable[[], Any], limit: Seconds = 10) -> None:
        """Wait until something holds."""
        until(self.page, holds, limit)

    def start(self) -> None:
        """Press Start, and wait until the page is ready."""
        self.page.click("#talk")
        self.until(lambda: self.talk.begins and self.page.inner_text("#state") in ("Ready", "Listening"))

    def said(self, kind: str) -> list[dict[str, Any]]:
        """Return what the page sent of a kind."""
        return [message for message in self.talk.received if message["type"] == kind]

    def presses(self) -> list[str]:
        return [message["press"] for message in self.said("press")]

    def alarm(self, words: str) -> None:
        """Wait until the page tells of a problem."""
        self.until(lambda: words in self.page.inner_text("#alarm"))

    def loudness(self) -> float:
        """Return how loud the page is just now, 0 to 1."""
        return float(self.page.evaluate("loudness()"))


@contextlib.contextmanager
def visiting(browser: Browser, talk: ScriptedTalk, host: str = "127.0.0.1", script: str = "", **context: Any) -> Iterator[Visit]:
    """Open the page; at the end, nothing may have gone wrong in it, and nobody else have been asked for anything."""
    talk.forget()
    with contextlib.closing(browser.new_context(**context)) as opened:
        opened.add_init_script(LISTENERS + script)
        page = opened.new_page()
        page.set_default_timeout(10_000)
        visit = Visit(page, talk)
        page.goto(talk.address.replace("127.0.0.1", host))
        yield visit
        trouble = [*page.evaluate("violations"), *visit.trouble]
        assert not trouble, trouble
