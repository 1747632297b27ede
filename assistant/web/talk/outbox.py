"""What is to be sent to a page, from any thread, in order."""

from __future__ import annotations

import queue
from collections.abc import Iterator

from assistant.web.talk.messages import Message

_MOST = 2000
"""Messages that may wait: some three minutes of speech. A page for which more wait does not take what it is sent."""


class Outbox:
    """Messages for one page at a time; while there is none, they are dropped."""

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[Message | None] | None = None

    def open(self) -> None:
        """Begin to keep messages, for a page that has come."""
        self._waiting = queue.SimpleQueue()

    def put(self, message: Message) -> None:
        """Have a message sent. Does not wait; may be called from any thread."""
        waiting = self._waiting
        if waiting is not None:
            waiting.put(message)
            if waiting.qsize() > _MOST:
                self.close()

    def messages(self) -> Iterator[Message]:
        """Yield the messages as they come, until `close`. Blocks in between."""
        waiting = self._waiting
        while waiting and (message := waiting.get()) is not None:
            yield message

    def close(self) -> None:
        """Keep no more messages, and end `messages`. May be called twice, from any thread."""
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.put(None)
