"""What machine this is, read from files that say what others are."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from assistant import machine
from assistant.machine import GIB, Gpu, Machine, profile_for

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads what Linux tells")

PC = Machine("Linux", "x86_64", "", 8, 32 * GIB)
ORIN = "NVIDIA Jetson Orin NX Engineering Reference Developer Kit"
CUDA = Gpu("CUDA0: Orin", 8 * GIB)


def files(root: Path, texts: Mapping[str, str]) -> Path:
    for name, text in texts.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


@pytest.mark.parametrize(
    ("found", "profile"),
    [
        (PC, "laptop-cpu"),
        (Machine("Linux", "x86_64", "", 8, 32 * GIB, cards=("NVIDIA GeForce RTX 4090",)), "laptop-cpu"),
        (Machine("Linux", "x86_64", "", 8, 32 * GIB, (Gpu("Vulkan0: Intel", 16 * GIB, integrated=True),)), "laptop-cpu"),
        (Machine("Linux", "x86_64", "", 8, 32 * GIB, (Gpu("CUDA0: GTX 1650", 4 * GIB),)), "laptop-cpu"),
        (Machine("Linux", "x86_64", "", 8, 32 * GIB, (Gpu("Vulkan0: RX", 8 * GIB),)), "laptop-gpu"),
        (Machine("Windows", "AMD64", "", 8, 32 * GIB, (Gpu("CUDA0: 3090", 24 * GIB), Gpu("CUDA1", 4 * GIB))), "desktop-24gb"),
        (Machine("Darwin", "arm64", "Apple M1", 8, 8 * GIB, (Gpu("Metal: Apple M1", 5 * GIB),)), "macbook"),
        (Machine("Darwin", "arm64", "Apple M1", 8, 8 * GIB), "laptop-cpu"),
        (Machine("Darwin", "x86_64", "Intel", 8, 16 * GIB), "laptop-cpu"),
        (Machine("Linux", "aarch64", "", 6, round(7.4 * GIB), (CUDA,), ORIN), "jetson-orin-nx-8gb"),
        (Machine("Linux", "aarch64", "", 8, round(15.3 * GIB), (CUDA,), ORIN), "jetson-orin-nx-16gb"),
        (Machine("Linux", "aarch64", "", 12, round(61 * GIB), (CUDA,), "NVIDIA Jetson AGX Orin"), "jetson-agx"),
        (Machine("Linux", "aarch64", "", 12, round(30 * GIB), (CUDA,), "NVIDIA Jetson AGX Orin"), "jetson-agx"),
        (Machine("Linux", "aarch64", "", 6, round(7.4 * GIB), (), ORIN), "laptop-cpu"),
    ],
)
def test_the_profile_follows_from_the_machine(found: Machine, profile: str) -> None:
    assert profile_for(found) == profile


def test_a_jetson_is_recognised(tmp_path: Path) -> None:
    root = files(
        tmp_path,
        {
            "proc/device-tree/model": f"{ORIN}\0",
            "etc/nv_tegra_release": "# R36 (release), REVISION: 4.7, GCID: 42132812, BOARD: generic, EABI: aarch64\n",
            "proc/meminfo": "MemTotal:        7800000 kB\nMemFree:   1 kB\n",
        },
    )
    found = machine.look([CUDA], root)
    assert (found.jetson, found.l4t, found.memory) == (ORIN, "36.4.7", 7_800_000 * 1024)
    assert profile_for(found) == "jetson-orin-nx-8gb"


def test_another_board_with_a_device_tree_is_no_jetson(tmp_path: Path) -> None:
    assert machine.jetson(files(tmp_path, {"proc/device-tree/model": "Raspberry Pi 5 Model B\0"})) == ""


def test_a_graphics_card_is_seen_even_if_llama_cpp_cannot_use_it(tmp_path: Path) -> None:
    root = files(
        tmp_path,
        {
            "proc/driver/nvidia/gpus/0000:01:00.0/information": "Model: \t\t NVIDIA GeForce RTX 4090\nIRQ: 1\n",
            "sys/class/drm/card1/device/mem_info_vram_total": "8589934592\n",
        },
    )
    assert machine.look([], root).cards == ("NVIDIA GeForce RTX 4090", "AMD")


def test_a_machine_that_tells_nothing_is_a_machine(tmp_path: Path) -> None:
    found = machine.look([], tmp_path)
    assert (found.processor, found.memory, found.cards, found.l4t) == ("", 0, (), "")
    assert found.processors >= 1


@pytest.fixture
def sixteen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(16)))


@pytest.mark.usefixtures("sixteen")
@pytest.mark.parametrize(
    ("texts", "count"),
    [
        ({}, 16),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "max 100000\n"}, 16),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "250000 100000\n"}, 2),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "50000 100000\n"}, 1),
        ({"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/cpu.max": "400000 100000\n"}, 4),
        ({"proc/self/cgroup": "0::/docker/b\n", "sys/fs/cgroup/cpu.max": "300000 100000\n"}, 3),
        (
            {
                "proc/self/cgroup": "4:cpu,cpuacct:/x\n3:cpuset:/\n",
                "sys/fs/cgroup/cpu/x/cpu.cfs_quota_us": "600000\n",
                "sys/fs/cgroup/cpu/x/cpu.cfs_period_us": "100000\n",
                "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
                "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
            },
            6,
        ),
    ],
)
def test_processors_are_those_that_this_program_may_use(tmp_path: Path, texts: dict[str, str], count: int) -> None:
    assert machine.processors(files(tmp_path, texts)) == count
