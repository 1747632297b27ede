"""What the assistant needs of the outside world. Engines implement these; the runtime knows nothing else of them.

Every method is synchronous and may block; the runtime calls them in threads. Generators are consumed in the thread that
made them, and closing one ends its work. Every method raises only errors of `assistant.errors`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from assistant.types import (
    AnswerChunk,
    AudioBlock,
    Box,
    Cancellation,
    Code,
    Frame,
    Language,
    Manner,
    Press,
    Quad,
    Question,
    Rank,
    Samples,
    Seconds,
    Sentence,
    SpeechChunk,
    TextLine,
    Transcript,
    Utterance,
)


class Camera(Protocol):
    """A source of pictures that keeps only the newest ones."""

    def latest(self, max_age: Seconds) -> Frame:
        """Return the newest frame; wait up to `max_age` for one.

        Raises:
            CameraLost: There is none younger than `max_age`.
        """

    def recent(self, max_age: Seconds) -> list[Frame]:
        """Return the frames younger than `max_age`, oldest first; perhaps none."""

    def close(self) -> None:
        """Let go of the device. May be called twice."""


class CodeReader(Protocol):
    """Reads bar codes and QR codes. May be used from several threads at once."""

    def read(self, frame: Frame) -> list[Code]:
        """Return the codes that a picture shows, those that could be read first; never fails. It takes a tenth of a second."""


class Microphone(Protocol):
    """A source of sound."""

    def blocks(self) -> Iterator[AudioBlock]:
        """Yield sound as it is heard, without gaps, until the source ends or the generator is closed.

        Raises:
            MicrophoneLost: The device went away or stopped delivering.
        """

    def drain(self) -> None:
        """Forget what was heard but not yet yielded. May be called from any thread."""

    def close(self) -> None:
        """Let go of the device. May be called twice."""


class EchoCanceller(Protocol):
    """Takes out of what the microphone hears what the loudspeaker plays. Belongs to one of each."""

    def played(self, samples: npt.NDArray[np.int16], rate: int) -> None:
        """Take in what the loudspeaker is given next, one channel: all of it, with the silence between.

        Called in the loudspeaker's own thread, which must not wait; never fails.
        """

    def cleaned(self, block: AudioBlock) -> AudioBlock:
        """Return the microphone's next block without the echo, late by less than a block. Belongs to the thread that listens."""

    def realign(self) -> None:
        """Be told that the microphone's sound has a gap before its next block. May be called from any thread."""


class SpeechDetector(Protocol):
    """Tells speech from other sound, block by block; remembers the blocks before."""

    def probability(self, block: AudioBlock) -> float:
        """Return how likely the block holds speech, 0 to 1."""

    def reset(self) -> None:
        """Forget the blocks before."""


class TurnDetector(Protocol):
    """Tells whether somebody who pauses has said all that they wanted to say. May be used from several threads at once."""

    def finished(self, samples: Samples) -> float:
        """Return how likely that is, 0 to 1.

        Args:
            samples: What they have said, with the pause at its end, at `SAMPLE_RATE`.

        Raises:
            HearingFailed: It could not be told.
        """


class WakeWordDetector(Protocol):
    """Tells when the wake word has been said; remembers the blocks before."""

    def heard(self, block: AudioBlock) -> bool:
        """Return whether the wake word has just been said: once each time, with the block that makes it sure.

        Raises:
            HearingFailed: It could not be told.
        """

    def reset(self) -> None:
        """Forget the blocks before."""


class Transcriber(Protocol):
    """Writes down what was said. May be used from several threads at once, for several people."""

    def transcribe(self, utterance: Utterance, cancellation: Cancellation | None = None) -> Transcript:
        """Return the words; an empty text where there are none. Cancelling may end it early, with `Cancelled`."""


class Button(Protocol):
    """Something to press: a key, a command, a switch on a wire."""

    def presses(self) -> Iterator[Press]:
        """Yield presses as they happen, until `close`, or for good where there is nothing to press.

        Blocks in between, so end it by `close`. What can be held yields DOWN and UP in turn, UP also when it is lost while held;
        what cannot yields TAP.

        Raises:
            ButtonLost: It cannot be opened, or went away. Calling again tries again.
        """

    def close(self) -> None:
        """End `presses` for good, within 0.1 s. May be called twice, from any thread."""


class PictureComparer(Protocol):
    """Finds what differs between two pictures of one thing. May be used from several threads at once."""

    def compare(self, reference: Frame, frame: Frame) -> list[Box] | None:
        """Return where `frame` differs from `reference`, largest first; None if they do not show the same thing. Never fails."""


class Tracker(Protocol):
    """Follows one thing from picture to picture; remembers the last one. Cheap enough for every picture of a camera."""

    def begin(self, frame: Frame, box: Box) -> None:
        """Follow what is inside `box` in `frame` from now on."""

    def follow(self, frame: Frame) -> Box | None:
        """Return where it is by now, also partly beyond the picture; None if it was lost, until the next `begin`. Never fails."""


class TextReader(Protocol):
    """Reads text in pictures. May be used from several threads at once.

    In two steps, for what is read first, and aloud, depends on where everything is.
    """

    def find(self, frame: Frame) -> list[Quad]:
        """Return where lines of text are, in no order; none, if there is no text.

        They may reach out of the picture a little.

        Raises:
            ModelError: It cannot be used here.
            ReadingFailed: It failed in mid-work.
        """

    def glimpse(self, frame: Frame) -> list[Quad]:
        """Return about where text is, several times as fast as `find`: some lines may be missing, or run into one another.

        Raises:
            ModelError: It cannot be used here.
            ReadingFailed: It failed in mid-work.
        """

    def read(self, frame: Frame, places: Sequence[Quad]) -> Iterator[TextLine]:
        """Yield what is written at these places of the same picture, in their order, each as soon as it is read.

        Raises:
            ModelError: It cannot be used here.
            ReadingFailed: It failed in mid-work.
        """


class VisionModel(Protocol):
    """A conversation about what the camera sees.

    One step (`look` or `answer`) runs at a time. A step whose `Cancellation` is cancelled raises `Cancelled` and
    leaves the conversation as it was before.
    """

    def look(self, frame: Frame, cancellation: Cancellation) -> None:
        """Make `frame` the picture that the next questions are about."""

    def answer(self, question: Question, cancellation: Cancellation) -> Iterator[AnswerChunk]:
        """Yield the answer as it is written. It enters the conversation only through `remember`."""

    def remember(self, question: Question, heard: str) -> None:
        """Keep a question, and what the person heard of its answer. Returns without waiting.

        The question that was answered last is kept with the picture it was about. Any other, as when a conversation that was held
        elsewhere is taken up, belongs to the picture that is looked at now.
        """

    def forget_last(self) -> None:
        """Take what was remembered last out of the conversation, if there is anything. Returns without waiting."""

    def forget(self) -> None:
        """Start a new conversation, without a picture."""

    def another(self, rank: Rank, system: str = "") -> VisionModel:
        """Return another conversation with the same model; closing it frees no more than what it remembers.

        Its steps take turns with those of all others, in any threads: a step that is waited for by one of lower rank makes way,
        and goes on by itself afterwards.

        Args:
            rank: Whose it is.
            system: Instructions in place of the usual ones.
        """

    def close(self) -> None:
        """Free the model's memory. May be called twice."""


class Voice(Protocol):
    """Turns sentences into sound. May be used from several threads at once, each for sentences of its own."""

    def variants(self, language: Language) -> Sequence[str]:
        """Return by which names a `Manner` may choose who speaks this language, the default first; none if there is no choice."""

    def speak(self, sentence: Sentence, manner: Manner) -> Iterator[SpeechChunk]:
        """Yield the spoken sentence in pieces, the first as soon as possible.

        A rate that the voice cannot speak at is spoken at the nearest that it can, an unknown variant as the default.

        Raises:
            VoiceFailed: The voice cannot speak it.
        """

    def close(self) -> None:
        """Let go of the voice. May be called twice."""


class Speaker(Protocol):
    """Plays sound, one stretch after another."""

    def play(self, chunk: SpeechChunk) -> None:
        """Queue `chunk`; block while enough is queued already.

        Raises:
            SpeakerLost: The device went away or stopped playing.
        """

    def wait(self) -> None:
        """Block until all that was queued has been heard, or `silence` was called.

        Raises:
            SpeakerLost: The device went away or stopped playing.
        """

    def silence(self) -> Seconds:
        """Stop at once and drop what is queued. May be called from any thread; returns without waiting.

        Returns:
            How much of what was queued since the last `wait` or `silence` has been heard.
        """

    def chime(self, chunk: SpeechChunk) -> None:
        """Play a short sound at once, over what is playing; return without waiting for its end. May be called from any thread.

        It is not part of what is queued, waited for, silenced or counted as heard. It is dropped where nobody waits to hear it, as
        in a file, and where the device was lost since the last `play`. What a device makes of it may be kept: give the same `chunk`
        again for the same sound.

        Raises:
            SpeakerLost: The device cannot be opened.
        """

    def fade_to(self, level: float) -> None:
        """Play at this share of the volume from now on, 0 to 2, gliding there within some 40 ms; a `chime` keeps its volume.

        May be called from any thread; returns without waiting.
        """

    def close(self) -> None:
        """Let go of the device. May be called twice."""
