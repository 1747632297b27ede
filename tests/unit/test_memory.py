from __future__ import annotations

import os
from pathlib import Path

import pytest

from assistant.memory import Free, free

GB = 10**9
KEPT = 1024 * 200_000
"""RssAnon of the process in `machine`."""
ADDRESSES = 640 << 20
LIMITS = "{:26}{:21}{:21}{:10}\n"


def write(root: Path, path: str, text: object) -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{text}\n", encoding="utf-8")


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """Return a root folder in which 8192000 kB are available and this process has 200000 of its own."""
    write(tmp_path, "proc/meminfo", "MemTotal:       16000000 kB\nMemFree:  100 kB\nMemAvailable:    8192000 kB")
    write(tmp_path, "proc/self/status", "Name:\tpython\nVmSize:\t 1000000 kB\nVmData:\t 400000 kB\nRssAnon:\t 200000 kB")
    write(tmp_path, "proc/self/cgroup", "0::/")
    write(tmp_path, "proc/self/limits", limits())
    return tmp_path


def limits(**soft: int) -> str:
    rows = [("Max address space", soft.get("addresses", "unlimited")), ("Max data size", soft.get("data", "unlimited"))]
    return LIMITS.format("Limit", "Soft Limit", "Hard Limit", "Units") + "".join(
        LIMITS.format(name, value, "unlimited", "bytes") for name, value in rows
    )


def test_without_limits_it_is_what_the_machine_has_available_and_what_is_held_already(machine: Path) -> None:
    most = 1024 * 8_192_000 + KEPT
    assert free(None, machine) == Free(most, most, None)


def test_a_group_s_limit_counts_less_what_it_uses_without_files_that_were_only_read(machine: Path) -> None:
    write(machine, "proc/self/cgroup", "0::/user.slice/assistant.service")
    folder = "sys/fs/cgroup/user.slice/assistant.service"
    write(machine, f"{folder}/memory.max", 4 * GB)
    write(machine, f"{folder}/memory.current", 3 * GB)
    write(machine, f"{folder}/memory.stat", f"anon {GB}\ninactive_file {GB}\nactive_file {GB // 2}")
    assert free(None, machine).memory == 2.5 * GB + KEPT


def test_the_tightest_group_above_counts(machine: Path) -> None:
    write(machine, "proc/self/cgroup", "0::/user.slice/assistant.service")
    for folder, limit in (("user.slice/assistant.service", "max"), ("user.slice", 2 * GB)):
        write(machine, f"sys/fs/cgroup/{folder}/memory.max", limit)
        write(machine, f"sys/fs/cgroup/{folder}/memory.current", GB)
    assert free(None, machine).memory == GB + KEPT


def test_a_group_of_the_first_kind(machine: Path) -> None:
    write(machine, "proc/self/cgroup", "9:name=systemd:/\n4:cpu,memory:/docker/abc\n0::/")
    folder = "sys/fs/cgroup/memory/docker/abc"
    write(machine, f"{folder}/memory.limit_in_bytes", 3 * GB)
    write(machine, f"{folder}/memory.usage_in_bytes", 2 * GB)
    write(machine, f"{folder}/memory.stat", f"inactive_file 5\ntotal_inactive_file {GB}\ntotal_active_file 0")
    write(machine, "sys/fs/cgroup/memory/memory.limit_in_bytes", 9223372036854771712)
    write(machine, "sys/fs/cgroup/memory/memory.usage_in_bytes", 12 * GB)
    assert free(None, machine).memory == 2 * GB + KEPT


def test_a_group_whose_folder_is_hidden_in_a_container_is_the_one_at_the_top(machine: Path) -> None:
    write(machine, "proc/self/cgroup", "0::/../outside")
    write(machine, "sys/fs/cgroup/memory.max", 2 * GB)
    write(machine, "sys/fs/cgroup/memory.current", GB)
    assert free(None, machine).memory == GB + KEPT


def test_a_limit_of_addresses_counts_less_those_in_use_and_those_never_used(machine: Path) -> None:
    write(machine, "proc/self/limits", limits(addresses=5 * GB))
    assert free(None, machine).memory == 5 * GB - 1024 * 1_000_000 - ADDRESSES + KEPT


def test_a_limit_of_data_does_not_touch_the_pages_of_files(machine: Path) -> None:
    write(machine, "proc/self/limits", limits(data=2 * GB))
    assert free(None, machine) == Free(1024 * 8_192_000 + KEPT, 2 * GB - 1024 * 400_000 + KEPT)


def test_nothing_is_free_where_the_limit_is_passed_already(machine: Path) -> None:
    write(machine, "proc/self/limits", limits(addresses=GB // 2))
    assert free(None, machine) == Free(0, 0)


def test_a_graphics_card_has_its_own_memory(machine: Path) -> None:
    assert free(7 * GB, machine).gpu == 7 * GB


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("proc/device-tree/model", "NVIDIA Jetson Orin NX Engineering Reference\0"),
        ("etc/nv_tegra_release", "# R36 (release), REVISION: 4.3, GCID: 1"),
    ],
)
def test_a_jetson_s_shares_the_machine_s(machine: Path, path: str, text: str) -> None:
    write(machine, path, text)
    assert free(7 * GB, machine).gpu is None


def test_where_nothing_is_told_it_is_what_the_machine_has(tmp_path: Path) -> None:
    assert free(None, tmp_path).memory == os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def test_this_machine(tmp_path: Path) -> None:
    assert 0 < free().memory <= free(None, tmp_path).memory * 1.1
