from __future__ import annotations

import json
import stat
import threading
from pathlib import Path

import numpy as np
import pytest

from assistant.errors import RecordingUnusable
from assistant.events import Event, Stage
from assistant.observe import recording, turn_log
from assistant.observe.turn_log import TurnLog
from assistant.observe.turns import TurnKeeper
from assistant.turn.timeline import Mark, Turn
from assistant.types import Frame, Transcript, Utterance

SAMPLES = np.linspace(-1, 1, 1600, dtype=np.float32)
PIXELS = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)
FRAME = Frame(PIXELS, 0.0)
TEXT, ANSWER = "Where is my medicine?", "On the shelf, on your left."


def turn(end: Mark = Mark.DONE, answer: str = ANSWER, frame: Frame | None = FRAME, text: str = TEXT) -> Turn:
    marks = {Mark.SPEECH_START: 8.0, Mark.SPEECH_END: 10.0, Mark.TURN_END: 10.7, Mark.FIRST_SOUND: 11.5, end: 13.0}
    return Turn(marks, Utterance(SAMPLES, 1.0), Transcript(text, "en", 0.9), frame, answer)


def test_the_log_holds_times_and_no_words(tmp_path: Path) -> None:
    path = tmp_path / "state" / "turns.jsonl"
    log = TurnLog(path, "practice")
    log(turn())
    log(turn(Mark.INTERRUPTED))
    first, second = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    times = {"speech_start": -2000, "speech_end": 0, "turn_end": 700, "first_sound": 1500}
    assert first == {"model": "practice", "language": "en", "marks_ms": {**times, "done": 3000}}
    assert second["marks_ms"] == {**times, "interrupted": 3000}
    assert second.keys() == first.keys()


def test_the_log_never_grows_beyond_two_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turn_log, "LIMIT_BYTES", 400)
    log = TurnLog(tmp_path / "turns.jsonl", "practice")
    for _ in range(50):
        log(turn())
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 1200
    assert len(list(tmp_path.iterdir())) == 2
    assert 3 <= len(turn_log.read(tmp_path / "turns.jsonl")["practice"]) <= 8


def test_a_line_that_was_cut_is_passed_over_and_models_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "turns.jsonl"
    TurnLog(path, "practice")(turn())
    path.write_text(path.read_text(encoding="utf-8") + '{"model":"pra', encoding="utf-8")
    assert list(turn_log.figures(path)) == ["practice"]
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    TurnLog(path, "qwen3-vl-2b")(turn())
    assert turn_log.figures(path)["qwen3-vl-2b"]["first_sound"] == {"turns": 1, "p50_ms": 1500, "p95_ms": 1500}
    assert [line for line in turn_log.told(path) if line.startswith("Model")] == [
        "Model practice. Turns: 1.",
        "Model qwen3-vl-2b. Turns: 1.",
    ]


def test_without_a_log_it_says_so(tmp_path: Path) -> None:
    assert turn_log.told(tmp_path / "turns.jsonl")[0].startswith("No turns yet")


def story(number: int) -> list[Event]:
    utterance = Utterance(SAMPLES, 1.0)
    return [Event(Stage.SPEECH_ENDED, 1.0, "", number, utterance), Event(Stage.TURN_ENDED, 2.0, "", number)]


class Kept(list[Turn]):
    """Keeps turns in a list."""

    def __call__(self, turn: Turn) -> None:
        self.append(turn)

    def forget_last(self) -> None:
        self.pop()


def test_a_slow_disk_delays_nobody_and_loses_nothing() -> None:
    class Slow(Kept):
        def __call__(self, turn: Turn) -> None:
            disk.wait()
            super().__call__(turn)

    kept = Slow()
    disk, keeper = threading.Event(), TurnKeeper()
    keeper.add(kept)
    for number in (1, 2):
        for event in story(number):
            keeper(event)
    assert kept == []
    disk.set()
    keeper.close()
    assert len(kept) == 2


def test_a_full_disk_is_told_of_once_and_the_others_go_on(caplog: pytest.LogCaptureFixture) -> None:
    class Full(Kept):
        def __call__(self, turn: Turn) -> None:
            raise OSError(f"no space left for {turn.answer}")

    kept = Kept()
    keeper = TurnKeeper()
    keeper.add(Full())
    keeper.add(kept)
    for number in (1, 2):
        for event in story(number):
            keeper(event)
    keeper.close()
    assert len(kept) == 2
    assert caplog.text.count("no space left") == 1


def test_what_is_to_be_forgotten_is_forgotten_in_its_turn() -> None:
    kept, keeper = Kept(), TurnKeeper()
    keeper.add(kept)
    for event in (*story(1), *story(2), Event(Stage.FORGOTTEN, 3.0), *story(3)):
        keeper(event)
    keeper.close()
    assert len(kept) == 2


def test_of_a_forgotten_turn_a_recording_keeps_nothing(tmp_path: Path) -> None:
    record = recording.Recorder(tmp_path / "private", "practice")
    record(turn(text="first"))
    record(turn(text="secret", frame=Frame(PIXELS, 1.0)))
    record(turn(text="slower", answer="", frame=None))
    record.forget_last()
    assert sorted(path.name for path in (tmp_path / "private").iterdir()) == ["turn-0001.json", "turn-0001.png", "turn-0001.wav"]
    record(turn(text="third"))
    assert [t.text for t in recording.read(tmp_path / "private")] == ["first", "third"]
    for _ in range(3):
        record.forget_last()
    assert list((tmp_path / "private").iterdir()) == []


def test_a_recording_can_be_read_again(tmp_path: Path) -> None:
    folder = tmp_path / "private"
    record = recording.Recorder(folder, "practice")
    record(turn())
    record(turn(frame=FRAME, text="And now?"))
    record(turn(frame=None))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    turns = recording.read(folder)
    assert [(t.text, t.answer, t.picture) for t in turns] == [
        (TEXT, ANSWER, "turn-0001.png"),
        ("And now?", ANSWER, "turn-0001.png"),
        (TEXT, ANSWER, None),
    ]
    assert turns[0].marks_ms == turn().marks_ms()


def test_a_recording_mixes_with_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear")
    with pytest.raises(RecordingUnusable, match="not empty"):
        recording.Recorder(tmp_path, "practice")
    with pytest.raises(RecordingUnusable):
        recording.Recorder(tmp_path / "letter.txt", "practice")


@pytest.mark.parametrize("damage", ["", '{"model": 3}', '{"sound": "../../secret.wav"}'])
def test_a_damaged_recording_is_an_error(tmp_path: Path, damage: str) -> None:
    if damage:
        (tmp_path / "turn-0001.json").write_text(damage)
    with pytest.raises(RecordingUnusable):
        recording.read(tmp_path)


def test_what_changed_is_told_in_plain_sentences(tmp_path: Path) -> None:
    recording.Recorder(tmp_path / "a", "practice")(turn())
    (before,) = recording.read(tmp_path / "a")
    assert recording.changes(before, turn())[:2] == [f"Heard the same: {TEXT}", f"Answered the same: {ANSWER}"]
    changed = recording.changes(before, turn(text="What?", answer="No."))
    assert changed[:4] == [f"Heard before: {TEXT}", "Heard now: What?", f"Answered before: {ANSWER}", "Answered now: No."]
    assert "From the end of a question to the first sound of its answer: 1.50 seconds before, 1.50 seconds now." in changed
    assert recording.changes(before, None) == [f"Heard before: {TEXT}", "Heard now: no question."]


def test_an_answer_that_was_interrupted_may_go_on_in_a_replay(tmp_path: Path) -> None:
    recording.Recorder(tmp_path / "a", "practice")(turn(Mark.INTERRUPTED, answer="On the shelf,"))
    (before,) = recording.read(tmp_path / "a")
    assert f"Answered the same: {ANSWER}" in recording.changes(before, turn())
