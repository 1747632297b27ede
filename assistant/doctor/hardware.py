"""The machine: memory, graphics processor, power, heat, and what is known to be wrong with its system."""

from __future__ import annotations

import dataclasses
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from assistant.doctor.finding import Finding, Words, bad, good, note
from assistant.machine import GIB, ROOT, Machine, read

_HOT, _WARM = 95.0, 5.0
"""Degrees Celsius from which a machine that names no limit is too hot; and how near to its limit it is worth a word."""
_LOW_BATTERY = 20
"""Percent."""

_FAULTS: Mapping[str, Words] = {
    "36.4.7": {
        "en": "Its system, L4T 36.4.7, fails to give large pieces of memory to CUDA: update JetPack, or choose a smaller model.",
        "zh": "系统L4T 36.4.7有缺陷，无法给CUDA分配大块内存。请升级JetPack，或者换小一点的模型。",
    },  # llama.cpp issue 16706: "NvMapMemAllocInternalTagged ... error 12"
}
"""Versions of a Jetson's Linux, and what is wrong with them."""


def judge_memory(free: int, needed: int | None) -> Finding:
    """Judge whether the models fit.

    Args:
        free: Bytes that can be had.
        needed: Bytes that they take; None where that is not known.
    """
    have = f"{free / 1e9:.1f}"
    if needed is None:
        return good("memory", f"{have} gigabytes are free.", f"还有{have}GB可用。")
    need = f"{needed / 1e9:.1f}"
    if needed > free:
        return bad(
            "memory",
            f"My models need {need} gigabytes of memory, and {have} are free: close something, or choose a smaller model.",
            f"模型需要{need}GB内存，只有{have}GB可用。请关闭一些程序，或者换小一点的模型。",
        )
    return good("memory", f"{need} gigabytes are needed, {have} are free.", f"需要{need}GB，有{have}GB可用。")


def judge_graphics(machine: Machine, gpu_layers: int, layers: int | None) -> Finding:
    """Judge what the vision-language model is computed on.

    Args:
        machine: What there is.
        gpu_layers: How many layers are configured to be there; negative for all.
        layers: How many the model has; None where that is not known.
    """
    cards = ", ".join([*machine.cards, *([machine.jetson] if machine.jetson else [])])
    if not machine.gpus:
        if gpu_layers:
            return bad(
                "graphics",
                "A graphics processor is configured, but llama.cpp was built without one, so I am slow: build it with CUDA, "
                "or choose the profile laptop-cpu.",
                "设置里要用显卡，但llama.cpp编译时没有显卡支持，所以会很慢。请重新编译，或者用配置laptop-cpu。",
            )
        if cards:
            return note(
                "graphics",
                f"llama.cpp was built without this machine's graphics processor, {cards}: with it I would be much faster.",
                f"llama.cpp编译时没有加入显卡支持（{cards}），加入后会快很多。",
            )
        return good("graphics", "llama.cpp computes on the processor.", "llama.cpp用处理器计算。")
    names = ", ".join(gpu.name for gpu in machine.gpus)
    if gpu_layers == 0:
        return note(
            "graphics",
            f"There is a graphics processor, {names}, and nothing is computed on it: try the profile laptop-gpu.",
            f"有显卡（{names}）但没有使用，可以试试配置laptop-gpu。",
        )
    if layers and 0 < gpu_layers < layers:
        return note(
            "graphics",
            f"{gpu_layers} of {layers} layers are computed on {names}: with all of them I would be faster.",
            f"{layers}层里有{gpu_layers}层在{names}上计算，全部放上去会更快。",
        )
    return good("graphics", f"The model is computed on {names}.", f"模型在{names}上计算。")


def judge_system(l4t: str) -> Finding | None:
    """Judge a Jetson's system by its version; None for other machines."""
    if not l4t:
        return None
    fault = _FAULTS.get(l4t)
    return bad("system", fault["en"], fault["zh"]) if fault else good("system", f"L4T {l4t}.", f"L4T {l4t}。")


def judge_power(mode: str) -> Finding | None:
    """Judge a Jetson's power mode; None for other machines."""
    if not mode:
        return None
    if mode.startswith("MAXN"):
        return good("power mode", f"{mode}.", f"{mode}。")
    return note(
        "power mode",
        f"The power mode is {mode}; at the mains I am faster in mode MAXN: sudo nvpmodel -m 0.",
        f"功率模式是{mode}。接电源时用MAXN模式更快：sudo nvpmodel -m 0。",
    )


def power_mode() -> str:
    """Return the power mode of a Jetson, such as "15W"; empty for other machines."""
    try:
        told = subprocess.run(["nvpmodel", "-q"], capture_output=True, text=True, check=True, timeout=5)  # noqa: S607 - on the PATH, or not
    except (OSError, subprocess.SubprocessError):
        return ""
    found = re.search(r"NV Power Mode: (?:MODE_)?(\S+)", told.stdout)
    return found[1] if found else ""


@dataclasses.dataclass(frozen=True, slots=True)
class Heat:
    """The hottest place of the machine, measured by how near it is to its limit. Degrees Celsius."""

    now: float
    limit: float | None
    """From where the machine slows itself down; None where it names none."""
    throttled: bool = False
    """Whether it does so now."""


def judge_heat(heat: Heat | None) -> Finding | None:
    """Judge how hot the machine is; None where it does not tell."""
    if heat is None:
        return None
    limit = _HOT if heat.limit is None else heat.limit
    now = f"{heat.now:.0f}"
    if heat.throttled or heat.now >= limit:
        return bad(
            "temperature",
            f"The machine is too hot, {now} degrees, and slows down: let it cool, and free its air vents.",
            f"机器过热，{now}度，已经降速。请让它散热，不要挡住通风口。",
        )
    if heat.now >= limit - _WARM:
        return note("temperature", f"The machine is hot, {now} degrees.", f"机器很热，{now}度。")
    return good("temperature", f"{now} degrees.", f"{now}度。")


def heat(root: Path = ROOT) -> Heat | None:
    """Measure how hot the machine is; None where it does not tell."""
    found: list[Heat] = []
    for zone in root.glob("sys/class/thermal/thermal_zone*"):
        passive = [file for file in zone.glob("trip_point_*_type") if read(file).strip() == "passive"]
        limits = [_degrees(file.with_name(file.name.replace("_type", "_temp"))) for file in passive]
        now = _degrees(zone / "temp")
        if now is not None:
            found.append(Heat(now, min((limit for limit in limits if limit and limit > 0), default=None)))
    coolers = [file.parent for file in root.glob("sys/class/thermal/cooling_device*/type") if _slows(read(file))]
    throttled = any(read(cooler / "cur_state").strip() not in {"", "0"} for cooler in coolers)
    nearest = max(found, key=lambda heat: heat.now - (heat.limit or _HOT), default=None)
    return dataclasses.replace(nearest, throttled=throttled) if nearest else None


def _slows(cooling_device: str) -> bool:
    """Tell whether a cooling device cools by slowing a processor down, and is no fan."""
    return cooling_device.strip() == "Processor" or "cpufreq" in cooling_device or "devfreq" in cooling_device


def _degrees(file: Path) -> float | None:
    text = read(file).strip()
    return int(text) / 1000 if re.fullmatch(r"-?\d+", text) else None


@dataclasses.dataclass(frozen=True, slots=True)
class Battery:
    """The machine's own battery."""

    percent: int
    discharging: bool


def judge_battery(battery: Battery | None) -> Finding | None:
    """Judge the battery; None where there is none."""
    if battery is None:
        return None
    percent = battery.percent
    if not battery.discharging:
        return good("battery", f"{percent} percent, at the mains.", f"{percent}%，已接电源。")
    if percent <= _LOW_BATTERY:
        return bad("battery", f"The battery is low, {percent} percent: plug it in.", f"电池只剩{percent}%，请接上电源。")
    return good("battery", f"{percent} percent.", f"{percent}%。")


def battery(root: Path = ROOT) -> Battery | None:
    """Return the state of the machine's battery, of several that of the emptiest; None where there is none, or it does not tell."""
    found: list[Battery] = []
    for folder in root.glob("sys/class/power_supply/*"):
        of_the_machine = read(folder / "type").strip() == "Battery" and read(folder / "scope").strip() != "Device"  # a mouse's
        capacity = read(folder / "capacity").strip()
        if of_the_machine and capacity.isdecimal():
            found.append(Battery(int(capacity), read(folder / "status").strip() == "Discharging"))
    return min(found, key=lambda battery: battery.percent, default=None)


def judge_disk(name: str, words: Words, free: int, enough: int) -> Finding:
    """Judge how much room there is on the disk of a folder.

    Args:
        name: What the line in the terminal calls it.
        words: What the folder holds.
        free: Bytes there are.
        enough: Bytes below which there are too few.
    """
    have = f"{free / GIB:.1f}"
    if free < enough:
        return bad(
            name,
            f"The disk is nearly full, {have} gigabytes are left for {words['en']}: delete something.",
            f"磁盘快满了，{words['zh']}只剩{have}GB，请删除一些文件。",
        )
    return good(name, f"{have} gigabytes are free for {words['en']}.", f"{words['zh']}还有{have}GB可用。")
