"""Several conversations with one model: what each knows, who makes way for whom, and what it costs."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import pkgutil
import threading
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.errors import Cancelled, SchemaUnusable
from assistant.llama.cache import Cache
from assistant.llama.session import VisionSession
from assistant.turn.documents import MODELS, Kind, asked, schema_of
from assistant.types import Cancellation, Question, Rank, Usage, Writing
from tests.vision_models import BOOK, SHIRT, ask, converse, load, room

PATIENCE = 20.0


@pytest.fixture(scope="module")
def practice() -> Iterator[VisionSession]:
    session = load()
    yield session
    session.close()


@pytest.fixture
def at_home(practice: VisionSession) -> VisionSession:
    practice.forget()
    return practice


@pytest.fixture
def visitor(at_home: VisionSession) -> Iterator[VisionSession]:
    session = at_home.another(Rank.PROGRAM)
    yield session
    session.close()


def usage(session: VisionSession, question: Question) -> Usage:
    *_, last = session.answer(question, Cancellation())
    assert last.usage
    return last.usage


def test_each_has_its_own_picture_and_its_own_words(at_home: VisionSession, visitor: VisionSession) -> None:
    other = at_home.another(Rank.PAGE)
    for session, colour in ((at_home, "red"), (visitor, "blue"), (other, "green")):
        session.look(room(colour), Cancellation())
    for _ in range(2):
        for session, colour in ((at_home, "red"), (visitor, "blue"), (other, "green")):
            assert converse(session, SHIRT) == f"The shirt is {colour}."
    assert len(visitor._take_in().present) == 2


def test_one_that_is_closed_says_nothing_and_the_others_go_on(at_home: VisionSession) -> None:
    other = at_home.another(Rank.PAGE)
    other.close()
    other.close()
    with pytest.raises(Cancelled):
        other.look(room("red"), Cancellation())
    at_home.look(room("red"), Cancellation())
    assert ask(at_home, SHIRT) == "The shirt is red."


def test_all_end_with_the_first() -> None:
    first = load()
    other = first.another(Rank.PAGE)
    first.close()
    with pytest.raises(Cancelled):
        other.look(room("red"), Cancellation())
    other.close()


def test_one_may_have_instructions_of_its_own(at_home: VisionSession) -> None:
    own = at_home.another(Rank.PROGRAM, "You are a pirate.")
    own.look(room("red"), Cancellation())
    ask(own, SHIRT)
    read = b"".join(own._weights.piece(entry) for entry in own._shared.cache.entries if isinstance(entry, int))
    assert b"You are a pirate." in read
    assert b"blind" not in read


def test_what_was_said_elsewhere_is_taken_up_on_its_side_of_the_picture(visitor: VisionSession) -> None:
    visitor.remember(BOOK, "The book is green.")
    visitor.look(room("red", "blue"), Cancellation())
    visitor.remember(SHIRT, "The shirt is red.")
    conversation = visitor._take_in()
    assert (len(conversation.past), len(conversation.present)) == (1, 1)
    assert "blue" in ask(visitor, BOOK)


# what it costs


@pytest.fixture
def evaluated(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many cells each reading of a prompt cost."""
    costs: list[int] = []
    read = Cache.read

    def spy(self: Cache, prompt: list[int], cancellation: Cancellation, *, logits: bool) -> int:
        costs.append(read(self, prompt, cancellation, logits=logits))
        return costs[-1]

    monkeypatch.setattr(Cache, "read", spy)
    return costs


def test_a_visit_costs_who_is_at_home_nothing(at_home: VisionSession, visitor: VisionSession, evaluated: list[int]) -> None:
    at_home.look(room("red", "blue"), Cancellation())
    converse(at_home, SHIRT)
    visitor.look(room("green"), Cancellation())
    assert converse(visitor, SHIRT) == "The shirt is green."
    evaluated.clear()
    assert "blue" in converse(at_home, BOOK)
    assert evaluated == [cost for cost in evaluated if cost < 30]


def test_an_answer_tells_what_it_took(visitor: VisionSession) -> None:
    visitor.look(room("red"), Cancellation())
    used = usage(visitor, SHIRT)
    tokens = len(visitor._weights.tokenize("The shirt is red.", special=False))
    assert (used.answer_tokens, used.finish) == (tokens, "stop")
    assert used.prompt_tokens > used.cached_tokens > 30
    short = dataclasses.replace(SHIRT, writing=Writing(max_tokens=2))
    assert ask(visitor, short) == "The shirt"
    assert usage(visitor, short).finish == "length"


def test_an_answer_is_never_longer_than_the_settings_allow(visitor: VisionSession) -> None:
    visitor.look(room("red"), Cancellation())
    assert ask(visitor, dataclasses.replace(SHIRT, writing=Writing(max_tokens=10**6))) == "The shirt is red."


# making way


def meanwhile(step: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=step)
    thread.start()
    return thread


def test_an_answer_makes_way_and_goes_on_where_it_was(at_home: VisionSession, visitor: VisionSession) -> None:
    at_home.look(room("blue"), Cancellation())
    visitor.look(room("red"), Cancellation())
    answer = visitor.answer(SHIRT, Cancellation())
    pieces = [next(answer).text]
    answers: list[str] = []
    urgent = meanwhile(lambda: answers.append(ask(at_home, SHIRT)))
    while not at_home._shared.turnstile._waiting:
        pass
    pieces += [chunk.text for chunk in answer]
    urgent.join(PATIENCE)
    assert answers == ["The shirt is blue."]
    assert "".join(pieces) == "The shirt is red."


@pytest.mark.parametrize("before", ["assistant.llama.session.encode", "assistant.llama.cache.Cache.read"])
def test_a_look_makes_way_and_is_repeated(
    at_home: VisionSession, visitor: VisionSession, monkeypatch: pytest.MonkeyPatch, before: str
) -> None:
    answers: list[str] = []
    threads: list[threading.Thread] = []
    original = pkgutil.resolve_name(before)

    def interrupted(owner: object, what: object, cancellation: Cancellation, **options: bool) -> object:
        if not threads:
            threads.append(meanwhile(lambda: answers.append(ask(at_home, SHIRT))))
            while not cancellation.cancelled:
                pass
        return original(owner, what, cancellation, **options)

    at_home.look(room("blue"), Cancellation())
    with monkeypatch.context() as patch:
        patch.setattr(before, interrupted)
        visitor.look(room("red"), Cancellation())
    threads[0].join(PATIENCE)
    assert answers == ["The shirt is blue."]
    assert ask(visitor, SHIRT) == "The shirt is red."


def test_many_at_once_get_their_own_answers(at_home: VisionSession) -> None:
    colours = ["red", "blue", "green", "yellow", "black"]
    wrong: list[str] = []

    def visit(number: int) -> None:
        session = at_home.another(Rank.PAGE if number % 2 else Rank.PROGRAM)
        colour = colours[number % len(colours)]
        session.look(room(colour), Cancellation())
        for _ in range(3):
            answer = converse(session, SHIRT)
            if answer != f"The shirt is {colour}.":
                wrong.append(answer)
        session.close()

    at_home.look(room("green", "black"), Cancellation())
    threads = [threading.Thread(target=visit, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for _ in range(5):
        assert "black" in ask(at_home, BOOK)
    for thread in threads:
        thread.join(PATIENCE)
    assert not wrong


# answers in a form


SENTENCE = {"enum": ["The shirt is red.", "The shirt is blue.", "I cannot tell."]}
"""Words that the practice model knows: it has never seen JSON."""
PAIR = {"type": "object", "properties": {"said": SENTENCE, "sure": {"type": "boolean"}}, "required": ["said", "sure"]}


def formed(schema: object, question: Question = SHIRT) -> Question:
    return dataclasses.replace(question, writing=Writing(schema=schema if isinstance(schema, str) else json.dumps(schema)))


def test_an_answer_follows_its_schema(visitor: VisionSession) -> None:
    visitor.look(room("red"), Cancellation())
    assert ask(visitor, formed(SENTENCE)) == '"The shirt is red."'
    pair = json.loads(ask(visitor, formed({**PAIR, "additionalProperties": False})))
    assert set(pair) == {"said", "sure"}
    assert ask(visitor, SHIRT) == "The shirt is red."


def test_two_may_follow_theirs_by_turns(at_home: VisionSession, visitor: VisionSession) -> None:
    at_home.look(room("blue"), Cancellation())
    visitor.look(room("red"), Cancellation())
    assert json.loads(ask(at_home, formed(SENTENCE))) == "The shirt is blue."
    assert json.loads(ask(visitor, formed(SENTENCE))) == "The shirt is red."


@pytest.mark.parametrize(
    "schema",
    [
        "{",
        "no JSON",
        "[]",
        '{"type": "banana"}',
        '{"enum": []}',
        '{"$ref": "https://example.com/schema"}',
        '{"$ref": "#/nowhere"}',
        '{"type": "string", "pattern": "("}',
        '{"type": "string", "pattern": "(?=a)b"}',
        '{"type": "string", "minLength": 5, "maxLength": 2}',
        '{"type": "array", "minItems": 1, "items": false}',
        json.dumps({"type": "string", "pattern": "((a{2000}){2000}){2000}"}),
        json.dumps({"type": "string", "pattern": "(a|aa)*(b|bb)*(a|aa)*" * 50}),
        json.dumps({"enum": ["x" * 200_000]}),
        json.dumps({"type": "integer", "minimum": -(2**80), "maximum": -(2**80)}),
        '{"type": "number", "minimum": 1e400, "maximum": 1e400}',
        '{"anyOf": ' * 300 + "[]" + "}" * 300,
    ],
)
def test_a_schema_that_nothing_follows_is_refused_or_followed(visitor: VisionSession, schema: str) -> None:
    visitor.look(room("red"), Cancellation())
    with contextlib.suppress(SchemaUnusable):
        ask(visitor, formed(schema))
    assert ask(visitor, SHIRT) == "The shirt is red."


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "integer", "multipleOf": 1e9, "exclusiveMaximum": 1e9},  # llguidance 1.9.1 does not come to an end with this
        {"type": "integer", "minimum": 2**80},  # and the process does with this
        {"type": "array", "items": True, "minItems": 10**6},
        {"type": "string", "pattern": "a" * 201},
        {"properties": {"a": {"anyOf": [{"x-guidance": {"lenient": True}}]}}},
        {"$ref": "https://example.com/schema"},
    ],
)
def test_what_could_end_or_hold_up_the_process_is_refused(visitor: VisionSession, schema: object) -> None:
    with pytest.raises(SchemaUnusable):
        ask(visitor, formed(schema))


_leaf = st.one_of(
    st.sampled_from([{"type": kind} for kind in ("string", "integer", "number", "boolean", "null")]),
    st.lists(st.integers() | st.text(max_size=5) | st.none(), max_size=3).map(lambda values: {"enum": values}),
    st.builds(lambda low, high: {"type": "integer", "minimum": low, "maximum": high}, st.integers(), st.integers()),
    st.builds(lambda pattern: {"type": "string", "pattern": pattern}, st.text("ab(|)[]*+?^$.{}12\\d", max_size=8)),
)
_schemas = st.recursive(
    _leaf,
    lambda inner: st.one_of(
        st.builds(lambda items, least: {"type": "array", "items": items, "minItems": least}, inner, st.integers(-1, 3)),
        st.dictionaries(st.text(max_size=4), inner, max_size=3).map(
            lambda parts: {"type": "object", "properties": parts, "required": list(parts)}
        ),
        st.lists(inner, max_size=3).map(lambda options: {"anyOf": options}),
    ),
    max_leaves=6,
)


@settings(max_examples=40, deadline=None)
@given(schema=_schemas)
def test_whatever_the_schema_the_model_lives_on(practice: VisionSession, schema: object) -> None:
    visitor = practice.another(Rank.PROGRAM)
    question = dataclasses.replace(SHIRT, writing=Writing("document", 0.7, schema=json.dumps(schema)))
    try:
        chunks = list(visitor.answer(question, Cancellation()))
    except SchemaUnusable:
        return
    assert chunks[-1].usage
    if chunks[-1].usage.finish == "stop" or "pattern" not in json.dumps(schema):  # to the end of some patterns no way is found
        json.loads("".join(chunk.text for chunk in chunks))


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize("most", [60, 61, 90, None])
def test_an_answer_that_is_cut_off_keeps_its_form(visitor: VisionSession, kind: Kind, most: int | None) -> None:
    """With the room of a page the model, which has seen no document, goes round in circles."""
    visitor.look(room("red"), Cancellation())
    written = Writing("document", 0, most, schema_of(kind))
    chunks = list(visitor.answer(Question(asked(kind, "en"), "en", writing=written), Cancellation()))
    usage = chunks[-1].usage
    assert usage
    assert usage.finish in ("length", "loop")
    assert most is None or usage.answer_tokens <= most
    MODELS[kind].model_validate_json("".join(chunk.text for chunk in chunks))
    assert ask(visitor, SHIRT) == "The shirt is red."


def test_where_there_is_no_room_for_the_form_it_is_cut_off_all_the_same(visitor: VisionSession) -> None:
    visitor.look(room("red"), Cancellation())
    chunks = list(
        visitor.answer(dataclasses.replace(SHIRT, writing=Writing("document", 0, 5, schema_of("receipt"))), Cancellation())
    )
    assert "".join(chunk.text for chunk in chunks) == '{"merchant":'
    assert chunks[-1].usage
    assert chunks[-1].usage.finish == "length"
