"""The camera, by OpenCV: a device, a network stream, a video, or pictures."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TypeAlias

import cv2
import numpy as np

from assistant.errors import AssistantError, CameraLost, PictureUnreadable
from assistant.types import Frame, Pixels, Seconds

SYSFS = Path("/sys/class/video4linux")
"""Where Linux lists its cameras."""

_RING_FRAMES = 8
_RING_SPACING: Seconds = 0.1
"""The ring spans about a second at any frame rate."""

_FIRST_RETRY: Seconds = 0.5
_LAST_RETRY: Seconds = 5.0
_OPEN_TIMEOUT: Seconds = 5.0
_READ_TIMEOUT: Seconds = 3.0
"""FFmpeg's own are 30 s and can only be changed in the constructor; V4L2's is 10 s."""
_CLOSE_TIMEOUT: Seconds = _OPEN_TIMEOUT + 1.0

_LIVE_WAIT: Seconds = 0.015
"""A frame that had to be waited for this long comes from the camera; one that was kept takes a millisecond or a few to decode."""

_PICTURE_SUFFIXES = frozenset([".avif", ".bmp", ".gif", ".heic", ".heif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"])
_PICTURE_REPEATS = 5
_PICTURE_INTERVAL: Seconds = 0.2
_USUAL_FPS = 25.0
"""Of a video that does not tell its own."""

_Frames: TypeAlias = Generator[Frame, None, None]


class OpenCvCamera:
    """A camera that is read all the time by a thread of its own, so that its newest picture is never an old one.

    Whatever stops (a cable, a server) is opened again and again until `close`.

    Args:
        source: The number of a camera ("0"), its name or a unique part of it; an http(s):// (MJPEG) or rtsp:// address; a video,
            played at its own pace over and over; a picture, or a folder of pictures that are shown for a second each.
    """

    def __init__(self, source: str) -> None:
        _set_up_opencv()
        self._source = source
        self._name = re.sub("//[^/@]*@", "//", source)  # passwords of network cameras stay out of messages
        self._ring: deque[Frame] = deque(maxlen=_RING_FRAMES)
        self._trouble: AssistantError | None = None
        self._changed = threading.Condition()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._grab, name=f"camera {self._name}", daemon=True)
        self._thread.start()

    def latest(self, max_age: Seconds) -> Frame:
        """Return the newest frame; wait up to `max_age` for one.

        Raises:
            CameraLost: There is none younger than `max_age`.
            PictureUnreadable: The picture that stands in for a camera cannot be decoded.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._closed.is_set() or self._is_fresh(max_age), timeout=max_age)
            if self._is_fresh(max_age):
                return self._ring[-1]
            if self._trouble is None:
                raise CameraLost(f"{self._name}: no picture for {max_age:g} s")
            raise type(self._trouble)(self._trouble.detail, self._trouble.name) from self._trouble

    def recent(self, max_age: Seconds) -> list[Frame]:
        """Return the frames of about the last second younger than `max_age`, oldest first, a tenth of a second apart."""
        oldest = time.monotonic() - max_age
        with self._changed:
            return [frame for frame in self._ring if frame.captured_at > oldest]

    def close(self) -> None:
        """Let go of the device. May be called twice."""
        self._closed.set()
        with self._changed:
            self._changed.notify_all()
        # The device is released by the thread that reads it: OpenCV may crash when another one does.
        self._thread.join(_CLOSE_TIMEOUT)
        with self._changed:
            self._ring.clear()
            self._trouble = CameraLost(f"{self._name}: closed")

    def _is_fresh(self, max_age: Seconds) -> bool:
        return bool(self._ring) and time.monotonic() - self._ring[-1].captured_at < max_age

    def _grab(self) -> None:
        retry = _FIRST_RETRY
        while not self._closed.is_set():
            try:
                with contextlib.closing(_frames(self._source, self._closed)) as frames:
                    for frame in frames:
                        self._keep(frame)
                        retry = _FIRST_RETRY
                self._trouble = CameraLost(f"{self._name}: it stopped delivering pictures")
            except AssistantError as error:
                self._trouble = type(error)(f"{self._name}: {error.detail}", error.name)
            except (cv2.error, OSError, RuntimeError) as error:  # RuntimeError: the ~user of a path is unknown
                self._trouble = CameraLost(f"{self._name}: {error}")
            self._closed.wait(retry)
            retry = min(2 * retry, _LAST_RETRY)

    def _keep(self, frame: Frame) -> None:
        with self._changed:
            if len(self._ring) > 1 and self._ring[-1].captured_at - self._ring[-2].captured_at < _RING_SPACING:
                self._ring.pop()
            self._ring.append(frame)
            self._trouble = None
            self._changed.notify_all()


def list_cameras(sysfs: Path = SYSFS) -> list[str]:
    """Return the names of the cameras, each of which can be an `OpenCvCamera`'s source.

    A second camera of the same name is listed by its number. On Windows the list is empty: OpenCV knows no names there.
    """
    names: list[str] = []
    for number, name in _cameras(sysfs).items():
        names.append(str(number) if name in names else name)
    return names


def _cameras(sysfs: Path) -> dict[int, str]:
    """Return the number and the name of each camera."""
    if sys.platform == "darwin":
        return _mac_cameras()
    nodes = sorted((int(name.parent.name.removeprefix("video")), name) for name in sysfs.glob("video[0-9]*/name"))
    # A USB camera has further nodes that deliver no pictures but data about them; only its first one is "index" 0.
    return {number: _text(name) for number, name in nodes if _text(name.with_name("index")) in {"0", ""}}


def _mac_cameras() -> dict[int, str]:
    try:
        report = subprocess.run(
            ["/usr/sbin/system_profiler", "SPCameraDataType", "-json"], capture_output=True, check=True, timeout=10
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return {}
    return _named_by_profiler(report)


def _named_by_profiler(report: bytes) -> dict[int, str]:
    # OpenCV numbers the cameras of a Mac by their sorted unique ids (cap_avfoundation_mac.mm).
    cameras = json.loads(report).get("SPCameraDataType", [])
    cameras.sort(key=lambda camera: camera.get("spcamera_unique-id", ""))
    return {number: camera["_name"] for number, camera in enumerate(cameras)}


def _text(file: Path) -> str:
    """Return what a file of sysfs says; nothing once its device is gone."""
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _number(name: str) -> int:
    """Return the number of the camera that `name` is the name of, or a part of it."""
    cameras = _cameras(SYSFS)
    known = ", ".join(cameras.values()) or "none"
    wanted = name.casefold()
    same = [number for number, other in cameras.items() if other.casefold() == wanted]
    alike = same[:1] or [number for number, other in cameras.items() if wanted in other.casefold()]
    if not alike:
        raise CameraLost(f"no file, folder or address, and no camera has it in its name; cameras: {known}")
    if len(alike) > 1:
        raise CameraLost(f"several cameras have it in their name; cameras: {known}")
    return alike[0]


def _frames(source: str, closed: threading.Event) -> _Frames:
    """Return what `source` shows, at its own pace, until it ends or `closed` is set."""
    if source.isdecimal():
        return _device_frames(int(source), closed)
    if "://" in source:
        return _stream_frames(source, closed)
    path = Path(source).expanduser()
    if path.is_dir() or _is_picture(path):
        return _picture_frames(path, closed)
    if path.is_file():
        return _video_frames(path, closed)
    return _device_frames(_number(source), closed)


def _device_frames(number: int, closed: threading.Event) -> _Frames:
    backend = {"linux": cv2.CAP_V4L2, "darwin": cv2.CAP_AVFOUNDATION}.get(sys.platform, cv2.CAP_ANY)
    with _opened(cv2.VideoCapture(number, backend)) as capture:
        if sys.platform != "darwin":
            # OpenCV asks for 640x480, too coarse to read small print; a camera that cannot do this gives what is nearest.
            capture.set(cv2.CAP_PROP_FRAME_WIDTH, 1280)
            capture.set(cv2.CAP_PROP_FRAME_HEIGHT, 720)
        yield from _read(capture, closed)


def _stream_frames(address: str, closed: threading.Event) -> _Frames:
    settings = {
        cv2.CAP_PROP_OPEN_TIMEOUT_MSEC: round(_OPEN_TIMEOUT * 1000),
        cv2.CAP_PROP_READ_TIMEOUT_MSEC: round(_READ_TIMEOUT * 1000),
        cv2.CAP_PROP_N_THREADS: 1,  # FFmpeg is late by a frame for each further one: with 16, by 0.6 s at 25 frames a second
    }
    asked_at = time.monotonic()
    with _opened(cv2.VideoCapture(address, cv2.CAP_FFMPEG, [number for pair in settings.items() for number in pair])) as capture:
        _skip_backlog(capture, longest=time.monotonic() - asked_at)
        yield from _read(capture, closed)


def _skip_backlog(capture: cv2.VideoCapture, longest: Seconds) -> None:
    """Drop what FFmpeg kept while it examined the stream: with RTSP about a second of frames, which would pass for new ones."""
    end = time.monotonic() + longest
    while (asked_at := time.monotonic()) < end and capture.grab() and time.monotonic() - asked_at < _LIVE_WAIT:
        pass


def _video_frames(path: Path, closed: threading.Event) -> _Frames:
    due = time.monotonic()
    while not closed.is_set():
        began = due
        with _opened(cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)) as capture:
            fps = capture.get(cv2.CAP_PROP_FPS)
            interval = 1 / (fps if 1 <= fps <= 240 else _USUAL_FPS)  # noqa: PLR2004 - what cameras film with
            for frame in _read(capture, closed):
                yield frame
                due += interval
                closed.wait(max(0.0, due - time.monotonic()))
        if due == began:
            raise CameraLost("a video without pictures")


def _picture_frames(path: Path, closed: threading.Event) -> _Frames:
    decoded = functools.lru_cache(maxsize=1)(_decoded)  # a single picture is decoded again only when its file has changed
    while not closed.is_set():
        pictures = sorted(file for file in path.iterdir() if _is_picture(file)) if path.is_dir() else [path]
        if not pictures:
            raise CameraLost("a folder without pictures")
        unreadable: Path | None = None
        for picture in pictures:
            pixels = decoded(picture, picture.stat().st_mtime_ns)
            if pixels is None:
                unreadable = picture
                continue
            for _ in range(_PICTURE_REPEATS):
                yield Frame(pixels, time.monotonic())
                if closed.wait(_PICTURE_INTERVAL):
                    return
        if unreadable:
            raise PictureUnreadable(f"{unreadable.name} is damaged, or no picture", unreadable.name)


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in _PICTURE_SUFFIXES


def _decoded(file: Path, _modified_ns: int) -> Pixels | None:
    data = np.frombuffer(file.read_bytes(), np.uint8)  # OpenCV itself cannot read every name on Windows
    image = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None  # turned upright by its EXIF data
    return None if image is None else _rgb(image)


@contextlib.contextmanager
def _opened(capture: cv2.VideoCapture) -> Iterator[cv2.VideoCapture]:
    try:
        if not capture.isOpened():
            raise CameraLost("it cannot be opened")
        yield capture
    finally:
        capture.release()


def _read(capture: cv2.VideoCapture, closed: threading.Event) -> Iterator[Frame]:
    while not closed.is_set() and capture.grab():
        captured_at = time.monotonic()
        decoded, image = capture.retrieve()
        if decoded:
            yield Frame(_rgb(image), captured_at)


def _rgb(image: cv2.typing.MatLike) -> Pixels:
    """Convert what OpenCV hands out: BGR, BGRA or grey."""
    channels = 1 if image.ndim == 2 else image.shape[2]  # noqa: PLR2004 - without a third dimension it is grey
    conversion = {1: cv2.COLOR_GRAY2RGB, 3: cv2.COLOR_BGR2RGB, 4: cv2.COLOR_BGRA2RGB}[channels]
    return cv2.cvtColor(image, conversion).astype(np.uint8, copy=False)


def _set_up_opencv() -> None:
    """Keep OpenCV off the terminal, which screen readers read aloud, and make it give up early."""
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    cv2.setNumThreads(1)  # its idle threads spin between frames: 14 % of a core in place of 10 % at 720p, on two cores
    # Both are read once, when the first camera is opened. -8 is FFmpeg's AV_LOG_QUIET.
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", f"{_READ_TIMEOUT:.0f}")
