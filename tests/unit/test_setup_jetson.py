"""``scripts/setup-jetson``, on a folder that looks like a Jetson's root: what it would run there, and what it says."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "setup-jetson"
RELEASE = (
    "# R36 (release), REVISION: {revision}, GCID: 42132812, BOARD: generic, EABI: aarch64, DATE: Thu Sep 18 22:54:44 UTC 2025\n"
)
MODES = "< POWER_MODEL ID=0 NAME=15W >\n< POWER_MODEL ID=1 NAME=25W >\n< POWER_MODEL ID=2 NAME=MAXN_SUPER >\n"


@pytest.fixture
def jetson(tmp_path: Path) -> Path:
    files = {
        "etc/nv_tegra_release": RELEASE.format(revision="4.3"),
        "etc/nvpmodel.conf": MODES,
        "proc/device-tree/model": "NVIDIA Jetson Orin NX Engineering Reference Developer Kit\0",
        "proc/meminfo": "MemTotal:        7802660 kB\n",
        "proc/swaps": "/dev/zram0 partition 650216 0 5\n",
        "usr/local/cuda/bin/nvcc": "",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (tmp_path / "usr/local/cuda/bin/nvcc").chmod(0o755)
    return tmp_path


def set_up(root: Path, *options: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "JETSON_ROOT": str(root), "XDG_CACHE_HOME": str(root / "cache")}
    return subprocess.run([str(SCRIPT), *options], capture_output=True, text=True, check=False, env=environment)


def commands(result: subprocess.CompletedProcess[str]) -> list[str]:
    lines = result.stdout.splitlines()
    return [line.partition("would run: ")[2] for line in lines if "would run: " in line]


def test_another_machine_is_refused(tmp_path: Path) -> None:
    result = set_up(tmp_path)
    assert result.returncode == 1
    assert "this is no Jetson" in result.stderr


def test_llama_cpp_is_built_for_its_graphics_processor(jetson: Path) -> None:
    result = set_up(jetson, "--dry-run")
    assert result.returncode == 0, result.stderr
    assert "Jetson Orin NX" in result.stdout
    assert "L4T 36.4.3" in result.stdout
    assert "faulty" not in result.stdout
    (command,) = commands(result)
    assert command.endswith("scripts/setup")
    for flag in ("-DGGML_CUDA=on", "-DCMAKE_CUDA_ARCHITECTURES=87", "CUDACXX=/usr/local/cuda/bin/nvcc"):
        assert flag in command


def test_a_faulty_system_is_warned_of(jetson: Path) -> None:
    (jetson / "etc/nv_tegra_release").write_text(RELEASE.format(revision="4.7"), encoding="utf-8")
    assert "L4T 36.4.7 is faulty" in set_up(jetson, "--dry-run").stdout


def test_without_cuda_it_stops(jetson: Path) -> None:
    (jetson / "usr/local/cuda/bin/nvcc").unlink()
    result = set_up(jetson)
    assert result.returncode == 1
    assert "apt-get install nvidia-jetpack" in result.stderr


def test_nothing_about_the_machine_is_changed_unasked(jetson: Path) -> None:
    result = set_up(jetson, "--dry-run")
    assert not any("sudo" in command for command in commands(result))
    assert "scripts/setup-jetson --max-power" in result.stdout
    assert "nvzramconfig" in result.stdout


def test_the_fastest_power_mode_is_found_by_its_name(jetson: Path) -> None:
    assert commands(set_up(jetson, "--dry-run", "--max-power"))[1:] == ["sudo nvpmodel -m 2", "sudo jetson_clocks"]


def test_speech_recognition_is_built_in_the_locked_version_and_only_once(jetson: Path) -> None:
    first = commands(set_up(jetson, "--dry-run", "--whisper-gpu"))
    clone = next(command for command in first if command.startswith("git clone"))
    locked = next(
        line for line in (SCRIPT.parents[1] / "requirements.lock").read_text().splitlines() if line.startswith("ctranslate2==")
    )
    version = locked.split("==")[1].split()[0]
    assert f"--branch v{version} " in clone
    assert any("-DWITH_CUDA=ON" in command and "-DCUDA_ARCH_LIST=8.7" in command for command in first)

    (jetson / f"cache/assistant/ctranslate2-{version}-cuda/wheel").mkdir(parents=True)
    again = commands(set_up(jetson, "--dry-run", "--whisper-gpu"))
    assert not any(command.startswith(("git", "cmake")) for command in again)
    assert any("pip install" in command for command in again)
