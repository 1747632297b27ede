"""What a program says of its own before and after its work: that it loads, and what went wrong."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from typing import TypeVar

import anyio

from assistant.errors import AssistantError
from assistant.events import Stage
from assistant.runtime.announcer import PATIENCE
from assistant.runtime.mouth import Mouth
from assistant.runtime.stream import in_thread, together
from assistant.runtime.watch import Watch
from assistant.turn.prompts import LOADING
from assistant.types import Language

T = TypeVar("T")
NO_NEWS: Mapping[Language, str] = {"en": "", "zh": ""}


async def loaded(load: Callable[[], T], mouth: Mouth, news: Mapping[Language, str], language: Language, watch: Watch) -> T:
    """Return what is loaded, in a thread, and say meanwhile that it is: at first with the news."""
    results: list[T] = []
    done = anyio.Event()

    async def work() -> None:
        results.append(await in_thread(load))
        done.set()

    async def say_loading() -> None:
        loading = f"{LOADING[language]} {news[language]}".strip()
        while not done.is_set():  # a large model takes many seconds, and silence is a crash to someone who sees no spinner
            await say_if_possible(mouth, loading, language, watch)
            loading = LOADING[language]
            with anyio.move_on_after(PATIENCE):
                await done.wait()

    await together(work, say_loading)
    return results[0]


@contextlib.asynccontextmanager
async def errors_spoken(mouth: Mouth, language: Language, watch: Watch) -> AsyncIterator[None]:
    """Say an error aloud before it is passed on."""
    try:
        yield
    except AssistantError as error:
        await say_if_possible(mouth, error.spoken(language), language, watch)
        raise


async def say_if_possible(mouth: Mouth, text: str, language: Language, watch: Watch) -> None:
    """Say a sentence; where the loudspeaker or the voice fails, it is only shown."""
    try:
        await mouth.say(text, language)
    except AssistantError as error:
        watch(Stage.FAILED, error.detail)
