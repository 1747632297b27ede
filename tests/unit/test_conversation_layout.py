"""What a conversation looks like to the model, and what goes first when there is no room."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import ContextFull
from assistant.llama.cache import cells
from assistant.llama.conversation import Conversation, Exchange, Layout
from assistant.llama.picture import Picture
from assistant.llama.template import ChatTemplate
from assistant.llama.weights import Weights

TEMPLATE = ChatTemplate("S", "s", "U", "<", ">", "A", "a")


class Letters:
    """A tokenizer with a token for each letter; control tokens are counted from 1000 on."""

    def tokenize(self, text: str, *, special: bool) -> list[int]:
        return [ord(letter) + 1000 * special for letter in text]


def words(text: str) -> tuple[int, ...]:
    return tuple(ord(letter) for letter in text)


def picture(size: int = 20) -> Picture:
    return Picture(None, np.zeros((size, 1), np.float32), size, 5)


LAYOUT = Layout(cast("Weights", Letters()), TEMPLATE, "be kind")
ONE, TWO, THREE = (Exchange(words(question), words(answer)) for question, answer in (("q", "w"), ("qq", "ww"), ("qqq", "www")))


def written(conversation: Conversation) -> str:
    """Write entries as text: control tokens in their own letters, a picture as #."""
    entries = conversation.entries(LAYOUT)
    return "".join("#" if isinstance(entry, Picture) else chr(entry % 1000) for entry in entries)


def test_what_is_said_is_never_read_as_control_tokens() -> None:
    assert [entry for entry in LAYOUT.system if isinstance(entry, int) and entry < 1000] == list(words("be kind"))


def test_an_empty_conversation_waits_for_a_question() -> None:
    assert written(Conversation()) == "Sbe kindsU"


def test_the_picture_stands_in_the_turn_of_its_first_question() -> None:
    conversation = Conversation().looking_at(picture())
    assert written(conversation) == "Sbe kindsU<#>"
    assert written(conversation.plus(ONE)) == "Sbe kindsU<#>qAwaU"
    assert written(conversation.plus(ONE).plus(TWO)) == "Sbe kindsU<#>qAwaUqqAwwaU"


def test_a_new_picture_comes_after_all_that_was_said() -> None:
    first, second = picture(), picture()
    conversation = Conversation().looking_at(first).plus(ONE).plus(TWO).looking_at(second)
    assert written(conversation) == "Sbe kindsUqAwaUqqAwwaU<#>"
    assert conversation.picture is second
    assert written(conversation.plus(THREE)) == "Sbe kindsUqAwaUqqAwwaU<#>qqqAwwwaU"


def test_what_was_said_before_any_picture_stays_before_it() -> None:
    assert written(Conversation().plus(ONE).looking_at(picture()).plus(TWO)) == "Sbe kindsUqAwaU<#>qqAwwaU"


def test_what_was_said_of_a_former_picture_stays_before_the_new_one() -> None:
    assert written(Conversation().looking_at(picture()).plus(ONE).plus_past(TWO)) == "Sbe kindsUqqAwwaU<#>qAwaU"


def test_a_conversation_never_changes() -> None:
    conversation = Conversation()
    conversation.looking_at(picture()).plus(ONE)
    assert written(conversation) == "Sbe kindsU"


exchanges = st.lists(st.builds(Exchange, st.text("q", max_size=30).map(words), st.text("w", max_size=30).map(words)), max_size=12)


@st.composite
def conversations(draw: st.DrawFn) -> Conversation:
    conversation = Conversation()
    for exchange in draw(exchanges):
        conversation = conversation.plus(exchange)
    if draw(st.booleans()):
        conversation = conversation.looking_at(picture(draw(st.integers(1, 100))))
    for exchange in draw(exchanges):
        conversation = conversation.plus(exchange)
    return conversation


@given(conversations(), st.integers(130, 1200))
def test_the_oldest_exchanges_go_first_and_the_picture_never(conversation: Conversation, room: int) -> None:
    fitting = conversation.fitting(LAYOUT, room)
    assert cells(fitting.entries(LAYOUT)) <= room
    assert fitting.picture is conversation.picture
    before, after = (*conversation.past, *conversation.present), (*fitting.past, *fitting.present)
    assert after == before[len(before) - len(after) :]
    assert not fitting.past or fitting.present == conversation.present
    assert tuple(fitting.entries(LAYOUT)[: len(LAYOUT.system)]) == LAYOUT.system


@given(conversations(), st.integers(130, 1200))
def test_nothing_goes_without_need_and_then_enough_for_a_while(conversation: Conversation, room: int) -> None:
    fitting = conversation.fitting(LAYOUT, room)
    if cells(conversation.entries(LAYOUT)) <= room:
        assert fitting is conversation
    else:
        assert cells(fitting.entries(LAYOUT)) <= room * 3 // 4 or not (fitting.past or fitting.present)
    assert fitting.fitting(LAYOUT, room) is fitting


def test_a_picture_that_does_not_fit_alone_is_refused() -> None:
    conversation = Conversation().plus(ONE).looking_at(picture(100)).plus(TWO)
    bare = cells(Conversation().looking_at(picture(100)).entries(LAYOUT))
    assert not conversation.fitting(LAYOUT, bare).present
    with pytest.raises(ContextFull, match="n_ctx"):
        conversation.fitting(LAYOUT, bare - 1)
