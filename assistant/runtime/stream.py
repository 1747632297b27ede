"""The one bridge between the event loop and the blocking libraries.

A call or a generator runs in a worker thread. When its scope is cancelled, `on_cancel` is called at once to make the library
let go, and the bridge returns only when it has.
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Generator, Iterator
from typing import TypeVar

import anyio
import anyio.from_thread
import anyio.lowlevel
import anyio.to_thread
from anyio.streams.memory import MemoryObjectSendStream

from assistant.errors import Cancelled

T = TypeVar("T")


async def together(*stages: Callable[[], Awaitable[None]]) -> None:
    """Run stages side by side until all have ended.

    When one fails, the others are cancelled and its own error is raised, not a group of errors.
    """
    failures: list[Exception] = []

    async def run(stage: Callable[[], Awaitable[None]]) -> None:
        try:
            await stage()
        except Exception as error:  # noqa: BLE001 - raised below, out of the task group, which would wrap it
            failures.append(error)
            group.cancel_scope.cancel()

    async with anyio.create_task_group() as group:
        for stage in stages:
            group.start_soon(run, stage)
    if failures:
        raise failures[0]


async def in_thread(
    call: Callable[[], T],
    *,
    on_cancel: Callable[[], object] | None = None,
    limiter: anyio.CapacityLimiter | None = None,
) -> T:
    """Run a blocking call in a thread and return its result.

    Args:
        call: Run to its end in any case.
        on_cancel: Called from the event loop when the surrounding scope is cancelled, to make `call` end soon. Must not block.
        limiter: Whose place it takes; by default anyio's own 40. A thread that lives long needs one of its own.
    """
    if on_cancel is None:
        result = await anyio.to_thread.run_sync(call, limiter=limiter)
        await anyio.lowlevel.checkpoint_if_cancelled()  # what comes after must not happen for a scope that was cancelled
        return result
    results: list[T] = []
    ended = anyio.Event()

    async def work() -> None:
        try:
            results.append(await anyio.to_thread.run_sync(call, limiter=limiter))
        finally:
            ended.set()

    async def watch() -> None:
        try:
            await ended.wait()
        except BaseException:
            on_cancel()
            raise

    await together(work, watch)
    await anyio.lowlevel.checkpoint_if_cancelled()
    return results[0]


async def pump(
    make_items: Callable[[], Iterator[T]],
    channel: MemoryObjectSendStream[T],
    *,
    on_cancel: Callable[[], object] | None = None,
    limiter: anyio.CapacityLimiter | None = None,
) -> None:
    """Run a blocking iterator in a thread and send its items into `channel`; a full channel makes it wait.

    The iterator is made, consumed and closed in the thread. It is closed early when the scope is cancelled, or when nobody
    receives any more. The channel stays open.
    """

    def run() -> None:
        with _closing(make_items()) as items:
            for item in items:
                anyio.from_thread.check_cancelled()
                try:
                    anyio.from_thread.run(channel.send, item)
                except (anyio.BrokenResourceError, anyio.ClosedResourceError):
                    return

    with contextlib.suppress(Cancelled):  # only ever the answer to on_cancel: the scope that was cancelled ends by itself
        await in_thread(run, on_cancel=on_cancel, limiter=limiter)


async def for_each(
    make_items: Callable[[], Iterator[T]],
    take: Callable[[T], None],
    *,
    ahead: int = 0,
    on_cancel: Callable[[], object] | None = None,
) -> None:
    """Run a blocking iterator in a thread of its own, and have each item taken on the event loop.

    Args:
        make_items: as for `pump`.
        take: Must not block.
        ahead: How many items may wait to be taken before the thread has to.
        on_cancel: as for `pump`.
    """
    send, receive = anyio.create_memory_object_stream[T](ahead)

    async def give() -> None:
        async with send:
            await pump(make_items, send, on_cancel=on_cancel, limiter=anyio.CapacityLimiter(1))

    async def get() -> None:
        async with receive:
            async for item in receive:
                take(item)

    await together(give, get)


@contextlib.contextmanager
def _closing(items: Iterator[T]) -> Iterator[Iterator[T]]:
    try:
        yield items
    finally:
        if isinstance(items, Generator):
            items.close()
