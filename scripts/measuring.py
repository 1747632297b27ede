"""What the benchmarks of models share: the machine, models made on the spot, processes of their own, the memory they took."""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import platformdirs
from synthetic_gguf import synthesise


def machine() -> dict[str, str | int | float]:
    """Return what a figure depends on: the processor, its cores, and how busy they were."""
    cpu = platform.processor()
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        cpu = next((line.split(":", 1)[1].strip() for line in lines if line.startswith(("model name", "Model"))), cpu)
    return {"cpu": cpu or platform.machine(), "cores": os.cpu_count() or 1, "load_before": os.getloadavg()[0]}


def synthetic_folder() -> Path:
    """Return where models with random weights are kept, so that each is made once."""
    return platformdirs.user_cache_path("assistant") / "synthetic"


def synthetic_files(shape: str, quantisation: str = "") -> tuple[Path, Path]:
    """Return model and mmproj of a shape with random weights, made now unless they are there; Q4_K_M where nothing is said."""
    usual = "Q8_0" if shape == "tiny" else "Q4_K_M"  # no row of the tiny one is as long as a block of Q4_K
    return synthesise(shape, synthetic_folder(), quantisation or usual, "Q8_0")


def in_own_process(script: str, job: Sequence[Any], timeout: float | None = None) -> subprocess.CompletedProcess[str]:
    """Run a script with `job` as JSON for its only argument, so that neither its memory nor its end is this process's.

    Raises:
        subprocess.TimeoutExpired: It took longer than `timeout` seconds, and was killed.
    """
    command = [sys.executable, script, json.dumps(job)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=timeout)  # noqa: S603 - our own


def status_bytes(which: str, process: int | str = "self") -> int:
    """Return a memory figure of a process in bytes (proc(5), status)."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    return 1024 * int(next(line.split()[1] for line in lines if line.startswith(which + ":")))


def peak_rss_mib() -> float:
    """Return the most memory this process has had resident, mapped weights included."""
    if Path("/proc/self/status").exists():
        return status_bytes("VmHWM") / 2**20  # ru_maxrss would begin with what the parent had
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
