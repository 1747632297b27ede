import threading
from collections.abc import Iterator

import anyio
import pytest

from assistant.errors import CameraLost, Cancelled
from assistant.runtime.stream import in_thread, pump, together
from assistant.types import Cancellation

pytestmark = pytest.mark.anyio


class Library:
    """A blocking library that lets go only when its cancellation is cancelled."""

    def __init__(self) -> None:
        self.cancellation = Cancellation()
        self.entered = threading.Event()
        self.left = threading.Event()

    def work(self) -> None:
        self.entered.set()
        while not self.cancellation.cancelled:
            self.left.wait(0.005)
        self.left.set()
        raise Cancelled

    def items(self) -> Iterator[int]:
        try:
            yield 1
            self.work()
        finally:
            self.left.set()


async def test_a_call_runs_in_another_thread_and_gives_its_result() -> None:
    assert await in_thread(threading.get_ident) != threading.get_ident()


@pytest.mark.parametrize("cancellable", [False, True])
async def test_an_error_comes_out_as_itself(cancellable: bool) -> None:  # noqa: FBT001 - a parameter of the test
    def fail() -> None:
        raise CameraLost("unplugged")

    with pytest.raises(CameraLost, match="unplugged"):
        await in_thread(fail, on_cancel=(lambda: None) if cancellable else None)


async def test_cancelling_makes_the_library_let_go_and_waits_until_it_has() -> None:
    library = Library()
    async with anyio.create_task_group() as group:
        group.start_soon(lambda: in_thread(library.work, on_cancel=library.cancellation.cancel))
        await anyio.to_thread.run_sync(library.entered.wait)
        group.cancel_scope.cancel()
    assert library.left.is_set()


async def test_a_call_that_ended_is_not_cancelled_afterwards() -> None:
    cancellation = Cancellation()
    await in_thread(lambda: None, on_cancel=cancellation.cancel)
    assert not cancellation.cancelled


async def test_a_generator_is_consumed_in_one_thread_and_waits_for_the_channel() -> None:
    made: list[int] = []
    threads: set[int] = set()

    def items() -> Iterator[int]:
        for i in range(5):
            made.append(i)
            threads.add(threading.get_ident())
            yield i

    send, receive = anyio.create_memory_object_stream[int](1)
    received: list[int] = []

    async def produce() -> None:
        async with send:
            await pump(items, send)

    async def consume() -> None:
        await anyio.wait_all_tasks_blocked()
        await anyio.sleep(0.05)
        assert len(made) <= 3  # one received at most, one in the channel, one being sent
        async with receive:
            received.extend([item async for item in receive])

    await together(produce, consume)
    assert received == [0, 1, 2, 3, 4]
    assert len(threads) == 1
    assert threading.get_ident() not in threads


async def test_a_cancelled_generator_is_closed_before_the_bridge_returns() -> None:
    library = Library()
    send, receive = anyio.create_memory_object_stream[int](4)
    with send, receive:
        async with anyio.create_task_group() as group:
            group.start_soon(lambda: pump(library.items, send, on_cancel=library.cancellation.cancel))
            await anyio.to_thread.run_sync(library.entered.wait)
            group.cancel_scope.cancel()
        assert library.left.is_set()
        assert receive.receive_nowait() == 1


async def test_a_generator_ends_when_nobody_listens_any_more() -> None:
    closed = threading.Event()

    def endless() -> Iterator[int]:
        try:
            while True:
                yield 0
        finally:
            closed.set()

    send, receive = anyio.create_memory_object_stream[int](1)
    receive.close()
    with send:
        await pump(endless, send)
    assert closed.is_set()


async def test_when_one_stage_fails_the_others_are_cancelled_and_its_own_error_is_raised() -> None:
    cancelled = anyio.Event()

    async def wait() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            cancelled.set()

    async def fail() -> None:
        raise CameraLost("unplugged")

    with pytest.raises(CameraLost, match="unplugged"):
        await together(wait, fail)
    assert cancelled.is_set()
