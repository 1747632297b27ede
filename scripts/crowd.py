"""Many programs that ask the service at once, each about a picture of its own, for a while: nothing may be lost or crossed."""

from __future__ import annotations

import base64
import dataclasses
import itertools
import time
from collections.abc import Sequence

import anyio
import httpx

_LONGEST_PAUSE = 0.5
"""Seconds; who is sent away comes back sooner than it is told to, for that there is a crowd."""


@dataclasses.dataclass(frozen=True, slots=True)
class Member:
    """One program."""

    picture: bytes
    question: str
    expected: str
    """A word that is in a right answer, and in no other member's whose picture differs."""
    session: str | None = None
    """The conversation it holds; None where it sends its picture each time."""


@dataclasses.dataclass(slots=True)
class Outcome:
    """What came of all."""

    answered: int = 0
    refused: int = 0
    """How often somebody was sent away because too many waited."""
    wrong: list[str] = dataclasses.field(default_factory=list)
    """What was answered to somebody else's question, or not as it should be."""
    seconds: list[float] = dataclasses.field(default_factory=list)
    """How long each answer took."""
    served: set[int] = dataclasses.field(default_factory=set)
    """Who was answered."""


async def crowd(url: str, members: Sequence[Member], seconds: float) -> Outcome:
    """Have all ask again and again, and tell what came of it.

    Args:
        url: Of the service, without a slash at its end.
        members: Who asks.
        seconds: For how long.
    """
    outcome = Outcome()
    ends_at = time.monotonic() + seconds
    limits = httpx.Limits(max_connections=len(members))

    async def visit(number: int, member: Member, http: httpx.AsyncClient) -> None:
        picture = {"image": base64.b64encode(member.picture).decode()}
        asked = {"prompt": member.question} | ({"session": member.session} if member.session else {})
        knows_picture = False
        for turn in itertools.count():
            if time.monotonic() > ends_at:
                return
            began_at = time.monotonic()
            body = {**asked, "stream": False, **({} if knows_picture else picture)}
            response = await http.post("/infer", json=body)
            if response.status_code == httpx.codes.SERVICE_UNAVAILABLE:
                outcome.refused += 1
                await anyio.sleep(min(_LONGEST_PAUSE, float(response.headers["retry-after"])))
                continue
            outcome.seconds.append(time.monotonic() - began_at)
            outcome.answered += 1
            outcome.served.add(number)
            knows_picture = member.session is not None
            text = response.json().get("text", response.text)
            if member.expected not in text.lower():
                outcome.wrong.append(f"{number}, turn {turn}: {text} in place of {member.expected}")

    async with (
        httpx.AsyncClient(base_url=url, timeout=120, limits=limits, trust_env=False) as http,
        anyio.create_task_group() as tasks,
    ):
        for number, member in enumerate(members):
            tasks.start_soon(visit, number, member, http)
    return outcome
