"""What every transcriber promises, asked of the fake, of a scripted tiny model and of Whisper base; then Whisper's own."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

import assistant
from assistant.engines import whisper_transcriber
from assistant.engines.file_microphone import read_recording
from assistant.engines.whisper_transcriber import WhisperTranscriber
from assistant.errors import Cancelled, HearingFailed, ModelDamaged, ModelError, ModelMissing, OutOfMemory
from assistant.ports import Transcriber
from assistant.types import SAMPLE_RATE, Cancellation, Samples, Transcript, Utterance
from tests.fakes.transcriber import FakeTranscriber
from tests.person import spoken
from tests.tiny_whisper import write_tiny_whisper

SAMPLES = Path(assistant.__file__).parent / "samples"
WORDS = "What is in front of me?"
CHINESE = "墙是什么颜色？"
PROMPT = "以下是普通话的句子。"
FILES = ["model.bin", "config.json", "tokenizer.json", "vocabulary.json"]
LFS_POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
TIME = np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE
NOISE = np.random.default_rng(0).normal(0, 1, TIME.size)
NOISES = {
    "silence": 0 * TIME,
    "faint noise": 0.001 * NOISE,
    "white noise": 0.05 * NOISE,
    "loud noise": np.clip(0.3 * NOISE, -1, 1),
    "tone": 0.3 * np.sin(2 * np.pi * 440 * TIME),
    "hum": 0.2 * np.sign(np.sin(2 * np.pi * 50 * TIME)),
    "clicks": np.where(np.arange(TIME.size) % 4000 < 30, 0.7, 0),
    "a bang": 0.3 * NOISE * np.exp(-(((TIME - 0.8) / 0.08) ** 2)),
}


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> None:
        pytest.fail("something tried to reach the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_whisper(tmp_path_factory.mktemp("whisper") / "tiny", WORDS)


@pytest.fixture(scope="module")
def english(tiny: Path) -> WhisperTranscriber:
    return WhisperTranscriber(tiny, "en", 1)


@pytest.fixture
def damaged(tiny: Path, tmp_path: Path) -> Path:
    """Return a copy to be damaged."""
    return Path(shutil.copytree(tiny, tmp_path / "copy"))


@pytest.fixture(scope="module")
def base(whisper_base: Path) -> WhisperTranscriber:
    return WhisperTranscriber(whisper_base, "auto", 2)


@pytest.fixture(params=["fake", "tiny", pytest.param("base", marks=pytest.mark.weights)])
def transcriber(request: pytest.FixtureRequest) -> Transcriber:
    match request.param:
        case "fake":
            return FakeTranscriber([Transcript(WORDS, "en", 0.9)] * 2)
        case "tiny":
            return WhisperTranscriber(request.getfixturevalue("tiny"), "auto", 1)
        case _:
            transcriber: WhisperTranscriber = request.getfixturevalue("base")
            return transcriber


def utterance(samples: npt.NDArray[np.generic]) -> Utterance:
    return Utterance(samples.astype(np.float32), samples.size / SAMPLE_RATE)


# Of every transcriber


def test_it_writes_down_the_question(transcriber: Transcriber) -> None:
    heard = transcriber.transcribe(utterance(read_recording(SAMPLES / "question.wav")))
    assert (heard.text, heard.language) == (WORDS, "en")
    assert 0.5 < heard.confidence <= 1


def test_the_same_sound_is_heard_the_same_way_twice(transcriber: Transcriber) -> None:
    sound = utterance(read_recording(SAMPLES / "question.wav"))
    assert transcriber.transcribe(sound) == transcriber.transcribe(sound)


@pytest.mark.parametrize("transcriber", ["tiny"], indirect=True)
def test_threads_do_not_disturb_each_other(transcriber: Transcriber) -> None:
    sound = utterance(read_recording(SAMPLES / "question.wav"))
    with ThreadPoolExecutor(4) as several:
        heard = list(several.map(transcriber.transcribe, [sound] * 8))
    assert {transcript.text for transcript in heard} == {WORDS}


def test_the_fake_raises_what_its_script_says_and_keeps_what_it_was_given() -> None:
    transcriber = FakeTranscriber([HearingFailed("as scripted")])
    sound = utterance(np.zeros(10))
    with pytest.raises(HearingFailed, match="as scripted"):
        transcriber.transcribe(sound)
    assert transcriber.utterances == [sound]


# With the scripted tiny model


@pytest.mark.parametrize("language", ["auto", "zh"])
def test_chinese_is_told_from_english_and_prompted(language: str, tmp_path: Path) -> None:
    folder = write_tiny_whisper(tmp_path / "tiny", CHINESE, "zh", PROMPT)
    transcriber = WhisperTranscriber(folder, "auto" if language == "auto" else "zh", 1)
    heard = transcriber.transcribe(utterance(NOISE))
    assert (heard.text, heard.language) == (CHINESE, "zh")


def test_a_fixed_language_is_not_detected(english: WhisperTranscriber, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(english, "_likelier", lambda _encoded: pytest.fail("it was"))
    assert english.transcribe(utterance(NOISE)).language == "en"


def test_long_sound_is_heard_in_windows(tiny: Path) -> None:
    heard = WhisperTranscriber(tiny, "auto", 1).transcribe(utterance(np.zeros(31 * SAMPLE_RATE)))
    assert heard.text == f"{WORDS} {WORDS}"


@pytest.mark.parametrize("seconds", [1 / SAMPLE_RATE, 0.03, 14, 14.1, 29.9, 30])
def test_any_length_up_to_a_window_is_heard_once(english: WhisperTranscriber, seconds: float) -> None:
    heard = english.transcribe(utterance(np.zeros(round(seconds * SAMPLE_RATE))))
    assert heard.text == WORDS


def test_no_sound_is_no_words(tiny: Path) -> None:
    assert WhisperTranscriber(tiny, "zh", 1).transcribe(utterance(np.empty(0))) == Transcript("", "zh", 0.0)


@pytest.mark.parametrize(
    ("samples", "reason"),
    [
        (np.zeros(16000, np.int16), "int16"),
        (np.zeros((16000, 2), np.float32), r"\(16000, 2\)"),
        (np.full(16000, np.nan, np.float32), "not numbers"),
        (np.array([0, np.inf], np.float32), "not numbers"),
    ],
    ids=["int16", "stereo", "nan", "infinite"],
)
def test_what_is_not_sound_is_refused_with_a_reason(english: WhisperTranscriber, samples: Samples, reason: str) -> None:
    with pytest.raises(HearingFailed, match=reason):
        english.transcribe(Utterance(samples, 1.0))


def test_cancelled_while_it_encodes_it_does_not_decode(english: WhisperTranscriber, monkeypatch: pytest.MonkeyPatch) -> None:
    cancellation, encode = Cancellation(), english._model.encode

    def cancelled_meanwhile(features: object) -> object:
        cancellation.cancel()
        return encode(features)

    monkeypatch.setattr(english._model, "encode", cancelled_meanwhile)
    with pytest.raises(Cancelled):
        english.transcribe(utterance(NOISE), cancellation)


def test_cancelled_before_it_began_it_does_nothing(english: WhisperTranscriber, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(english._model, "encode", lambda _features: pytest.fail("it was encoded"))
    cancellation = Cancellation()
    cancellation.cancel()
    with pytest.raises(Cancelled):
        english.transcribe(utterance(NOISE), cancellation)


def test_words_that_go_round_in_circles_are_refused(tmp_path: Path) -> None:
    transcriber = WhisperTranscriber(write_tiny_whisper(tmp_path / "tiny", "round and " * 12), "en", 1)
    with pytest.raises(HearingFailed, match="repeats itself"):
        transcriber.transcribe(utterance(NOISE))


@pytest.mark.parametrize(
    ("text", "log_probability", "no_speech", "invented"),
    [
        ("Thank you.", -2.3, 0.7, True),
        ("Thank you.", -0.5, 0.7, False),
        ("Thank you.", -2.3, 0.3, False),
        ("so " * 60, -0.1, 0.7, True),
        ("", -0.1, 0.1, True),
    ],
)
def test_words_are_dropped_where_nobody_spoke_and_they_are_doubtful(
    text: str, log_probability: float, no_speech: float, *, invented: bool
) -> None:
    assert whisper_transcriber._invented(whisper_transcriber._Window(text, 3, log_probability, no_speech)) is invented


@pytest.mark.parametrize(
    ("raised", "expected"),
    [(RuntimeError("broken"), HearingFailed), (ValueError("odd"), HearingFailed), (MemoryError(), OutOfMemory)],
)
def test_what_the_library_raises_is_translated(
    english: WhisperTranscriber, monkeypatch: pytest.MonkeyPatch, raised: Exception, expected: type[Exception]
) -> None:
    def fail(_features: object) -> None:
        raise raised

    monkeypatch.setattr(english._model, "encode", fail)
    with pytest.raises(expected):
        english.transcribe(utterance(NOISE))


def test_loading_without_memory_is_out_of_memory(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object, **_settings: object) -> None:
        raise MemoryError

    monkeypatch.setattr(whisper_transcriber, "WhisperModel", fail)
    with pytest.raises(OutOfMemory):
        WhisperTranscriber(tiny, "en", 1)


def test_it_stays_off_the_gpu_unless_asked(tiny: Path) -> None:
    assert WhisperTranscriber(tiny, "en", 0)._model.model.device == "cpu"


def test_a_gpu_that_is_not_there_is_told_of(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctranslate2.get_cuda_device_count", lambda: 0)
    with pytest.raises(ModelError, match="there is no GPU"):
        WhisperTranscriber(tiny, "en", 0, "cuda")


# Folders that cannot be used


def test_a_folder_that_is_not_there_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="whisper-none"):
        WhisperTranscriber(tmp_path / "whisper-none", "auto", 1)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_missing(damaged: Path, name: str) -> None:
    (damaged / name).unlink()
    with pytest.raises(ModelMissing, match=name):
        WhisperTranscriber(damaged, "auto", 1)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(("content", "reason"), [(LFS_POINTER, "Git LFS pointer"), (b"", "empty")], ids=["pointer", "empty"])
def test_a_file_that_was_not_fetched_is_damaged(damaged: Path, name: str, content: bytes, reason: str) -> None:
    (damaged / name).write_bytes(content)
    with pytest.raises(ModelDamaged, match=f"{name} is .*{reason}"):
        WhisperTranscriber(damaged, "auto", 1)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_a_truncated_file_is_damaged(damaged: Path, name: str, part: float) -> None:
    file = damaged / name
    os.truncate(file, int(file.stat().st_size * part))
    with pytest.raises(ModelDamaged) as caught:
        WhisperTranscriber(damaged, "auto", 1)
    assert caught.value.name == "copy"
    assert str(damaged) in caught.value.detail


def test_a_vocabulary_in_lines_is_read_too(damaged: Path) -> None:
    tokens = json.loads((damaged / "vocabulary.json").read_text(encoding="utf-8"))
    (damaged / "vocabulary.json").unlink()
    (damaged / "vocabulary.txt").write_text("\n".join(tokens), encoding="utf-8")
    assert WhisperTranscriber(damaged, "auto", 1).transcribe(utterance(NOISE)).text == WORDS


@pytest.mark.parametrize("last", ["<|en|>", "<|startofprev|>", "~40000~"])
def test_a_truncated_vocabulary_in_lines_is_damaged(damaged: Path, last: str) -> None:
    tokens = json.loads((damaged / "vocabulary.json").read_text(encoding="utf-8"))
    (damaged / "vocabulary.json").unlink()
    (damaged / "vocabulary.txt").write_text("\n".join(tokens[: tokens.index(last) + 1]), encoding="utf-8")
    with pytest.raises(ModelDamaged):
        WhisperTranscriber(damaged, "auto", 1)


def test_chinese_is_refused_by_a_model_that_knows_english_only(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctranslate2.models.Whisper.is_multilingual", property(lambda _: False))
    with pytest.raises(ModelError, match="English only"):
        WhisperTranscriber(tiny, "zh", 1)


# With the weights of Whisper base


@pytest.mark.weights
@pytest.mark.parametrize(("name", "words"), [("question2.wav", "what is on my left?"), ("question3.wav", "and what color is it?")])
def test_the_other_recorded_questions_are_understood(base: WhisperTranscriber, name: str, words: str) -> None:
    text = base.transcribe(utterance(read_recording(SAMPLES / name))).text
    assert text.lower() == words  # the first letter depends on the processor


@pytest.mark.weights
@pytest.mark.parametrize("name", NOISES)
def test_noise_is_no_words(base: WhisperTranscriber, name: str) -> None:
    assert base.transcribe(utterance(NOISES[name])).text == ""


@pytest.mark.weights
def test_a_question_in_noise_is_understood(base: WhisperTranscriber) -> None:
    sound = read_recording(SAMPLES / "question.wav")
    noise = np.resize(NOISE, sound.size) * np.sqrt(np.mean(sound**2)) / 10 ** (15 / 20)
    assert base.transcribe(utterance(sound + noise)).text == WORDS


@pytest.mark.weights
def test_mandarin_is_taken_for_chinese_and_written_in_simplified_characters(base: WhisperTranscriber) -> None:
    """Little more can be asked with espeak's Mandarin: 我面前有什么 comes back as 我们天有神门."""
    sound = spoken("我面前有什么？", "zh", rate=130)
    heard = base.transcribe(utterance(np.pad(0.6 * sound / np.abs(sound).max(), SAMPLE_RATE // 2)))
    assert heard.language == "zh"
    assert re.search("[\u4e00-\u9fff]", heard.text)
    assert not re.search("[們門麼顏臉點聲請說這還個]", heard.text)
