"""``assistant ask``: one question about one picture, with real weights, as the demo does it."""

import re
from pathlib import Path

import numpy as np
import pytest
from pypinyin import lazy_pinyin

from assistant.config import KokoroVoiceConfig
from assistant.engines.file_microphone import read_recording
from assistant.engines.file_speaker import FileSpeaker
from assistant.engines.kokoro_voice import KokoroVoice
from assistant.engines.whisper_transcriber import WhisperTranscriber
from assistant.types import Manner, Sentence, Utterance
from tests.e2e.assistant_process import AssistantProcess

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "assistant" / "samples"


def transcribed(path: Path, folder: Path) -> str:
    model = WhisperTranscriber(folder, "en", 0)
    samples = read_recording(path)
    return model.transcribe(Utterance(samples, len(samples) / 16_000)).text.lower()


@pytest.mark.weights
def test_a_recorded_question_about_the_bundled_scene_is_answered_aloud(tmp_path: Path, whisper_base: Path) -> None:
    out = tmp_path / "answer.wav"
    # Whisper base understands espeak's voice best when it is low and slow
    settings = ("--profile", "practice", "--set", "voice.rate=150", "--set", "voice.pitch=30")
    arguments = (*settings, "--image", SAMPLES / "scene.png", "--audio", SAMPLES / "question.wav", "--out", out)
    with AssistantProcess("ask", *arguments) as program:
        assert program.wait() == 0, program.lines
    output = "\n".join(program.lines)
    for stage in ("loading", "picture looked at", "heard", "first word written", "sentence", "first sound", "answered"):
        assert re.search(rf"^ *\d+\.\d\d s  {stage}", output, re.MULTILINE), output
    answer = output.rpartition("answered: ")[2].lower()
    spoken = transcribed(out, whisper_base)
    for place, thing in (("left", "umbrella"), ("ahead", "dog"), ("right", "chair")):
        assert re.search(rf"{thing}[^,]*{place}", answer)
        assert thing in spoken


@pytest.mark.weights
def test_a_chinese_question_is_answered_in_chinese_by_a_voice_that_is_understood(
    tmp_path: Path, whisper_base: Path, kokoro: Path
) -> None:
    asked, out = tmp_path / "question.wav", tmp_path / "answer.wav"
    settings = ("--profile", "practice", "--set", "chinese_voice.kind=kokoro")
    person, speaker = KokoroVoice(KokoroVoiceConfig(kind="kokoro"), kokoro), FileSpeaker(asked)
    for chunk in person.speak(Sentence("请告诉我左边有什么东西。", "zh"), Manner(160)):
        speaker.play(chunk)
    speaker.wait()
    with AssistantProcess("ask", *settings, "--image", SAMPLES / "scene.png", "--audio", asked, "--out", out) as program:
        assert program.wait() == 0, program.lines
    assert "雨伞" in program.lines[-1]
    samples = read_recording(out)
    heard = WhisperTranscriber(whisper_base, "auto", 0).transcribe(Utterance(samples, len(samples) / 16_000))
    assert heard.language == "zh"
    assert "yu san" in " ".join(lazy_pinyin(heard.text))  # Whisper base often writes characters of the same sound


@pytest.mark.parametrize(
    ("image", "said"),
    [("nowhere.png", "I can't open the picture nowhere.png."), ("text.png", "The file text.png is no picture that I can open.")],
)
def test_a_picture_that_cannot_be_read_is_a_spoken_sentence(tmp_path: Path, image: str, said: str) -> None:
    (tmp_path / "text.png").write_text("no picture")
    out = tmp_path / "error.wav"
    with AssistantProcess("ask", "--image", tmp_path / image, "--out", out, "What is there?") as program:
        assert program.wait() == 1
    assert any(said in line for line in program.lines)
    assert not any("Traceback" in line for line in program.lines)
    assert np.max(np.abs(read_recording(out))) > 0.1


@pytest.mark.parametrize(
    ("vision", "said"),
    [
        ('model = "qwen3-vl-2b"', "The model qwen3-vl-2b is not on this machine."),
        ('model = "./damaged.gguf"\nmmproj = "./damaged.gguf"', "The model file damaged.gguf is damaged."),
        ('model = "./gone.gguf"\nmmproj = "./gone.gguf"', "The model gone.gguf is not on this machine."),
        ('model = "no-such-model"', "The model no-such-model is not on this machine."),
    ],
)
def test_a_model_that_cannot_be_used_is_a_spoken_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, vision: str, said: str
) -> None:
    monkeypatch.setenv("ASSISTANT_MODELS", str(tmp_path / "models"))
    (tmp_path / "damaged.gguf").write_bytes(b"GGUF\x03\x00\x00\x00 and then nothing")
    config = tmp_path / "config.toml"
    config.write_text(f"[vision]\n{vision}\n", encoding="utf-8")
    out = tmp_path / "error.wav"
    arguments = ("--config", config, "--image", SAMPLES / "scene.png", "--out", out, "What is there?")
    with AssistantProcess("ask", *arguments) as program:
        assert program.wait() == 1
    assert any(said in line for line in program.lines), program.lines
    assert not any("Traceback" in line for line in program.lines)
    assert np.max(np.abs(read_recording(out))) > 0.1
