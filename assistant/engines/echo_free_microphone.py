"""A microphone that does not hear the loudspeaker."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.ports import EchoCanceller, Microphone
from assistant.types import AudioBlock


class EchoFreeMicrophone:
    """Another microphone behind an echo canceller; `assistant.ports.Microphone`.

    Args:
        microphone: Hears the loudspeaker, too.
        canceller: Told by the loudspeaker what it plays.
    """

    def __init__(self, microphone: Microphone, canceller: EchoCanceller) -> None:
        self._microphone = microphone
        self._canceller = canceller

    def blocks(self) -> Iterator[AudioBlock]:
        """Yield what the microphone hears, without the echo.

        Raises:
            MicrophoneLost: As the microphone does.
        """
        self._canceller.realign()
        yield from map(self._canceller.cleaned, self._microphone.blocks())

    def drain(self) -> None:
        """Forget what was heard but not yet yielded. May be called from any thread."""
        self._microphone.drain()
        self._canceller.realign()

    def close(self) -> None:
        """Let go of the device. May be called twice, from any thread."""
        self._microphone.close()
