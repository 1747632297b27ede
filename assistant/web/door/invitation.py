"""What lets one more device in: a code that is said aloud, and a link."""

from __future__ import annotations

import dataclasses
import enum
import hmac
import secrets
import time
import unicodedata
from collections.abc import Callable
from urllib.parse import urlencode

from assistant.types import Seconds
from assistant.web.door.addresses import Reached
from assistant.web.door.attempts import Attempts

LIFETIME: Seconds = 600.0
"""How long an invitation holds."""
WRONG_GUESSES = 100
"""After how many a code ends: one in a million such attacks succeeds."""
_CODE_DIGITS = 8


@dataclasses.dataclass(frozen=True, slots=True)
class Invitation:
    """For one device, once."""

    code: str
    """Eight digits, which a person is told."""
    secret: str
    """What the link holds in their place."""
    ends_at: Seconds

    @property
    def grouped(self) -> str:
        """Return the code as it is said: digit by digit, with a pause in the middle."""
        middle = len(self.code) // 2
        return f"{' '.join(self.code[:middle])}, {' '.join(self.code[middle:])}"

    @property
    def path(self) -> str:
        """Return the path of the link."""
        return f"/pair?{urlencode({'link': self.secret})}"

    def link(self, reached: Reached) -> str:
        """Return the link, for a device that reaches the service so."""
        return reached.url.removesuffix("/") + self.path


class Answer(enum.Enum):
    """What is said to a guess."""

    RIGHT = enum.auto()
    WRONG = enum.auto()
    ENDED = enum.auto()
    LATER = enum.auto()


class Invitations:
    """One at a time, which can be used once: the code is said aloud, and whoever overheard it comes too late, or is noticed.

    Whoever tries codes shuts nobody out for long: an address that guessed wrong waits alone. Many addresses together can end a
    code, but neither the next one nor the link, which nobody can guess and which is never made to wait.

    Args:
        now: The clock.
    """

    def __init__(self, now: Callable[[], Seconds] = time.monotonic) -> None:
        self._now = now
        self._current: Invitation | None = None
        self._wrong = 0
        self._attempts = Attempts(burst=5, every=30.0, now=now)

    def invite(self) -> Invitation:
        """Return what one more device is let in by; what was given out before ends."""
        code = f"{secrets.randbelow(10**_CODE_DIGITS):0{_CODE_DIGITS}}"
        self._current = Invitation(code, secrets.token_urlsafe(16), self._now() + LIFETIME)
        self._wrong = 0
        return self._current

    def take_link(self, secret: str) -> Answer:
        """Let in whoever has the link."""
        current = self._open()
        if current is None or not hmac.compare_digest(secret.encode(), current.secret.encode()):
            return Answer.ENDED
        self._current = None
        return Answer.RIGHT

    def take_code(self, code: str, guesser: str) -> Answer:
        """Let in whoever has the code.

        Args:
            code: What they typed.
            guesser: Whom a wrong one is counted against.
        """
        current = self._open()
        if self.wait(guesser):
            return Answer.LATER
        if current is None or self._wrong >= WRONG_GUESSES:
            return Answer.ENDED
        if not hmac.compare_digest(_digits(code).encode(), current.code.encode()):
            self._attempts.failed(guesser)
            self._wrong += 1
            return Answer.WRONG
        self._current = None
        return Answer.RIGHT

    def wait(self, guesser: str) -> int:
        """Return after how many seconds somebody may guess again; 0 for at once."""
        return self._attempts.wait(guesser)

    def _open(self) -> Invitation | None:
        if self._current is not None and self._now() >= self._current.ends_at:
            self._current = None
        return self._current


def _digits(text: str) -> str:
    """Return the digits of a code, however they are grouped, and if they are the wide ones of a Chinese keyboard."""
    return "".join(character for character in unicodedata.normalize("NFKC", text) if character in "0123456789")
