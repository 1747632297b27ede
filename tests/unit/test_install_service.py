"""``scripts/install-service``: the unit it writes, as systemd reads it; and what it does where systemd is a stand-in."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.service_unit import ROOT, dry_run, of_unit

VERSION_254 = 'case "$1" in --version) echo "systemd 254 (254.1)" ;; esac'


class Machine:
    """A user's machine whose systemd writes down what it is told."""

    def __init__(self, folder: Path) -> None:
        self.home, self._bin, self._log = folder / "home", folder / "bin", folder / "calls"
        self.home.mkdir()
        self._bin.mkdir()
        self.unit = self.home / ".config/systemd/user/assistant.service"
        self.stand_in("systemctl", VERSION_254)
        self.stand_in("systemd-run")
        self.stand_in("loginctl", 'case "$1" in show-user) echo no ;; esac')
        self.stand_in("sudo", "exit 1")
        self.stand_in("id", 'case "$1" in -u) echo 1000 ;; -un) echo ann ;; -nG) echo ann audio ;; esac')
        self.stand_in("getent")

    def stand_in(self, name: str, does: str = "") -> None:
        program = self._bin / name
        program.write_text(f'#!/bin/sh\necho "{name} $*" >>"{self._log}"\n{does}\n', encoding="utf-8")
        program.chmod(0o755)

    def install(self, *options: str, environment: Mapping[str, str] = {}) -> subprocess.CompletedProcess[str]:
        self._log.write_text("", encoding="utf-8")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "ASSISTANT_", "PULSE_"))}
        variables = {**kept, "HOME": str(self.home), "PATH": f"{self._bin}:{os.environ['PATH']}", **environment}
        command = [str(ROOT / "scripts/install-service"), *options]
        return subprocess.run(command, capture_output=True, text=True, check=False, env=variables)

    @property
    def calls(self) -> list[str]:
        """What was changed, in this order."""
        asked = ("id ", "getent ", "systemctl --version", "systemctl --user list-units", "loginctl show-user", "systemd-run ")
        return [call for call in self._log.read_text(encoding="utf-8").splitlines() if not call.startswith(asked)]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def config(folder: Path, camera: str) -> Path:
    path = folder / "my config.toml"
    path.write_text(f'[camera]\nsource = "{camera}"\n', encoding="utf-8")
    return path


@pytest.mark.parametrize("options", [(), ("--network", "--memory-max", "80%")])
def test_systemd_understands_every_line(tmp_path: Path, systemd_analyze: str, options: tuple[str, ...]) -> None:
    path = tmp_path / "assistant.service"
    path.write_text(dry_run("--config", config(tmp_path, "0"), *options), encoding="utf-8")
    verified = subprocess.run([systemd_analyze, "verify", "--user", path], capture_output=True, text=True, check=False)
    assert (verified.returncode, verified.stderr) == (0, "")


def test_the_command_and_the_folders_survive_odd_names(tmp_path: Path) -> None:
    odd = tmp_path / 'a "b" 100% $HOME \\'
    odd.mkdir()
    unit = dry_run("--config", config(odd, "0"), environment={"XDG_STATE_HOME": str(odd)})
    command = of_unit(unit, "ExecStart")
    assert command[1:4] == ["-m", "assistant", "run"]
    assert command[4:] == ["--config", str(odd / "my config.toml")]
    assert of_unit(unit, "ReadWritePaths")[0] == f"-{odd}/assistant"
    assert f"XDG_STATE_HOME={odd}" in of_unit(unit, "Environment")


@pytest.mark.parametrize(
    ("camera", "sound_server", "options", "families"),
    [
        ("0", "", (), ["AF_UNIX"]),
        ("0", "unix:/run/pulse", (), ["AF_UNIX"]),
        ("rtsp://10.0.0.7/front", "", (), ["AF_UNIX", "AF_INET", "AF_INET6", "AF_NETLINK"]),
        ("0", "tcp:localhost:4713", (), ["AF_UNIX", "AF_INET", "AF_INET6", "AF_NETLINK"]),
        ("0", "", ("--network",), ["AF_UNIX", "AF_INET", "AF_INET6", "AF_NETLINK"]),
        ("0", "", ("--serve",), ["AF_UNIX", "AF_INET", "AF_INET6", "AF_NETLINK"]),
    ],
)
def test_the_network_is_there_only_for_what_needs_it(
    tmp_path: Path, camera: str, sound_server: str, options: tuple[str, ...], families: list[str]
) -> None:
    unit = dry_run("--config", config(tmp_path, camera), *options, environment={"PULSE_SERVER": sound_server})
    assert of_unit(unit, "RestrictAddressFamilies") == families


def test_visitors_are_served_where_that_is_asked_for() -> None:
    assert of_unit(dry_run("--serve", "--https"), "ExecStart")[2:] == ["assistant", "run", "--serve", "--https"]


@pytest.mark.parametrize(
    ("vision", "families"),
    [
        ('kind = "llama"', ["AF_UNIX"]),
        ('kind = "openai"\naddress = "http://10.0.0.5:8000/v1"\nmodel = "m"', ["AF_UNIX", "AF_INET", "AF_INET6", "AF_NETLINK"]),
        ('kind = "openai"\naddress = "http://127.0.0.1:8000/v1"\nmodel = "m"', ["AF_UNIX", "AF_INET", "AF_INET6", "AF_NETLINK"]),
    ],
)
def test_a_server_that_has_the_model_needs_the_network(tmp_path: Path, vision: str, families: list[str]) -> None:
    path = config(tmp_path, "0")
    path.write_text(f"{path.read_text(encoding='utf-8')}[vision]\n{vision}\n", encoding="utf-8")
    unit = dry_run("--config", path, environment={"PULSE_SERVER": ""})
    assert of_unit(unit, "RestrictAddressFamilies") == families


def test_a_dry_run_changes_nothing(machine: Machine) -> None:
    result = machine.install("--dry-run")
    assert result.returncode == 0, result.stderr
    assert "would write" in result.stdout
    assert machine.calls == []
    assert not list(machine.home.iterdir())


def test_it_is_installed_started_and_lingers(machine: Machine) -> None:
    result = machine.install("--memory-max", "6G")
    assert result.returncode == 0, result.stderr
    unit = machine.unit.read_text(encoding="utf-8")
    assert of_unit(unit, "MemoryMax") == ["6G"]
    assert of_unit(unit, "RestartSteps") == ["8"]
    assert of_unit(unit, "ProtectSystem") == ["strict"]
    assert machine.calls == [
        "systemctl --user daemon-reload",
        "systemctl --user enable assistant.service",
        "systemctl --user restart --no-block assistant.service",
        "loginctl --no-ask-password enable-linger ann",
    ]
    assert "usermod --append --groups video ann" in result.stdout
    assert "groups audio" not in result.stdout
    assert "journalctl --user --unit assistant" in result.stdout


def test_a_second_run_interrupts_nothing_and_another_setting_starts_it_anew(machine: Machine) -> None:
    machine.install()
    before = machine.unit.read_text(encoding="utf-8")
    machine.install()
    assert machine.calls[0] == "systemctl --user enable --now --no-block assistant.service"
    assert not any("restart" in call for call in machine.calls)
    assert machine.unit.read_text(encoding="utf-8") == before
    machine.install("--memory-max", "6G")
    assert "systemctl --user restart --no-block assistant.service" in machine.calls


def test_it_is_removed_once(machine: Machine) -> None:
    machine.install()
    assert machine.install("--uninstall").returncode == 0
    assert machine.calls == ["systemctl --user disable --now assistant.service", "systemctl --user daemon-reload"]
    assert not machine.unit.exists()
    assert "nothing to remove" in machine.install("--uninstall").stdout


def test_a_system_without_namespaces_for_users_gets_a_unit_without_them(machine: Machine) -> None:
    machine.stand_in("systemd-run", "exit 1")
    result = machine.install()
    unit = machine.unit.read_text(encoding="utf-8")
    assert "PrivateUsers" not in unit
    assert "ProtectSystem" not in unit
    assert of_unit(unit, "NoNewPrivileges") == ["yes"]
    assert "cannot" not in result.stderr
    assert "does without" in result.stdout


def test_an_older_systemd_gets_one_pause(machine: Machine) -> None:
    machine.stand_in("systemctl", VERSION_254.replace("254", "249"))
    machine.install()
    unit = machine.unit.read_text(encoding="utf-8")
    assert "RestartSteps" not in unit
    assert of_unit(unit, "RestartSec") == ["15"]


def test_who_may_not_linger_is_told_whom_to_ask(machine: Machine) -> None:
    machine.stand_in("loginctl", "exit 1")
    result = machine.install()
    assert result.returncode == 0
    assert "Ask whoever may to run: loginctl enable-linger ann" in result.stdout


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--config", "/nowhere.toml"), "/nowhere.toml"),
        (("--memory-max", "lots"), "--memory-max takes"),
        (("--record", "x"), "usage"),
        (("--config",), "usage"),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_changed(machine: Machine, options: tuple[str, ...], told: str) -> None:
    result = machine.install(*options)
    assert result.returncode == 1
    assert told in result.stderr
    assert machine.calls == []
    assert not machine.unit.exists()


def test_root_is_refused(machine: Machine) -> None:
    machine.stand_in("id", 'case "$1" in -u) echo 0 ;; *) echo root ;; esac')
    assert "without sudo" in machine.install().stderr
    assert not machine.unit.exists()


def test_a_systemd_that_does_not_answer_is_told_of(machine: Machine) -> None:
    machine.stand_in("systemctl", "exit 1")
    assert "does not answer" in machine.install().stderr
    assert not machine.unit.exists()
