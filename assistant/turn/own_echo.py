"""What of the microphone's sound is not listened to, because it is the assistant's own.

Time is counted in sound received, never read from a clock.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from assistant.types import Seconds

BargeIn: TypeAlias = Literal["auto", "voice", "off"]
"""Whether talking over an answer stops it; with "auto" that is found out while the greeting is spoken."""
ECHO_TAIL: Seconds = 0.3
"""How long the loudspeaker's sound is still on its way to the microphone after an answer: buffers of 0.1 s each, and a room."""


class OwnEcho:
    """Covers the assistant's own sound where the microphone hears the loudspeaker.

    Args:
        barge_in: With "off" it does, with "voice" it does not.
    """

    def __init__(self, barge_in: BargeIn) -> None:
        self.heard = barge_in == "off"
        """Whether the microphone hears the loudspeaker."""
        self.probing = barge_in == "auto"
        """Whether that is being found out: nobody else speaks during the greeting."""
        self.fades = False
        """Whether the assistant has fallen silent just before the sound that passed last."""
        self._sounded = False
        self._left: Seconds = 0.0

    def covers(self, seconds: Seconds, *, speaking: bool) -> bool:
        """Let sound pass; return whether it is not to be listened to.

        Args:
            seconds: How much.
            speaking: Whether the assistant is to be heard.
        """
        sounds = self.heard and speaking
        self.fades, self._sounded = self._sounded and not sounds, sounds
        if sounds:
            self._left = ECHO_TAIL
            return True
        covered = self._left > 0
        self._left -= seconds if covered else 0.0
        return covered
