from __future__ import annotations

import time
import wave
from pathlib import Path

import pytest

from assistant import app
from assistant.config import Config
from assistant.errors import DiskFull, VoiceFailed


def config(path: Path, **more: object) -> Config:
    return Config.model_validate({"speaker": {"kind": "file", "path": str(path)}, **more})


def seconds(path: Path) -> float:
    with wave.open(str(path)) as sound:
        return float(sound.getnframes() / sound.getframerate())


@pytest.mark.alone
def test_sentences_are_said_one_after_the_other_while_the_block_goes_on(tmp_path: Path) -> None:
    path, failures = tmp_path / "said.wav", list[str]()
    with app.saying_aloud(config(path), failures.append) as say:
        began = time.monotonic()
        say({"en": "Fetching the model, one point six gigabytes.", "zh": "开始下载"})
        say({"en": "A quarter of it is here.", "zh": "已下载四分之一"})
        assert time.monotonic() - began < 0.5
    assert seconds(path) > 2.5
    assert failures == []


def test_an_error_of_the_block_is_said(tmp_path: Path) -> None:
    path = tmp_path / "said.wav"
    with pytest.raises(DiskFull), app.saying_aloud(config(path), print):
        raise DiskFull("no room", "qwen")
    assert seconds(path) > 2


def test_without_a_voice_the_block_runs_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_config: Config) -> None:
        raise VoiceFailed("no voice here")

    monkeypatch.setattr(app, "open_voice", fail)
    failures: list[str] = []
    with app.saying_aloud(config(tmp_path / "said.wav"), failures.append) as say:
        say({"en": "Nobody hears this.", "zh": "没人听见。"})
    assert failures == ["no voice here"]


def test_without_a_loudspeaker_the_block_runs_all_the_same(tmp_path: Path) -> None:
    failures: list[str] = []
    with app.saying_aloud(config(tmp_path / ("x" * 300)), failures.append) as say:
        say({"en": "Nobody hears this.", "zh": "没人听见。"})
    assert len(failures) == 1
