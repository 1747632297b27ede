import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.turn.heard import heard_text, heard_whole
from assistant.turn.speakable import speakable
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


@pytest.mark.parametrize(
    ("written", "played", "heard"),
    [
        ("It costs $12.50 there.", 3.0, "It costs"),  # it, costs, twelve
        ("It costs $12.50 there.", 5.0, "It costs $12.50"),
        ("Use by 2026-11-23 or so.", 5.9, "Use by"),
        ("Call 555-123-4567 now.", 10.9, "Call"),
        ("See [the menu](https://example.com/a) now.", 3.0, "See [the menu](https://example.com/a)"),
    ],
)
def test_written_words_are_heard_once_their_spoken_ones_have_sounded(written: str, played: float, heard: str) -> None:
    sentence = Sentence(written, "en")
    seconds = float(len(speakable(sentence).text.split()))
    assert heard_text([(sentence, seconds)], played) == heard


def test_chinese_sentences_are_joined_without_a_space() -> None:
    assert heard_text([(Sentence("前面有门。", "zh"), 1.0), (Sentence("门关着。", "zh"), 1.0)], 2.0) == "前面有门。门关着。"


@given(st.floats(0, 5), st.floats(0, 5))
def test_more_time_is_never_fewer_words(first: float, second: float) -> None:
    less, more = sorted((first, second))
    assert heard_text(SPOKEN, more).startswith(heard_text(SPOKEN, less))


@pytest.mark.parametrize(("played", "whole"), [(0.0, 0), (1.9, 0), (2.0, 1), (3.9, 1), (4.0, 2), (9.0, 2)])
def test_a_sentence_is_heard_whole_when_its_end_was(played: float, whole: int) -> None:
    assert heard_whole(SPOKEN, played) == whole
