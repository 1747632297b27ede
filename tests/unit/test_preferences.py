import json
from pathlib import Path

import pytest

from assistant.remembered import recall, remember
from assistant.turn.preferences import Preferences
from assistant.types import Manner

CONFIGURED = Preferences(rate=200)


def test_two_steps_of_rate_are_a_third_and_back_again() -> None:
    assert Preferences(200).faster(2).rate == pytest.approx(264, abs=2)
    assert Preferences(200).faster(1).faster(-1).rate == pytest.approx(200, abs=1)


def test_rate_and_volume_stay_within_what_voices_can_do() -> None:
    assert (Preferences().faster(50).rate, Preferences().faster(-50).rate) == (450, 80)
    assert (Preferences().louder(50).volume, Preferences().louder(-50).volume) == (200, 25)


def test_the_next_variant_comes_after_the_one_of_now_and_the_first_after_the_last() -> None:
    first = Preferences().with_next_variant("en", ["a", "b"])
    assert first.manner("en") == Manner(190, "b")
    assert first.with_next_variant("en", ["a", "b"]).manner("en") == Manner(190, "a")
    assert first.manner("zh") == Manner(190, "")
    assert Preferences().with_next_variant("en", ["only"]) == Preferences()
    assert Preferences(variants={"en": "of another voice"}).with_next_variant("en", ["a", "b"]).variants == {"en": "b"}


def test_only_what_was_changed_is_kept_and_recalled(tmp_path: Path) -> None:
    path = tmp_path / "new" / "preferences.json"
    assert recall(path, CONFIGURED) == CONFIGURED
    changed = Preferences(rate=200, volume=140, variants={"zh": "cmn+f3"})
    remember(path, changed, CONFIGURED)
    assert json.loads(path.read_text()) == {"volume": 140, "variants": {"zh": "cmn+f3"}}
    assert recall(path, CONFIGURED) == changed
    assert recall(path, Preferences(rate=300)).rate == 300


@pytest.mark.parametrize("content", ["", "[]", "{", '{"rate": 9000}', '{"rate": "fast"}', '{"detail": "endless"}', "\x00"])
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, content: str, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "preferences.json"
    path.write_text(content)
    assert recall(path, CONFIGURED) == CONFIGURED
    assert "cannot be used" in caplog.text


def test_a_folder_that_cannot_be_written_to_is_no_reason_to_stop(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    remember(tmp_path / "file" / "preferences.json", Preferences(300), CONFIGURED)
    assert "not remembered" in caplog.text
