"""Looking beside what is said: at what somebody is about to ask about."""

from __future__ import annotations

from collections.abc import Callable

import anyio
from anyio.abc import TaskGroup

from assistant.runtime.eyes import Eyes


class Glances:
    """Has one conversation's eyes look while something else goes on. What goes wrong is noted, not spoken.

    Args:
        eyes: Look.
        note: Told of errors that nobody needs to hear of: the answer looks again, and says so if it still fails.
    """

    def __init__(self, eyes: Eyes, note: Callable[[Exception], None]) -> None:
        self._eyes = eyes
        self._note = note
        self._scopes: set[anyio.CancelScope] = set()

    def begin(self, tasks: TaskGroup) -> None:
        """Begin to look. A look that is going on is left to end where the scene is still that one."""
        scope = anyio.CancelScope()
        self._scopes.add(scope)
        tasks.start_soon(self._glance, scope)

    def stop(self) -> None:
        """Stop looking."""
        for scope in self._scopes:
            scope.cancel()

    async def _glance(self, scope: anyio.CancelScope) -> None:
        try:
            with scope:
                await self._eyes.glance()
        except Exception as error:  # noqa: BLE001 - as the class says
            self._note(error)
        finally:
            self._scopes.discard(scope)

    async def ahead(self, idle: Callable[[], bool]) -> None:
        """Look ahead as `Eyes.look_ahead` does; once that has failed, no more."""
        try:
            await self._eyes.look_ahead(idle)
        except Exception as error:  # noqa: BLE001 - as the class says
            self._note(error)
