from __future__ import annotations

import collections
import json
import random
import re
from collections.abc import Callable, Iterator

import pytest
from practice import answers
from practice.questions import ABILITIES, Ability, Dialogue, dialogue
from practice.recognised import as_recognised
from practice.things import KINDS, Column, Scene, Sign, Thing
from practice.wordings import Split, Wordings, kind_noun, phrases, read_noun, synonyms

from assistant.types import Language

LANGUAGES: tuple[Language, ...] = ("en", "zh")
SPLITS: tuple[Split, ...] = ("train", "held_out")
KIND = {kind.en: index for index, kind in enumerate(KINDS)}
PARTS = {"here", "see", "thing", "things", "side_left", "side_ahead", "side_right"}
"""Lists that stand for slots of other lists."""
NO_QUESTIONS = PARTS | {"openers", "openers_before_question", "closers", "greetings", "fragments", "unknown"}


def thing(name: str, column: Column, colour: str = "red", *, near: bool = True) -> Thing:
    return Thing(KIND[name], column, near, colour, (column / 3, 0.204, column / 3 + 0.2, 0.5))


def sign(text: str = "ROOM 12", column: Column = 1) -> Sign:
    return Sign(text, column, (0.4, 0.1, 0.6, 0.3))


CUP = Scene((thing("cup", 0),))
STREET = Scene((thing("cup", 0), thing("dog", 1, "several", near=False)), sign(column=2))
CHAIRS = Scene((thing("chair", 0, "blue"), thing("chair", 2, "blue", near=False), thing("scissors", 2)))
SIGN_ALONE = Scene((), sign())
EMPTY = Scene()
DARK = Scene(condition="dark")
COVERED = Scene(condition="covered")
SCENES = (CUP, STREET, CHAIRS, SIGN_ALONE, EMPTY, DARK, COVERED)


def seeded(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 (the same questions at every run)


def ask(scene: Scene, ability: Ability, language: Language = "en", split: Split = "train", number: int = 300) -> list[Dialogue]:
    chance = seeded(7)
    return [dialogue(scene, ability, language, split, chance) for _ in range(number)]


def last(scene: Scene, ability: Ability, language: Language = "en", number: int = 300) -> set[str]:
    return {asked.turns[-1].answer for asked in ask(scene, ability, language, number=number)}


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scene", SCENES)
def test_every_ability_has_questions_for_every_scene(scene: Scene, language: Language, split: Split) -> None:
    for ability in ABILITIES:
        for asked in ask(scene, ability, language, split, 40):
            assert asked.language == language
            assert asked.ability == (ability if scene.condition == "clear" else "refusal")
            assert len(asked.turns) in ((2, 3) if ability == "follow_up" else (1,))
            assert all(turn.question.strip() and turn.answer.strip() and "{" not in turn.question for turn in asked.turns)


def test_the_same_random_numbers_ask_the_same() -> None:
    assert ask(STREET, "follow_up") == ask(STREET, "follow_up")


def test_naming() -> None:
    both = Scene((thing("cup", 0), thing("chair", 0, near=False), thing("scissors", 1)), sign(column=1))
    assert last(both, "naming") == {"A cup, near, and a chair, far.", "Scissors, near, and a sign.", "Nothing."}
    assert last(both, "naming", "zh") == {"近处有杯子，远处有椅子。", "近处有剪刀，还有牌子。", "没有东西。"}
    assert last(SIGN_ALONE, "naming") == {"A sign.", "Nothing."}
    assert last(SIGN_ALONE, "naming", "zh") == {"有牌子。", "没有东西。"}


def test_what_is_this_is_asked_only_of_a_single_thing() -> None:
    this = set(phrases("train", "en")["naming_this"])
    plain = [
        scene for scene in (STREET, CHAIRS, EMPTY) for asked in ask(scene, "naming") if asked.turns[0].question[:-1].lower() in this
    ]
    assert not plain
    assert any(asked.turns[0].question.rstrip("?.").lower() in this for asked in ask(CUP, "naming"))


def test_describe() -> None:
    assert last(STREET, "describe") == {"A cup on your left, a dog ahead and a sign on your right."}
    assert last(STREET, "describe", "zh") == {"左边有杯子，前面有狗，右边有牌子。"}
    assert last(EMPTY, "describe") == {"I see nothing."}
    assert last(EMPTY, "describe", "zh") == {"我什么也没看到。"}
    two = Scene((thing("cup", 0), thing("dog", 0, near=False), thing("egg", 2), thing("egg", 2, near=False)))
    assert last(two, "describe") == {"A cup and a dog on your left and two eggs on your right."}
    assert last(two, "describe", "zh") == {"左边有杯子和狗，右边有两个鸡蛋。"}


def test_place() -> None:
    assert {"On your left, near.", "Ahead, far.", "On your right.", "I don't see a chair."} <= last(STREET, "place", number=3000)
    assert {"在您左边，近处。", "在您前面，远处。", "在您右边。"} <= last(STREET, "place", "zh")
    assert {"On your left and on your right.", "On your right, near."} <= last(CHAIRS, "place")
    assert "在您左边和右边。" in last(CHAIRS, "place", "zh")


def test_presence() -> None:
    assert {"Yes, a cup, on your left.", "Yes, a red cup, on your left.", "No, I don't see a bottle."} <= last(
        STREET, "presence", number=3000
    )
    assert {"有，狗在您前面。", "有，红色的杯子在您左边。", "没有，我没看到瓶子。"} <= last(STREET, "presence", "zh", 3000)
    assert {"Yes, two chairs.", "Yes, two blue chairs.", "Yes, scissors, on your right."} <= last(CHAIRS, "presence")
    assert {"有，两把椅子。", "有，两把蓝色的椅子。"} <= last(CHAIRS, "presence", "zh")


@pytest.mark.parametrize("language", LANGUAGES)
def test_half_of_what_is_asked_for_is_there(language: Language) -> None:
    said = [asked.turns[0].answer for asked in ask(STREET, "presence", language, number=4000)]
    there = sum(answer.startswith(("Yes", "有")) for answer in said) / len(said)
    assert there == pytest.approx(0.5, abs=0.04)  # five standard deviations


def test_a_good_part_of_what_is_absent_is_easily_taken_for_what_is_there() -> None:
    said = [asked.turns[0].answer for asked in ask(Scene((thing("bus", 0),)), "presence", number=4000)]
    absent = collections.Counter(answer for answer in said if answer.startswith("No"))
    alike = sum(absent[f"No, I don't see a {name}."] for name in ("car", "truck", "train"))
    assert alike / absent.total() > 0.35


def test_what_the_sign_says_is_not_there() -> None:
    said = last(Scene((), sign("BUS 12")), "presence")
    assert "No, I don't see a bus." in said
    assert not any("Yes, a bus" in answer for answer in said)


def test_count() -> None:
    assert {"Two things.", "One cup.", "I don't see a chair."} <= last(STREET, "count", number=3000)
    assert {"Three things.", "Two chairs.", "One pair of scissors."} <= last(CHAIRS, "count")
    assert {"三个东西。", "两把椅子。", "一把剪刀。"} <= last(CHAIRS, "count", "zh")
    assert "One thing." in last(CUP, "count")
    assert "I see nothing." in last(EMPTY, "count")
    assert "我什么也没看到。" in last(EMPTY, "count", "zh")
    assert "Only a sign." in last(SIGN_ALONE, "count")


def test_colour() -> None:
    assert {"The cup is red.", "The dog has several colours."} <= last(STREET, "colour")
    assert {"杯子是红色的。", "狗有好几种颜色。"} <= last(STREET, "colour", "zh")
    assert {"The chairs are blue.", "The scissors are red."} <= last(CHAIRS, "colour")
    assert {"The soap is red."} <= last(Scene((thing("soap", 0),)), "colour")
    assert not any(answer.startswith("The") for answer in last(EMPTY, "colour"))


def test_distance() -> None:
    assert {"The cup is near you.", "The dog is far away."} <= last(STREET, "distance")
    assert {"杯子离您很近。", "狗比较远。"} <= last(STREET, "distance", "zh")
    assert {"One is near, one is far.", "The scissors are near you."} <= last(CHAIRS, "distance")
    assert "一把近，一把远。" in last(CHAIRS, "distance", "zh")


def test_sign() -> None:
    assert last(STREET, "sign") == {"It says ROOM 12."}
    assert last(STREET, "sign", "zh") == {"上面写着ROOM 12。"}
    assert last(CUP, "sign") == {"I don't see a sign."}
    assert last(CUP, "sign", "zh") == {"我没看到牌子。"}


def test_json() -> None:
    assert last(STREET, "json") == {
        '[{"name": "cup", "place": "left"}, {"name": "dog", "place": "ahead"}, {"name": "sign", "place": "right"}]'
    }
    assert json.loads(last(STREET, "json", "zh").pop())[2] == {"name": "牌子", "place": "右边"}
    assert last(EMPTY, "json") == {"[]"}


def test_box() -> None:
    assert '[{"bbox_2d": [0, 200, 200, 500], "label": "cup"}]' in last(CUP, "box")
    assert '[{"bbox_2d": [0, 200, 200, 500], "label": "杯子"}]' in last(CUP, "box", "zh")
    assert max(len(json.loads(answer)) for answer in last(CHAIRS, "box")) == 2
    assert last(EMPTY, "box") == {"[]"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_follow_up_ends_with_a_question_that_needs_the_first(language: Language) -> None:
    later = {name for name in phrases("train", language) if name.startswith(("it_", "another")) or name == "else"}
    assert len(later) == 10
    said = last(STREET, "follow_up", language, 3000)
    expected = {
        "en": {"The cup is red.", "On your left, near.", "One cup.", "It says ROOM 12.", "A sign.", "No, I don't see a bottle."},
        "zh": {"杯子是红色的。", "在您左边，近处。", "一个杯子。", "上面写着ROOM 12。", "有牌子。", "没有，我没看到瓶子。"},
    }
    assert expected[language] <= said
    assert {"en": "A dog ahead and a sign on your right.", "zh": "前面有狗，右边有牌子。"}[language] in said
    assert {"en": "Nothing else.", "zh": "没有别的了。"}[language] in last(CUP, "follow_up", language)


def test_it_is_never_asked_of_several() -> None:
    about_it = {line for name in ("it_place", "it_colour", "it_distance") for line in phrases("train", "en")[name]}
    for asked in ask(Scene((thing("chair", 0), thing("chair", 1))), "follow_up", number=500):
        assert asked.turns[-1].question.rstrip("?.").lower() not in about_it


@pytest.mark.parametrize("language", LANGUAGES)
def test_refusals(language: Language) -> None:
    refused = {
        sentence[language]
        for sentence in (answers.CANNOT_TELL, answers.CANNOT_JUDGE, answers.UNKNOWN_THING, answers.NOT_UNDERSTOOD)
    }
    assert last(CUP, "refusal", language) == refused


@pytest.mark.parametrize("scene", [DARK, COVERED])
@pytest.mark.parametrize("language", LANGUAGES)
def test_where_nothing_can_be_seen_it_says_so(scene: Scene, language: Language) -> None:
    excuse = answers.NOTHING_SEEN[scene.condition][language]
    for ability in ABILITIES:
        if ability != "refusal":
            assert {turn.answer for asked in ask(scene, ability, language, number=30) for turn in asked.turns} == {excuse}
    kept = {sentence[language] for sentence in (answers.CANNOT_TELL, answers.CANNOT_JUDGE, answers.NOT_UNDERSTOOD)}
    assert last(scene, "refusal", language) == {excuse, *kept}


def expansions(phrase: str, language: Language) -> Iterator[str]:
    """Every question that a phrasing makes of one cup on the left."""
    chance = seeded(0)
    given = Wordings("train", language, chance)._fillings(kind_noun(KINDS[0], language), 0)
    given |= {"the": "the cup", "side": "on my left", "any_side": "on my left", "any_colour": "red"}
    lists = {
        name: {*phrases("train", language)[name], *phrases("held_out", language).get(name, [])}
        for name in PARTS & phrases("train", language).keys()
    }
    done = [""]
    for part in re.split(r"(\{\w+\})", phrase):
        slot = part[1:-1]
        choices = [part] if not part.startswith("{") else [given[slot]] if slot in given else sorted(lists[slot])
        done = [f"{before}{choice}" for before in done for choice in choices]
    yield from done


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_question_belongs_to_two_abilities_or_to_both_splits(language: Language) -> None:
    owner: dict[str, tuple[str, str]] = {}
    for split in SPLITS:
        for name in phrases(split, language).keys() - NO_QUESTIONS:
            for phrase in phrases(split, language)[name]:
                for question in expansions(phrase, language):
                    assert owner.setdefault(question, (split, name)) == (split, name), question


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_list_is_long_has_no_doubles_and_a_part_held_out(language: Language) -> None:
    train, held_out = phrases("train", language), phrases("held_out", language)
    assert held_out.keys() == train.keys() - {"thing", "things"}
    for name in train.keys() - PARTS:
        assert not {*train[name]} & {*held_out[name]}
        assert len({*train[name]}) == len(train[name])
    for name in train.keys() - NO_QUESTIONS:
        assert len(train[name]) >= {"en": 40, "zh": 30}[language], name
        assert len(held_out[name]) >= 0.1 * len(train[name]), name
    assert len(train["unknown"]) >= 150
    assert len(held_out["unknown"]) >= 40


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_name_means_one_thing(language: Language) -> None:
    means: dict[str, str] = {}
    for kind in KINDS:
        noun = kind_noun(kind, language)
        means |= {noun.one: kind.en, noun.several: kind.en}
    for name, nouns in synonyms(language).items():
        assert name in KIND or name == "sign"
        for noun in nouns:
            for word in (noun.one, noun.several):
                assert means.setdefault(word, name) == name, word
    for split in SPLITS:
        for word in phrases(split, language)["unknown"]:
            noun = read_noun(word, language)
            assert not {noun.one, noun.several} & means.keys(), word


@pytest.mark.parametrize(
    ("word", "article"), [("cup", "a cup"), ("umbrella", "an umbrella"), ("egg", "an egg"), ("unicycle", "a unicycle")]
)
def test_article(word: str, article: str) -> None:
    assert answers.with_article(word) == article


def test_questions_agree_with_their_noun() -> None:
    wrong = re.compile(
        r"\b(is (the|my) (scissors|stairs|trousers|socks)|are (the|my) (soap|bread|cup|chair)|an? (scissors|soap|bread))\b"
    )
    for name in ("scissors", "soap", "bread", "stairs"):
        noun = kind_noun(KINDS[KIND[name]], "en")
        for phrasing in phrases("train", "en").keys() - NO_QUESTIONS:
            wordings = Wordings("train", "en", seeded(3))
            asked = [wordings.ask(phrasing, noun, 0) for _ in range(30)]
            assert not [question for question in asked if wrong.search(question)]


def recognised(question: str, language: Language) -> set[str]:
    chance = seeded(5)
    return {as_recognised(question, language, chance) for _ in range(2000)}


def test_recognised_english() -> None:
    heard = recognised("What's the colour of my toothbrush on my right?", "en")
    assert {"whats the colour of my toothbrush on my right", "what's the colour of my toothbrush on my right?"} <= heard
    assert "whats colour of my toothbrush on my right" in heard  # an article is lost
    assert any(" write" in text for text in heard)
    assert all(text == text.lower() for text in heard)


def test_recognised_chinese() -> None:
    heard = recognised("请问，我的杯子在哪里？", "zh")
    assert {"请问我的杯子在哪里", "请问，我的杯子在哪里？", "请问我的杯子在那里"} <= heard


@pytest.mark.parametrize(
    ("language", "kept"),
    [
        ("en", lambda question: "left" in question and "cup" in question),
        ("zh", lambda question: "边" in question and "杯子" in question),
    ],
)
def test_small_mistakes_leave_the_meaning(language: Language, kept: Callable[[str], bool]) -> None:
    question = {"en": "Is the cup on my left or right?", "zh": "杯子在左边还是右边？"}[language]
    assert all(kept(text) for text in recognised(question, language))


def test_colours_are_spelled_both_ways_in_questions_and_one_way_in_answers() -> None:
    asked = ask(STREET, "colour", number=1000)
    spelled = " ".join(turn.question.lower() for one in asked for turn in one.turns)
    assert "colour" in spelled
    assert "color " in spelled
    assert not any("color " in turn.answer for one in asked for turn in one.turns)
