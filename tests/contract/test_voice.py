"""What every voice promises, asked of the fake and of the real ones; then what each real one promises beside."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from ctypes.util import find_library
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from assistant import output_module
from assistant.config import (
    EspeakVoiceConfig,
    KokoroVoiceConfig,
    PiperVoiceConfig,
    SpeechDispatcherVoiceConfig,
    SystemVoiceConfig,
)
from assistant.engines import system_voice
from assistant.engines.espeak_voice import EspeakVoice
from assistant.engines.kokoro_voice import NETWORK, KokoroVoice
from assistant.engines.piper_voice import PiperVoice
from assistant.engines.speech_dispatcher_voice import SpeechDispatcherVoice
from assistant.engines.system_voice import SystemVoice
from assistant.engines.whisper_transcriber import WhisperTranscriber
from assistant.errors import ModelDamaged, ModelMissing, VoiceFailed
from assistant.ports import Voice
from assistant.types import SAMPLE_RATE, Language, Manner, Samples, Sentence, SpeechChunk, Utterance
from tests.fake_kokoro import write_kokoro_voice
from tests.fake_piper import write_piper_voice
from tests.fakes.voice import FakeVoice

CUP = "There is a red cup on the table."
LONG = " ".join([CUP] * 200)
USUAL = Manner()
SAME = 0.05
"""Debian's espeak-ng 1.51 takes 1.725 to 1.772 s for the same words, whatever was said before."""
TRICKS = [
    "<speak><prosody rate='x-fast'>hello</prosody></speak>",
    "<audio src='/etc/passwd'/> hello",
    "[[h@l'oU]] hello",
    "\x01450S\x0199P hello",  # espeak's own commands: rate and pitch
    "hello\x00 hello\x1b[31m",
    "hello \ud800",  # half of a surrogate pair: not encodable
    "\ufeffhe\u200bllo\r\n\t",
    "!!! ... ??? hello",
]


@pytest.fixture(scope="module")
def piper_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("piper")
    write_piper_voice(folder / "english.onnx")
    write_piper_voice(folder / "chinese.onnx", espeak_voice="cmn")
    return folder


@pytest.fixture(scope="module")
def kokoro_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_kokoro_voice(tmp_path_factory.mktemp("kokoro"))


@pytest.fixture(params=["fake", "espeak", "piper", "kokoro", "speech-dispatcher"], scope="module")
def voice(request: pytest.FixtureRequest, piper_files: Path, kokoro_files: Path) -> Iterator[Voice]:
    voice: Voice
    match request.param:
        case "fake":
            voice = FakeVoice()
        case "espeak":
            voice = EspeakVoice(EspeakVoiceConfig())
        case "kokoro":
            voice = _kokoro(kokoro_files)
        case "speech-dispatcher":
            request.getfixturevalue("speech_dispatcher")
            voice = _dispatched()
        case _:
            voice = _piper(piper_files)
    yield voice
    voice.close()
    voice.close()


def _piper(folder: Path, volume: int = 100) -> PiperVoice:
    return PiperVoice(
        PiperVoiceConfig(kind="piper", english=folder / "english.onnx", chinese=folder / "chinese.onnx", volume=volume)
    )


def _kokoro(folder: Path, volume: int = 100) -> KokoroVoice:
    return KokoroVoice(KokoroVoiceConfig(kind="kokoro", volume=volume), folder)


def _dispatched(module: str = "") -> SpeechDispatcherVoice:
    return SpeechDispatcherVoice(SpeechDispatcherVoiceConfig(kind="speech-dispatcher", module=module))


def speech(voice: Voice, text: str, language: Language = "en", manner: Manner = USUAL) -> list[SpeechChunk]:
    return list(voice.speak(Sentence(text, language), manner))


def seconds(chunks: list[SpeechChunk]) -> float:
    return sum(len(chunk.samples) / chunk.sample_rate for chunk in chunks)


def loudest(chunks: list[SpeechChunk]) -> int:
    return max(int(np.abs(chunk.samples.astype(np.int32)).max()) for chunk in chunks)


def test_a_sentence_becomes_sound_of_plausible_length(voice: Voice) -> None:
    chunks = speech(voice, CUP)
    assert 0.5 < seconds(chunks) < 10
    assert loudest(chunks) > 2000


def test_chunks_are_short_and_of_one_channel(voice: Voice) -> None:
    for chunk in speech(voice, CUP):
        assert chunk.samples.dtype == np.int16
        assert chunk.samples.ndim == 1
        assert 8000 <= chunk.sample_rate <= 48_000
        assert 0 < len(chunk.samples) <= chunk.sample_rate * 0.101


def test_a_longer_text_is_longer_sound(voice: Voice) -> None:
    assert seconds(speech(voice, f"{CUP} {CUP} {CUP}")) > 2.5 * seconds(speech(voice, CUP))


@pytest.mark.parametrize("text", ["", " ", " \n\t \u3000"])
def test_nothing_to_say_is_no_sound(voice: Voice, text: str) -> None:
    assert speech(voice, text) == []


def test_chinese_has_a_sound(voice: Voice) -> None:
    chunks = speech(voice, "桌子上有一个红色的杯子。", "zh")
    assert seconds(chunks) >= 0.1
    assert loudest(chunks) > 2000


def test_an_abandoned_text_is_not_heard_in_the_next(voice: Voice) -> None:
    alone = seconds(speech(voice, CUP))
    abandoned = voice.speak(Sentence(LONG, "en"), USUAL)
    next(abandoned)
    abandoned.close()  # type: ignore[attr-defined]
    assert seconds(speech(voice, CUP)) == pytest.approx(alone, rel=SAME)


def test_an_unfinished_text_does_not_hold_up_another(voice: Voice) -> None:
    alone = seconds(speech(voice, CUP))
    unfinished = voice.speak(Sentence(f"{CUP} {CUP}", "en"), USUAL)
    first = next(unfinished)
    assert seconds(speech(voice, CUP)) == pytest.approx(alone, rel=SAME)
    assert seconds([first, *unfinished]) == pytest.approx(seconds(speech(voice, f"{CUP} {CUP}")), rel=SAME)


def test_threads_do_not_disturb_each_other(voice: Voice) -> None:
    texts = [CUP, "One.", f"{CUP} {CUP}"]
    alone = [seconds(speech(voice, text)) for text in texts]
    together: dict[int, list[float]] = {}

    def speak_thrice(number: int) -> None:
        together[number] = [seconds(speech(voice, texts[number])) for _ in range(3)]

    threads = [threading.Thread(target=speak_thrice, args=(number,)) for number in range(len(texts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    for number, length in enumerate(alone):
        assert together[number] == pytest.approx([length] * 3, rel=SAME)


@pytest.mark.parametrize("text", TRICKS)
def test_a_text_cannot_command_the_voice(voice: Voice, text: str) -> None:
    before = seconds(speech(voice, CUP))
    assert loudest(speech(voice, text)) > 2000
    assert seconds(speech(voice, CUP)) == pytest.approx(before, rel=SAME)


@pytest.mark.parametrize("voice", ["espeak", "piper", "kokoro"], indirect=True)
def test_the_first_chunk_comes_before_the_rest_is_computed(voice: Voice, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = []
    owner: Any
    match voice:
        case EspeakVoice():
            owner, step = voice._espeak, "synthesise"
        case KokoroVoice():
            owner, step = voice._network, "run"
        case _:
            owner, step = cast("PiperVoice", voice)._voices["en"], "phoneme_ids_to_audio"
    compute = getattr(owner, step)

    def counted(*arguments: Any, **settings: Any) -> Any:
        steps.append(step)
        return compute(*arguments, **settings)

    monkeypatch.setattr(owner, step, counted)
    chunks = voice.speak(Sentence(LONG, "en"), USUAL)
    next(chunks)
    assert len(steps) == 1
    list(chunks)
    assert len(steps) > 40


def test_every_variant_speaks_and_they_differ(voice: Voice) -> None:
    for language, text in (("en", CUP), ("zh", "桌子上有一个红色的杯子。")):
        variants = voice.variants(language)  # type: ignore[arg-type]
        spoken = [speech(voice, text, language, Manner(variant=variant)) for variant in variants]  # type: ignore[arg-type]
        assert all(loudest(chunks) > 2000 for chunks in spoken)
        if isinstance(voice, (EspeakVoice, KokoroVoice)):
            assert len({b"".join(chunk.samples.tobytes() for chunk in chunks) for chunks in spoken}) == len(variants) > 1


def test_an_unknown_variant_is_the_default(voice: Voice) -> None:
    assert seconds(speech(voice, CUP, manner=Manner(variant="nobody"))) == pytest.approx(seconds(speech(voice, CUP)), rel=SAME)


def test_the_fake_voice_fails_as_scripted() -> None:
    voice = FakeVoice(fails_at=[1])
    assert seconds(speech(voice, "one two three")) == pytest.approx(0.3)
    with pytest.raises(VoiceFailed):
        speech(voice, "four")
    assert [sentence.text for sentence in voice.spoken] == ["one two three", "four"]


def test_a_faster_espeak_speaks_shorter() -> None:
    voice = EspeakVoice(EspeakVoiceConfig())
    lengths = [seconds(speech(voice, CUP, manner=Manner(rate))) for rate in (80, 190, 300, 450)]
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[0] > 4 * lengths[-1]


def test_espeak_voices_keep_their_own_settings() -> None:
    quiet, loud = EspeakVoice(EspeakVoiceConfig(volume=20)), EspeakVoice(EspeakVoiceConfig(volume=100))
    assert loudest(speech(loud, CUP)) > 2 * loudest(speech(quiet, CUP))
    assert loudest(speech(quiet, CUP)) < 0.5 * loudest(speech(loud, CUP))


def test_espeak_reads_chinese_inside_english_as_chinese() -> None:
    voice = EspeakVoice(EspeakVoiceConfig())
    frame, whole = seconds(speech(voice, "The sign says.")), seconds(speech(voice, "The sign says 请走左边的出口."))
    assert whole - frame == pytest.approx(seconds(speech(voice, "请走左边的出口。", "zh")), abs=0.35)


@pytest.mark.parametrize("text", ["word " * 300, "词" * 1000, "A cup, a plate; a dog. " * 30, "x" * 1000])
def test_espeak_says_a_long_text_to_its_end(text: str) -> None:
    voice = EspeakVoice(EspeakVoiceConfig())
    half = text[: len(text) // 2]
    assert seconds(speech(voice, text)) == pytest.approx(2 * seconds(speech(voice, half)), rel=0.1)


def test_espeak_without_its_data_is_a_voice_error(tmp_path: Path) -> None:
    program = (
        "import sys, espeakng_loader\n"
        "espeakng_loader.get_data_path = lambda: sys.argv[1]\n"
        "from assistant.config import EspeakVoiceConfig\n"
        "from assistant.engines.espeak_voice import EspeakVoice\n"
        "from assistant.errors import VoiceFailed\n"
        "try: EspeakVoice(EspeakVoiceConfig())\n"
        "except VoiceFailed: print('voice failed')\n"
    )
    # In a process of its own: this one's espeak has its data already.
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("voice failed\n", 0)


def test_piper_follows_rate_and_volume(piper_files: Path) -> None:
    usual, quiet = _piper(piper_files), _piper(piper_files, volume=25)
    assert seconds(speech(usual, CUP, manner=Manner(2 * USUAL.rate))) == pytest.approx(seconds(speech(usual, CUP)) / 2, rel=0.05)
    assert loudest(speech(quiet, CUP)) == pytest.approx(loudest(speech(usual, CUP)) / 4, rel=0.05)


def test_piper_without_a_chinese_voice_uses_the_english_one(piper_files: Path) -> None:
    voice = PiperVoice(PiperVoiceConfig(kind="piper", english=piper_files / "english.onnx"))
    assert loudest(speech(voice, "你好。", "zh")) > 2000


@pytest.mark.parametrize("missing", ["english.onnx", "english.onnx.json"])
def test_a_missing_piper_file_is_named(tmp_path: Path, missing: str) -> None:
    write_piper_voice(tmp_path / "english.onnx")
    (tmp_path / missing).unlink()
    with pytest.raises(ModelMissing, match=re.escape(missing)) as caught:
        PiperVoice(PiperVoiceConfig(kind="piper", english=tmp_path / "english.onnx"))
    assert "english.onnx" in caught.value.spoken("en")


@pytest.mark.parametrize("damaged", ["english.onnx", "english.onnx.json"])
@pytest.mark.parametrize("content", [b"", b"version https://git-lfs.github.com/spec/v1\n", b"{}"])
def test_a_damaged_piper_file_is_named(tmp_path: Path, damaged: str, content: bytes) -> None:
    write_piper_voice(tmp_path / "english.onnx")
    (tmp_path / damaged).write_bytes(content)
    with pytest.raises(ModelDamaged, match=r"english\.onnx"):
        PiperVoice(PiperVoiceConfig(kind="piper", english=tmp_path / "english.onnx"))


def test_a_piper_voice_that_would_go_to_the_internet_is_refused(tmp_path: Path) -> None:
    write_piper_voice(tmp_path / "chinese.onnx", phoneme_type="pinyin")
    with pytest.raises(VoiceFailed, match="pinyin"):
        PiperVoice(PiperVoiceConfig(kind="piper", english=tmp_path / "chinese.onnx"))


def test_without_piper_the_error_says_how_to_install_it(piper_files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "piper", None)
    with pytest.raises(VoiceFailed, match="pip install piper-tts"):
        _piper(piper_files)


def test_a_piper_network_that_fails_is_a_voice_error(piper_files: Path) -> None:
    voice = _piper(piper_files)
    voice._voices["en"].config.num_speakers = 2  # now it is given a speaker, an input that the network lacks
    with pytest.raises(VoiceFailed):
        speech(voice, CUP)


def spelt(voice: KokoroVoice, text: str, *, british: bool = False) -> str:
    return voice._spelling.symbols(text, british=british)


def test_kokoro_is_given_what_it_was_trained_with(kokoro_files: Path) -> None:
    voice = _kokoro(kokoro_files)  # what misaki 0.9.4 makes of them
    assert spelt(voice, "There is a red cup, no?") == "ðɛɹ ɪz ə ɹˈɛd kˈʌp, nˈO?"
    assert spelt(voice, "The stairs go down.", british=True) == "ðə stˈɛːz ɡˌQ dˈWn."
    assert spelt(voice, "桌子上有一个红色的杯子，旁边是书。") == "ꭧwo→ʦɨ ʂa↘ŋ jou↓ i↗kɤ↘ xʊ↗ŋsɤ↘ tɤ pei→ʦɨ, pʰa↗ŋpjɛ→n ʂɨ↘ ʂu→."


def test_kokoro_spells_either_language_within_the_other(kokoro_files: Path) -> None:
    voice = _kokoro(kokoro_files)
    assert spelt(voice, "出口") in spelt(voice, "The sign says “出口”.")
    assert spelt(voice, "No parking") in spelt(voice, "牌子上写着“No parking”，请绕行。")


def test_kokoro_gives_english_words_within_chinese_to_an_english_voice(kokoro_files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    voice = _kokoro(kokoro_files)
    spoken: list[tuple[str, str]] = []
    compute = voice._compute

    def noted(symbols: str, name: str, speed: float) -> Samples:
        spoken.append((name, symbols))
        return compute(symbols, name, speed)

    monkeypatch.setattr(voice, "_compute", noted)
    speech(voice, "牌子上写着“No parking”，请绕行。", "zh", Manner(variant="zm_yunxi"))
    assert [name for name, _ in spoken] == ["zm_yunxi", "am_michael", "zm_yunxi"]
    assert spoken[1][1] == spelt(voice, "No parking")


def test_kokoro_speaks_a_first_clause_before_the_rest(kokoro_files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    voice = _kokoro(kokoro_files)
    asked: list[str] = []

    def symbols(text: str, **_: bool) -> str:
        asked.append(text)
        return "a"

    monkeypatch.setattr(voice._spelling, "symbols", symbols)
    speech(voice, "Yes, there is a cup, and it is red.")
    speech(voice, "有，桌子上有一个红色的杯子，旁边是书。", "zh")
    assert asked == [
        *("Yes, there is a cup, ", "and it is red."),
        *("有，桌子上有一个红色的杯子，", "旁边是书。"),
    ]


@pytest.mark.parametrize("text", ["word " * 300, "词" * 1000, "x" * 1000, "12345678901 " * 30])
def test_kokoro_says_a_long_text_to_its_end(kokoro_files: Path, text: str) -> None:
    voice = _kokoro(kokoro_files)
    half = text[: len(text) // 2]
    assert seconds(speech(voice, text)) == pytest.approx(2 * seconds(speech(voice, half)), rel=0.1)


def test_kokoro_follows_rate_and_volume(kokoro_files: Path) -> None:
    usual, quiet = _kokoro(kokoro_files), _kokoro(kokoro_files, volume=25)
    lengths = [seconds(speech(usual, CUP, manner=Manner(rate))) for rate in (80, 90, 180, 360, 450)]
    assert lengths[0] == lengths[1]
    assert lengths[1] == pytest.approx(2 * lengths[2], rel=0.05)
    assert lengths[2] == pytest.approx(2 * lengths[3], rel=0.05)
    assert lengths[3] == lengths[4]
    assert loudest(speech(quiet, CUP)) == pytest.approx(loudest(speech(usual, CUP)) / 4, rel=0.05)


@pytest.mark.parametrize("file", [NETWORK, "zf_xiaoxiao.bin"])
def test_a_missing_kokoro_file_is_named(tmp_path: Path, file: str) -> None:
    (write_kokoro_voice(tmp_path) / file).unlink()
    with pytest.raises(ModelMissing, match=re.escape(file)):
        _kokoro(tmp_path)


@pytest.mark.parametrize("file", [NETWORK, "zf_xiaoxiao.bin"])
@pytest.mark.parametrize("content", [b"", b"version https://git-lfs.github.com/spec/v1\n"])
def test_a_damaged_kokoro_file_is_named(tmp_path: Path, file: str, content: bytes) -> None:
    (write_kokoro_voice(tmp_path) / file).write_bytes(content)
    with pytest.raises(ModelDamaged, match=re.escape(file)):
        _kokoro(tmp_path)


@pytest.mark.parametrize("package", ["pinyin_to_ipa", "pypinyin", "rjieba"])
def test_without_its_packages_kokoro_says_how_to_install_them(
    kokoro_files: Path, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(VoiceFailed, match="pip install pinyin-to-ipa pypinyin rjieba"):
        _kokoro(kokoro_files)


def test_a_kokoro_network_that_fails_is_a_voice_error(kokoro_files: Path) -> None:
    voice = _kokoro(kokoro_files)
    voice._styles["af_heart"] = voice._styles["af_heart"][:, :, :7]
    with pytest.raises(VoiceFailed, match="Kokoro"):
        speech(voice, CUP)


@pytest.mark.weights
@pytest.mark.parametrize(
    ("manner", "sentence", "allowed"),
    [
        (Manner(variant="af_heart"), Sentence("There is a red cup on the table, and next to it lies an open book.", "en"), 0.05),
        (Manner(variant="bm_george"), Sentence("An old man is crossing the street in front of you.", "en"), 0.05),
        (Manner(variant="zf_xiaoxiao"), Sentence("桌子上有一个红色的杯子，旁边是一本打开的书。", "zh"), 0.1),
        (Manner(variant="zm_yunxi"), Sentence("今天的天气很好，窗户外面有阳光。", "zh"), 0.1),
        (Manner(variant="af_heart"), Sentence("The sign says 请走左边的出口.", "en"), 0.1),
        (Manner(300), Sentence("Your keys are on the chair beside the window.", "en"), 0.1),
    ],
)
def test_kokoro_is_understood(kokoro: Path, whisper_base: Path, manner: Manner, sentence: Sentence, allowed: float) -> None:
    chunks = list(_kokoro(kokoro).speak(sentence, manner))
    listens_for: Language = "zh" if re.search("[一-龥]", sentence.text) else "en"
    heard = WhisperTranscriber(whisper_base, listens_for, 2).transcribe(heard_by_microphone(chunks)).text
    assert error_rate(sentence.text, heard) <= allowed, heard


def heard_by_microphone(chunks: list[SpeechChunk]) -> Utterance:
    """Return the sound at the rate of a microphone, with silence around it."""
    sound = np.concatenate([chunk.samples for chunk in chunks]).astype(np.float32) / 32768
    times = np.arange(0, len(sound), chunks[0].sample_rate / SAMPLE_RATE)
    samples = np.pad(np.interp(times, np.arange(len(sound)), sound), SAMPLE_RATE // 4).astype(np.float32)
    return Utterance(samples, len(samples) / SAMPLE_RATE)


def error_rate(said: str, heard: str) -> float:
    """Return how many of a text's characters, without marks and spaces, were heard wrong, were missing or too much."""
    wanted, got = (re.sub(r"[\W_]", "", text.lower()) for text in (said, heard))
    distances = list(range(len(got) + 1))
    for row, character in enumerate(wanted, start=1):
        before, distances[0] = distances[0], row
        for column, other in enumerate(got, start=1):
            here = min(distances[column] + 1, distances[column - 1] + 1, before + (character != other))
            before, distances[column] = distances[column], here
    return distances[-1] / len(wanted)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of Speech Dispatcher's settings that go before the system's."""
    (tmp_path / "modules").mkdir()
    monkeypatch.setattr(output_module, "_SETTINGS", (tmp_path, *output_module._SETTINGS))
    return tmp_path


@pytest.mark.usefixtures("speech_dispatcher")
def test_speech_dispatcher_speaks_as_fast_as_it_is_told() -> None:
    own = EspeakVoice(EspeakVoiceConfig())
    with contextlib.closing(_dispatched()) as voice:
        for rate in (90, 170, 300, 440):
            manner = Manner(rate)
            assert seconds(speech(voice, CUP, "en", manner)) == pytest.approx(seconds(speech(own, CUP, "en", manner)), rel=0.2)


@pytest.mark.usefixtures("speech_dispatcher")
def test_an_abandoned_sentence_stops_speech_dispatcher(monkeypatch: pytest.MonkeyPatch) -> None:
    with contextlib.closing(_dispatched()) as voice:
        module = voice._module["en"]
        alone = seconds(speech(voice, CUP))
        written: list[str] = []
        write = module._write

        def noted(text: str) -> None:
            written.append(text)
            write(text)

        monkeypatch.setattr(module, "_write", noted)
        abandoned = voice.speak(Sentence(LONG, "en"), USUAL)
        next(abandoned)
        abandoned.close()  # type: ignore[attr-defined]
        assert written[-1] == "STOP"
        assert seconds(speech(voice, CUP)) == pytest.approx(alone, rel=SAME)
        assert written.count("STOP") == 1  # what was heard to its end is not stopped


@pytest.mark.usefixtures("speech_dispatcher")
def test_speech_dispatcher_speaks_with_the_users_own_settings(settings: Path) -> None:
    with contextlib.closing(_dispatched()) as voice:
        usual = speech(voice, CUP)
    (settings / "speechd.conf").write_text(
        '# my own\nAddModule "mine" "sd_espeak-ng" "mine.conf" "mine.log"\nDefaultModule mine\nDefaultVolume -50  # softer\n'
        'DefaultLanguage "en-GB"\nDefaultVoiceType "FEMALE1"\nLanguageDefaultModule "zh" "espeak-ng"\nDefaultPitch "half\n'
    )
    (settings / "modules" / "mine.conf").write_text("EspeakNormalRate 190\nEspeakMaxRate 449\n")
    with contextlib.closing(_dispatched()) as voice:
        assert [module._command[1:] for module in voice._module.values()] == [
            [str(settings / "modules" / "mine.conf")],
            ["/etc/speech-dispatcher/modules/espeak-ng.conf"],
        ]
        assert voice._module["en"]._rate(190) == 0
        own = speech(voice, CUP)
        assert voice.variants("en")[0] == "English (Great Britain)"
        assert loudest(own) < 0.8 * loudest(usual)
        assert own != speech(voice, CUP, manner=Manner(variant=voice.variants("en")[1]))


@pytest.mark.usefixtures("speech_dispatcher")
def test_a_named_voice_of_speech_dispatcher_does_not_stay() -> None:
    with contextlib.closing(_dispatched()) as voice:
        usual = seconds(speech(voice, CUP))
        scottish = seconds(speech(voice, CUP, manner=Manner(variant="English (Scotland)")))  # 1.62 s
        assert usual > 1.04 * scottish
        assert seconds(speech(voice, CUP)) > 1.04 * scottish


@pytest.mark.usefixtures("speech_dispatcher")
def test_a_module_that_dies_is_a_voice_error_and_started_again() -> None:
    with contextlib.closing(_dispatched()) as voice:
        alone = seconds(speech(voice, CUP))
        unfinished = voice.speak(Sentence(LONG, "en"), USUAL)
        next(unfinished)
        child = voice._module["en"]._child
        assert child is not None
        child.kill()
        with pytest.raises(VoiceFailed, match="has ended"):
            list(unfinished)
        assert seconds(speech(voice, CUP)) == pytest.approx(alone, rel=SAME)


SILENT_MODULE = """#!/bin/sh
while read -r line; do
  case "$line" in
    INIT) echo '299 OK LOADED SUCCESSFULLY' ;;
    AUDIO) echo '207 OK RECEIVING AUDIO SETTINGS'; read -r line; read -r line; echo "$ANSWER" ;;
    'LIST VOICES') echo '304 CANT LIST VOICES' ;;
    SET) echo '203 OK RECEIVING SETTINGS'; while [ "$line" != . ]; do read -r line; done; echo '203 OK SETTINGS RECEIVED' ;;
  esac
done
"""


@pytest.fixture
def silent_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module that takes a sentence and then says nothing; `ANSWER` is what it answers to being asked for its sound."""
    program = tmp_path / "speech-dispatcher-modules" / "sd_silent"
    program.parent.mkdir()
    program.write_text(SILENT_MODULE)
    program.chmod(0o755)
    monkeypatch.setattr(output_module, "_PROGRAMS", (tmp_path,))
    monkeypatch.setattr(output_module, "_PATIENCE", 0.3)
    monkeypatch.setenv("ANSWER", "203 OK AUDIO INITIALIZED")


@pytest.mark.usefixtures("silent_module")
def test_a_module_that_hangs_is_given_up() -> None:
    with contextlib.closing(_dispatched("silent")) as voice:
        assert voice.variants("en") == []
        with pytest.raises(VoiceFailed, match=r"says nothing for 0\.3 s"):
            speech(voice, CUP)


@pytest.mark.usefixtures("silent_module")
def test_a_module_that_keeps_its_sound_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSWER", "300 MODULE ERROR")
    with pytest.raises(VoiceFailed, match="answers AUDIO with 300 MODULE ERROR"):
        _dispatched("silent")


def test_without_speech_dispatcher_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output_module, "_PROGRAMS", ())
    with pytest.raises(VoiceFailed, match="apt-get install speech-dispatcher speech-dispatcher-espeak-ng"):
        _dispatched()


def test_the_system_voice_speaks() -> None:
    if sys.platform == "linux" and find_library("espeak-ng") is None:
        pytest.skip("pyttsx3 needs espeak-ng from the system's package manager")
    voice = SystemVoice(SystemVoiceConfig(kind="pyttsx3"))
    chunks = speech(voice, CUP)
    assert 0.5 < seconds(chunks) < 10
    assert loudest(chunks) > 2000
    assert max(seconds([chunk]) for chunk in chunks) <= 0.1
    assert seconds(speech(voice, " ".join([CUP] * 20))) > 15 * seconds(chunks)
    assert loudest(speech(voice, "桌子上有一个红色的杯子。", "zh")) > 2000
    assert speech(voice, " \n") == []
    voice.close()
    voice.close()


STAND_IN = """
import os, sys, time, wave

class Engine:
    def getProperty(self, name):
        return [] if name == "voices" else "default"

    def setProperty(self, name, value):
        pass

    def connect(self, topic, callback):
        self.finished = callback

    def save_to_file(self, text, path):
        self.text, self.path = text, path

    def runAndWait(self):
        if "hang" in self.text:
            time.sleep(600)
        if "crash" in self.text:
            os.abort()
        if "garbage" in self.text:
            open(self.path, "w").write("no sound")
        elif "nothing" not in self.text:
            with wave.open(self.path, "wb") as file:
                file.setnchannels(2)
                file.setsampwidth(2)
                file.setframerate(8000)
                file.writeframes(bytes([0, 32]) * 2 * 100 * len(self.text))
        self.finished(name=None, completed=True)

def init():
    if "NO_VOICE" in os.environ:
        raise RuntimeError("This means you probably do not have eSpeak or eSpeak-ng installed!")
    return Engine()
"""


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A `pyttsx3` that misbehaves on command, for the child process."""
    (tmp_path / "pyttsx3.py").write_text(STAND_IN, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))


@pytest.mark.usefixtures("stand_in")
def test_the_system_voice_mixes_down_and_takes_commands_out() -> None:
    with contextlib.closing(SystemVoice(SystemVoiceConfig(kind="pyttsx3"))) as voice:
        chunks = speech(voice, "<b>[[rate 9]]\x01")
    assert sum(len(chunk.samples) for chunk in chunks) == 100 * len("b   rate 9")
    assert loudest(chunks) == 32 * 256
    assert {chunk.sample_rate for chunk in chunks} == {8000}


@pytest.mark.usefixtures("stand_in")
@pytest.mark.parametrize("text", ["crash", "garbage", "nothing"])
def test_a_failing_system_voice_is_a_voice_error_and_speaks_again(text: str) -> None:
    with contextlib.closing(SystemVoice(SystemVoiceConfig(kind="pyttsx3"))) as voice:
        with pytest.raises(VoiceFailed):
            speech(voice, text)
        assert loudest(speech(voice, CUP)) > 2000


@pytest.mark.usefixtures("stand_in")
def test_a_hanging_system_voice_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with contextlib.closing(SystemVoice(SystemVoiceConfig(kind="pyttsx3"))) as voice:
        monkeypatch.setattr(system_voice, "_PATIENCE", 0.5)
        with pytest.raises(VoiceFailed, match="within"):
            speech(voice, "hang")


@pytest.mark.usefixtures("stand_in")
def test_a_system_without_a_voice_is_told_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_VOICE", "1")
    with pytest.raises(VoiceFailed, match="do not have eSpeak"):
        SystemVoice(SystemVoiceConfig(kind="pyttsx3"))
