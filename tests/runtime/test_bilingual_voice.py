from __future__ import annotations

import pytest

from assistant import parts
from assistant.config import Config, EspeakVoiceConfig, KokoroVoiceConfig
from assistant.engines.espeak_voice import EspeakVoice
from assistant.errors import VoiceFailed
from assistant.runtime.bilingual_voice import BilingualVoice
from assistant.types import Manner, Sentence
from tests.fakes.voice import FakeVoice

ENGLISH, CHINESE = Sentence("There is a cup.", "en"), Sentence("桌子上有 杯子。", "zh")
FAST = Manner(300, "zh-bright")


def test_each_language_has_its_voice() -> None:
    english, chinese = FakeVoice(), FakeVoice()
    voice = BilingualVoice(english, chinese)
    assert len(list(voice.speak(CHINESE, FAST))) == 2
    assert len(list(voice.speak(ENGLISH, Manner()))) == 4
    assert (english.spoken, chinese.spoken) == ([ENGLISH], [CHINESE])
    assert chinese.manners == [FAST]
    assert (list(voice.variants("en")), list(voice.variants("zh"))) == (["en-deep", "en-bright"], ["zh-deep", "zh-bright"])


def test_one_voice_may_fail_and_the_other_speak() -> None:
    voice = BilingualVoice(FakeVoice(), FakeVoice(fails_at=[0]))
    with pytest.raises(VoiceFailed):
        list(voice.speak(CHINESE, Manner()))
    assert list(voice.speak(ENGLISH, Manner()))


def test_both_are_closed() -> None:
    english, chinese = FakeVoice(), FakeVoice()
    BilingualVoice(english, chinese).close()
    assert english.closed
    assert chinese.closed


def test_a_chinese_voice_is_asked_for_in_the_configuration() -> None:
    assert isinstance(parts.open_voice(Config()), EspeakVoice)
    config = Config.model_validate({"chinese_voice": {"kind": "espeak", "pitch": 80}})
    assert config.chinese_voice == EspeakVoiceConfig(pitch=80)
    voice = parts.open_voice(config)
    assert isinstance(voice, BilingualVoice)
    plain, high = (b"".join(c.samples.tobytes() for c in v.speak(CHINESE, Manner())) for v in (parts.open_voice(Config()), voice))
    assert plain != high


def test_when_the_second_voice_fails_the_first_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    first = FakeVoice()

    def refuse(*_: object) -> None:
        raise VoiceFailed("no packages")

    monkeypatch.setattr(parts, "EspeakVoice", lambda _: first)
    monkeypatch.setattr(parts, "KokoroVoice", refuse)
    monkeypatch.setattr(parts, "kokoro_folder", lambda: None)
    with pytest.raises(VoiceFailed):
        parts.open_voice(Config(chinese_voice=KokoroVoiceConfig(kind="kokoro")))
    assert first.closed
