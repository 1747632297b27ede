import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.turn.sentences import SentenceSplitter, language_of
from assistant.types import Sentence


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
        ("Well... maybe not. Yes.", ["Well... maybe not.", "Yes."]),
        ("Well... It is dark… Turn on a light.", ["Well...", "It is dark…", "Turn on a light."]),
        ("No. It is closed. See No. 5 there.", ["No.", "It is closed.", "See No. 5 there."]),
        ("Cups, plates, etc. are here. Cups etc. All red.", ["Cups, plates, etc. are here.", "Cups etc.", "All red."]),
        (
            "Open until 5 p.m. on Sunday. It is 4 p.m. The door is shut.",
            ["Open until 5 p.m. on Sunday.", "It is 4 p.m.", "The door is shut."],
        ),
        ("Really?! (Yes.) Go!", ["Really?!", "(Yes.)", "Go!"]),
        ("It costs 3.50. Pay.", ["It costs 3.50.", "Pay."]),
        ("1. A cup\n2. A plate.", ["1. A cup", "2. A plate."]),
        ("牌子上写着“请走左边。”门在前面。", ["牌子上写着“请走左边。”", "门在前面。"]),
        ("他说：“停。走。”好；对。", ["他说：“停。", "走。", "”好；", "对。"]),
        ("嗯……我看不清。", ["嗯……我看不清。"]),
        ("这是出口.请左转!好。", ["这是出口.", "请左转!", "好。"]),
        ("| Item | Price |\n|---|---|\n| Tea | $2 |", ["| Item | Price |", "| Tea | $2 |"]),
        ("5 * 3 is *fifteen*.", ["5 * 3 is fifteen."]),
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


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("A cup is here, near you.", ["A cup is here, near you."]),
        ("On the table, there is a cup. It is red.", ["On the table,", "there is a cup.", "It is red."]),
        ("Yes, it is on your left, near the door.", ["Yes, it is on your left,", "near the door."]),
        ("Today is Monday, November 23, 2026, as it says.", ["Today is Monday,", "November 23, 2026, as it says."]),
        (
            "See [the menu, which is long](https://a.com/b), here it is now.",
            ["See [the menu, which is long](https://a.com/b),", "here it is now."],
        ),
        ("This is bus 42, heading to the station.", ["This is bus 42,", "heading to the station."]),
        ("您的左边有杯子，右边有一扇门。", ["您的左边有杯子，", "右边有一扇门。"]),
        ("前面有门，关着。", ["前面有门，关着。"]),
    ],
)
def test_a_long_sentence_begins_to_be_spoken_at_its_first_clause(text: str, pieces: list[str]) -> None:
    assert split(text) == pieces


def test_each_piece_may_be_twice_as_long_as_the_one_before() -> None:
    clauses = ["there is a cup,", "there is a key,", "there is a hat,", "there is a pen,", "there is a map,", "there is a bag."]
    assert split(" ".join(clauses)) == [clauses[0], " ".join(clauses[1:3]), " ".join(clauses[3:])]


def test_the_items_of_a_list_are_counted() -> None:
    splitter = SentenceSplitter()
    text = "I see:\n- a cup. Red.\n- a key\n  - its ring\n- a hat\n\nThat is all.\n* one"
    sentences = [*splitter.feed(text), *splitter.flush()]
    assert [(s.text, s.item) for s in sentences] == [
        *(("I see:", 0), ("a cup.", 1), ("Red.", 0), ("a key", 2), ("its ring", 0), ("a hat", 3)),
        *(("That is all.", 0), ("one", 1)),
    ]


MARKED = st.text(alphabet="abI 3.,:!?…。，“”\n-[](etcnop", max_size=80)


@given(MARKED, st.lists(st.integers(1, 9), min_size=1, max_size=5))
def test_pieces_of_any_length_give_the_same_sentences(text: str, lengths: list[int]) -> None:
    splitter, whole = SentenceSplitter(), SentenceSplitter()
    sentences, start = list[Sentence](), 0
    while start < len(text):
        length = lengths[start % len(lengths)]
        sentences.extend(splitter.feed(text[start : start + length]))
        start += length
    assert [*sentences, *splitter.flush()] == [*whole.feed(text), *whole.flush()]


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
