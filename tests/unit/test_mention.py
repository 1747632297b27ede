from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.turn.mention import mentions


@pytest.mark.parametrize(
    ("text", "words", "found"),
    [
        ("Total, 12.50", "total", True),
        ("Tota1, 12.50", "total", True),
        ("Possible side effects: none", "side effects", True),
        ("Possible side effect: none", "side effects", True),
        ("Beside the effect", "side effects", False),
        ("Tea, 3.00", "total", False),
        ("", "total", False),
        ("合计：12元", "合计", True),
        ("合 计 12元", "和记", True),
        ("茶：3元", "合计", False),
        ("Total", "", False),
    ],
)
def test_words_are_found_in_spite_of_small_mistakes(text: str, words: str, *, found: bool) -> None:
    assert mentions(text, words) is found


@given(st.lists(st.sampled_from(["milk", "total", "price", "bread"]), min_size=1), st.data())
def test_what_stands_in_it_is_found(words: list[str], data: st.DataObject) -> None:
    begin = data.draw(st.integers(0, len(words) - 1))
    end = data.draw(st.integers(begin + 1, len(words)))
    assert mentions(" ".join(words), " ".join(words[begin:end]))
