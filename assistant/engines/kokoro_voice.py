"""Kokoro-82M: a neural voice for English and Chinese, on onnxruntime. Needs the optional packages of ``assistant[kokoro]``.

Its network reads phonemes of an alphabet of its own. English ones are espeak-ng's, rewritten as misaki (hexgrad's own speller, with
which Kokoro was trained) rewrites those of a word it does not know; that spares spaCy and its models. Chinese ones are what misaki
makes of them, from the libraries that are inside misaki: for all 1549 syllables of pypinyin's dictionary they are the same. misaki
itself asks for jieba, of which there is no wheel, and for a Python before 3.13.

A piece of a sentence, up to its next pause, is computed as a whole, so the first is heard before the others are computed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from assistant.config import KokoroVoiceConfig
from assistant.errors import ModelDamaged, ModelMissing, VoiceFailed
from assistant.espeak import TIE, espeak
from assistant.network import open_network
from assistant.types import Language, Manner, Samples, Seconds, Sentence, SpeechChunk

NETWORK = "kokoro-v1.0.int8.onnx"
SAMPLE_RATE = 24_000
_VARIANTS: Mapping[Language, Sequence[str]] = {
    "en": ("af_heart", "am_michael", "bf_emma", "bm_george", "af_bella", "am_fenrir"),
    "zh": ("zf_xiaoxiao", "zm_yunxi", "zf_xiaobei", "zm_yunjian"),
}
"""Kokoro's own names, each that of a file: a and b are American and British English, z is Chinese, f a woman and m a man."""

_ALPHABET = (
    '_;:,.!?__—…"()“” \u0303ʣʥʦʨᵝꭧAI_____O_Q_ST__W_Yᵊabcdef_hijklmnopqrstuvwxyzɑɐɒæ__βɔɕç_ɖðʤə_ɚɛɜ__ɟ_ɡ______ɥ_ɨɪʝ______ɯɰŋɳɲɴø_ɸθœ'
    "__ɹ_ɾɻ_ʁɽʂʃʈʧ_ʊʋ_ʌɣɤ_χʎ___ʒʔ_______ˈˌː___ʰ_ʲ____↓_→↗↘___ᵻ"
)
"""The vocabulary that the network was trained with: a symbol's place is its number, _ is none."""
_NUMBERS = {symbol: number for number, symbol in enumerate(_ALPHABET) if symbol != "_"}
_MOST_SYMBOLS = 509
"""A voice has one style for each number of symbols, up to this."""
_STYLE = (510, 1, 256)

_NATURAL_RATE = 180
"""Words a minute at speed 1: af_heart needs 10.5 s for three sentences for which espeak at 190 needs 9.8 s."""
_SLOWEST, _FASTEST = 0.5, 2.0
_PAUSE: Seconds = 0.2
_ONSET: Seconds = 0.03
_LOUD = 0.01
"""Kokoro is silent for about 0.35 s before a piece and 0.45 to 0.8 s after it, which is more than belongs into a sentence."""
_CHUNKS_PER_SECOND = 10

_ENDS = r"""(?:[.,;:!?—…]["')”’]*\s|[。，；：！？、—…][”’）》」]*|$)"""
_PIECE: Mapping[Language, re.Pattern[str]] = {
    "en": re.compile(rf".{{12,120}}?{_ENDS}|.{{1,120}}(?:\s|$)|.{{1,120}}"),
    "zh": re.compile(rf".{{6,60}}?{_ENDS}|.{{1,60}}(?:\s|$)|.{{1,60}}"),
}
"""Up to the next pause behind about a second of speech, or to the end of a word, or anywhere."""
_GUESTS = {"f": "af_heart", "m": "am_michael"}
"""Who speaks English words within Chinese. Chinese voices garble them: Whisper base heard none of zf_xiaoxiao's "No parking at any
time". English voices speak Chinese well: it heard every character of af_heart's 请走左边的出口."""
_ENGLISH = re.compile(r"([A-Za-z](?:[A-Za-z0-9'’ -]*[A-Za-z0-9])?)")
_CHINESE = re.compile(r"([\u3400-\u9fff]+)")
_MARKS = re.compile(r"(\s*(?:[;:,.!?…](?!\w)|[—\"()“”])+\s*)")
_WESTERN_MARKS = str.maketrans("，、。！？；：（）《》「」『』【】‘’", ",,.!?;:()“”“”“”“”''")
_SPACES = re.compile(r"\s+(?=[;:,.!?…)”])|\s+(?=\s)")
_OTHER_LANGUAGE = re.compile(r"\([a-z-]+\)")
"""espeak's note that it spells a word of another script by that language's rules."""
_SYLLABIC = re.compile("(\\S)\u0329")

# From misaki 0.9.4: espeak.py for English, zh.py for Chinese. The longer are replaced before the shorter that they contain.
_FROM_ENGLISH_IPA = (
    ("ʔˌn\u0329", "ʔn"), ("a^ɪ", "I"), ("a^ʊ", "W"), ("d^ʒ", "ʤ"), ("e^ɪ", "A"), ("t^ʃ", "ʧ"), ("ɔ^ɪ", "Y"), ("ə^l", "ᵊl"),
    ("ʔn\u0329", "ʔn"), ("ʲo", "jo"), ("ʲə", "jə"), ("ʲ", ""), ("ɚ", "əɹ"), ("r", "ɹ"), ("x", "k"), ("ç", "k"), ("ɐ", "ə"),
    ("ɬ", "l"), ("\u0303", ""), ("ɾ", "T"), ("ʔ", "t"),
)  # fmt: skip
_FROM_BRITISH_IPA = (("e^ə", "ɛː"), ("eə", "ɛː"), ("iə", "ɪə"), ("ə^ʊ", "Q"), ("e", "A"))
_FROM_AMERICAN_IPA = (("o^ʊ", "O"), ("ɜːɹ", "ɜɹ"), ("ɜː", "ɜɹ"), ("ɪə", "iə"), ("ː", ""), ("e", "A"))
_FROM_CHINESE_IPA = (
    ("ʈʂ", "ꭧ"), ("tɕ", "ʨ"), ("ts", "ʦ"), ("\u032f", ""), ("ɻ\u0329", "ɨ"), ("ɹ\u0329", "ɨ"),
    ("˧˩˧", "↓"), ("˧˥", "↗"), ("˥˩", "↘"), ("˥", "→"),
)  # fmt: skip


class KokoroVoice:
    """Speaks with one of Kokoro's voices for English and another for Chinese, and either language within the other.

    Args:
        config: How loud.
        folder: Where the network and a .bin file for each voice lie.

    Raises:
        VoiceFailed: The optional packages, or espeak-ng, are not installed.
        ModelMissing: A file is not there.
        ModelDamaged: A file cannot be read.
    """

    def __init__(self, config: KokoroVoiceConfig, folder: Path) -> None:
        self._spelling = _Spelling()
        self._volume = config.volume / 100
        self._styles = {name: _style(folder / f"{name}.bin") for names in _VARIANTS.values() for name in names}
        path = folder / NETWORK
        self._network = open_network(path, threads=0)
        try:
            self._compute("a", "af_heart", 1.0)
        except Exception as error:  # onnxruntime's errors share no base class but this one
            raise ModelDamaged(f"{path}: {error}", path.name) from error

    def variants(self, language: Language) -> Sequence[str]:
        """Return Kokoro's own names of voices for a language."""
        return _VARIANTS[language]

    def speak(self, sentence: Sentence, manner: Manner) -> Iterator[SpeechChunk]:
        """Yield the spoken sentence in chunks of at most 100 ms, at 24000 samples a second.

        Raises:
            VoiceFailed: onnxruntime could not compute it.
        """
        default, *_ = variants = _VARIANTS[sentence.language]
        voice = manner.variant if manner.variant in variants else default
        speed = min(max(manner.rate / _NATURAL_RATE, _SLOWEST), _FASTEST)
        step = SAMPLE_RATE // _CHUNKS_PER_SECOND
        text = "".join(character if character.isprintable() else " " for character in sentence.text)
        for speaker, piece in _pieces(text, sentence.language, voice):
            symbols = self._spelling.symbols(piece, british=speaker.startswith("b"))
            for start in range(0, len(symbols), _MOST_SYMBOLS):
                try:
                    sound = self._compute(symbols[start : start + _MOST_SYMBOLS], speaker, speed)
                except Exception as error:  # onnxruntime's errors share no base class but this one
                    raise VoiceFailed(f"Kokoro cannot speak: {error}") from error
                samples = _to_int16(_without_silence(sound, speed) * self._volume)
                for at in range(0, len(samples), step):
                    yield SpeechChunk(samples[at : at + step], SAMPLE_RATE)

    def close(self) -> None:
        """Do nothing: the network's memory is freed with this object."""

    def _compute(self, symbols: str, voice: str, speed: float) -> Samples:
        numbers = [_NUMBERS[symbol] for symbol in symbols]
        inputs = {
            "tokens": np.array([[0, *numbers, 0]], np.int64),
            "style": self._styles[voice][len(numbers)],
            "speed": np.array([speed], np.float32),
        }
        sound: Samples = self._network.run(None, inputs)[0]
        return sound


class _Spelling:
    """Tells how a text is pronounced, in Kokoro's symbols."""

    def __init__(self) -> None:
        try:
            import pinyin_to_ipa  # noqa: PLC0415 - an optional dependency
            import pypinyin  # noqa: PLC0415
            import rjieba  # noqa: PLC0415
        except ImportError as error:
            raise VoiceFailed(
                f"Kokoro's packages are not installed. Install them with: pip install pinyin-to-ipa pypinyin rjieba ({error})"
            ) from error
        self._words, self._pinyin, self._ipa = rjieba.cut, pypinyin, pinyin_to_ipa.pinyin_to_ipa
        self._espeak = espeak()

    def symbols(self, text: str, *, british: bool) -> str:
        """Return the symbols of a text in both languages; an empty text where it has no sound, only marks."""
        runs = _CHINESE.split(text.translate(_WESTERN_MARKS))
        spelt = (self._chinese(run) if number % 2 else self._english(run, british=british) for number, run in enumerate(runs))
        known = "".join(symbol for symbol in _SPACES.sub("", " ".join(spelt)) if symbol in _NUMBERS).strip()
        return known if any(symbol.isalpha() for symbol in known) else ""

    def _chinese(self, run: str) -> str:
        style = self._pinyin.Style.TONE3
        return " ".join(
            "".join(
                _replaced("".join(next(iter(self._ipa(syllable)))), _FROM_CHINESE_IPA)
                for syllable in self._pinyin.lazy_pinyin(word, style=style, neutral_tone_with_five=True, errors="ignore")
            )
            for word in self._words(run)
        )

    def _english(self, run: str, *, british: bool) -> str:
        parts = _MARKS.split(run)  # espeak leaves marks out, and Kokoro makes its pauses and its melody from them
        return "".join(part if number % 2 else self._english_words(part, british=british) for number, part in enumerate(parts))

    def _english_words(self, text: str, *, british: bool) -> str:
        if not text.strip():
            return text
        ipa = _OTHER_LANGUAGE.sub("", self._espeak.phonemes(text, "en" if british else "en-us"))
        symbols = _SYLLABIC.sub(r"ᵊ\1", _replaced(ipa, _FROM_ENGLISH_IPA))
        return _replaced(symbols, _FROM_BRITISH_IPA if british else _FROM_AMERICAN_IPA).replace(TIE, "")


def _pieces(text: str, language: Language, voice: str) -> list[tuple[str, str]]:
    """Cut a text into (voice, piece)."""
    pieces = _PIECE[language].findall(text)
    if language == "en":
        return [(voice, piece) for piece in pieces]
    guest = _GUESTS[voice[1]]
    return [(guest if number % 2 else voice, run) for piece in pieces for number, run in enumerate(_ENGLISH.split(piece))]


def _replaced(text: str, table: Sequence[tuple[str, str]]) -> str:
    for old, new in table:
        text = text.replace(old, new)
    return text


def _present(path: Path) -> Path:
    if not path.is_file():
        raise ModelMissing(f"{path}: not there; fetch it with: assistant models get kokoro", "kokoro")
    return path


def _style(path: Path) -> npt.NDArray[np.float32]:
    """Return a voice: for each number of symbols its style, shape (510, 1, 256)."""
    try:
        return np.fromfile(_present(path), np.float32).reshape(_STYLE)
    except (OSError, ValueError) as error:
        raise ModelDamaged(f"{path}: {error}", path.name) from error


def _without_silence(sound: Samples, speed: float) -> Samples:
    """Take away what Kokoro is silent before and after a piece, but for a pause."""
    loud = np.flatnonzero(np.abs(sound) > _LOUD)
    if not loud.size:
        return sound[:0]
    return sound[max(0, loud[0] - int(_ONSET * SAMPLE_RATE)) : loud[-1] + int(_PAUSE / speed * SAMPLE_RATE)]


def _to_int16(sound: Samples) -> npt.NDArray[np.int16]:
    return (np.clip(sound, -1, 1) * np.iinfo(np.int16).max).astype(np.int16)
