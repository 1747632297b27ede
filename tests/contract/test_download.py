from __future__ import annotations

import email.utils
import hashlib
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.errors import DiskFull, DownloadFailed, ModelDamaged
from assistant.models.download import Patience, damaged_of, download, part_of
from assistant.models.pieces import Lanes
from assistant.models.pins import Content
from assistant.models.progress import Progress
from tests.file_server import Fault, FileServer, serving

BODY = random.Random(3).randbytes(1_000_003)  # noqa: S311  any bytes will do
CONTENT = Content(bytes=len(BODY), sha256=hashlib.sha256(BODY).hexdigest())
IMPATIENT = Patience(connect=5, silence=2.0, waits=(0.0, 0.01), longest=2.0)
"""A busy machine may be silent for a second without any fault."""
FOUR = Lanes(connections=4, piece_bytes=100_000, from_bytes=300_000)
ONE = Lanes(connections=1)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    with serving() as server:
        monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
        server.files = {"/a": BODY}
        yield server


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "a.gguf"


def fetched(server: FileServer, target: Path, lanes: Lanes) -> list[str]:
    """Fetch and return what was said, once the file was found to be right and to lie alone."""
    said: list[str] = []
    progress = Progress("a", CONTENT.bytes, said.append)
    download(f"{server.address}/a", target, CONTENT, progress, IMPATIENT, lanes=lanes)
    assert [path.name for path in target.parent.iterdir()] == [target.name]
    assert hashlib.sha256(target.read_bytes()).hexdigest() == CONTENT.sha256
    return said


def spans(server: FileServer) -> list[str]:
    return [span or "all" for _, span in server.asked]


def test_a_large_file_comes_in_pieces(server: FileServer, target: Path) -> None:
    fetched(server, target, FOUR)
    pieces = [f"bytes={start}-{min(start + 100_000, len(BODY)) - 1}" for start in range(0, len(BODY), 100_000)]
    assert sorted(spans(server)) == sorted(pieces)


@pytest.mark.alone
def test_several_connections_are_faster_where_each_is_slow(server: FileServer, target: Path) -> None:
    server.rate = 1_000_000
    began = time.monotonic()
    fetched(server, target, FOUR)
    assert time.monotonic() - began < 0.8


def test_the_rest_of_a_part_comes_in_pieces(server: FileServer, target: Path) -> None:
    part_of(target).write_bytes(BODY[:50_000])
    assert fetched(server, target, FOUR) == ["a: less than 1 of 1 MB are here already"]
    assert "bytes=50000-149999" in spans(server)
    assert len(server.asked) == 10


def test_a_small_rest_comes_in_one(server: FileServer, target: Path) -> None:
    part_of(target).write_bytes(BODY[:800_000])
    fetched(server, target, FOUR)
    assert spans(server) == ["bytes=800000-"]


@pytest.mark.parametrize("fault", [Fault.CUT, Fault.STALL])
def test_a_piece_that_is_cut_is_resumed_by_itself(server: FileServer, target: Path, fault: Fault) -> None:
    server.faults.append(fault)
    assert fetched(server, target, FOUR) == []
    assert len(server.asked) == 12
    assert any(span.split("-")[0].endswith("50000") for span in spans(server))


@pytest.mark.parametrize("faults", [[Fault.BROKEN], [Fault.BUSY], [Fault.BROKEN, Fault.CUT, Fault.BUSY, Fault.CUT]])
def test_pieces_that_do_not_come_are_asked_for_again(server: FileServer, target: Path, faults: list[Fault]) -> None:
    server.faults.extend(faults)
    said = fetched(server, target, FOUR)
    assert any("trying again in" in line for line in said)


def test_a_busy_server_is_asked_over_one_connection(server: FileServer, target: Path) -> None:
    server.faults.append(Fault.BUSY)
    fetched(server, target, FOUR)
    assert spans(server)[-1] in {"all", *(f"bytes={start}-" for start in range(100_000, len(BODY), 100_000))}


@pytest.mark.parametrize("fault", [Fault.NO_RANGES, Fault.WRONG_PLACE])
def test_without_ranges_it_comes_as_a_whole(server: FileServer, target: Path, fault: Fault) -> None:
    server.faults.extend([fault] * 8)
    fetched(server, target, FOUR)
    assert spans(server)[-1] == "all"


def test_a_corrupt_piece_is_found(server: FileServer, target: Path) -> None:
    server.faults.extend([Fault.CORRUPT])
    said = fetched(server, target, FOUR)
    assert said == ["a: damaged, and set aside as a.gguf.damaged; fetching it once more"]


def test_a_file_of_another_length_is_none_of_ours(server: FileServer, target: Path) -> None:
    server.files = {"/a": BODY + b"x"}
    with pytest.raises(ModelDamaged, match="1000004 bytes in place of 1000003"):
        fetched(server, target, FOUR)


@pytest.mark.parametrize("lanes", [ONE, FOUR], ids=["one", "four"])
def test_what_came_is_a_beginning_whatever_happens(server: FileServer, target: Path, lanes: Lanes) -> None:
    server.faults.extend([Fault.CUT] + [Fault.BROKEN] * 40)
    with pytest.raises(DownloadFailed, match="503"):
        fetched(server, target, lanes)
    left = part_of(target).read_bytes() if part_of(target).exists() else b""
    assert BODY.startswith(left)
    server.faults.clear()
    fetched(server, target, lanes)


@pytest.mark.parametrize("lanes", [ONE, FOUR], ids=["one", "four"])
def test_another_host_may_have_the_file(server: FileServer, target: Path, lanes: Lanes) -> None:
    with serving() as storage:
        storage.files = server.files
        server.elsewhere = storage.address.replace("127.0.0.1", "localhost")
        server.faults.extend([Fault.REDIRECT] * 20)
        fetched(server, target, lanes)
        assert len(storage.asked) == (1 if lanes is ONE else 11)
    assert len(server.asked) <= 4  # for the later pieces it is known


def test_an_address_that_has_run_out_is_asked_for_again(server: FileServer, target: Path) -> None:
    with serving() as storage:
        storage.files = server.files
        storage.uses = 2
        server.elsewhere = storage.address
        server.faults.extend([Fault.REDIRECT] * 30)
        assert fetched(server, target, FOUR) == []
    assert len(server.asked) >= 6  # for eleven pieces


@pytest.mark.parametrize("fault", [Fault.BUSY, Fault.BROKEN])
@pytest.mark.parametrize("dated", [False, True])
def test_a_server_is_left_alone_for_as_long_as_it_wants(server: FileServer, target: Path, fault: Fault, *, dated: bool) -> None:
    server.retry_after = email.utils.formatdate(time.time() + 1.5, usegmt=True) if dated else "1"
    server.faults.append(fault)
    began = time.monotonic()
    said = fetched(server, target, ONE)
    assert said[0].startswith(f"a: the server answered {fault.value}; trying again in ")
    assert time.monotonic() - began > 0.4


def test_a_server_that_wants_too_much_time_is_left(server: FileServer, target: Path) -> None:
    server.retry_after = "7200"
    server.faults.append(Fault.BUSY)
    with pytest.raises(DownloadFailed, match=r"429, and wants to be asked again in 2\.0 hours"):
        fetched(server, target, ONE)
    assert len(server.asked) == 1


@pytest.mark.parametrize("nonsense", ["soon", "-1", "Wed, 99 Foo 2026"])
def test_nonsense_about_when_to_come_back_is_ignored(server: FileServer, target: Path, nonsense: str) -> None:
    server.retry_after = nonsense
    server.faults.append(Fault.BUSY)
    fetched(server, target, ONE)


def test_a_proxy_is_used(server: FileServer, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", server.address)
    monkeypatch.delenv("http_proxy", raising=False)
    server.files = {"http://hub.invalid/a": BODY}
    download("http://hub.invalid/a", target, CONTENT, Progress("a", 1, print), IMPATIENT, lanes=ONE)
    assert target.read_bytes() == BODY


@pytest.mark.parametrize("lanes", [ONE, FOUR], ids=["one", "four"])
def test_a_full_disk_is_told_and_what_came_is_kept(server: FileServer, target: Path, lanes: Lanes) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (650_000, before[1]))  # the kernel refuses what lies beyond
    try:
        with pytest.raises(DiskFull, match=r"the disk is full; the less than 1 MB that came are kept"):
            fetched(server, target, lanes)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    left = part_of(target).read_bytes()
    assert 500_000 < len(left) <= 650_000
    assert BODY.startswith(left)
    server.asked.clear()
    fetched(server, target, lanes)
    assert any(span.startswith(f"bytes={len(left)}-") for span in spans(server))


@pytest.mark.parametrize("lanes", [ONE, FOUR], ids=["one", "four"])
def test_after_a_kill_it_goes_on(server: FileServer, target: Path, lanes: Lanes) -> None:
    server.rate = 400_000
    program = (
        "import sys; from pathlib import Path; from tests.contract.test_download import *\n"
        f"download('{server.address}/a', Path(sys.argv[1]), CONTENT, Progress('a', 1, print), IMPATIENT, lanes={lanes!r})"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(target)], env=os.environ | {"NO_PROXY": "127.0.0.1"}) as process:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and not (part_of(target).exists() and part_of(target).stat().st_size > 200_000):
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    left = part_of(target).read_bytes()
    assert 200_000 < len(left) < len(BODY)
    assert BODY.startswith(left)
    server.rate = None
    server.asked.clear()
    fetched(server, target, lanes)
    assert any(span.startswith(f"bytes={len(left)}-") for span in spans(server))
    assert not damaged_of(target).exists()
