"""How many words are misheard in noise: through the assistant's whole path, against faster-whisper by itself on clean recordings.

The word error rate is the number of words that are wrong, missing or too many, by the number of words that were said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from faster_whisper import WhisperModel
from hearing import noises, room
from hearing.questions import QUESTIONS, halves
from hearing.recordings import Recordings
from hearing.voices import Person

from assistant.config import EndpointConfig
from assistant.engines.silero_detector import SileroDetector
from assistant.engines.whisper_transcriber import WhisperTranscriber
from assistant.errors import HearingFailed
from assistant.turn.endpoint import Endpoint, Voice
from assistant.types import SAMPLE_RATE, Samples, Utterance

SIGNAL_TO_NOISE_DB = (20, 10, 5, 0, -5)
_BEFORE, _AFTER = 1.0, 2.5


def measure(
    persons: Sequence[Person], recorded: Recordings, count: int, transcriber: WhisperTranscriber, weights: Path
) -> dict[str, float]:
    """Measure, print what comes out, and return the figures under their stable names."""
    random, detector = np.random.default_rng(21), SileroDetector()
    english = [person for person in persons if person.language == "en"]
    said = [" ".join(halves(text)) for text in QUESTIONS["en"]]
    texts = [said[number % len(said)] for number in range(count)]
    clips = [english[number % len(english)].speak(text) for number, text in enumerate(texts)]
    for clip, text in recorded.read:
        clips.append(clip)
        texts.append(text)
    model = WhisperModel(str(weights), device="cpu", compute_type="int8")
    clean = _error_rate(texts, [_by_itself(model, clip) for clip in clips])
    print(f"faster-whisper by itself, {len(clips)} clean sentences: {clean:.1%} of words misheard", flush=True)
    figures = {"word_error_clean": round(clean, 4)}
    for decibels in SIGNAL_TO_NOISE_DB:
        noisy = zip(clips, _noises(recorded, persons, random), strict=False)
        heard = [_as_it_hears(_in_noise(clip, noise, decibels, random), detector, transcriber) for clip, noise in noisy]
        rate = _error_rate(texts, heard)
        figures[f"word_error_noisy_minus_clean_{decibels}db".replace("-", "minus_")] = round(rate - clean, 4)
        print(
            f"the assistant, voice {decibels} dB louder than the noise: {rate:.1%}, {100 * (rate - clean):+.1f} points", flush=True
        )
    return figures


def _noises(recorded: Recordings, persons: Sequence[Person], random: np.random.Generator) -> Iterator[Samples]:
    """Yield noises of eight seconds, for ever: a crowd, a ventilator, a kitchen."""
    talking = [
        (person.speak(" ".join(halves(QUESTIONS["en"][number]))), random.uniform(0, 6)) for number, person in enumerate(persons)
    ]
    crowd = np.concatenate(recorded.crowd) if recorded.crowd else room.mixed(talking, 9.0)
    while True:
        start = random.integers(max(1, crowd.size - 8 * SAMPLE_RATE + 1))
        yield crowd[start : start + 8 * SAMPLE_RATE]
        yield noises.pink(8.0, random)
        yield noises.kitchen(8.0, random)


def _in_noise(clip: Samples, noise: Samples, decibels: float, random: np.random.Generator) -> Samples:
    seconds = _BEFORE + clip.size / SAMPLE_RATE + _AFTER
    spoken = room.at(room.echoing(clip, room.NEAR_DB, random), 0)
    around = room.at(np.resize(noise, round(seconds * SAMPLE_RATE)), -decibels)
    return room.mixed([(spoken, _BEFORE), (around, 0.0)], seconds)


def _as_it_hears(sound: Samples, detector: SileroDetector, transcriber: WhisperTranscriber) -> str:
    """Return the words of all utterances that are found."""
    finder, words = Endpoint(EndpointConfig()), list[str]()
    for block, probability in room.heard(np.pad(sound, (0, SAMPLE_RATE)), detector):
        if Voice.ENDED in finder.hear(block, probability):
            words.append(_words(finder.utterance(), transcriber))
    return " ".join(words)


def _words(utterance: Utterance, transcriber: WhisperTranscriber) -> str:
    try:
        return transcriber.transcribe(utterance).text
    except HearingFailed:  # the assistant asks to say it again
        return ""


def _by_itself(model: WhisperModel, clip: Samples) -> str:
    segments, _ = model.transcribe(np.pad(clip, SAMPLE_RATE // 2), language="en")
    return " ".join(segment.text for segment in segments)


def _error_rate(said: Sequence[str], heard: Sequence[str]) -> float:
    pairs = [(_plain(text), _plain(words)) for text, words in zip(said, heard, strict=True)]
    return sum(_edits(text, words) for text, words in pairs) / sum(len(text) for text, _ in pairs)


def _plain(text: str) -> list[str]:
    """Return the words without case and punctuation, spelt one way."""
    return re.sub(r"[^\w\s']", " ", text.lower()).replace("color", "colour").replace("gray", "grey").split()


def _edits(said: Sequence[str], heard: Sequence[str]) -> int:
    """Return the Levenshtein distance, in words."""
    row = list(range(len(heard) + 1))
    for number, word in enumerate(said, start=1):
        before, row[0] = row[0], number
        for place, other in enumerate(heard, start=1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (word != other))
    return row[-1]
