"""How much memory this process may have, whoever limits it: the machine, a control group, or a resource limit.

What it has already counts as free to it, so that all figures can be compared with what the whole assistant will need.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from assistant.machine import jetson, l4t

_UNLIMITED = 1 << 60
"""Control groups of the first kind say 2**63 less a page where there is no limit."""
_ADDRESSES = 640 << 20
"""Addresses that are taken but never used: stacks and heaps of threads to come. Speech models took 130 MB of them, the 2B 500."""


@dataclasses.dataclass(frozen=True, slots=True)
class Free:
    """Bytes that this process may have in all, what it has already included."""

    memory: int
    """Of the machine's memory, pages of mapped files included."""
    anonymous: int
    """Of memory that no file stands behind; never more than `memory`."""
    gpu: int | None = None
    """Of a GPU's own memory; None where there is none, or where it shares the machine's."""


def free(gpu: int | None = None, root: Path = Path("/")) -> Free:
    """Find out how much memory this process may have.

    Args:
        gpu: What a GPU says is free on it, in bytes.
        root: The folder that holds proc, sys and etc.
    """
    status = _table(root / "proc/self/status")
    limits = _limits(root / "proc/self/limits")
    own = status.get("RssAnon", 0)
    memory = [_available(root), *_groups(root)]
    if "Max address space" in limits:
        memory.append(limits["Max address space"] - status.get("VmSize", 0) - _ADDRESSES)
    data = [limits["Max data size"] - status.get("VmData", 0)] if "Max data size" in limits else []
    most = max(0, min(memory) + own)
    anonymous = max(0, min(most, *(bytes_ + own for bytes_ in data))) if data else most
    shared = jetson(root) or l4t(root)  # a Jetson's GPU has no memory of its own: what it takes, it takes of the machine's
    return Free(most, anonymous, None if shared else gpu)


def _available(root: Path) -> int:
    """Return what the machine can give; where it does not tell (macOS), all that it has."""
    table = _table(root / "proc/meminfo")
    if "MemAvailable" in table:
        return table["MemAvailable"]
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _groups(root: Path) -> Iterator[int]:
    """Yield what each control group that this process is in has left; files that were only read count as left."""
    path = root / "proc/self/cgroup"
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        _, controllers, group = line.split(":", 2)
        if not controllers:
            bases, limit, usage, prefix = ["sys/fs/cgroup", "sys/fs/cgroup/unified"], "memory.max", "memory.current", ""
        elif "memory" in controllers.split(","):
            bases, limit, usage, prefix = ["sys/fs/cgroup/memory"], "memory.limit_in_bytes", "memory.usage_in_bytes", "total_"
        else:
            continue
        for base in bases:
            top = root / base
            own = top / group.lstrip("/")
            for folder in (own, *own.parents):
                most, used = _number(folder / limit), _number(folder / usage)
                if most is not None and used is not None and most < _UNLIMITED:
                    stat = _table(folder / "memory.stat", unit=1)
                    yield most - used + stat.get(f"{prefix}inactive_file", 0) + stat.get(f"{prefix}active_file", 0)
                if folder == top:
                    break


def _number(path: Path) -> int | None:
    """Return the number in a file; None where there is none, or "max"."""
    try:
        return int(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _table(path: Path, unit: int = 1024) -> Mapping[str, int]:
    """Read lines of a name and a number, the numbers in `unit` bytes; other lines are passed over."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    words = (line.replace(":", " ").split() for line in lines)
    return {word[0]: unit * int(word[1]) for word in words if len(word) > 1 and word[1].isdigit()}


def _limits(path: Path) -> Mapping[str, int]:
    """Read the soft limits that are set, by their names (proc(5): columns of 26 and 21 characters)."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    soft = ((line[:26].strip(), line[26:47].strip()) for line in lines)
    return {name: int(value) for name, value in soft if value.isdigit()}
