"""The benchmark of describing, for two minutes of a walk: it has to run, and to find that nothing is told twice."""

from __future__ import annotations

import pytest
import reading_continuous

from assistant.types import Language


@pytest.mark.parametrize("language", reading_continuous.LANGUAGES)
def test_on_a_short_walk_nothing_is_told_twice(language: Language, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_continuous, "MINUTES", 2)
    counts = reading_continuous.walked(language, 7, "on-speech")
    assert counts["told"] >= 5
    assert counts["duplicates"] == counts["duplicates_of_dangers"]
    assert counts["missed"] < counts["visits"]
