import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.turn.heard import heard_text
from assistant.types import Sentence

SPOKEN = [(Sentence("A cup is here.", "en"), 2.0), (Sentence("Two keys lie there.", "en"), 2.0)]


@pytest.mark.parametrize(
    ("played", "heard"),
    [
        (0.0, ""),
        (0.4, ""),
        (1.0, "A cup"),
        (2.0, "A cup is here."),
        (3.0, "A cup is here. Two keys"),
        (9.0, "A cup is here. Two keys lie there."),
    ],
)
def test_only_what_sounded_was_heard(played: float, heard: str) -> None:
    assert heard_text(SPOKEN, played) == heard


def test_a_sentence_that_was_never_spoken_was_never_heard() -> None:
    assert heard_text([(Sentence("A cup.", "en"), 0.0)], 0.0) == ""


def test_chinese_is_counted_in_characters() -> None:
    assert heard_text([(Sentence("您左边有杯子。", "zh"), 6.0)], 3.0) == "您左边"


@given(st.floats(0, 5), st.floats(0, 5))
def test_more_time_is_never_fewer_words(first: float, second: float) -> None:
    less, more = sorted((first, second))
    assert heard_text(SPOKEN, more).startswith(heard_text(SPOKEN, less))
