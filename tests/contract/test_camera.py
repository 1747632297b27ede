from __future__ import annotations

import itertools
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple, cast

import cv2
import numpy as np
import PIL.Image
import pytest

from assistant.engines import opencv_camera
from assistant.engines.opencv_camera import OpenCvCamera, list_cameras
from assistant.errors import AssistantError, CameraLost, NothingShown, PictureUnreadable
from assistant.ports import Camera
from assistant.types import Frame, Pixels
from assistant.web.talk.remote import RemoteCamera
from tests.fakes.camera import GREY, FakeCamera
from tests.mjpeg import Fault, MjpegCamera, age, serving

PATIENCE = 20.0
"""Seconds; a busy machine may be slow."""


def paint(path: Path, *colours: tuple[int, int, int]) -> Path:
    """Write a picture of vertical stripes in RGB."""
    picture = np.array([colours], np.uint8).repeat(48, 0).repeat(32, 1)
    assert cv2.imwrite(str(path), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    return path


def film(path: Path, *greys: int, fps: float = 10) -> Path:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), fps, (64, 48))
    for grey in greys:
        writer.write(np.full((48, 64, 3), grey, np.uint8))
    writer.release()
    return path


def eventually(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)


def trouble(camera: Camera, text: str = "") -> AssistantError:
    """Wait until `latest` raises an error whose detail has `text` in it."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            camera.latest(0.3)
        except AssistantError as error:
            if text in error.detail:
                return error
        time.sleep(0.02)
    raise AssertionError(f"no error that says {text!r}")


class FilmingPage:
    """Sends frames of a live camera, while it `sends`."""

    def __init__(self) -> None:
        self.camera = RemoteCamera(lambda data: Frame(np.full((48, 64, 3), data[0], np.uint8), 0.0))
        self.sends = threading.Event()
        self.sends.set()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._send)
        self._thread.start()

    def _send(self) -> None:
        for number in itertools.count():
            if self._ended.wait(0.05):
                return
            if self.sends.is_set():
                self.camera.see(bytes([number % 256]))

    def close(self) -> None:
        self._ended.set()
        self._thread.join()


class Rig(NamedTuple):
    """A camera and its cable."""

    camera: Camera
    unplug: Callable[[], object]
    plug: Callable[[], object]


@pytest.fixture(params=["fake", "video", "folder", "mjpeg", "page"])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    source, away = tmp_path / "source", tmp_path / "away"
    with ExitStack() as stack:
        match request.param:
            case "fake":
                fake = FakeCamera()
                rig = Rig(fake, fake.lost, fake.found)
            case "mjpeg":
                server = stack.enter_context(serving())
                rig = Rig(OpenCvCamera(server.address), server.die, server.start)
            case "page":
                page = FilmingPage()
                stack.callback(page.close)
                rig = Rig(page.camera, page.sends.clear, page.sends.set)
            case "folder":
                source.mkdir()
                paint(source / "a.png", (255, 0, 0))
                paint(source / "b.png", (0, 255, 0))
                rig = Rig(OpenCvCamera(str(source)), lambda: source.rename(away), lambda: away.rename(source))
            case _:
                video = film(tmp_path / "video.avi", *range(0, 250, 25))
                rig = Rig(OpenCvCamera(str(video)), lambda: video.rename(away), lambda: away.rename(video))
        stack.callback(rig.camera.close)
        yield rig


@pytest.fixture
def server() -> Iterator[MjpegCamera]:
    with serving() as server:
        yield server


@pytest.fixture(autouse=True)
def quick_and_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opencv_camera, "_FIRST_RETRY", 0.1)
    monkeypatch.setenv("OPENCV_FFMPEG_LOGLEVEL", "-8")  # FFmpeg reads it once, here perhaps when `film` writes the first video


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opencv_camera, "_OPEN_TIMEOUT", 0.8)
    monkeypatch.setattr(opencv_camera, "_READ_TIMEOUT", 0.8)


class Open:
    """Opens cameras and closes them after the test."""

    def __init__(self) -> None:
        self.cameras: list[OpenCvCamera] = []

    def __call__(self, source: str | Path) -> OpenCvCamera:
        self.cameras.append(OpenCvCamera(str(source)))
        return self.cameras[-1]


@pytest.fixture
def opened() -> Iterator[Open]:
    opened = Open()
    yield opened
    for camera in opened.cameras:
        camera.close()


# What every camera does


def test_latest_is_a_young_rgb_picture(rig: Rig) -> None:
    frame = rig.camera.latest(PATIENCE)
    assert frame.pixels.dtype == np.uint8
    assert frame.pixels.ndim == 3
    assert frame.pixels.shape[2] == 3
    assert 0 <= time.monotonic() - frame.captured_at < PATIENCE


def test_pictures_keep_coming(rig: Rig) -> None:
    first = rig.camera.latest(PATIENCE).captured_at
    eventually(lambda: rig.camera.latest(PATIENCE).captured_at > first + 0.2)


def test_recent_pictures_are_in_order_and_few(rig: Rig) -> None:
    newest = rig.camera.latest(PATIENCE)
    eventually(lambda: bool(rig.camera.recent(PATIENCE)) and rig.camera.latest(PATIENCE).captured_at > newest.captured_at + 0.3)
    times = [frame.captured_at for frame in rig.camera.recent(PATIENCE)]
    assert 1 <= len(times) <= 8
    assert times == sorted(set(times))
    assert times[-1] > newest.captured_at


def test_nothing_is_younger_than_no_time(rig: Rig) -> None:
    rig.camera.latest(PATIENCE)
    assert rig.camera.recent(0) == []
    with pytest.raises(CameraLost):
        rig.camera.latest(0)


def test_a_lost_camera_is_said_to_be_lost_and_comes_back(rig: Rig) -> None:
    before = rig.camera.latest(PATIENCE).captured_at
    rig.unplug()
    assert isinstance(trouble(rig.camera), CameraLost)
    eventually(lambda: rig.camera.recent(0.3) == [])
    rig.plug()
    eventually(lambda: bool(_latest_or_none(rig.camera)))
    assert rig.camera.latest(PATIENCE).captured_at > before


def _latest_or_none(camera: Camera) -> Frame | None:
    try:
        return camera.latest(0.3)
    except CameraLost:
        return None


def test_a_closed_camera_shows_nothing_and_can_be_closed_again(rig: Rig) -> None:
    rig.camera.latest(PATIENCE)
    rig.camera.close()
    rig.camera.close()
    assert rig.camera.recent(PATIENCE) == []
    with pytest.raises(CameraLost):
        rig.camera.latest(0.1)


# The fake


def test_the_fake_follows_its_script() -> None:
    red = Frame(np.full((4, 4, 3), 9, np.uint8), captured_at=0.0)
    camera = FakeCamera(GREY, CameraLost("blink"), red)
    assert camera.latest(1).pixels is GREY.pixels
    with pytest.raises(CameraLost, match="blink"):
        camera.latest(1)
    assert [camera.latest(1).pixels for _ in range(2)] == [red.pixels, red.pixels]
    assert camera.recent(1)[0].pixels is red.pixels


# Network streams


@pytest.mark.alone
def test_a_stalled_stream_gives_no_old_picture(server: MjpegCamera, opened: Open) -> None:
    camera = opened(server.address)
    camera.latest(PATIENCE)
    server.fault = Fault.STALLED
    stalled_at = time.monotonic()
    assert isinstance(trouble(camera), CameraLost)
    assert all(frame.captured_at < stalled_at + 0.2 for frame in camera.recent(PATIENCE))
    server.fault = Fault.NONE
    eventually(lambda: _latest_or_none(camera) is not None)


@pytest.mark.usefixtures("impatient")
def test_a_stream_that_stays_silent_is_opened_again(server: MjpegCamera, opened: Open) -> None:
    camera = opened(server.address)
    camera.latest(PATIENCE)
    server.fault = Fault.STALLED
    trouble(camera, "stopped delivering")
    server.fault = Fault.NONE
    eventually(lambda: _latest_or_none(camera) is not None)


@pytest.mark.alone
def test_pictures_are_not_old_though_they_are_taken_seldom(server: MjpegCamera, opened: Open) -> None:
    camera = opened(server.address)
    camera.latest(PATIENCE)
    ages = []
    for _ in range(4):
        time.sleep(0.5)  # read one by one at this pace, the last picture would be 1.9 s old
        ages.append(age(camera.latest(PATIENCE).pixels))
    assert max(ages) < 1


def test_truncated_pictures_do_not_end_a_stream(server: MjpegCamera, opened: Open) -> None:
    camera = opened(server.address)
    camera.latest(PATIENCE)
    server.fault = Fault.TRUNCATED
    time.sleep(0.3)
    server.fault = Fault.NONE
    whole_from = time.monotonic() + 0.1
    eventually(lambda: camera.latest(PATIENCE).captured_at > whole_from)
    assert 0 <= age(camera.latest(PATIENCE).pixels) < 5


def test_what_was_kept_while_a_stream_was_examined_is_dropped() -> None:
    class Capture:
        grabbed = 0

        def grab(self) -> bool:
            self.grabbed += 1
            time.sleep(0.1 if self.grabbed > 20 else 0)
            return True

    capture = Capture()
    opencv_camera._skip_backlog(cast("cv2.VideoCapture", capture), longest=PATIENCE)
    assert capture.grabbed == 21


@pytest.mark.usefixtures("impatient")
def test_closing_does_not_wait_for_ever_for_a_silent_stream(server: MjpegCamera, opened: Open) -> None:
    server.fault = Fault.STALLED
    camera = opened(server.address)
    time.sleep(0.2)
    camera.close()
    assert not camera._thread.is_alive()


# Sources that do not work


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("63", "cannot be opened"),
        ("99999999999", ""),
        ("-1", "no camera"),
        ("no such camera", "no camera"),
        ("missing.jpg", "missing.jpg"),
        ("empty", "without pictures"),
        ("text.mp4", "cannot be opened"),
        ("rtsp://127.0.0.1:1/live", "cannot be opened"),
        ("http://127.0.0.1:1/", "cannot be opened"),
    ],
)
def test_a_source_that_does_not_work_is_said(
    source: str, text: str, opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    Path("text.mp4").write_text("not a video")
    error = trouble(opened(source), text)
    assert type(error) is CameraLost
    assert error.detail.startswith(source)


@pytest.mark.parametrize("fault", [Fault.NOT_FOUND, Fault.NO_STREAM])
def test_an_address_without_a_stream_is_said_and_tried_again(server: MjpegCamera, opened: Open, fault: Fault) -> None:
    server.fault = fault
    camera = opened(server.address)
    trouble(camera, "cannot be opened")
    server.fault = Fault.NONE
    eventually(lambda: _latest_or_none(camera) is not None)


def test_passwords_stay_out_of_messages(opened: Open) -> None:
    error = trouble(opened("rtsp://me:secret@127.0.0.1:1/live"), "cannot be opened")
    assert error.detail == "rtsp://127.0.0.1:1/live: it cannot be opened"


def test_nothing_is_written_to_the_terminal(server: MjpegCamera, tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("not a video")
    server.fault = Fault.NO_STREAM
    program = """if True:
        import sys, time
        from assistant.engines.opencv_camera import OpenCvCamera
        cameras = [OpenCvCamera(source) for source in sys.argv[1:]]
        time.sleep(1)
        for camera in cameras: camera.close()
    """
    sources = ["63", "rtsp://127.0.0.1:1/live", server.address, str(tmp_path / "text.mp4")]
    done = subprocess.run([sys.executable, "-c", program, *sources], capture_output=True, text=True, check=True)
    assert done.stdout + done.stderr == ""


# Pictures and videos


def test_colours_are_right(server: MjpegCamera, opened: Open, tmp_path: Path) -> None:
    def middle(source: str | Path) -> list[int]:
        pixels = opened(source).latest(PATIENCE).pixels
        return [int(level) for level in pixels[-10, pixels.shape[1] // 2]]

    assert middle(paint(tmp_path / "orange.png", (250, 120, 10))) == [250, 120, 10]
    assert middle(server.address) == pytest.approx([255, 0, 0], abs=5)


@pytest.mark.parametrize(
    ("image", "rgb"),
    [
        (np.full((2, 2), 7, np.uint8), [7, 7, 7]),
        (np.full((2, 2, 1), 7, np.uint8), [7, 7, 7]),
        (np.full((2, 2, 3), (1, 2, 3), np.uint8), [3, 2, 1]),
        (np.full((2, 2, 4), (1, 2, 3, 4), np.uint8), [3, 2, 1]),
    ],
)
def test_whatever_opencv_hands_out_becomes_rgb(image: Pixels, rgb: list[int]) -> None:
    pixels = opencv_camera._rgb(image)
    assert pixels.shape == (2, 2, 3)
    assert pixels[0, 0].tolist() == rgb


def test_a_photograph_is_turned_upright(opened: Open, tmp_path: Path) -> None:
    exif = PIL.Image.Exif()
    exif[0x112] = 6  # "Orientation": turn it clockwise by a quarter
    PIL.Image.new("RGB", (64, 48)).save(tmp_path / "photo.jpg", exif=exif)
    assert opened(tmp_path / "photo.jpg").latest(PATIENCE).pixels.shape == (64, 48, 3)


def test_a_damaged_picture_is_named(opened: Open, tmp_path: Path) -> None:
    (tmp_path / "cat.jpg").write_bytes(b"not a picture")
    error = trouble(opened(tmp_path / "cat.jpg"), "damaged")
    assert type(error) is PictureUnreadable
    assert error.name == "cat.jpg"


def test_an_empty_picture_is_unreadable(opened: Open, tmp_path: Path) -> None:
    (tmp_path / "cat.jpg").touch()
    assert type(trouble(opened(tmp_path), "cat.jpg")) is PictureUnreadable


def test_a_folder_shows_all_its_pictures_again_and_again(opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opencv_camera, "_PICTURE_REPEATS", 1)
    for grey, name in enumerate("abc"):
        paint(tmp_path / f"{name}.png", (grey, grey, grey))
    (tmp_path / "aa.jpg").write_bytes(b"not a picture")
    (tmp_path / "notes.txt").write_text("not a picture")
    assert _seen(opened(tmp_path), count=4) == [0, 1, 2, 0]


def test_a_still_picture_keeps_its_memory_and_follows_its_file(opened: Open, tmp_path: Path) -> None:
    picture = paint(tmp_path / "still.png", (1, 1, 1))
    camera = opened(picture)
    camera.latest(PATIENCE)
    eventually(lambda: len(camera.recent(PATIENCE)) > 3)
    assert len({id(frame.pixels) for frame in camera.recent(PATIENCE)}) == 1
    paint(tmp_path / "still.png", (2, 2, 2))
    eventually(lambda: (frame := _latest_or_none(camera)) is not None and frame.pixels[0, 0, 0] == 2)


def test_a_video_plays_at_its_own_pace_over_and_over(opened: Open, tmp_path: Path) -> None:
    camera = opened(film(tmp_path / "video.avi", 0, 80, 160, 240, fps=10))
    camera.latest(PATIENCE)
    started_at = time.monotonic()
    seen = _seen(camera, count=9)
    assert {round(grey / 80) for grey in seen} == {0, 1, 2, 3}
    assert time.monotonic() - started_at > 0.4  # eight changes take 0.8 s; decoded without a pace, some milliseconds


def _seen(camera: Camera, count: int) -> list[int]:
    """Return the grey levels that the camera shows, one after the other."""
    seen: list[int] = []

    def enough() -> bool:
        grey = int(camera.latest(PATIENCE).pixels[20, 20, 0])
        if [grey] != seen[-1:]:
            seen.append(grey)
        return len(seen) == count

    eventually(enough)
    return seen


# Names


def add_device(sysfs: Path, number: int, name: str, index: str) -> None:
    node = sysfs / f"video{number}"
    node.mkdir()
    (node / "name").write_text(f"{name}\n")
    (node / "index").write_text(f"{index}\n")


@pytest.fixture
def sysfs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    add_device(tmp_path, 10, "HD Webcam", "0")
    add_device(tmp_path, 2, "USB Camera", "0")
    add_device(tmp_path, 0, "HD Webcam", "0")
    add_device(tmp_path, 1, "HD Webcam", "1")
    add_device(tmp_path, 3, "USB Camera 4K", "0")
    monkeypatch.setattr(opencv_camera, "SYSFS", tmp_path)
    return tmp_path


linux_only = pytest.mark.skipif(sys.platform != "linux", reason="other systems list their cameras elsewhere")


@linux_only
def test_cameras_are_listed_by_what_can_be_put_into_the_configuration(sysfs: Path) -> None:
    assert list_cameras(sysfs) == ["HD Webcam", "USB Camera", "USB Camera 4K", "10"]
    assert list_cameras(sysfs / "none") == []


@linux_only
@pytest.mark.usefixtures("sysfs")
@pytest.mark.parametrize(("name", "number"), [("HD Webcam", 0), ("usb camera", 2), ("4k", 3)])
def test_a_camera_is_found_by_its_name(name: str, number: int) -> None:
    assert opencv_camera._number(name) == number


@linux_only
@pytest.mark.usefixtures("sysfs")
def test_an_ambiguous_name_is_said_together_with_the_choices(opened: Open) -> None:
    error = trouble(opened("cam"), "several cameras")
    assert "HD Webcam, USB Camera, USB Camera 4K" in error.detail


def test_cameras_of_a_mac_are_numbered_by_their_unique_id() -> None:
    report = b"""{"SPCameraDataType": [
        {"_name": "FaceTime HD Camera", "spcamera_unique-id": "3F45E80A-0176"},
        {"_name": "USB Camera", "spcamera_unique-id": "0x110000046d081b"}]}"""
    assert opencv_camera._named_by_profiler(report) == {0: "USB Camera", 1: "FaceTime HD Camera"}


# Of a page


class Reading:
    """Reads pictures whose one byte is their grey, and counts."""

    def __init__(self) -> None:
        self.read: list[bytes] = []

    def __call__(self, data: bytes) -> Frame:
        self.read.append(data)
        if data == b"":
            raise PictureUnreadable("empty")
        return Frame(np.full((48, 64, 3), data[0], np.uint8), 0.0)


def test_what_a_page_sends_is_decoded_once_and_only_when_it_is_wanted() -> None:
    reading = Reading()
    camera = RemoteCamera(reading)
    for grey in range(50):
        camera.see(bytes([grey]))
    assert camera.recent(PATIENCE) == []
    assert camera.latest(PATIENCE).pixels[0, 0, 0] == 49
    assert [frame.pixels[0, 0, 0] for frame in camera.recent(PATIENCE)] == [49]
    assert camera.latest(PATIENCE) is camera.latest(PATIENCE)
    assert reading.read == [b"\x31"]


def test_a_picture_that_is_held_up_is_new_until_the_camera_is_wanted_and_after_the_page_was_away() -> None:
    camera = RemoteCamera(Reading())
    camera.hold_up(b"\x64")
    camera.close()
    with pytest.raises(NothingShown):
        camera.latest(PATIENCE)
    camera.reopen()
    camera.see(b"\x01")
    frame = camera.latest(0.1)
    assert frame.pixels[0, 0, 0] == 100
    assert time.monotonic() - frame.captured_at < 0.1
    assert camera.recent(PATIENCE) == []
    camera.stand_still(still=False)
    assert camera.latest(PATIENCE).pixels[0, 0, 0] == 1


def test_a_picture_of_a_page_that_cannot_be_read_stays_one() -> None:
    reading = Reading()
    camera = RemoteCamera(reading)
    camera.see(b"\x01")
    camera.hold_up(b"")
    for _ in range(2):
        with pytest.raises(PictureUnreadable):
            camera.latest(PATIENCE)
    assert len(reading.read) == 1


def test_who_waits_for_a_picture_of_a_page_is_let_go_at_once() -> None:
    camera = RemoteCamera(Reading())
    threading.Timer(0.05, camera.close).start()
    began_at = time.monotonic()
    with pytest.raises(NothingShown):
        camera.latest(PATIENCE)
    assert time.monotonic() - began_at < 0.35  # 0.15, where nothing else runs
