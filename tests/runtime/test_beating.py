"""The conversation tells that it hears or tries to hear, and only as long as its event loop turns."""

import time
from itertools import pairwise

import anyio
import pytest

from assistant.errors import MicrophoneLost
from assistant.types import BLOCK_SECONDS
from tests.fakes.transcriber import FakeTranscriber
from tests.fakes.vision import FakeVision
from tests.runtime.scripted import PATIENCE, QUIET, Act, Scripted, listening

pytestmark = pytest.mark.anyio

LOST = MicrophoneLost("unplugged")


def scripted(*acts: Act) -> Scripted:
    return Scripted(*acts, transcriber=FakeTranscriber([]), vision=FakeVision([]))


async def test_it_beats_with_each_block() -> None:
    conversation = scripted(listening, QUIET)
    await conversation.run()
    assert len(conversation.beats) == round(QUIET.seconds / BLOCK_SECONDS)


async def test_a_lost_microphone_that_is_tried_again_does_not_stop_it() -> None:
    conversation = scripted(LOST, LOST, LOST, QUIET)
    await conversation.run()
    tries = conversation.beats[:3]
    assert all(1.0 <= second - first < 2.0 for first, second in pairwise(tries))


async def test_a_microphone_that_hangs_stops_it() -> None:
    hung_at: list[float] = []

    def hang(_: Scripted) -> bool:
        hung_at.append(time.monotonic())
        time.sleep(0.5)
        return True

    conversation = scripted(listening, QUIET, hang, QUIET)
    await conversation.run()
    assert not [beat for beat in conversation.beats if hung_at[0] + 0.1 < beat < hung_at[0] + 0.4]


def more_beats(conversation: Scripted, than: int) -> None:
    give_up_at = time.monotonic() + PATIENCE
    while len(conversation.beats) <= than:
        assert time.monotonic() < give_up_at
        time.sleep(0.01)


async def test_an_event_loop_that_hangs_stops_it() -> None:
    conversation = scripted(listening, *[QUIET] * 100)
    async with anyio.create_task_group() as group:
        group.start_soon(conversation.run)
        await anyio.to_thread.run_sync(more_beats, conversation, 0)
        before = len(conversation.beats)
        time.sleep(0.5)  # noqa: ASYNC251 - it is what this is about
        assert len(conversation.beats) == before
        await anyio.to_thread.run_sync(more_beats, conversation, before)
        group.cancel_scope.cancel()
