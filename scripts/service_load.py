"""Many programs ask the service at once, each about a colour in its own picture: none may get another's answer, or none."""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import io
import json
import random
import threading
import time
from collections.abc import Iterator, Sequence

import numpy as np
from measuring import status_bytes
from PIL import Image
from practice.scene import HELD_OUT_SEEDS, render
from practice.things import KINDS, Scene
from served import HOST, Served, data_url

from assistant.types import Seconds

_PATIENCE: Seconds = 60.0
_THINKING: tuple[Seconds, Seconds] = (0.5, 1.5)
"""How long a visitor thinks before the next question. One that did not would always be back in the line before those who were sent
away from it, and they would never be served."""


@dataclasses.dataclass(frozen=True, slots=True)
class Visitor:
    """A program with one question."""

    body: bytes
    """The request that it sends again and again."""
    answer: str
    """What only it may be answered."""


@dataclasses.dataclass(slots=True)
class Outcome:
    """What became of all requests."""

    waits: list[Seconds] = dataclasses.field(default_factory=list)
    """Of each answer: from the first try to the end, with the time after which it was to be tried again."""
    answers: list[int] = dataclasses.field(default_factory=list)
    """How many each visitor got."""
    wrong: list[str] = dataclasses.field(default_factory=list)
    """Answers that were not the visitor's own."""
    lost: list[str] = dataclasses.field(default_factory=list)
    """What came in place of an answer, except for an invitation to come back later."""
    sent_away: int = 0
    """How often a visitor was to come back later."""
    memory: list[float] = dataclasses.field(default_factory=list)
    """Of the service, once a second: MiB that are resident."""

    @property
    def memory_growth_mib(self) -> float:
        """How much more memory it had in the last quarter of the time than in the second one."""
        quarter = len(self.memory) // 4
        return float(np.median(self.memory[-quarter:]) - np.median(self.memory[quarter : 2 * quarter])) if quarter else 0.0


def visitors(served: Served, count: int) -> list[Visitor]:
    """Return visitors, no two with the same answer, of scenes that the practice model sees right when it is asked by one alone."""
    found: dict[str, Visitor] = {}
    for seed in HELD_OUT_SEEDS:
        pixels, scene = render(seed, (640, 480))
        for question, answer in _colours(scene):
            picture = io.BytesIO()
            Image.fromarray(pixels).save(picture, "JPEG", quality=90)
            visitor = Visitor(_body(question, picture.getvalue()), answer)
            if answer not in found and _post(served, visitor.body)[:2] == (http.client.OK, answer):
                found[answer] = visitor
                break  # one of a picture
        if len(found) == count:
            break
    return list(found.values())


def _colours(scene: Scene) -> Iterator[tuple[str, str]]:
    """Yield what may be asked about colours in a scene, with the answers."""
    kinds = [thing.kind for thing in scene.things]
    for thing in scene.things:
        kind = KINDS[thing.kind]
        if kind.painted and not kind.is_plural and kinds.count(thing.kind) == 1:
            yield f"What colour is the {kind.en}?", f"The {kind.en} is {thing.colour}."


def hold(served: Served, asking: Sequence[Visitor], seconds: Seconds) -> Outcome:
    """Have all visitors ask at once, each again a moment after it was answered, and return what became of it."""
    outcome, deadline = Outcome(), time.monotonic() + seconds
    threads = [threading.Thread(target=_ask_on, args=(served, visitor, deadline, outcome)) for visitor in asking]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        outcome.memory.append(status_bytes("VmRSS", served.pid) / 2**20)
        time.sleep(1)
    return outcome


def _ask_on(served: Served, visitor: Visitor, deadline: Seconds, outcome: Outcome) -> None:
    answers, wants_since = 0, time.monotonic()
    while (now := time.monotonic()) < deadline:
        status, text, later = _post(served, visitor.body)
        if status == http.client.SERVICE_UNAVAILABLE and later:
            outcome.sent_away += 1
            time.sleep(min(later * random.uniform(1.0, 1.2), deadline - now))  # noqa: S311 - so that not all come back at once
            continue
        if status != http.client.OK:
            outcome.lost.append(f"{status} {text}")
        elif text != visitor.answer:
            outcome.wrong.append(f"{text} in place of {visitor.answer}")
        else:
            answers += 1
            outcome.waits.append(time.monotonic() - wants_since)
        time.sleep(random.uniform(*_THINKING))  # noqa: S311
        wants_since = time.monotonic()
    outcome.answers.append(answers)


def _post(served: Served, body: bytes) -> tuple[int, str, int]:
    """Return status, text, and in how many seconds to come back. A connection that breaks has the status 0."""
    try:
        with contextlib.closing(http.client.HTTPConnection(HOST, served.port, timeout=_PATIENCE)) as connection:
            connection.request("POST", "/infer", body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            said = json.loads(response.read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        return 0, repr(error), 0
    return response.status, said.get("text") or said.get("code", ""), int(response.headers.get("Retry-After", 0))


def _body(question: str, jpeg: bytes) -> bytes:
    return json.dumps({"prompt": question, "image": data_url(jpeg)}).encode()
