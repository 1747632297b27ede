"""What an answer may not say where a mistake hurts, and what the print says besides."""

from __future__ import annotations

import pytest

from assistant.turn.allergens import allergens_in
from assistant.turn.crosscheck import DIFFERS, HARD_TO_READ, NO_TEXT, NOT_FOUND, doubt_about, is_named
from assistant.turn.reassurance import cannot_judge, without_reassurance
from assistant.turn.stakes import Stake
from assistant.types import Language, Sentence, TextLine
from tests.fakes.text_reader import place

_REASSURING = {
    (Stake.ALLERGEN, "en"): """
        Yes. | There aren't any nuts in it. | It is nut free. | It doesn't list nuts. | It doesn’t contain nuts. |
        Nuts are not listed. |
        It does not appear to contain nuts. | It is suitable for people with a nut allergy. | You can eat it.""",
    (Stake.ALLERGEN, "zh"): "是的。 | 未发现坚果。 | 不包括坚果。 | 看不到坚果。 | 适合对坚果过敏的人。 | 不含坚果。",
    (Stake.CROSSING, "en"): """
        You can go now. | It's okay to cross now. | Now is a good time to cross. | The signal shows a walking person. |
        Yes. |
        The road looks quiet. | Cars have stopped. | Don’t worry. | There aren't any cars. | The way is clear. |
        The light is green.""",
    (
        Stake.CROSSING,
        "zh",
    ): "可以过马路。 | 现在可以横穿马路。 | 现在过吧。 | 车都停了。 | 看不到车。 | 马路上没什么车。 | 一辆车也没有。 | 是绿灯。",
    (Stake.HEAT, "en"): """
        The stove does not appear to be on. | It doesn't look hot. | It isn’t hot. | It's at room temperature. | No. |
        The stove is turned off. | The knob is in the off position. | It seems to be cool. | It is safe to touch.""",
    (
        Stake.HEAT,
        "zh",
    ): "不太烫。 | 不是很热。 | 看起来不是热的。 | 没有在加热。 | 灶台没开。 | 炉子是关的。 | 温度不高。 | 可以摸。",
    (Stake.MEDICINE, "en"): "It is safe. | That is perfectly fine.",
    (Stake.MONEY, "zh"): "没问题。",
}
_SAID = {
    (Stake.ALLERGEN, "en"): "It contains hazelnuts. | The label says: traces of milk.",
    (
        Stake.CROSSING,
        "en",
    ): "A car comes from the left. | The light is red. | Don't cross: a bus is coming. | Stop, there is a step.",
    (Stake.CROSSING, "zh"): "左边有车过来。 | 现在是红灯。 | 不要走，有车。",
    (Stake.HEAT, "en"): "The burner is glowing. | Careful, it is not a toy: the blade is sharp.",
    (Stake.HEAT, "zh"): "水在冒热气。 | 小心，很烫。",
    (Stake.MEDICINE, "en"): "You can take up to 3 tablets in 24 hours. | Do not take it with milk. | This is not aspirin.",
}


def _cases(table: dict[tuple[Stake, str], str]) -> list[tuple[Stake, str, str]]:
    return [(stake, language, text.strip()) for (stake, language), texts in table.items() for text in texts.split("|")]


@pytest.mark.parametrize(("stake", "language", "text"), _cases(_REASSURING))
def test_what_reassures_is_not_said(stake: Stake, language: Language, text: str) -> None:
    assert without_reassurance(Sentence(text, language), frozenset({stake})) == ("", stake)
    assert cannot_judge(stake, language)


@pytest.mark.parametrize(("stake", "language", "text"), _cases(_SAID))
def test_what_warns_or_tells_is(stake: Stake, language: Language, text: str) -> None:
    assert without_reassurance(Sentence(text, language), frozenset({stake})) == (text, None)


def test_of_a_yes_the_rest_is_said() -> None:
    assert without_reassurance(Sentence("Yes, a pan is on it.", "en"), frozenset({Stake.HEAT})) == ("A pan is on it.", Stake.HEAT)
    assert without_reassurance(Sentence("No, it is off.", "en"), frozenset({Stake.HEAT})) == ("", Stake.HEAT)


def _print(*texts: str, confidence: float = 0.99) -> list[TextLine]:
    return [TextLine(text, confidence, place(row)) for row, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("said", "lines", "doubt"),
    [
        ("It costs $5.", _print("Now $5.00"), ""),
        ("It costs $5.", _print("Now 5.00"), ""),
        ("It costs $5.", _print("Now $6"), DIFFERS["en"].format(said="$5", read="$6")),
        ("It costs $5.", _print("Now $6", "or $7", "or $8"), DIFFERS["en"].format(said="$5", read="$6 and $7")),
        ("It costs $5.", _print("Bread"), NOT_FOUND["en"].format(said="$5")),
        ("It costs $5.", _print("Now only $5", confidence=0.8), HARD_TO_READ["en"].format(said="$5")),
        ("It costs $5.", [], NO_TEXT["en"]),
        ("It expires in November 2026.", _print("EXP 30.11.2026"), ""),
        ("It expires on 30 November 2026.", _print("EXP 11/2026"), DIFFERS["en"].format(said="30 November 2026", read="11/2026")),
        ("The red one costs nothing.", _print("Bread"), ""),
        ("No figure here.", [], ""),
    ],
)
def test_figures_are_held_against_the_print(said: str, lines: list[TextLine], doubt: str) -> None:
    assert doubt_about(Sentence(said, "en"), lines) == doubt


@pytest.mark.parametrize(
    ("answer", "question", "printed", "named"),
    [
        ("This is ibuprofen.", "What medicine is this?", "IBUPROFEN 400", True),
        ("This is medicine.", "What medicine is this?", "MEDICINE", False),
        ("This is aspirin.", "What medicine is this?", "IBUPROFEN 400", False),
        ("这是布洛芬。", "这是什么药？", "布洛芬缓释胶囊", True),
        ("这是阿司匹林。", "这是什么药？", "布洛芬缓释胶囊", False),
    ],
)
def test_names_are_held_against_the_print(answer: str, question: str, printed: str, named: bool) -> None:  # noqa: FBT001 - pytest's way
    assert is_named(answer, question, _print(printed)) is named


@pytest.mark.parametrize(
    ("lines", "language", "allergens"),
    [
        (["Sugar, wheat flour, whey powder"], "en", ["gluten", "milk"]),
        (["Contains: PEANUTS, soybeans, E 223"], "en", ["peanut", "soya", "sulphites"]),
        (["Coconut, donut, riceflour"], "en", []),
        (["配料：小麦粉、白砂糖、花生、全脂乳粉"], "zh", ["麸质", "花生", "奶"]),
        ([], "en", []),
    ],
)
def test_allergens_in_the_print(lines: list[str], language: Language, allergens: list[str]) -> None:
    assert allergens_in(lines, language) == allergens
