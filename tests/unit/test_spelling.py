import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.turn.speakable import speakable
from assistant.turn.spelling import spellable, spelled
from assistant.types import Language, Sentence


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("cup", "en", "C, U, P."),
        ("Park", "en", "Capital P, A, R, K."),
        ("EXIT 24", "en", "All capitals, E, X, I, T. Two, four."),
        ("Wörlitzer Straße", "en", "Capital W, O with two dots, R, L, I, T, Z, E, R. Capital S, T, R, A, sharp S, E."),
        ("Cafe\u0301", "en", "Capital C, A, F, E with acute."),
        ("B-12", "en", "Capital B, hyphen, one, two."),
        ("info@x-y.de", "en", "I, N, F, O, at, X, hyphen, Y, dot, D, E."),
        ("Joe's 50%", "en", "Capital J, O, E, apostrophe, S. Five, zero, percent sign."),
        ("Ωk", "en", "Greek capital letter omega, K."),
        ("出口", "en", "出, 口."),
        ("出口", "zh", "出，口。"),
        ("中山公园 3号线", "zh", "中，山，公，园。三，号，线。"),
        ("KFC No.8", "zh", "全部大写，K，F，C。大写N，O，点，八。"),
        ("٣", "en", "Three."),
        ("", "en", ""),
        (" \x00 ", "zh", ""),
    ],
)
def test_spelled(text: str, language: Language, said: str) -> None:
    assert spelled(text, language) == said


@pytest.mark.parametrize(
    ("answer", "part"),
    [
        ("The sign says 'EXIT 24'.", "EXIT 24"),
        ('It reads "Joe\'s Bar" and “open”.', "Joe's Bar open"),
        ("The door says ‘Don’t push’.", "Don’t push"),
        ("It says Wörlitzer Park.", "Wörlitzer Park"),
        ("Main Street is on the sign.", "Main Street"),
        ("The bus is number 24.", "24"),
        ("It is room B-12. I'm not sure.", "B-12"),
        ("Write to info@x-y.de today.", "info@x-y.de"),
        ("I see a red cup.", "cup"),
        ("A cup. It is on your left!", "left"),
        ("牌子上写着出口。", "出口"),
        ("上面写着“中山公园”。", "中山公园"),
        ("前面是KFC餐厅，3号门。", "KFC 3"),
        ("这是杯子。", "杯子"),
        ("有人。这是一个红色的杯子。", "一个红色的杯子"),
        ("没有", "没有"),
        ("", ""),
        ("...", ""),
    ],
)
def test_what_of_an_answer_is_spelled(answer: str, part: str) -> None:
    assert spellable(answer) == part


@given(st.text(), st.sampled_from(("en", "zh")))
def test_any_text_can_be_spelled_and_spoken(text: str, language: Language) -> None:
    said = spelled(spellable(text), language)
    speakable(Sentence(said, language))
    assert not any(character.isdecimal() for character in said)


@given(st.text(alphabet="abcXYZäé019-@.' ", max_size=20))
def test_the_spoken_form_of_a_spelling_is_itself(text: str) -> None:
    said = spelled(text, "en")
    assert speakable(Sentence(said, "en")).text == said
