"""The doctor is never silent for long, except where it listens."""

from __future__ import annotations

import threading

import pytest

from assistant.doctor import aloud
from assistant.doctor.aloud import _Reader, _run
from assistant.doctor.examination import Check
from assistant.doctor.finding import STILL_CHECKING, Finding, good
from assistant.runtime.mouth import Mouth
from assistant.runtime.watch import Watch
from tests.fakes.speaker import FakeSpeaker
from tests.fakes.voice import FakeVoice

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(("listens", "said"), [(False, True), (True, False)])
async def test_a_check_that_takes_long_is_spoken_of_unless_it_listens(
    *, listens: bool, said: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aloud, "PATIENCE", 0.05)
    voice, release = FakeVoice(), threading.Event()

    def find() -> list[Finding | None]:
        release.wait(0.3)
        return [good("models", "Here.", "在这里。")]

    reader = _Reader(Mouth(voice, FakeSpeaker(), Watch()), "en")
    findings = await _run(Check("models", 5.0, find, listens), reader)
    assert [finding.check for finding in findings] == ["models"]
    assert (STILL_CHECKING["en"] in [sentence.text for sentence in voice.spoken]) is said
