import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.turn.novelty import NewText, Novelty, things
from assistant.turn.sentences import split
from assistant.types import Language, Sentence


def told(novelty: Novelty, description: str, at: float) -> list[str]:
    news = novelty.news(split(description), at)
    novelty.told(news, at)
    return [sentence.text for sentence in news]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("A dog ahead.", "Ahead is a dog."),
        ("A fence.", "A fence can be seen to the right."),
        ("A man sits at a table.", "At the desk there's a man sitting."),
        ("A red car on the road.", "A vehicle is parked on the street to your left."),
        ("Two bicycles on the right.", "On your right are two bikes."),
        ("People are walking.", "A man and a woman walk towards you."),
        ("A large wooden door.", "There is a door, slightly open."),
        ("前面有一只狗。", "狗在您的前面。"),
        ("桌子上有一个红色的杯子，左边站着一个男人。", "一个男的站在左侧，桌上放着水杯。"),
        ("前方有楼梯。", "正前方是台阶。"),
        ("右边停着一辆汽车。", "一辆白色的轿车停在您的右手边。"),
    ],
)
def test_the_same_in_other_words_is_no_news(before: str, after: str) -> None:
    novelty = Novelty()
    assert told(novelty, before, 0) == [before]
    assert told(novelty, after, 4) == []


@pytest.mark.parametrize(
    ("before", "after", "news"),
    [
        ("A dog ahead.", "A dog ahead, and stairs to your left.", ["Stairs to your left."]),
        ("A puddle.", "A bench can be seen on the left and there is a puddle ahead.", ["A bench can be seen on the left."]),
        ("A table.", "A cup is on the table.", ["A cup is on the table."]),
        ("A man.", "A woman stands next to a man.", ["A woman stands next to a man."]),
        ("A train.", "The train station.", ["The train station."]),
        ("A door.", "A sign says no entry.", ["A sign says no entry."]),
        (
            "A lamp.",
            "A coin and a lamp on your left, keys, a cake and a pen ahead.",
            ["A coin on your left, keys, a cake ahead, a pen ahead."],
        ),
        ("A lamp.", "You are in a hall and a lamp is on your left.", ["You are in a hall."]),
        ("一盏灯。", "左边有灯、硬币，前面有一支笔。", ["左边硬币，前面有一支笔。"]),
        ("前面有一只狗。", "前面有一只狗，左边有楼梯。", ["左边有楼梯。"]),
        ("一张桌子。", "桌子上有一部手机。", ["桌子上有一部手机。"]),
        ("左边有一个男人。", "右边有一个女人。", ["右边有一个女人。"]),
    ],
)
def test_what_is_new_is_told_and_only_that(before: str, after: str, news: list[str]) -> None:
    novelty = Novelty()
    told(novelty, before, 0)
    assert told(novelty, after, 4) == news


@pytest.mark.parametrize(
    ("description", "first"),
    [
        ("A tree on the left. A table, a chair. The floor is wet here.", "A tree on the left."),
        ("A tree on the left. A wet floor ahead.", "A wet floor ahead."),
        ("A shop window. A cyclist comes towards you. A bench.", "A cyclist comes towards you."),
        ("A kitchen. A knife lies on the table.", "A knife lies on the table."),
        ("A window on the left, and a car ahead.", "A car ahead, a window on the left."),
        ("左边有一家商店。前面有一个坑。", "前面有一个坑。"),
        ("桌子上有一本书。地上有水坑。", "地上有水坑。"),
    ],
)
def test_dangers_come_first(description: str, first: str) -> None:
    assert told(Novelty(), description, 0)[0] == first


@pytest.mark.parametrize(
    "description",
    [
        "There is no car. Nobody is here.",
        "The path is clear.",
        "It is safe to cross.",
        "没有人。",
        "前面很安全，可以走。",
        "",
        "...",
    ],
)
def test_that_nothing_is_there_is_no_news_and_nothing_is_ever_called_safe(description: str) -> None:
    assert told(Novelty(), description, 0) == []


def test_a_danger_that_has_come_near_is_told_again_once() -> None:
    novelty = Novelty()
    assert told(novelty, "Stairs far ahead.", 0)
    assert told(novelty, "Stairs ahead.", 5) == []
    assert told(novelty, "Stairs right in front of you.", 10) == ["Stairs right in front of you."]
    assert told(novelty, "The stairs are at your feet.", 12) == []


def test_what_comes_back_after_a_long_while_is_told_again() -> None:
    novelty = Novelty()
    told(novelty, "A chair. A dog.", 0)
    assert told(novelty, "A plant.", 30)
    assert told(novelty, "A chair. A dog.", 40) == ["A dog."]  # a danger may be another one sooner
    assert told(novelty, "A chair.", 95) == []
    assert told(novelty, "A chair.", 160) == ["A chair."]


def test_what_stayed_in_view_is_not_gone_however_long_it_is_not_spoken_of() -> None:
    novelty, new = Novelty(), NewText()
    told(novelty, "A chair. A bus.", 0)
    told(novelty, "A plant. A dog.", 50)
    new.told(new.news(lines("Way out"), 50), 50)
    for seconds in range(52, 200, 2):
        novelty.stood(2, seconds)
        new.stood(2, seconds)
    assert told(novelty, "A dog, a plant, a chair.", 200) == []
    assert told(novelty, "A bus.", 200) == ["A bus."]  # a danger that had been out of sight before is not taken to be in view
    assert new.news(lines("Way out"), 200) == []


def test_only_what_was_heard_counts_as_told() -> None:
    novelty = Novelty()
    novelty.told(novelty.news(split("A chair. A plant."), 0)[:1], 0)
    assert told(novelty, "A chair. A plant.", 4) == ["A plant."]


THINGS = {
    "en": ["a dog", "the stairs", "two cars", "a bench", "an old tree", "a bicycle", "a red cup", "a man with a hat", "people"],
    "zh": ["一只狗", "楼梯", "一辆汽车", "一张桌子", "一棵树", "一辆自行车", "红色的杯子", "一个戴帽子的男人", "行人"],
}
FRAMES = {
    "en": ["There is {}.", "{} ahead.", "I can see {} on your left.", "On the right, {}.", "{} and a door, and a lamp."],
    "zh": ["前面有{}。", "{}在左边。", "我看到{}。", "右边有{}，还有一扇门。"],
}


@given(st.sampled_from(["en", "zh"]), st.lists(st.tuples(st.integers(0, 8), st.integers(0, 3)), max_size=30), st.randoms())
def test_never_twice(language: Language, seen: list[tuple[int, int]], chance: random.Random) -> None:
    novelty, all_told = Novelty(), list[frozenset[str]]()
    for at, (thing, frame) in enumerate(seen):
        description = FRAMES[language][frame].format(THINGS[language][thing])
        for sentence in told(novelty, description, at / 2):  # all within the time in which nothing is forgotten
            here = things(sentence, language)
            assert here - frozenset().union(*all_told), "it says nothing that was not said"
            all_told.append(here)
        words = description.rstrip(".。").split(" ")
        chance.shuffle(words)
        assert told(novelty, description, at / 2) == []
        if language == "en" and "and" not in words and "," not in description:
            assert told(novelty, " ".join(words) + ".", at / 2) == []


def lines(*texts: str) -> list[Sentence]:
    return [Sentence(text, "en") for text in texts]


def test_text_is_read_once_also_where_it_is_misread_or_cut_off() -> None:
    new = NewText()
    first = lines("Platform 4", "Way out", "Main Street Station")
    assert new.news(first, 0) == first
    new.told(first, 1)
    again = lines("Platform 5", "Way 0ut", "Main Streel Statlon", "Main Street", "...")
    assert [sentence.text for sentence in new.news(again, 5)] == ["Platform 5", "Way 0ut"]


def test_text_that_comes_back_after_a_long_while_is_read_again() -> None:
    new = NewText()
    new.told(new.news(lines("Way out"), 0), 0)
    assert new.news(lines("Way out"), 50) == []
    assert new.news(lines("Way out"), 100) == []
    assert new.news(lines("Way out"), 200) == lines("Way out")
