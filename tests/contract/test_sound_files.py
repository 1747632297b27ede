"""Sound files that strangers send."""

from __future__ import annotations

import io
import wave
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.engines.file_microphone import LONGEST_SOUND, read_recording, read_sound
from assistant.errors import SoundUnreadable
from tests.serving import SAMPLES

QUESTION = SAMPLES / "question.wav"


def encoded(kind: str, codec: str) -> bytes:
    """Return a second of sound in a file of this kind."""
    file = io.BytesIO()
    with av.open(file, "w", format=kind) as container:
        stream = container.add_stream(codec, rate=48_000)
        tone = np.sin(np.arange(48_000) / 20).astype(np.float32)[np.newaxis] / 2
        frame = av.AudioFrame.from_ndarray(tone, format="fltp", layout="mono")
        frame.sample_rate = 48_000
        resampler = av.AudioResampler(format=stream.codec_context.format, layout="mono", rate=48_000)
        for piece in resampler.resample(frame):
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))
    return file.getvalue()


def silence(seconds: float) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as opened:
        opened.setparams((1, 2, 8000, 0, "NONE", ""))
        opened.writeframes(bytes(2 * round(8000 * seconds)))
    return file.getvalue()


def test_a_recording_is_read_as_from_the_disk() -> None:
    np.testing.assert_array_equal(read_sound(QUESTION.read_bytes()), read_recording(QUESTION))


@pytest.mark.parametrize(
    ("kind", "codec"),
    [
        ("mp3", "mp3"),
        ("flac", "flac"),
        ("mp4", "aac"),
        ("matroska", "aac"),
        ("webm", "libopus"),
        ("ogg", "libopus"),
        ("adts", "aac"),
    ],
)
def test_the_kinds_that_phones_and_browsers_record(kind: str, codec: str) -> None:
    samples = read_sound(encoded(kind, codec))
    assert samples.size == pytest.approx(16_000, rel=0.1)
    assert np.abs(samples).mean() > 0.2


@pytest.mark.parametrize(
    "playlist",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{path}\n#EXT-X-ENDLIST\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile://{path}\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile '{path}'\n",
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=audio 9 RTP/AVP 0\n",
    ],
)
def test_a_playlist_opens_nothing(playlist: str) -> None:
    with pytest.raises(SoundUnreadable):
        read_sound(playlist.format(path=QUESTION).encode())


def test_a_film_without_sound_is_no_question(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height = 64, 64
        for _ in range(3):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8))))
        container.mux(stream.encode(None))
    with pytest.raises(SoundUnreadable, match="no sound"):
        read_sound(path.read_bytes())


def test_the_longest() -> None:
    assert read_sound(silence(LONGEST_SOUND - 1)).size == pytest.approx(16_000 * (LONGEST_SOUND - 1), rel=0.01)
    with pytest.raises(SoundUnreadable):
        read_sound(silence(LONGEST_SOUND + 1))


@given(st.binary(max_size=300) | st.binary(max_size=100).map(lambda junk: QUESTION.read_bytes()[:200] + junk))
def test_junk_is_refused_or_read(junk: bytes) -> None:
    try:
        samples = read_sound(junk)
    except SoundUnreadable:
        return
    assert samples.dtype == np.float32
