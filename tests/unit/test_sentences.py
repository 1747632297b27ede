import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.turn.sentences import SentenceSplitter, language_of


def split(text: str, step: int = 1) -> list[str]:
    splitter = SentenceSplitter()
    pieces = [text[i : i + step] for i in range(0, len(text), step)]
    sentences = [s.text for piece in pieces for s in splitter.feed(piece)]
    return sentences + [s.text for s in splitter.flush()]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("A cup is on your left. A key is near you.", ["A cup is on your left.", "A key is near you."]),
        ("It costs 3.50 euros. Pay here!", ["It costs 3.50 euros.", "Pay here!"]),
        ("Dr. Smith is ahead. E.g. a chair.", ["Dr. Smith is ahead.", "E.g. a chair."]),
        ("Is it J. Doe? Yes.", ["Is it J. Doe?", "Yes."]),
        ("您左边有杯子。前面有门！", ["您左边有杯子。", "前面有门！"]),
        ('It says "stop." Wait.', ['It says "stop."', "Wait."]),
        ("**Bold** and `code`.", ["Bold and code."]),
        ("- first\n- second", ["first", "second"]),
        ("A dog 🐕.", ["A dog ."]),
        ("...", []),
        ("", []),
        ("no end", ["no end"]),
    ],
)
def test_an_answer_is_cut_into_speakable_sentences(text: str, sentences: list[str]) -> None:
    assert split(text) == sentences


def test_a_sentence_comes_as_soon_as_it_is_complete() -> None:
    splitter = SentenceSplitter()
    assert list(splitter.feed("A cup is on your left.")) == []
    assert [s.text for s in splitter.feed(" A")] == ["A cup is on your left."]
    assert [s.text for s in splitter.feed(" key。")] == ["A key。"]


@given(st.text(alphabet="ab .!?。3\n", max_size=60), st.integers(1, 7))
def test_it_does_not_matter_how_the_answer_is_cut_into_pieces(text: str, step: int) -> None:
    assert "".join(split(text, step)).replace(" ", "") == "".join(split(text, 1)).replace(" ", "")


@given(st.text(max_size=80))
def test_no_word_is_lost(text: str) -> None:
    spoken = "".join(split(text, 3))
    assert [c for c in text if c.isalnum()] == [c for c in spoken if c.isalnum()]


def test_a_sentence_is_spoken_in_the_language_of_its_script() -> None:
    assert language_of("The sign says EXIT.") == "en"
    assert language_of("牌子上写着EXIT。") == "zh"
