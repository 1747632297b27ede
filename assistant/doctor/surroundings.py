"""What lies around the program: sound system, permissions, disk, and the settings it starts with."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
import socket
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from assistant.config import Config, DeviceMicrophoneConfig, DeviceSpeakerConfig, EvdevButtonConfig, GpioButtonConfig
from assistant.doctor.finding import Finding, Words, bad, good, note
from assistant.doctor.hardware import judge_disk
from assistant.folders import models_folder, state_folder
from assistant.machine import ROOT, read
from assistant.settings import Settings

_ANSWER_WITHIN = 1.0
_STATE_BYTES = 50 << 20
"""The log takes 2 MB; the rest is for whatever shares that disk."""
_STATE: Words = {"en": "what I remember", "zh": "我要记住的内容"}
_MODELS: Words = {"en": "models", "zh": "模型"}


def judge_sound_system(systems: Sequence[str], *, needed: bool) -> Finding:
    """Judge the sound system.

    Args:
        systems: What answers, such as "PulseAudio".
        needed: Whether microphone or loudspeaker are real ones.
    """
    if systems or not needed:
        names = ", ".join(systems)
        return good("sound system", f"{names or 'None'}.", f"{names or '无'}。")
    return bad(
        "sound system",
        "There is no sound system: neither PulseAudio nor PipeWire answers, and there is no sound card.",
        "没有声音系统：PulseAudio和PipeWire都没有响应，也没有声卡。",
    )


def sound_systems(root: Path = ROOT) -> list[str]:
    """Return the sound systems that answer, and the hardware beneath them."""
    if sys.platform != "linux":
        return [sys.platform]
    run = Path(os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}")
    server = os.environ.get("PULSE_SERVER", "")
    pulse = Path(server.removeprefix("unix:")) if server.startswith(("unix:", "/")) else run / "pulse/native"
    sockets = {"PulseAudio": pulse, "PipeWire": Path(os.environ.get("PIPEWIRE_RUNTIME_DIR") or run) / "pipewire-0"}
    found = [name for name, path in sockets.items() if _answers(path)]
    cards = [line for line in read(root / "proc/asound/cards").splitlines() if "]:" in line]
    return [*found, *([f"ALSA with {len(cards)} cards"] if cards else [])]


def _answers(path: Path) -> bool:
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as client:
        client.settimeout(_ANSWER_WITHIN)
        try:
            client.connect(str(path))
        except OSError:
            return False
        return True


@dataclasses.dataclass(frozen=True, slots=True)
class Device:
    """A file of a device that the settings need."""

    path: str
    words: Words
    """What it is."""
    group: str
    """Whose members may use it on most systems."""
    allowed: bool


def judge_permissions(devices: Sequence[Device]) -> Finding:
    """Judge whether this user may use the devices."""
    forbidden = [device for device in devices if not device.allowed]
    if not forbidden:
        return good("permissions", "All devices may be used.", "所有设备都可以使用。")
    en = " ".join(
        f"I am not allowed to use the {d.words['en']}: your user must join the group {d.group}: sudo usermod -aG {d.group} $USER."
        for d in forbidden
    )
    zh = "".join(f"没有权限使用{d.words['zh']}，您的用户需要加入{d.group}组：sudo usermod -aG {d.group} $USER。" for d in forbidden)
    return bad("permissions", en, zh)


def devices(config: Config, *, alsa_only: bool, root: Path = ROOT) -> list[Device]:
    """Return the devices that the settings need; those that are not there are for others to complain of.

    Args:
        config: The settings.
        alsa_only: Whether there is no sound server, which would open the sound card itself.
        root: Where /dev is.
    """
    wanted: list[tuple[Path, Words, str]] = []
    if config.camera.source.isdecimal():
        wanted.append((root / f"dev/video{config.camera.source}", {"en": "camera", "zh": "摄像头"}, "video"))
    if alsa_only and needs_sound(config):
        wanted += [(path, {"en": "sound card", "zh": "声卡"}, "audio") for path in sorted(root.glob("dev/snd/pcm*"))[:1]]
    for button in config.buttons:
        words: Words = {"en": "button", "zh": "按钮"}
        if isinstance(button, EvdevButtonConfig):
            # A name may be any of them; one group has them all.
            nodes = [Path(button.device)] if button.device.startswith("/") else sorted(root.glob("dev/input/event*"))[:1]
            wanted += [(path, words, "input") for path in nodes]
        elif isinstance(button, GpioButtonConfig):
            wanted.append((button.chip, words, "gpio"))
    there = [item for item in wanted if item[0].exists()]
    return [Device(str(path), words, group, os.access(path, os.R_OK | os.W_OK)) for path, words, group in there]


def needs_sound(config: Config) -> bool:
    """Tell whether microphone or loudspeaker are real ones."""
    return isinstance(config.microphone, DeviceMicrophoneConfig) or isinstance(config.speaker, DeviceSpeakerConfig)


def disks(missing_bytes: int) -> Iterator[Finding]:
    """Yield how full the disks are.

    Args:
        missing_bytes: How much is still to be fetched for the settings.
    """
    yield judge_disk("disk for models", _MODELS, _free(models_folder()), missing_bytes)
    yield judge_disk("disk for state", _STATE, _free(state_folder()), _STATE_BYTES)


def _free(folder: Path) -> int:
    there = next(path for path in (folder, *folder.parents) if path.is_dir())
    return shutil.disk_usage(there).free


def judge_profile(settings: Settings) -> Finding:
    """Judge the settings: which profile they begin with, and whether they are what this machine should have."""
    if settings.replaced:
        return note("profile", settings.news["en"], settings.news["zh"])
    name, by = settings.profile.value, settings.profile.origin
    if name is None:
        return good("profile", f"No profile, only {by}.", f"没有使用配置，只有{by}。")
    return good("profile", f"{name}, chosen by: {by}.", f"{name}，来源：{by}。")
