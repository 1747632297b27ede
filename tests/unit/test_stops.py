from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from assistant.web.programs.stops import UntilStop


def passed_on(pieces: list[str], stops: list[str]) -> str:
    until = UntilStop(stops)
    return "".join([*(until.feed(piece) for piece in pieces), until.flush()])


def test_nothing_comes_after_the_first_of_them() -> None:
    until = UntilStop(["END", "\n"])
    assert [until.feed(piece) for piece in ("one E", "N", "D two", "\nthree")] == ["one ", "", "", ""]
    assert until.stopped


def test_what_only_looked_like_one_is_passed_on() -> None:
    assert passed_on(["one E", "N", "TER"], ["END"]) == "one ENTER"
    assert passed_on(["one EN"], ["END"]) == "one EN"


@given(st.text("ab", max_size=30), st.lists(st.text("ab", min_size=1, max_size=4), max_size=3), st.data())
def test_it_does_not_matter_how_it_is_cut(text: str, stops: list[str], data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    # the text that ends first stops it; of the whole text that is found only where none of them overlap
    expected = passed_on(list(text), stops)
    assert text.startswith(passed_on(pieces, stops))
    if len(stops) == 1:
        assert passed_on(pieces, stops) == expected == text.partition(stops[0])[0]
