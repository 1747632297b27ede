"""What the service adds to the vision session, until the first token: the same questions to both, in turns."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.managers import BaseManager

import numpy as np
from served import PAUSE, Served, data_url, infer

from assistant.config import Config, VisionConfig
from assistant.engines.pillow_picture import decode_picture
from assistant.types import Cancellation, Question, Rank, Seconds, Writing
from assistant.vision import open_vision

QUESTIONS = ("What is in front of me on the table?", "And what is behind it on the left?")
"""Asked in turns, so that each has to be read."""
VISIT = 24
"""How many questions a conversation has: its picture, and these, fit into the context."""
ANSWER_TOKENS = 8
_DECODED = 10


class Bare:
    """A visitor's conversation in this process, as the service holds them."""

    def __init__(self, vision: VisionConfig) -> None:
        self._model = open_vision(Config(vision=vision)).model
        self._session = self._model.another(Rank.PROGRAM)

    def look(self, picture: bytes) -> None:
        """Begin a conversation about a picture."""
        self._session = self._model.another(Rank.PROGRAM)
        self._session.look(decode_picture(picture), Cancellation())

    def ask(self, words: str, *, remember: bool = True) -> Seconds:
        """Return the time to the first token of an answer in this conversation."""
        question = Question(words, "en", writing=Writing(max_tokens=ANSWER_TOKENS))
        start = time.perf_counter()
        chunks = self._session.answer(question, Cancellation())
        pieces = [next(chunks).text]
        seconds = time.perf_counter() - start
        pieces += [chunk.text for chunk in chunks]
        if remember:
            self._session.remember(question, "".join(pieces))
        return seconds


class _Process(BaseManager):
    """Runs the bare session in a process of its own, as the service has one."""


_Process.register("Bare", Bare)


@contextmanager
def bare(vision: VisionConfig) -> Iterator[Bare]:
    """Load the model in another process; what comes back stands for the conversation there."""
    with _Process(ctx=get_context("spawn")) as process:
        yield process.Bare(vision)  # type: ignore[attr-defined]


def measure(served: Served, session: Bare, picture: bytes, repeat: int) -> dict[str, float]:
    """Return, in milliseconds, what both take to the first token, and what the service adds to it.

    Args:
        served: The service.
        session: The session.
        picture: A JPEG file.
        repeat: How often each is asked.
    """
    in_session = list(_in_sessions(served, session, picture, repeat))
    with_picture = list(_with_picture(served, session, picture, repeat))
    return {
        **_figures("question", in_session),
        **_figures("with_picture", with_picture),
        "picture_decoding_ms": round(1000 * statistics.median(_decoding(picture) for _ in range(_DECODED)), 2),
    }


def _in_sessions(served: Served, session: Bare, picture: bytes, repeat: int) -> Iterator[tuple[Seconds, Seconds]]:
    """Ask questions in conversations that know the picture."""
    for visit in range(-(-repeat // VISIT)):
        name = f"visit-{visit}"
        infer(served, _body(QUESTIONS[-1], session=name, image=data_url(picture)))
        session.look(picture)
        session.ask(QUESTIONS[-1])
        for i in range(min(VISIT, repeat - visit * VISIT)):
            words = QUESTIONS[i % 2]
            over_http = infer(served, _body(words, session=name)).first
            time.sleep(PAUSE)
            yield over_http, session.ask(words)


def _with_picture(served: Served, session: Bare, picture: bytes, repeat: int) -> Iterator[tuple[Seconds, Seconds]]:
    """Ask with the picture each time, which both have read; nothing else is remembered."""
    infer(served, _body(QUESTIONS[-1], image=data_url(picture)))
    session.look(picture)
    session.ask(QUESTIONS[-1], remember=False)
    for i in range(repeat):
        words = QUESTIONS[i % 2]
        over_http = infer(served, _body(words, image=data_url(picture))).first
        time.sleep(PAUSE)
        yield over_http, session.ask(words, remember=False)


def _body(words: str, **more: str) -> bytes:
    return json.dumps({"prompt": words, "stream": True, "max_tokens": ANSWER_TOKENS, **more}).encode()


def _figures(name: str, pairs: list[tuple[Seconds, Seconds]]) -> dict[str, float]:
    """Return medians and 95th percentiles of both sides, and the median of what one took more than the other, each time."""
    over_http, session = 1000 * np.array(pairs).T
    return {
        f"{name}_http_ms": round(float(np.median(over_http)), 2),
        f"{name}_http_ms_p95": round(float(np.percentile(over_http, 95)), 2),
        f"{name}_bare_ms": round(float(np.median(session)), 2),
        f"{name}_bare_ms_p95": round(float(np.percentile(session, 95)), 2),
        f"{name}_overhead_ms": round(float(np.median(over_http - session)), 2),
        f"{name}_overhead_ms_p95": round(float(np.percentile(over_http - session, 95)), 2),
    }


def _decoding(picture: bytes) -> Seconds:
    start = time.perf_counter()
    decode_picture(picture)
    return time.perf_counter() - start
