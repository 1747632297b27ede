"""The benchmark of hearing the end of a thought: who is cut off while thinking, and how long is the silence after a question?

The same recordings are heard with a fixed silence, with the turn detector alone, and as the assistant does it, with their words
besides. Time is counted in sound, as if words were written down in no time, so that how busy the machine is changes nothing but
`judge_ms`. The voices are synthetic, and so are the pauses: people think differently.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np

from assistant.config import EndpointConfig, EspeakVoiceConfig, PiperVoiceConfig
from assistant.engines.espeak_voice import EspeakVoice
from assistant.engines.file_microphone import read_recording
from assistant.engines.piper_voice import PiperVoice
from assistant.engines.silero_detector import SileroDetector
from assistant.engines.smart_turn_detector import SmartTurnDetector
from assistant.engines.whisper_transcriber import WhisperTranscriber
from assistant.models.catalogue import turn_file, whisper_folder
from assistant.ports import TurnDetector
from assistant.ports import Voice as Speaking
from assistant.turn.endpoint import FINISHED, Endpoint, Voice
from assistant.turn.thought import breaks_off
from assistant.types import (
    BLOCK_SAMPLES,
    BLOCK_SECONDS,
    SAMPLE_RATE,
    AudioBlock,
    Language,
    Manner,
    Samples,
    Seconds,
    Sentence,
    Utterance,
)

HALVES: dict[Language, tuple[tuple[str, str], ...]] = {
    "en": (
        ("What is", "on my left?"),
        ("What colour is", "the wall?"),
        ("How many people are", "in front of me?"),
        ("Is there a", "free chair in this room?"),
        ("Can you read the", "sign on the door?"),
        ("Where did I put my", "white cup?"),
        ("I would like to know", "who is at the table."),
        ("Please tell me if the", "traffic light is red."),
        ("What does the label on the", "green bottle say?"),
        ("Which of the two", "is the bigger one?"),
        ("How far away is the", "end of the platform?"),
        ("Is the banana", "to the left of the bottle?"),
        ("Do you see anything", "that I could stumble over?"),
    ),
    "zh": (
        ("我的左边", "有什么东西？"),
        ("请你告诉我", "墙是什么颜色。"),
        ("桌子上的", "杯子在哪里？"),
        ("我想知道", "前面有几个人。"),
        ("这个瓶子上面", "写了什么字？"),
        ("你能不能看一下", "门是不是开着？"),
    ),
}
"""Questions that people pause in; after most of the first halves nobody would end, after some one might."""
FILLERS: dict[Language, tuple[str, ...]] = {"en": (",", ", um,"), "zh": ("，", "，嗯，")}
"""What the first half ends in: a comma, which keeps the voice from falling, or a sound of thinking."""
SHARE_ENGLISH = 0.7
PAUSES: tuple[Seconds, Seconds] = (0.3, 1.2)
SIGNAL_TO_NOISE_DB = 25.0
BEFORE: Seconds = 0.7
AFTER: Seconds = 2.5
"""How much of the room is heard around a question; after it, longer than the longest pause."""
_LOUD = 0.02
"""From which part of its peak a recording has begun; and up to which it has not ended."""

Speak: TypeAlias = Callable[[str], Samples]
Judge: TypeAlias = Callable[[Utterance], "float | None"]


@dataclasses.dataclass(frozen=True)
class Recording:
    """A question in a room, with its speech probabilities."""

    blocks: tuple[tuple[AudioBlock, float], ...]
    ends_at: Seconds
    """Where its last sound is."""


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What came of a set of recordings."""

    cut_offs: float
    """The share that was taken for ended before the last word was over."""
    silences: tuple[Seconds, ...]
    """From the last sound to the end of the utterance, of the others."""


def configure(command: argparse.ArgumentParser) -> None:
    """Say what the command line may say."""
    command.add_argument("--questions", type=int, default=100, help="how many with a pause, and as many without")
    command.add_argument(
        "--piper", type=Path, metavar="ONNX", help="an English Piper voice, to speak half of the English questions"
    )


def run(given: argparse.Namespace) -> dict[str, str | float]:
    """Measure, print what comes out, and return the figures under their stable names."""
    by_sound = _BySound(SmartTurnDetector(turn_file()))
    transcriber = WhisperTranscriber(whisper_folder("whisper-base"), "auto", 0)

    def by_sound_and_words(utterance: Utterance) -> float:
        finished = by_sound(utterance)  # words can only say that it is not, so they are not needed where the sound says so
        return 0.0 if finished >= FINISHED and breaks_off(transcriber.transcribe(utterance).text) else finished

    voices = synthetic_voices(given.piper)
    names = ", ".join(name for each in voices.values() for name, _ in each)
    print(f"{given.questions} questions with a pause, as many without; voices: {names}", flush=True)
    recorded = [list(_recordings(voices, given.questions, pauses=pauses)) for pauses in (True, False)]
    report: dict[str, str | float] = {"voices": names, "questions": given.questions}
    judges: tuple[tuple[str, str, Judge], ...] = (
        ("_fixed", "a fixed silence", lambda _: None),
        ("_by_sound", "the turn detector alone", by_sound),
        ("", "the turn detector and the words", by_sound_and_words),
    )
    for suffix, name, judge in judges:
        paused, whole = (_outcome(recordings, judge) for recordings in recorded)
        mean, p95 = statistics.mean(whole.silences), float(np.percentile(whole.silences, 95))
        print(f"{name}: {paused.cut_offs:.1%} cut off, {whole.cut_offs:.1%} of those without a pause;", end=" ")
        print(f"silence after the others {mean:.2f} s, p95 {p95:.2f} s", flush=True)
        report |= {
            f"false_cut_offs{suffix}": round(paused.cut_offs, 4),  # share of the questions with a pause not heard to their end
            f"false_cut_offs_without_pause{suffix}": round(whole.cut_offs, 4),
            f"end_silence{suffix}": round(mean, 3),  # seconds from the last sound of a question without a pause to its end
            f"end_silence_p95{suffix}": round(p95, 3),
        }
    judge_ms = 1000 * statistics.median(by_sound.times)
    print(f"the turn detector takes {judge_ms:.0f} ms, median of {len(by_sound.times)}")
    return report | {"judge_ms": round(judge_ms, 1)}


class _BySound:
    """Asks the turn detector, once about each utterance, and takes the time."""

    def __init__(self, detector: TurnDetector) -> None:
        self._detector = detector
        self._answers: dict[bytes, float] = {}
        self.times: list[Seconds] = []

    def __call__(self, utterance: Utterance) -> float:
        key = utterance.samples.tobytes()
        if key not in self._answers:
            start = time.perf_counter()
            self._answers[key] = self._detector.finished(utterance.samples)
            self.times.append(time.perf_counter() - start)
        return self._answers[key]


def _outcome(recordings: Sequence[Recording], judge: Judge) -> Outcome:
    silences = [_end(recording, judge) - recording.ends_at for recording in recordings]
    whole = tuple(silence for silence in silences if silence > 0)
    return Outcome(1 - len(whole) / len(silences), whole)


def _end(recording: Recording, judge: Judge) -> Seconds:
    """Return where the first utterance ends, as `assistant.runtime.hearing` finds it."""
    finder = Endpoint(EndpointConfig())
    for number, (block, probability) in enumerate(recording.blocks, start=1):
        voices = finder.hear(block, probability)
        if Voice.PAUSED in voices and finder.persisted:
            finder.judged(judge(finder.utterance()))
        if Voice.ENDED in voices:
            return number * BLOCK_SECONDS
    raise RuntimeError("a question was not heard at all, or its end was not")


def _recordings(voices: dict[Language, list[tuple[str, Speak]]], count: int, *, pauses: bool) -> Iterator[Recording]:
    random, detector = np.random.default_rng(1), SileroDetector()
    english = round(SHARE_ENGLISH * count)
    shares: dict[Language, int] = {"en": english, "zh": count - english}
    for language, number in ((language, number) for language, share in shares.items() for number in range(share)):
        _, speak = voices[language][number % len(voices[language])]
        first, second = HALVES[language][number % len(HALVES[language])]
        if pauses:
            filler = FILLERS[language][number // len(HALVES[language]) % len(FILLERS[language])]
            pause = np.zeros(round(random.uniform(*PAUSES) * SAMPLE_RATE), np.float32)
            spoken = np.concatenate([even(speak(first + filler)), pause, even(speak(second))])
        else:
            spoken = even(speak(first + (" " if language == "en" else "") + second))
        sound = np.pad(spoken, (round(BEFORE * SAMPLE_RATE), round(AFTER * SAMPLE_RATE)))
        noise = random.normal(0, 1, sound.size).astype(np.float32)
        sound += noise * np.sqrt(np.mean(spoken**2)) / 10 ** (SIGNAL_TO_NOISE_DB / 20)
        detector.reset()
        blocks = [AudioBlock(sound[at : at + BLOCK_SAMPLES]) for at in range(0, sound.size - BLOCK_SAMPLES + 1, BLOCK_SAMPLES)]
        heard = tuple((block, detector.probability(block)) for block in blocks)
        yield Recording(heard, BEFORE + spoken.size / SAMPLE_RATE)


def even(sound: Samples) -> Samples:
    """Return the sound without the silence around it, as loud as any other."""
    loudness = np.abs(sound) / np.max(np.abs(sound))
    loud = np.flatnonzero(loudness > _LOUD)
    return np.asarray(0.5 * sound[loud[0] : loud[-1] + 1] / np.max(np.abs(sound)), np.float32)


def synthetic_voices(piper: Path | None) -> dict[Language, list[tuple[str, Speak]]]:
    """Return the voices of this machine by name, for each language; with a Piper voice in every other place of the English ones."""
    settings = [(rate, pitch) for rate in (140, 190, 240) for pitch in (35, 65)]
    espeak: dict[Language, list[tuple[str, Speak]]] = {
        language: [
            (f"espeak {language} {rate}/{pitch}", _speaks(EspeakVoice(EspeakVoiceConfig(pitch=pitch)), language, rate))
            for rate, pitch in settings
        ]
        for language in ("en", "zh")
    }
    flite = [(f"flite {name}", _flite(name)) for name in ("rms", "slt", "awb", "kal16") if shutil.which("flite")]
    english = [*espeak["en"], *flite]
    if piper:
        voice = PiperVoice(PiperVoiceConfig(kind="piper", english=piper))
        neural: list[tuple[str, Speak]] = [(f"{piper.stem} {rate}", _speaks(voice, "en", rate)) for rate in (150, 190, 230)]
        english = list(itertools.chain.from_iterable(zip(english, itertools.cycle(neural), strict=False)))
    return {"en": english, "zh": espeak["zh"]}


def _speaks(voice: Speaking, language: Language, rate: int) -> Speak:
    def speak(text: str) -> Samples:
        chunks = list(voice.speak(Sentence(text, language), Manner(rate)))
        sound = np.concatenate([chunk.samples for chunk in chunks]) / 32768
        times = np.arange(round(sound.size / chunks[0].sample_rate * SAMPLE_RATE)) / SAMPLE_RATE * chunks[0].sample_rate
        return np.asarray(np.interp(times, np.arange(sound.size), sound), np.float32)

    return speak


def _flite(name: str) -> Speak:
    def speak(text: str) -> Samples:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "spoken.wav")
            subprocess.run(["flite", "-voice", name, "-t", text, "-o", str(path)], check=True)  # noqa: S603, S607 - by name, from the PATH
            return read_recording(path)

    return speak
