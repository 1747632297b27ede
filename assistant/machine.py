"""What machine this is, and which profile fits it."""

from __future__ import annotations

import dataclasses
import os
import platform
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path("/")
GIB = 1 << 30

_SMALL_GPU = 5 * GIB
"""Below it a graphics card does not hold Qwen3-VL 4B: 3.4 GiB with 2048 tokens of context, and what the desktop takes."""
_LARGE_GPU = 14 * GIB
"""From it a graphics card holds Qwen3-VL 8B in Q8_0, 9.5 GiB, beside a desktop. One of "16 GB" reports a little less."""


@dataclasses.dataclass(frozen=True, slots=True)
class Gpu:
    """A graphics processor that llama.cpp, as it is built here, computes on."""

    name: str
    """Such as "CUDA0: NVIDIA GeForce RTX 4090"."""
    memory: int
    """In bytes."""
    free: int = 0
    """How much of that is free now."""
    integrated: bool = False
    """Whether it is a part of the processor, and has no memory of its own."""


@dataclasses.dataclass(frozen=True, slots=True)
class Machine:
    """What a profile is chosen by."""

    system: str
    """As `platform.system` calls it."""
    architecture: str
    """As `platform.machine` calls it."""
    processor: str
    """What its maker calls it; empty where that is not told."""
    processors: int
    """How many this program may use."""
    memory: int
    """In bytes; 0 where it is not told."""
    gpus: tuple[Gpu, ...] = ()
    jetson: str = ""
    """What an NVIDIA Jetson calls itself; empty for other machines."""
    l4t: str = ""
    """The version of a Jetson's Linux, such as "36.4.7"."""
    cards: tuple[str, ...] = ()
    """NVIDIA and AMD graphics cards with a driver, whether llama.cpp can use them or not."""


def profile_for(machine: Machine) -> str:
    """Return the name of the profile that fits `machine`."""
    gpus = [gpu for gpu in machine.gpus if not gpu.integrated]
    if machine.jetson and machine.gpus:
        gib = machine.memory / GIB  # one of "8 GB" reports 7.4, one of "16 GB" 15.3
        return "jetson-orin-nx-8gb" if gib < 10 else "jetson-orin-nx-16gb" if gib < 20 else "jetson-agx"  # noqa: PLR2004
    if machine.system == "Darwin" and machine.architecture == "arm64" and machine.gpus:
        return "macbook"
    largest = max((gpu.memory for gpu in gpus), default=0)
    # One within the processor, through Vulkan, shares its memory's speed, and was measured by nobody here: it has to be asked for.
    return "desktop-24gb" if largest >= _LARGE_GPU else "laptop-gpu" if largest >= _SMALL_GPU else "laptop-cpu"


def look(gpus: Sequence[Gpu], root: Path = ROOT) -> Machine:
    """Look what machine this is.

    Args:
        gpus: What llama.cpp can compute on.
        root: Where /proc and the like are.
    """
    return Machine(
        platform.system(),
        platform.machine(),
        _processor(root),
        processors(root),
        _memory(root),
        tuple(gpus),
        jetson(root),
        l4t(root),
        _cards(root),
    )


def processors(root: Path = ROOT) -> int:
    """Return how many processors this program may use: what its affinity allows, and the quota of its control groups.

    Of a quota of 2.5 it uses 2: threads that compute one thing together wait for the slowest, which would be the throttled one.
    """
    try:
        allowed = len(os.sched_getaffinity(0))
    except AttributeError:  # not Linux
        allowed = os.cpu_count() or 1
    return max(1, min([allowed, *(int(quota) for quota in _quotas(root))]))


def _quotas(root: Path) -> list[float]:
    """Return the processors that each control group around this program may use, where it is limited."""
    found: list[float] = []
    for line in read(root / "proc/self/cgroup").splitlines():
        controllers, _, path = line.partition(":")[2].partition(":")
        if not controllers:
            mount, files = root / "sys/fs/cgroup", ["cpu.max"]
        elif "cpu" in controllers.split(","):
            mount, files = root / "sys/fs/cgroup/cpu", ["cpu.cfs_quota_us", "cpu.cfs_period_us"]
        else:
            continue
        group = Path(path.lstrip("/"))
        # In a container the path is that of the host, while the mount shows the container's own group at its top.
        for folder in (mount / group, *(mount / parent for parent in group.parents)):
            words = " ".join(read(folder / file) for file in files).split()
            if len(words) == 2 and words[0].isdecimal() and words[1].isdecimal():  # noqa: PLR2004 - quota and period; "max" or -1: none
                found.append(int(words[0]) / int(words[1]))
    return found


def jetson(root: Path = ROOT) -> str:
    """Return what an NVIDIA Jetson calls itself; empty for other machines."""
    model = read(root / "proc/device-tree/model").strip("\0\n ")
    return model if "Jetson" in model or "Orin" in model else ""


def l4t(root: Path = ROOT) -> str:
    """Return the version of a Jetson's Linux, such as "36.4.7"; empty for other machines."""
    found = re.search(r"# R(\d+) \(release\), REVISION: ([\d.]+)", read(root / "etc/nv_tegra_release"))
    return f"{found[1]}.{found[2]}" if found else ""


def _processor(root: Path) -> str:
    if sys.platform == "darwin":
        return _sysctl("machdep.cpu.brand_string")
    found = re.search(r"^model name\s*: (.*)$", read(root / "proc/cpuinfo"), re.MULTILINE)
    return found[1] if found else ""


def _memory(root: Path) -> int:
    if sys.platform == "darwin":
        return int(_sysctl("hw.memsize") or 0)
    found = re.search(r"^MemTotal:\s*(\d+) kB", read(root / "proc/meminfo"), re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def _sysctl(name: str) -> str:
    try:
        told = subprocess.run(  # noqa: S603 - a fixed program and one of two names
            ["/usr/sbin/sysctl", "-n", name], capture_output=True, text=True, check=True, timeout=5
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return told.stdout.strip()


def _cards(root: Path) -> tuple[str, ...]:
    nvidia = [read(file) for file in sorted(root.glob("proc/driver/nvidia/gpus/*/information"))]
    models = [found[1].strip() for text in nvidia if (found := re.search(r"^Model:(.*)$", text, re.MULTILINE))]
    amd = ["AMD" for _ in root.glob("sys/class/drm/card*/device/mem_info_vram_total")]  # only amdgpu has that file
    return (*models, *amd)


def read(file: Path) -> str:
    """Return what a file of the kernel says; nothing where it is not there or may not be read."""
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
