"""What the doctor makes of the facts, and that no check ends or holds up the others."""

from __future__ import annotations

import dataclasses
import os
import socket
import threading
import time
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest

from assistant.config import Config, EvdevButtonConfig, OpenAiVisionConfig, PiperVoiceConfig
from assistant.doctor import examination, hardware, models, senses, surroundings
from assistant.doctor.examination import Check, Parts, checks
from assistant.doctor.finding import Finding, State, bad, good, is_well, note, summary, verdict
from assistant.doctor.hardware import Battery, Heat
from assistant.doctor.senses import Echo, Picture
from assistant.doctor.surroundings import Device
from assistant.errors import CameraLost, ModelDamaged, ServerLost
from assistant.machine import GIB, Gpu, Machine
from assistant.settings import settle
from assistant.turn.quality import Flaw, Quality
from assistant.types import SAMPLE_RATE
from tests.fakes.speaker import FakeSpeaker
from tests.unit.test_machine import files
from tests.unit.test_profiles import LAPTOP, here, not_looked
from tests.virtual_sound import tone

PC = Machine("Linux", "x86_64", "", 8, 16 * GIB)
CARD = dataclasses.replace(PC, cards=("NVIDIA GeForce RTX 4090",))
CUDA = dataclasses.replace(CARD, gpus=(Gpu("CUDA0: RTX 4090", 24 * GIB),))
ORIN = dataclasses.replace(PC, jetson="NVIDIA Jetson Orin NX")
NOISE = np.random.default_rng(1).normal(0, 0.01, 2 * SAMPLE_RATE).astype(np.float32)


@pytest.mark.parametrize(
    ("finding", "state", "en", "zh"),
    [
        (senses.judge_camera(None), State.BAD, "gives no picture: check its cable", "没有画面"),
        (senses.judge_camera(Picture(1280, 720, Quality())), State.GOOD, "1280 x 720", "1280 x 720"),
        (senses.judge_camera(Picture(1, 1, Quality(Flaw.COVERED, useless=True))), State.BAD, "covers the camera", "挡住"),
        (senses.judge_camera(Picture(1, 1, Quality(Flaw.DARK, useless=True))), State.BAD, "turn on a light", "开灯"),
        (senses.judge_camera(Picture(1, 1, Quality(Flaw.OVEREXPOSED, useless=True))), State.BAD, "too bright", "太亮"),
        (senses.judge_camera(Picture(1, 1, Quality(Flaw.BLURRED))), State.NOTE, "blurred", "模糊"),
        (senses.judge_microphone(None), State.BAD, "gives no sound: check that it is plugged in", "没有声音"),
        (senses.judge_microphone(np.zeros(SAMPLE_RATE, np.float32)), State.BAD, "muted", "静音"),
        (senses.judge_microphone(NOISE), State.GOOD, "-40 decibels", "-40分贝"),
        (senses.judge_microphone(np.clip(400 * NOISE, -1, 1)), State.BAD, "distorts: turn it down", "失真"),
        (senses.judge_speaker(None, lost=True), State.BAD, "does not play", "不响"),
        (senses.judge_speaker(None), State.GOOD, "It plays.", "可以播放"),
        (senses.judge_speaker(Echo(0.001, 0.1)), State.GOOD, "hears it, at -20 decibels", "听得到，电平-20分贝"),
        (senses.judge_speaker(Echo(0.1, 0.1)), State.GOOD, "does not hear it", "听不到"),
        (models.judge_model("voice", "kokoro", None, hashed=True), State.GOOD, "kokoro is here and whole", "文件完整"),
        (models.judge_model("voice", "kokoro", None, hashed=False), State.GOOD, "kokoro is here.", "在这里"),
        (models.judge_model("voice", "x", ModelDamaged("3 bytes", "a.bin"), hashed=True), State.BAD, "a.bin is damaged", "已损坏"),
        (models.judge_turn_detector(ModelDamaged("", "a"), hashed=True), State.NOTE, "wait longer", "多等一会儿"),
        (models.judge_turn_detector(None, hashed=True), State.GOOD, "smart-turn is here and whole", "文件完整"),
        (models.judge_text_reader(None, hashed=True), State.GOOD, "ppocr is here and whole", "文件完整"),
        (
            hardware.judge_memory(4_100_000_000, 6_600_000_000),
            State.BAD,
            "need 6.6 gigabytes of memory, and 4.1 are free",
            "需要6.6GB",
        ),
        (hardware.judge_memory(8_000_000_000, 6_600_000_000), State.GOOD, "6.6 gigabytes are needed, 8.0 are free", "有8.0GB"),
        (hardware.judge_memory(8_000_000_000, None), State.GOOD, "8.0 gigabytes are free", "8.0GB"),
        (hardware.judge_graphics(PC, 0, 28), State.GOOD, "on the processor", "用处理器"),
        (hardware.judge_graphics(CARD, 0, 28), State.NOTE, "without this machine's graphics processor, NVIDIA GeForce", "RTX 4090"),
        (hardware.judge_graphics(ORIN, 0, 28), State.NOTE, "NVIDIA Jetson Orin NX", "Jetson"),
        (hardware.judge_graphics(CARD, -1, 28), State.BAD, "llama.cpp was built without one", "没有显卡支持"),
        (hardware.judge_graphics(CUDA, 0, 28), State.NOTE, "nothing is computed on it", "没有使用"),
        (hardware.judge_graphics(CUDA, 12, 28), State.NOTE, "12 of 28 layers", "28层里有12层"),
        (hardware.judge_graphics(CUDA, 12, None), State.GOOD, "computed on CUDA0: RTX 4090", "CUDA0"),
        (hardware.judge_graphics(CUDA, -1, 28), State.GOOD, "computed on CUDA0: RTX 4090", "CUDA0"),
        (hardware.judge_system("36.4.7"), State.BAD, "update JetPack", "升级JetPack"),
        (hardware.judge_system("36.4.4"), State.GOOD, "L4T 36.4.4", "L4T 36.4.4"),
        (hardware.judge_power("15W"), State.NOTE, "sudo nvpmodel -m 0", "nvpmodel"),
        (hardware.judge_power("MAXN_SUPER"), State.GOOD, "MAXN_SUPER", "MAXN_SUPER"),
        (hardware.judge_heat(Heat(60, None)), State.GOOD, "60 degrees", "60度"),
        (hardware.judge_heat(Heat(96, None)), State.BAD, "too hot, 96 degrees", "过热"),
        (hardware.judge_heat(Heat(80, 84.0)), State.NOTE, "is hot, 80 degrees", "很热"),
        (hardware.judge_heat(Heat(70, 84.0, throttled=True)), State.BAD, "slows down", "降速"),
        (hardware.judge_battery(Battery(15, discharging=True)), State.BAD, "low, 15 percent: plug it in", "接上电源"),
        (hardware.judge_battery(Battery(15, discharging=False)), State.GOOD, "at the mains", "已接电源"),
        (hardware.judge_battery(Battery(80, discharging=True)), State.GOOD, "80 percent", "80%"),
        (hardware.judge_disk("disk", {"en": "models", "zh": "模型"}, GIB, 2 * GIB), State.BAD, "1.0 gigabytes are left", "快满了"),
        (hardware.judge_disk("disk", {"en": "models", "zh": "模型"}, 3 * GIB, 2 * GIB), State.GOOD, "3.0 gigabytes", "3.0GB"),
        (surroundings.judge_sound_system([], needed=True), State.BAD, "no sound system", "没有声音系统"),
        (surroundings.judge_sound_system([], needed=False), State.GOOD, "None", "无"),
        (surroundings.judge_sound_system(["PipeWire"], needed=True), State.GOOD, "PipeWire", "PipeWire"),
        (surroundings.judge_permissions([]), State.GOOD, "may be used", "可以使用"),
        (
            surroundings.judge_permissions([Device("/dev/video0", {"en": "camera", "zh": "摄像头"}, "video", allowed=False)]),
            State.BAD,
            "use the camera: your user must join the group video: sudo usermod -aG video $USER",
            "加入video组",
        ),
    ],
)
def test_a_judgement(finding: Finding, state: State, en: str, zh: str) -> None:
    assert finding.state is state
    assert en in finding.words["en"]
    assert zh in finding.words["zh"]
    assert finding.words["en"].endswith(".")
    assert finding.words["zh"].endswith("。")
    assert finding.line("en").isprintable()


def test_what_a_machine_does_not_have_is_not_judged() -> None:
    assert (
        hardware.judge_system("") is hardware.judge_power("") is hardware.judge_heat(None) is hardware.judge_battery(None) is None
    )


CAMERA, MEMORY = senses.judge_camera(None), hardware.judge_memory(1, 2)
HOT = note("temperature", "The machine is hot, 80 degrees.", "机器很热，80度。")


@pytest.mark.parametrize(
    ("findings", "en", "zh"),
    [
        ([good("a", "Fine.", "好。")], "All is well.", "一切正常。"),
        ([HOT], "All is well. Worth knowing: The machine is hot, 80 degrees.", "一切正常。另外，机器很热，80度。"),
        ([CAMERA], "One problem. The camera gives no picture: check its cable.", "有1个问题。摄像头没有画面，请检查连接线。"),
        ([CAMERA, HOT, CAMERA], "Two problems. The camera gives no picture: check its cable. The camera", "有2个问题。摄像头"),
    ],
)
def test_the_summary_comes_first_then_problems_then_what_is_worth_knowing(findings: list[Finding], en: str, zh: str) -> None:
    assert summary(findings, "en").startswith(en)
    assert summary(findings, "zh").startswith(zh)
    assert is_well(findings) is (CAMERA not in findings)
    assert summary(findings, "en").startswith(verdict(findings, "en"))


def test_a_check_that_hangs_is_left_behind_and_said_to_hang() -> None:
    release = threading.Event()

    def hang() -> list[Finding | None]:
        release.wait()
        return []

    began = time.monotonic()
    (finding,) = Check("camera", 0.2, hang).run()
    release.set()
    assert time.monotonic() - began < 5
    assert finding.state is State.BAD
    assert "something hangs" in finding.words["en"]


@pytest.mark.parametrize(("error", "said"), [(CameraLost("unplugged"), "I can't see"), (PermissionError("not you"), "not you")])
def test_a_check_that_fails_is_a_finding(error: Exception, said: str) -> None:
    def fail() -> list[Finding | None]:
        raise error

    (finding,) = Check("camera", 5, fail).run()
    assert finding.state is State.BAD
    assert said in finding.words["en"]


def test_a_programming_mistake_in_a_check_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        Check("camera", 5, lambda: [bad("a", str(1 // 0), "")]).run()


def test_the_tone_is_told_from_other_sound() -> None:
    assert senses._amplitude(tone(1000, 0.6, level=0.3)) == pytest.approx(0.3, abs=0.01)
    assert senses._amplitude(tone(440, 0.6, level=0.3)) < 0.01
    assert senses._amplitude(np.empty(0, np.float32)) == 0


def test_heat_is_measured_where_it_is_nearest_to_its_limit(tmp_path: Path) -> None:
    zone = "sys/class/thermal/thermal_zone"
    root = files(
        tmp_path,
        {
            f"{zone}0/temp": "70000\n",
            f"{zone}1/temp": "65000\n",
            f"{zone}1/trip_point_0_type": "passive\n",
            f"{zone}1/trip_point_0_temp": "68000\n",
            f"{zone}1/trip_point_1_type": "critical\n",
            f"{zone}1/trip_point_1_temp": "100000\n",
            f"{zone}2/temp": "\n",
            "sys/class/thermal/cooling_device0/type": "pwm-fan\n",
            "sys/class/thermal/cooling_device0/cur_state": "3\n",
        },
    )
    assert hardware.heat(root) == Heat(65.0, 68.0)
    files(
        tmp_path,
        {
            "sys/class/thermal/cooling_device1/type": "thermal-cpufreq-0\n",
            "sys/class/thermal/cooling_device1/cur_state": "2\n",
        },
    )
    assert hardware.heat(root) == Heat(65.0, 68.0, throttled=True)
    assert hardware.heat(tmp_path / "nowhere") is None


def test_the_battery_is_the_machines_own(tmp_path: Path) -> None:
    supply = "sys/class/power_supply/"
    root = files(
        tmp_path,
        {
            f"{supply}AC/type": "Mains\n",
            f"{supply}mouse/type": "Battery\n",
            f"{supply}mouse/scope": "Device\n",
            f"{supply}mouse/capacity": "5\n",
            f"{supply}BAT0/type": "Battery\n",
            f"{supply}BAT0/capacity": "55\n",
            f"{supply}BAT0/status": "Discharging\n",
        },
    )
    assert hardware.battery(root) == Battery(55, discharging=True)
    assert hardware.battery(tmp_path / "nowhere") is None


def test_the_power_mode_is_asked_of_nvpmodel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert hardware.power_mode() == ""
    program = tmp_path / "nvpmodel"
    program.write_text("#!/bin/sh\necho 'NV Power Mode: MODE_15W'\necho 2\n")
    program.chmod(0o755)
    assert hardware.power_mode() == "15W"


def test_a_sound_server_is_one_that_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # a socket's path may have 107 characters
    monkeypatch.setenv("PULSE_SERVER", "unix:native")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    cards = {"proc/asound/cards": " 0 [PCH            ]: HDA-Intel - HDA Intel PCH\n                      HDA at 0xf7\n"}
    assert surroundings.sound_systems(tmp_path) == []
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("native")
        assert surroundings.sound_systems(tmp_path) == []
        server.listen()
        assert surroundings.sound_systems(files(tmp_path, cards)) == ["PulseAudio", "ALSA with 1 cards"]


def test_devices_are_those_that_the_settings_need(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pedal = EvdevButtonConfig(kind="evdev", device="Pedal", key="KEY_SPACE")
    config = Config(buttons=(pedal,))
    assert surroundings.devices(config, alsa_only=True, root=tmp_path) == []
    root = files(tmp_path, dict.fromkeys(("dev/video0", "dev/video1", "dev/input/event0", "dev/snd/pcmC0D0p"), ""))
    monkeypatch.setattr(os, "access", lambda path, _: "video" not in str(path))
    needed = surroundings.devices(config, alsa_only=True, root=root)
    assert [(device.group, device.allowed) for device in needed] == [("video", False), ("audio", True), ("input", True)]
    assert len(surroundings.devices(config, alsa_only=False, root=root)) == 2


def test_models_are_compared_with_what_was_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here(monkeypatch, tmp_path, "whisper-base")  # of the right size, and of nothing but zeros
    voice = PiperVoiceConfig(kind="piper", english=tmp_path / "joe.onnx")
    found = {finding.check: finding for finding in models.look_at(Config(voice=voice), quick=False)}
    assert {check: finding.state for check, finding in found.items()} == {
        "vision model": State.GOOD,
        "speech recognition": State.BAD,
        "turn detector": State.NOTE,
        "text reader": State.NOTE,
        "voice": State.BAD,
    }
    assert "sha256" in found["speech recognition"].detail
    assert "joe.onnx" in found["voice"].detail
    quick = {finding.check: finding for finding in models.look_at(Config(voice=voice), quick=True)}
    assert quick["speech recognition"].state is State.GOOD


@pytest.mark.parametrize(
    ("address", "privacy", "said"),
    [
        ("http://10.0.0.5:8000/v1", State.NOTE, "leave this device and go to the server 10.0.0.5. They are not encrypted"),
        ("https://eyes.example.org/v1", State.NOTE, "leave this device and go to the server eyes.example.org."),
        ("http://127.0.0.1:8000/v1", State.GOOD, "stay on it"),
    ],
)
def test_a_model_on_a_server_is_looked_for_there_and_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str, privacy: State, said: str
) -> None:
    here(monkeypatch, tmp_path)
    server = OpenAiVisionConfig(kind="openai", address=address, model="qwen3-vl-8b")
    settled = settle(None, "laptop-gpu", (), not_looked)
    settled = dataclasses.replace(settled, config=settled.config.model_copy(update={"vision": server}))

    def unused() -> NoReturn:
        raise AssertionError

    def found(trouble: ServerLost | None) -> dict[str, Finding]:
        parts = Parts(settled, lambda: CARD, unused, unused, FakeSpeaker(), server_trouble=lambda: trouble)
        wanted = {"models", "model server", "adapters", "graphics"}
        return {finding.check: finding for check in checks(parts, quick=True) if check.name in wanted for finding in check.run()}

    well, ill = found(None), found(ServerLost("refused", "10.0.0.5"))
    assert well["model server"].state is State.GOOD
    assert "qwen3-vl-8b" in well["model server"].words["zh"]
    assert ill["model server"].state is State.BAD
    assert "no answer from the server 10.0.0.5" in ill["model server"].words["en"]
    assert well["privacy"].state is ill["privacy"].state is privacy
    assert said in well["privacy"].words["en"]
    assert "graphics" not in well
    assert "vision model" not in well
    parts = Parts(settled, lambda: CARD, unused, unused, FakeSpeaker())
    assert examination._missing_bytes(parts) < 1e9  # nobody fetches what is on a server


def test_the_profile_is_told_and_what_is_missing_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert surroundings.judge_profile(settle(None, "laptop-cpu", (), not_looked)).words["en"] == "laptop-cpu, chosen by: --profile."
    here(monkeypatch, tmp_path)
    finding = surroundings.judge_profile(settle(None, None, (), lambda: LAPTOP))
    assert finding.state is State.NOTE
    assert "assistant models get qwen3-vl-2b" in finding.words["en"]
