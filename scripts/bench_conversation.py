"""The benchmark of the conversation: from the end of a question to the first sound of its answer, over virtual sound devices.

All is real but the sound card: microphone, detector, Whisper, the vision session, espeak-ng, loudspeaker. Times are taken where a
person would: from the last sound that is fed to the microphone to the first that comes out of the loudspeaker. The scene stays the
same and has been looked at before, so what is measured is what follows a question; the naive order, the same parts one after the
other, looks at its picture each time, as it has to.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import anyio
import anyio.to_thread
import barge_in
import bench_hearing
import numpy as np
from bench_vision import SYSTEM, model_files
from measuring import peak_rss_mib
from stand_ins import ANSWER, Mute, Story, Tireless, Worded

from assistant.config import Config, ConversationConfig, EspeakVoiceConfig, TranscriberConfig, VisionConfig
from assistant.engines.echo_free_microphone import EchoFreeMicrophone
from assistant.engines.espeak_voice import EspeakVoice
from assistant.engines.file_microphone import read_recording
from assistant.engines.opencv_camera import OpenCvCamera
from assistant.engines.opencv_code_reader import OpenCvCodeReader
from assistant.engines.opencv_picture_comparer import OpenCvPictureComparer
from assistant.engines.opencv_tracker import OpenCvTracker
from assistant.engines.silero_detector import SileroDetector
from assistant.engines.smart_turn_detector import SmartTurnDetector
from assistant.engines.sounddevice_microphone import SounddeviceMicrophone
from assistant.engines.sounddevice_speaker import SounddeviceSpeaker
from assistant.engines.webrtc_echo_canceller import WebrtcEchoCanceller
from assistant.engines.whisper_transcriber import WhisperTranscriber
from assistant.llama.session import load_session
from assistant.models.catalogue import turn_file, whisper_folder
from assistant.parts import open_text_reader
from assistant.ports import Microphone, Speaker, VisionModel
from assistant.runtime.conversation import Conversation
from assistant.runtime.engines import Engines
from assistant.runtime.mouth import Mouth
from assistant.runtime.watch import Watch
from assistant.turn.endpoint import Endpoint, Voice
from assistant.turn.prompts import PRACTICE_SYSTEM
from assistant.turn.sentences import SentenceSplitter
from assistant.turn.timeline import Mark
from assistant.types import SAMPLE_RATE, Cancellation, Frame, Manner, Question, Seconds, Sentence, Utterance
from tests.virtual_sound import Recording, VirtualSound, why_not

SAMPLES = Path(__file__).parents[1] / "assistant" / "samples"
OTHER = Question("And what is behind it on the left?", "en")
"""Asked in between, so that the question has to be read each time."""
MAX_TOKENS = 64
"""Of an answer; one of random weights, which never ends by itself, has as many as its stand-in has words."""
SETTLED_TURNS = 20
"""After so many turns, all that is kept for good is there."""
_LOUD = 0.01
"""From which level a sample is heard: above the noise of the recorded question."""


class Bench:
    """The parts of one assistant, loaded once."""

    def __init__(self, vision: VisionModel) -> None:
        self.vision = vision
        self.config = Config(conversation=ConversationConfig(barge_in="voice"), transcriber=TranscriberConfig(language="en"))
        self.question = read_recording(SAMPLES / "question.wav")
        loud = np.flatnonzero(np.abs(self.question) > _LOUD)
        self._spoken: Seconds = (int(loud[-1]) - int(loud[0])) / SAMPLE_RATE
        self.camera = OpenCvCamera(str(SAMPLES / "scene.png"))
        canceller = WebrtcEchoCanceller()
        self.microphone = EchoFreeMicrophone(SounddeviceMicrophone(""), canceller)
        self.speaker = SounddeviceSpeaker("", canceller.played)
        self.detector = SileroDetector()
        self.turn_detector = SmartTurnDetector(turn_file())
        self.transcriber = WhisperTranscriber(whisper_folder("whisper-base"), "en", 0)
        self.voice = EspeakVoice(EspeakVoiceConfig())
        words = self.transcriber.transcribe(Utterance(self.question, 0.0))
        self.asked = Question(words.text, words.language)

    def close(self) -> None:
        """Let go of all."""
        for part in (self.microphone, self.camera, self.speaker, self.voice, self.vision):
            part.close()

    def converse(self, story: Story, person: Callable[[], None], microphone: Microphone, speaker: Speaker) -> None:
        """Hold a conversation for as long as `person` does something."""

        async def hold() -> None:
            watch = Watch((story,))
            engines = Engines(
                self.camera,
                microphone,
                self.detector,
                self.transcriber,
                self.vision,
                open_text_reader(),
                self.turn_detector,
                code_reader=OpenCvCodeReader({}),
                picture_comparer=OpenCvPictureComparer(),
                make_tracker=OpenCvTracker,
            )
            talk = Conversation(engines, Mouth(self.voice, speaker, watch), self.config, watch)
            async with anyio.create_task_group() as group:
                group.start_soon(talk.run, "Ready.")
                await anyio.to_thread.run_sync(person)
                group.cancel_scope.cancel()

        anyio.run(hold)

    def first_sounds(self, sound: VirtualSound, times: int) -> tuple[list[Seconds], list[Mapping[Mark, Seconds]]]:
        """Return how long each answer takes to sound in a conversation, and its marks; but the first, which is looked for."""
        story, delays = Story(), list[Seconds]()

        def person() -> None:
            with sound.listening("micfeed") as asked, sound.listening() as heard:
                for turn in range(1 + times):
                    story.wait(1 + turn)
                    delays.append(self._delay(sound, asked, heard, lambda ended=turn + 2: story.wait(ended)))  # type: ignore[misc]

        self.converse(story, person, self.microphone, self.speaker)
        return delays[1:], story.turns[1:]

    def naive(self, sound: VirtualSound, times: int) -> list[Seconds]:
        """Return the same where each part begins when the one before it is through."""
        delays: list[Seconds] = []
        with sound.listening("micfeed") as asked, sound.listening() as heard:
            for _ in range(times):
                answering = threading.Thread(target=self._one_after_the_other)
                answering.start()
                time.sleep(1.0)  # until the microphone is open
                delays.append(self._delay(sound, asked, heard, answering.join))
        return delays

    def _one_after_the_other(self) -> None:
        endpoint = Endpoint(self.config.endpoint)
        self.detector.reset()
        with contextlib.closing(self.microphone.blocks()) as blocks:  # type: ignore[type-var]
            for block in blocks:
                if Voice.ENDED in endpoint.hear(block, self.detector.probability(block)):
                    break
        words = self.transcriber.transcribe(endpoint.utterance())
        self.vision.forget()
        self.vision.look(self._frame(), Cancellation())
        answer = "".join(chunk.text for chunk in self.vision.answer(Question(words.text, words.language), Cancellation()))
        for chunk in self.voice.speak(Sentence(answer, words.language), Manner()):
            self.speaker.play(chunk)
        self.speaker.wait()

    def _delay(self, sound: VirtualSound, asked: Recording, heard: Recording, answered: Callable[[], None]) -> Seconds:
        """Ask; return how long after the last sound of the question the first one of the answer comes."""
        before = asked.samples.size
        sound.say(self.question)
        answered()
        begun = before + int(np.argmax(np.abs(asked.samples[before:]) > _LOUD))
        end = asked.began_at + begun / SAMPLE_RATE + self._spoken
        after = max(0, round((end - heard.began_at) * SAMPLE_RATE))
        samples = heard.wait_until(lambda samples: bool(np.max(np.abs(samples[after:]), initial=0.0) > _LOUD))
        return int(np.argmax(np.abs(samples[after:]) > _LOUD)) / SAMPLE_RATE

    def fragment(self) -> tuple[Seconds, Sentence]:
        """Return how long the model alone takes to read the question and write the first sentence, and that sentence."""
        next(self.vision.answer(OTHER, Cancellation()))
        splitter = SentenceSplitter()
        start = time.perf_counter()
        for chunk in self.vision.answer(self.asked, Cancellation()):
            if complete := next(splitter.feed(chunk.text), None):
                return time.perf_counter() - start, complete
        return time.perf_counter() - start, next(splitter.flush())

    def voiced(self, sound: VirtualSound, sentence: Sentence) -> Seconds:
        """Return how long voice and loudspeaker alone take from a sentence to its first sound."""
        with sound.listening() as heard:
            begun_at = time.monotonic()
            for chunk in self.voice.speak(sentence, Manner()):
                self.speaker.play(chunk)
            self.speaker.wait()
            samples = heard.wait_until(lambda samples: bool(np.max(np.abs(samples), initial=0.0) > _LOUD))
            return heard.began_at + int(np.argmax(np.abs(samples) > _LOUD)) / SAMPLE_RATE - begun_at

    def look(self) -> None:
        """Have the picture before the model's eyes."""
        self.vision.look(self._frame(), Cancellation())

    def _frame(self) -> Frame:
        return self.camera.latest(10.0)

    def idle_cpu_share(self, seconds: Seconds) -> float:
        """Return how much of one core is used while nobody speaks, all threads together; the camera shows a still picture."""
        story, used = Story(), list[float]()

        def person() -> None:
            story.wait(1)
            time.sleep(2.0)
            before, start = time.process_time(), time.perf_counter()
            time.sleep(seconds)
            used.append((time.process_time() - before) / (time.perf_counter() - start))

        self.converse(story, person, self.microphone, self.speaker)
        return used[0]

    def memory_growth_mib(self, turns: int) -> float:
        """Return how much the peak of resident memory grows over `turns` turns, once it is settled."""
        story, settled = Story(), list[float]()

        def person() -> None:
            story.wait(1 + SETTLED_TURNS)
            settled.append(peak_rss_mib())
            story.wait(1 + SETTLED_TURNS + turns)

        self.converse(story, person, Tireless(self.question, SETTLED_TURNS + turns, story), Mute())
        return peak_rss_mib() - settled[0]


def configure(command: argparse.ArgumentParser) -> None:
    """Say what the command line may say."""
    command.add_argument("--model", default="2b", help="2b (synthetic), practice, or a GGUF file with --mmproj")
    command.add_argument("--mmproj", type=Path, help="the image encoder of a GGUF file")
    command.add_argument("--repeat", type=int, default=7, help="how many questions are asked each way; the medians count")
    command.add_argument("--interruptions", type=int, default=20, help="how many answers are interrupted")
    command.add_argument("--idle", type=float, default=20.0, metavar="SECONDS", help="how long nobody speaks")
    command.add_argument("--hearing", action="store_true", help="with the figures of the benchmark of hearing, and its options")
    bench_hearing.configure(command)
    command.add_argument("--turns", type=int, default=200, help="over how many turns memory is watched; an hour has about as many")


def run(given: argparse.Namespace) -> dict[str, str | float]:
    """Measure, print what comes out, and return the figures under their stable names."""
    if missing := why_not():
        sys.exit(f"bench: {missing}")
    name, model, mmproj, size = model_files(given)
    tokens, tiny = size[0] * size[1] // 32**2, name == "practice"
    synthetic = name.startswith("synthetic")
    longest = len(ANSWER.split()) if synthetic else MAX_TOKENS
    config = VisionConfig(max_tokens=longest, temperature=0, threads=1 if tiny else os.cpu_count() or 1)
    session = load_session(model, mmproj, config, (tokens, tokens), PRACTICE_SYSTEM if tiny else SYSTEM)
    sound = VirtualSound()
    try:
        sound.start()
        with contextlib.closing(Bench(Worded(session) if synthetic else session)) as bench:
            report: dict[str, str | float] = {"model": name, **_measure(bench, sound, given)}
    finally:
        sound.stop()
    return report | bench_hearing.run(given) if given.hearing else report


def _measure(bench: Bench, sound: VirtualSound, given: argparse.Namespace) -> dict[str, float]:
    delays, turns = bench.first_sounds(sound, given.repeat)
    ours = statistics.median(delays)
    silence = statistics.median(marks[Mark.TURN_END] - marks[Mark.SPEECH_END] for marks in turns)
    bench.look()
    tries = [bench.fragment() for _ in range(given.repeat)]
    fragment = statistics.median(seconds for seconds, _ in tries)
    voice = statistics.median(bench.voiced(sound, sentence) for _, sentence in tries)
    floor = silence + fragment + voice
    print(
        f"floor: silence {silence:.3f} s, question and first sentence {fragment:.3f} s, voice {voice:.3f} s: {floor:.3f} s",
        flush=True,
    )
    print(f"end of a question to the first sound, ours: {ours:.3f} s, {ours / floor:.2f} of the floor", flush=True)
    naive = statistics.median(bench.naive(sound, given.repeat))
    print(f"the same, one part after the other: {naive:.3f} s, {naive / ours:.1f} times ours", flush=True)
    idle = bench.idle_cpu_share(given.idle)
    print(f"while nobody speaks: {100 * idle:.1f} % of a core", flush=True)
    bench.look()
    silences = barge_in.heard_on_ms(sound, bench.vision, bench.asked, given.interruptions)
    barge_in_ms = float(np.percentile(silences, 95))
    print(f"an interrupted answer is heard on, {len(silences)} times: p95 {barge_in_ms:.0f} ms", flush=True)
    growth = bench.memory_growth_mib(given.turns)
    print(f"memory grows over {given.turns} turns by {growth:.1f} MiB", flush=True)
    return {
        "first_sound_s": round(ours, 3),
        "floor_s": round(floor, 3),
        "first_sound_over_floor": round(ours / floor, 3),
        "first_sound_naive_over_ours": round(naive / ours, 2),
        "barge_in_ms_p95": round(barge_in_ms, 1),
        "idle_cpu_share": round(idle, 4),
        "memory_growth_mib": round(growth, 1),
    }
