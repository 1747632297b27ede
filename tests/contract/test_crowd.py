"""Thirty-two programs at once, each with a picture of its own: a short while here, two minutes in ``scripts/bench service``."""

from __future__ import annotations

import io
from collections.abc import Iterator

import anyio
import numpy as np
import pytest
from crowd import Member, crowd
from PIL import Image

from assistant.llama.session import VisionSession
from assistant.types import Frame
from tests.serving import loaded, serving, settings
from tests.vision_models import load, room

COLOURS = ("red", "blue", "green", "yellow", "black")


@pytest.fixture(scope="module")
def practice() -> Iterator[VisionSession]:
    session = load()
    yield session
    session.close()


def read_picture(data: bytes) -> Frame:
    """Read a picture of ours without the child process, which takes a tenth of a second for what others send."""
    return Frame(np.asarray(Image.open(io.BytesIO(data)).convert("RGB")), 0.0)


def member(number: int) -> Member:
    file = io.BytesIO()
    colour = COLOURS[number % len(COLOURS)]
    Image.fromarray(room(colour).pixels).save(file, "PNG")
    return Member(file.getvalue(), "What colour is the shirt?", colour, f"s{number}" if number % 2 else None)


@pytest.mark.parametrize("waiting", [4, 40])
def test_no_answer_is_lost_or_crossed(practice: VisionSession, waiting: int) -> None:
    members = [member(number) for number in range(32)]
    shared = loaded(practice, settings(waiting=waiting, conversations=32), read_picture=read_picture)
    with serving(shared) as url:
        outcome = anyio.run(crowd, url, members, 4.0)
    assert not outcome.wrong
    assert outcome.answered > 4
    assert (outcome.refused > 0) == (waiting < 31)
    assert len(outcome.served) == 32 or outcome.refused
