"""The line before the model, and the conversations that visitors come back to."""

from __future__ import annotations

import anyio
import pytest

from assistant.errors import ServiceBusy, TooSlow
from assistant.web.conversations import Conversations
from assistant.web.programs.line import Line

pytestmark = pytest.mark.anyio


async def settled() -> None:
    for _ in range(20):
        await anyio.lowlevel.checkpoint()


async def test_first_come_first_served() -> None:
    line, served, go_on = Line(5, 60), list[int](), anyio.Event()

    async def visit(number: int) -> None:
        async with line.turn():
            served.append(number)
            await go_on.wait()

    async with anyio.create_task_group() as tasks:
        for number in range(5):
            tasks.start_soon(visit, number)
            await settled()
        assert (served, line.waiting) == ([0], 4)
        go_on.set()
    assert served == [0, 1, 2, 3, 4]
    assert line.waiting == 0


async def test_who_would_wait_too_long_is_sent_away_and_told_when_to_come_back() -> None:
    line, go_on = Line(2, 60), anyio.Event()

    async def visit() -> None:
        async with line.turn():
            await go_on.wait()

    async with anyio.create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(visit)
        await settled()
        with pytest.raises(ServiceBusy) as busy:
            async with line.turn():
                pass
        assert busy.value.after == 3  # a second each, as long as nothing is known
        go_on.set()


async def test_nobody_may_wait() -> None:
    line = Line(0, 60)
    async with line.turn():
        with pytest.raises(ServiceBusy):
            async with line.turn():
                pass
    async with line.turn():
        pass


async def test_who_leaves_the_line_makes_room() -> None:
    line = Line(1, 60)
    async with line.turn(), anyio.create_task_group() as tasks:

        async def wait() -> None:
            async with line.turn():
                raise AssertionError("it left")

        tasks.start_soon(wait)
        await settled()
        assert line.waiting == 1
        tasks.cancel_scope.cancel()
        await settled()
    assert line.waiting == 0


async def test_waiting_and_turn_together_have_a_limit() -> None:
    line = Line(1, 0.05)
    with pytest.raises(TooSlow):
        async with line.turn():
            await anyio.sleep(60)
    async with line.turn():
        pass


async def test_an_error_within_the_turn_is_passed_on() -> None:
    line = Line(1, 60)
    with pytest.raises(KeyError):
        async with line.turn():
            raise KeyError
    await line.emptied()


class Content:
    def __init__(self) -> None:
        self.closed = 0

    def close(self) -> None:
        self.closed += 1


async def test_the_same_name_is_the_same_conversation() -> None:
    kept = Conversations(Content, 2, 60)
    async with kept.held("a") as first:
        pass
    async with kept.held("b") as other:
        assert other is not first
    async with kept.held("a") as again:
        assert again is first


async def test_the_one_that_rested_longest_goes() -> None:
    kept, contents = Conversations(Content, 2, 60), {}
    for name in ("a", "b", "a", "c"):
        async with kept.held(name) as contents[name]:
            pass
    assert {name: content.closed for name, content in contents.items()} == {"a": 0, "b": 1, "c": 0}
    assert "b" not in kept
    assert len(kept) == 2


async def test_one_that_is_held_never_goes() -> None:
    kept = Conversations(Content, 1, 60)
    async with kept.held("a") as content:
        with pytest.raises(ServiceBusy):
            async with kept.held("b"):
                pass
        assert not content.closed
    async with kept.held("b"):
        assert content.closed


async def test_one_holder_at_a_time() -> None:
    kept, order = Conversations(Content, 1, 60), list[str]()

    async def hold(name: str) -> None:
        async with kept.held("a"):
            order.append(f"{name} begins")
            await settled()
            order.append(f"{name} ends")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(hold, "first")
        tasks.start_soon(hold, "second")
    assert [line.split()[1] for line in order] == ["begins", "ends", "begins", "ends"]


async def test_one_that_is_dropped_while_it_is_held_is_closed_afterwards() -> None:
    kept = Conversations(Content, 1, 60)
    async with kept.held("a") as content:
        await kept.drop("a")
        assert content.closed == 0
    assert [content.closed] == [1]
    async with kept.held("a") as other:
        assert other is not content


async def test_what_rested_too_long_is_closed_and_in_the_end_all() -> None:
    contents = list[Content]()

    def begin() -> Content:
        contents.append(Content())
        return contents[-1]

    kept = Conversations(begin, 5, 0.05)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(kept.tidy)
        async with kept.held("a") as first:
            await anyio.sleep(0.2)
            assert not first.closed
        with anyio.fail_after(20):
            while not first.closed:  # noqa: ASYNC110 - closing tells nobody
                await anyio.sleep(0.01)
        async with kept.held("b"):
            pass
        tasks.cancel_scope.cancel()
    assert [content.closed for content in contents] == [1, 1]


async def test_one_that_cannot_begin_is_not_kept() -> None:
    def fail() -> Content:
        raise KeyError

    kept = Conversations(fail, 1, 60)
    for _ in range(2):
        with pytest.raises(KeyError):
            async with kept.held("a"):
                pass
    assert "a" not in kept
