"""Camera, microphone and loudspeaker: whether they deliver, and what."""

from __future__ import annotations

import contextlib
import dataclasses
import math
import threading
import time
from collections.abc import Callable, Mapping

import numpy as np

from assistant.doctor.finding import Finding, Words, bad, good, note
from assistant.errors import AssistantError
from assistant.ports import Camera, Microphone, Speaker
from assistant.turn.quality import Flaw, Quality, judge
from assistant.types import BLOCK_SECONDS, SAMPLE_RATE, Samples, Seconds, SpeechChunk

PICTURE_WITHIN: Seconds = 3.0
_SETTLING: Seconds = 1.0
"""After its first picture a webcam still adjusts its exposure."""
LISTENED: Seconds = 2.0
_SILENT = 1e-4
"""Below it lie three steps of 16 bit: a microphone that is on hears at least its own noise."""
_CLIPPED, _CLIPPED_SHARE = 0.999, 0.001
"""Speech into a microphone that is turned up too far touches the limit in more than one of a thousand samples."""
_TONE_HZ, _TONE_RATE = 1000, 48_000
_TONE: Seconds = 0.6
_ECHO: Seconds = 0.4
"""How long after the tone it is still listened for: what devices and Bluetooth buffer."""
_WINDOW = SAMPLE_RATE // 20
_LOUDER = 4.0
"""How much stronger the tone must be than what was heard at its pitch before, to be heard for sure: 12 dB."""

_FLAWS: Mapping[Flaw, Words] = {
    Flaw.COVERED: {"en": "Something covers the camera: take it away.", "zh": "有东西挡住了摄像头，请移开。"},
    Flaw.DARK: {"en": "The picture is dark: turn on a light.", "zh": "画面太暗，请开灯。"},
    Flaw.OVEREXPOSED: {
        "en": "The picture is too bright: turn the camera away from the light.",
        "zh": "画面太亮，请让摄像头避开光源。",
    },
    Flaw.BLURRED: {"en": "The picture is blurred: wipe the lens and hold it still.", "zh": "画面模糊，请擦擦镜头并拿稳。"},
}


@dataclasses.dataclass(frozen=True, slots=True)
class Picture:
    """What the camera shows."""

    width: int
    height: int
    quality: Quality


def see(camera: Camera) -> Picture:
    """Take a picture.

    Raises:
        CameraLost: There is none in time.
    """
    camera.latest(PICTURE_WITHIN)
    time.sleep(_SETTLING)
    frame = camera.latest(PICTURE_WITHIN)
    height, width, _ = frame.pixels.shape
    return Picture(width, height, judge(frame))


def judge_camera(picture: Picture | None) -> Finding:
    """Judge what the camera shows; None for nothing."""
    if picture is None:
        return bad("camera", "The camera gives no picture: check its cable.", "摄像头没有画面，请检查连接线。")
    size = f"{picture.width} x {picture.height}"
    if picture.quality.flaw is None:
        return good("camera", f"It gives a good picture, {size} pixels.", f"画面正常，{size}像素。")
    words = _FLAWS[picture.quality.flaw]
    return (bad if picture.quality.useless else note)("camera", words["en"], words["zh"])


def listen(microphone: Microphone, seconds: Seconds = LISTENED) -> Samples:
    """Return what the microphone hears in that time; less if it is a recording that ends.

    Raises:
        MicrophoneLost: It delivers nothing.
    """
    with contextlib.closing(microphone):
        blocks = zip(range(round(seconds / BLOCK_SECONDS)), microphone.blocks(), strict=False)
        return np.concatenate([np.empty(0, np.float32), *(block.samples for _, block in blocks)])


def judge_microphone(heard: Samples | None) -> Finding:
    """Judge what a microphone heard while nobody had to speak; None for nothing at all."""
    if heard is None or heard.size == 0:
        return bad("microphone", "The microphone gives no sound: check that it is plugged in.", "麦克风没有声音，请检查是否插好。")
    if np.max(np.abs(heard)) < _SILENT:
        return bad(
            "microphone",
            "The microphone is silent: it is muted, or switched off.",
            "麦克风一点声音也没有，可能被静音或关掉了。",
        )
    if np.mean(np.abs(heard) >= _CLIPPED) > _CLIPPED_SHARE:
        return bad("microphone", "The microphone is too loud and distorts: turn it down.", "麦克风音量太大，声音失真，请调低。")
    level = _decibels(float(np.sqrt(np.mean(heard**2))))
    return good("microphone", f"It hears, at {level} decibels of full scale.", f"能听到声音，电平{level}分贝。")


@dataclasses.dataclass(frozen=True, slots=True)
class Echo:
    """What the microphone heard at the tone's pitch: amplitudes from 0 to 1."""

    before: float
    during: float


def play(speaker: Speaker, open_microphone: Callable[[], Microphone]) -> Echo | None:
    """Play a tone and listen to it.

    Returns:
        What was heard of it; None where the microphone does not work.

    Raises:
        SpeakerLost: It cannot be played.
    """
    heard: list[Samples] = []
    hears, ended = threading.Event(), threading.Event()

    def run() -> None:
        with contextlib.suppress(AssistantError), contextlib.closing(open_microphone()) as microphone:
            for block in microphone.blocks():
                heard.append(block.samples)
                hears.set()
                if ended.is_set():
                    break

    ear = threading.Thread(target=run, name="doctor's ear", daemon=True)
    ear.start()
    hears.wait(PICTURE_WITHIN)
    time.sleep(_ECHO)
    blocks_before = len(heard)
    speaker.play(_tone())
    speaker.wait()
    time.sleep(_ECHO)
    ended.set()
    ear.join(1.0)
    if not blocks_before or len(heard) == blocks_before:
        return None
    return Echo(*(_amplitude(np.concatenate(part)) for part in (heard[:blocks_before], heard[blocks_before:])))


def judge_speaker(echo: Echo | None, *, lost: bool = False) -> Finding:
    """Judge whether a tone was played, and heard."""
    if lost:
        return bad("loudspeaker", "The loudspeaker does not play: check that it is plugged in.", "扬声器不响，请检查是否插好。")
    if echo is None:
        return good("loudspeaker", "It plays.", "可以播放。")
    if echo.during > max(_SILENT, _LOUDER * echo.before):
        level = _decibels(echo.during)
        return good(
            "loudspeaker",
            f"It plays, and the microphone hears it, at {level} decibels: with headphones you could talk over me.",
            f"可以播放，麦克风也听得到，电平{level}分贝。戴上耳机就可以随时打断我。",
        )
    return good("loudspeaker", "It plays, and the microphone does not hear it.", "可以播放，麦克风听不到它。")


def _tone() -> SpeechChunk:
    times = np.arange(round(_TONE * _TONE_RATE)) / _TONE_RATE
    swell = np.minimum(1, np.minimum(times, _TONE - times) / 0.02)  # without, it would begin and end with a click
    return SpeechChunk((0.3 * 32_767 * swell * np.sin(2 * np.pi * _TONE_HZ * times)).astype(np.int16), _TONE_RATE)


def _amplitude(samples: Samples) -> float:
    """Return the tone's amplitude in the 50 ms in which it is strongest: the discrete Fourier transform at its pitch."""
    wave = np.exp(-2j * np.pi * _TONE_HZ * np.arange(_WINDOW) / SAMPLE_RATE)
    windows = samples[: samples.size // _WINDOW * _WINDOW].reshape(-1, _WINDOW)
    return float(np.max(2 * np.abs(windows @ wave) / _WINDOW, initial=0.0))


def _decibels(amplitude: float) -> int:
    return round(20 * math.log10(max(amplitude, 1e-6)))
