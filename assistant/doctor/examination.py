"""All checks, one after the other, none of which may hang or end the others."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Overdue  # the builtin one only from Python 3.11

from assistant.config import OpenAiVisionConfig, VisionConfig
from assistant.doctor import hardware, models, senses, surroundings
from assistant.doctor.finding import Finding, bad, lost
from assistant.errors import AssistantError, CameraLost, MicrophoneLost, SpeakerLost
from assistant.machine import Machine
from assistant.memory import free
from assistant.models.catalogue import catalogue
from assistant.ports import Camera, Microphone, Speaker
from assistant.settings import Settings
from assistant.types import Seconds

_SHORT: Seconds = 10.0
_CAMERA: Seconds = 2 * senses.PICTURE_WITHIN + 8.0
"""Closing one that hangs takes 6 s."""
_HASHING: Seconds = 180.0
"""9 GB from a slow card, at 50 MB a second."""


@dataclasses.dataclass(frozen=True, slots=True)
class Parts:
    """What is looked at; what is to be opened, when its turn comes."""

    settings: Settings
    look: Callable[[], Machine]
    open_camera: Callable[[], Camera]
    open_microphone: Callable[[], Microphone]
    speaker: Speaker
    needed_memory: Callable[[], int | None] = lambda: None
    """How many bytes the models will take; None where that is not known."""
    adapters: Callable[[], Mapping[str, AssistantError | None]] = dict
    """Returns by name what is wrong with each LoRA adapter; None for nothing."""
    layers: Callable[[], int | None] = lambda: None
    """How many layers the vision-language model has; None where that is not known."""
    server_trouble: Callable[[], AssistantError | None] = lambda: None
    """Returns what is wrong with the server that has the vision-language model; None for nothing."""


@dataclasses.dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at."""

    name: str
    longest: Seconds
    find: Callable[[], Iterable[Finding | None]]
    listens: bool = False
    """Whether nothing else may be heard meanwhile."""

    def run(self) -> list[Finding]:
        """Look at it, for no longer than `longest`: what hangs is left behind, and said to hang."""
        outcome: Future[list[Finding]] = Future()

        def work() -> None:
            try:
                outcome.set_result([finding for finding in self.find() if finding])
            except Exception as error:  # noqa: BLE001 - not caught: it is carried to the thread that waits
                outcome.set_exception(error)

        threading.Thread(target=work, name=f"doctor: {self.name}", daemon=True).start()
        try:
            return outcome.result(self.longest)
        except Overdue:
            en = f"The check of the {self.name} did not end in {self.longest:.0f} seconds: something hangs."
            return [bad(self.name, en, f"检查“{self.name}”在{self.longest:.0f}秒内没有完成，可能卡住了。")]
        except AssistantError as error:
            return [lost(self.name, error)]
        except OSError as error:
            return [bad(self.name, f"The {self.name} could not be looked at: {error}.", f"无法检查{self.name}：{error}。")]


def checks(parts: Parts, *, quick: bool) -> Iterator[Check]:
    """Yield all checks; `quick` leaves out reading the models to their end."""
    config = parts.settings.config
    yield Check("profile", _SHORT, lambda: [surroundings.judge_profile(parts.settings)])
    yield Check("camera", _CAMERA, lambda: [_camera(parts)])
    yield Check("sound system", _SHORT, lambda: [_sound_system(parts)])
    yield Check("microphone", _SHORT, lambda: [_microphone(parts)], listens=True)
    yield Check("loudspeaker", _SHORT, lambda: [_speaker(parts)], listens=True)
    yield Check("models", _HASHING, lambda: models.look_at(config, quick=quick))
    if isinstance(config.vision, OpenAiVisionConfig):
        section = config.vision
        yield Check("model server", _SHORT, lambda: models.judge_server(section, parts.server_trouble()))
    yield Check("adapters", _SHORT, lambda: _adapters(parts))
    yield Check("memory", _SHORT, lambda: [_memory(parts)])
    yield Check("graphics", _SHORT, lambda: _machine(parts))
    yield Check("power mode", _SHORT, lambda: [hardware.judge_power(hardware.power_mode())])
    yield Check("temperature", _SHORT, lambda: [hardware.judge_heat(hardware.heat())])
    yield Check("battery", _SHORT, lambda: [hardware.judge_battery(hardware.battery())])
    yield Check("permissions", _SHORT, lambda: [_permissions(parts)])
    yield Check("disk", _SHORT, lambda: surroundings.disks(_missing_bytes(parts)))


def _camera(parts: Parts) -> Finding:
    camera = parts.open_camera()
    try:
        return senses.judge_camera(senses.see(camera))
    except CameraLost as error:
        return dataclasses.replace(senses.judge_camera(None), detail=error.detail)
    finally:
        camera.close()


def _sound_system(parts: Parts) -> Finding:
    return surroundings.judge_sound_system(surroundings.sound_systems(), needed=surroundings.needs_sound(parts.settings.config))


def _microphone(parts: Parts) -> Finding:
    try:
        return senses.judge_microphone(senses.listen(parts.open_microphone()))
    except MicrophoneLost as error:
        return dataclasses.replace(senses.judge_microphone(None), detail=error.detail)


def _speaker(parts: Parts) -> Finding:
    try:
        return senses.judge_speaker(senses.play(parts.speaker, parts.open_microphone))
    except SpeakerLost as error:
        return dataclasses.replace(senses.judge_speaker(None, lost=True), detail=error.detail)
    finally:
        parts.speaker.close()  # the next sound opens it again


def _adapters(parts: Parts) -> list[Finding]:
    return [models.judge_model("adapter", name, trouble, hashed=False) for name, trouble in parts.adapters().items()]


def _memory(parts: Parts) -> Finding:
    return hardware.judge_memory(free().memory, parts.needed_memory())


def _machine(parts: Parts) -> list[Finding | None]:
    machine = parts.look()
    section = parts.settings.config.vision
    graphics = hardware.judge_graphics(machine, section.gpu_layers, parts.layers()) if isinstance(section, VisionConfig) else None
    return [graphics, hardware.judge_system(machine.l4t)]


def _permissions(parts: Parts) -> Finding:
    servers = [system for system in surroundings.sound_systems() if not system.startswith("ALSA")]
    return surroundings.judge_permissions(surroundings.devices(parts.settings.config, alsa_only=not servers))


def _missing_bytes(parts: Parts) -> int:
    models, config = catalogue(), parts.settings.config
    wanted = {config.transcriber.model, *([config.vision.model] if isinstance(config.vision, VisionConfig) else [])}
    return sum(file.bytes or 0 for name in wanted & models.keys() for file in models[name].missing())
