from __future__ import annotations

import numpy as np
import pytest
from practice.evaluate import _messages, examine, summary
from practice.questions import ABILITIES, Ability, Dialogue, Turn
from practice.scoring import Result, mean_difference, normalised, overlap, same_boxes, shape_of
from practice.things import Scene, Thing

from assistant.turn.prompts import PRACTICE_SYSTEM
from assistant.types import Language
from tests.fakes.vision import FakeVision


def held(ability: Ability, answer: str, *, wanted: str = "Yes.", language: Language = "en", new_look: bool = False) -> Result:
    return Result(Dialogue(ability, language, (Turn("?", wanted),)), (answer,), 1, "4:3", new_look)


def follow_up(*, new_look: bool) -> Result:
    turns = (Turn("Where is the cup?", "Ahead, near."), Turn("Its colour?", "The cup is red."))
    return Result(Dialogue("follow_up", "en", turns), ("On your left.", "The cup is red."), 1, "4:3", new_look)


def test_an_answer_must_be_right_word_for_word() -> None:
    assert held("colour", "The cup is red.", wanted="The cup is red.").right
    assert not held("colour", "The cup is red. I think.", wanted="The cup is red.").right
    assert not held("colour", "the cup is red.", wanted="The cup is red.").right


def test_spaces_and_the_way_characters_are_composed_do_not_count() -> None:
    assert normalised(" It says\nCAFE\u0301 ") == "It says CAF\u00c9"


def test_only_the_last_answer_counts() -> None:
    assert follow_up(new_look=False).right


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((0, 0, 10, 10), (0, 0, 10, 10), 1.0),
        ((0, 0, 10, 10), (0, 5, 10, 15), 1 / 3),
        ((0, 0, 10, 10), (10, 0, 20, 10), 0.0),
        ((5, 5, 5, 5), (5, 5, 5, 5), 0.0),
    ],
)
def test_overlap(one: tuple[float, ...], other: tuple[float, ...], expected: float) -> None:
    assert overlap(one, other) == pytest.approx(expected)


CUP = '{"bbox_2d": [100, 100, 300, 300], "label": "cup"}'
CUP_NEARBY = '{"bbox_2d": [120, 110, 310, 300], "label": "cup"}'
DOG = '{"bbox_2d": [600, 500, 900, 900], "label": "dog"}'


@pytest.mark.parametrize(
    ("wanted", "answer", "right"),
    [
        ([CUP], [CUP_NEARBY], True),
        ([CUP, DOG], [DOG, CUP_NEARBY], True),
        ([], [], True),
        ([CUP], [], False),
        ([CUP], [CUP, CUP_NEARBY], False),
        ([CUP], [CUP.replace("cup", "dog")], False),
        ([CUP], [CUP.replace("300, 300", "180, 180")], False),
        ([CUP], [CUP.replace("100, 100, ", "")], False),
    ],
)
def test_boxes_must_have_the_right_names_and_places(wanted: list[str], answer: list[str], right: bool) -> None:  # noqa: FBT001
    assert same_boxes(f"[{', '.join(wanted)}]", f"[{', '.join(answer)}]") is right


@pytest.mark.parametrize("answer", ["I don't see a cup.", "[{", "3", '{"bbox_2d": [1, 2, 3, 4]}', '[{"label": "cup"}]', '["cup"]'])
def test_what_is_no_list_of_boxes_is_wrong(answer: str) -> None:
    assert not same_boxes(f"[{CUP}]", answer)
    assert not same_boxes("[]", answer)


def test_shapes_of_pictures() -> None:
    assert [shape_of(*size) for size in ((640, 480), (1280, 720), (640, 512), (480, 480), (480, 640))] == [
        "4:3",
        "16:9",
        "5:4",
        "1:1",
        "portrait",
    ]


def test_figures() -> None:
    english = [held("presence", "Yes."), held("presence", "No."), held("place", "Yes."), follow_up(new_look=True)]
    chinese = [held("presence", "No.", language="zh"), held("place", "Yes.", language="zh"), follow_up(new_look=False)]
    figures = summary([*english, *chinese], [held("count", "No.")], 0.99)
    assert figures["presence"] == pytest.approx(1 / 3, abs=1e-4)
    assert figures["place"] == 1.0
    assert figures["sign"] is None
    assert figures["by_language"]["en"]["presence"] == 0.5
    assert figures["chinese_minus_english"] == -0.25
    assert figures["parity"] == 0.99
    assert figures["training_wordings"]["count"] == 0.0
    assert figures["follow_up_by_look"] == {"new look": 1.0, "same look": 1.0}
    assert figures["n"]["presence"] == 3


def test_what_only_one_language_has_does_not_enter_the_difference() -> None:
    assert mean_difference({"place": 0.5, "sign": 1.0, "box": None}, {"place": 0.75, "sign": None}) == -0.25
    assert mean_difference({}, {}) is None


@pytest.mark.parametrize("seed", [9_000_000_000, 9_000_000_001])
def test_every_ability_is_asked_in_both_languages_and_own_answers_are_remembered(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    cup = Thing(0, 0, near=True, colour="red", box=(0.1, 0.5, 0.3, 0.9))
    drawn = np.zeros((480, 640, 3), np.uint8), Scene((cup,))
    monkeypatch.setattr("practice.evaluate.render", lambda _seed: drawn)  # drawing takes a font that has to be fetched
    vision = FakeVision(f"answer {number}" for number in range(100))
    results = []
    for result in examine(vision, seed, "held_out"):
        results.append(result)
        assert [heard for _, heard in vision.remembered] == list(result.answers[:-1])
    assert len(results) == 2 * len(ABILITIES)
    several = [len(result.answers) for result in results if len(result.answers) > 1]
    assert several
    between = sum(several) - len(several) if seed % 2 else 0
    assert len(vision.looked) == 1 + len(several) + between


def test_the_same_dialogue_is_written_down_for_transformers() -> None:
    picture = {"type": "image"}
    system, first, answer, last = _messages(follow_up(new_look=False))
    assert system == {"role": "system", "content": PRACTICE_SYSTEM}
    assert first["content"] == [picture, {"type": "text", "text": "Where is the cup?"}]
    assert answer == {"role": "assistant", "content": "On your left."}
    assert last["content"] == "Its colour?"
    _, first, _, last = _messages(follow_up(new_look=True))
    assert first["content"] == "Where is the cup?"
    assert last["content"] == [picture, {"type": "text", "text": "Its colour?"}]
