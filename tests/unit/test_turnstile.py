from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from assistant.errors import Cancelled
from assistant.llama.turnstile import MadeWay, Turnstile
from assistant.types import Cancellation, Rank

PATIENCE = 10.0


def until(true: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < give_up_at
        time.sleep(0.001)


def _work(step: Cancellation, let_go: threading.Event) -> None:
    while not let_go.is_set():
        if step.cancelled:
            raise Cancelled
        time.sleep(0.001)


class Passing:
    """A step in a thread of its own, which runs until it is let go, or cancelled."""

    def __init__(self, turnstile: Turnstile, rank: Rank, passed: list[Passing]) -> None:
        self._turnstile, self._rank, self._passed = turnstile, rank, passed
        self.cancellation = Cancellation()
        self.let_go = threading.Event()
        self.ended = ""
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            with self._turnstile.turn(self._rank, self.cancellation) as step:
                self._passed.append(self)
                _work(step, self.let_go)
            self.ended = "through"
        except MadeWay:
            self.ended = "made way"
        except Cancelled:
            self.ended = "cancelled"

    @property
    def waits(self) -> bool:
        return self._thread.is_alive() and self not in self._passed

    def join(self) -> str:
        self._thread.join(PATIENCE)
        return self.ended


class Door:
    """A turnstile, and who went through it in what order."""

    def __init__(self) -> None:
        self.turnstile = Turnstile()
        self.passed: list[Passing] = []
        self._all: list[Passing] = []

    def come(self, rank: Rank) -> Passing:
        waiting = len(self.turnstile._waiting) + len(self.passed)
        passing = Passing(self.turnstile, rank, self.passed)
        self._all.append(passing)
        until(lambda: len(self.turnstile._waiting) + len(self.passed) > waiting)
        return passing

    def end(self) -> None:
        for passing in self._all:
            passing.let_go.set()
            passing.join()


@pytest.fixture
def door() -> Iterator[Door]:
    door = Door()
    yield door
    door.end()


def test_one_at_a_time_in_the_order_of_coming(door: Door) -> None:
    steps = [door.come(Rank.PROGRAM) for _ in range(4)]
    assert [step.waits for step in steps] == [False, True, True, True]
    for step in steps:
        step.let_go.set()
        assert step.join() == "through"
    assert door.passed == steps


def test_the_lower_rank_goes_first(door: Door) -> None:
    running = door.come(Rank.ROOM)
    program, page, room = (door.come(rank) for rank in (Rank.PROGRAM, Rank.PAGE, Rank.ROOM))
    for step in (running, room, page, program):
        step.let_go.set()
        assert step.join() == "through"
    assert door.passed == [running, room, page, program]


@pytest.mark.parametrize(("runs", "comes"), [(Rank.PROGRAM, Rank.PAGE), (Rank.PROGRAM, Rank.ROOM), (Rank.PAGE, Rank.ROOM)])
def test_a_step_makes_way_for_a_lower_rank(door: Door, runs: Rank, comes: Rank) -> None:
    running, coming = door.come(runs), door.come(comes)
    assert running.join() == "made way"
    until(lambda: door.passed == [running, coming])


@pytest.mark.parametrize("rank", list(Rank))
def test_nobody_makes_way_for_their_own_rank_or_a_higher_one(door: Door, rank: Rank) -> None:
    running, coming = door.come(rank), door.come(rank)
    waiting = door.come(Rank.PROGRAM)
    time.sleep(0.05)
    assert door.passed == [running]
    running.let_go.set()
    assert running.join() == "through"
    until(lambda: door.passed == [running, coming])
    assert waiting.waits


def test_who_was_cancelled_does_not_try_again(door: Door) -> None:
    running = door.come(Rank.PROGRAM)
    running.cancellation.cancel()
    assert running.join() == "cancelled"


def test_who_waits_can_be_cancelled(door: Door) -> None:
    door.come(Rank.ROOM)
    waiting = door.come(Rank.PROGRAM)
    waiting.cancellation.cancel()
    assert waiting.join() == "cancelled"
    assert not door.turnstile._waiting


def test_who_is_cancelled_before_they_come_does_not_pass(door: Door) -> None:
    cancellation = Cancellation()
    cancellation.cancel()
    with pytest.raises(Cancelled), door.turnstile.turn(Rank.ROOM, cancellation):
        pass


def test_closing_ends_all_and_lets_nobody_pass(door: Door) -> None:
    running, waiting = door.come(Rank.PAGE), door.come(Rank.PROGRAM)
    door.turnstile.close()
    assert [running.join(), waiting.join()] == ["cancelled", "cancelled"]
    with pytest.raises(Cancelled), door.turnstile.turn(Rank.ROOM, Cancellation()):
        pass


def test_a_part_is_cancelled_with_the_whole_and_not_the_other_way() -> None:
    whole = Cancellation()
    early, other = whole.part(), whole.part()
    early.cancel()
    assert (whole.cancelled, other.cancelled) == (False, False)
    whole.cancel()
    assert other.cancelled
    assert whole.part().cancelled
