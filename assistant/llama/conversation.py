"""What has been said and is being looked at, and how it is laid out for the model.

::

    system | earlier exchanges, as text | the picture | exchanges about it | <the next question>

There is one picture, the current one. When a new one comes, what was said about the old one stays as text and the old picture
goes: an answer can never be about something that is no longer there, a small context holds a long conversation, and since
the earlier text lies before the picture, a new picture costs itself and the last exchanges only.
"""

from __future__ import annotations

import dataclasses

from assistant.errors import ContextFull
from assistant.llama.cache import Entry, cells
from assistant.llama.picture import Picture
from assistant.llama.template import ChatTemplate
from assistant.llama.weights import Weights


@dataclasses.dataclass(frozen=True, slots=True)
class Exchange:
    """A question and what was heard of its answer, as token ids."""

    question: tuple[int, ...]
    answer: tuple[int, ...]


class Layout:
    """The tokens that a model's chat template puts around what is said."""

    def __init__(self, weights: Weights, template: ChatTemplate, system: str) -> None:
        self.system: tuple[Entry, ...] = (
            *weights.tokenize(template.before_system, special=True),
            *weights.tokenize(system, special=False),
            *weights.tokenize(template.after_system, special=True),
        )
        self.open_turn = weights.tokenize(template.open_turn, special=True)
        self.before_picture = weights.tokenize(template.before_picture, special=True)
        self.after_picture = weights.tokenize(template.after_picture, special=True)
        self.before_answer = weights.tokenize(template.before_answer, special=True)
        self.after_answer = weights.tokenize(template.after_answer, special=True)

    def exchange(self, exchange: Exchange) -> list[Entry]:
        """Lay out an exchange, without the opening of its turn."""
        return [*exchange.question, *self.before_answer, *exchange.answer, *self.after_answer]


@dataclasses.dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation at one moment. It never changes: each step makes a new one, so a step that fails leaves the old one."""

    past: tuple[Exchange, ...] = ()
    picture: Picture | None = None
    present: tuple[Exchange, ...] = ()
    """Exchanges about `picture`."""

    def looking_at(self, picture: Picture) -> Conversation:
        """Return this conversation with another picture before its eyes."""
        return Conversation((*self.past, *self.present), picture)

    def plus(self, exchange: Exchange) -> Conversation:
        """Return this conversation with one more exchange about the current picture."""
        return dataclasses.replace(self, present=(*self.present, exchange))

    def plus_past(self, exchange: Exchange) -> Conversation:
        """Return this conversation with one more exchange about a former picture."""
        return dataclasses.replace(self, past=(*self.past, exchange))

    def without_last(self) -> Conversation:
        """Return this conversation without its last exchange."""
        if self.present:
            return dataclasses.replace(self, present=self.present[:-1])
        return dataclasses.replace(self, past=self.past[:-1])

    def entries(self, layout: Layout) -> list[Entry]:
        """Lay the conversation out, up to where the next question is to be written."""
        entries = list(layout.system)
        for exchange in self.past:
            entries += [*layout.open_turn, *layout.exchange(exchange)]
        entries += layout.open_turn
        if self.picture:
            entries += [*layout.before_picture, self.picture, *layout.after_picture]
        for exchange in self.present:
            entries += [*layout.exchange(exchange), *layout.open_turn]
        return entries

    def fitting(self, layout: Layout, room: int) -> Conversation:
        """Return this conversation, its oldest exchanges dropped if it takes more than `room` cells.

        Once something has to go, a quarter of the room is cleared, so that not every question has to drop something and have
        all that follows read again. System prompt and picture never go.

        Raises:
            ContextFull: Even without any exchange it does not fit.
        """
        conversation, limit = self, room
        while (taken := cells(conversation.entries(layout))) > limit:
            limit = room * 3 // 4
            if conversation.past:
                conversation = dataclasses.replace(conversation, past=conversation.past[1:])
            elif conversation.present:
                conversation = dataclasses.replace(conversation, present=conversation.present[1:])
            elif taken > room:
                raise ContextFull(f"{taken} tokens of system prompt and picture do not fit into {room}; raise vision.n_ctx")
            else:
                break
        return conversation
