"""The settings of this start: the profile that fits the machine unless another is asked for, and what is laid over it."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from assistant import profiles
from assistant.config import Config
from assistant.layers import Layer, Value, lay
from assistant.machine import Machine, profile_for
from assistant.models.catalogue import catalogue
from assistant.profiles import AUTO, Profile
from assistant.turn.prompts import NOT_HERE, PRACTICE_MODEL, PROFILE
from assistant.types import Language

PRACTICE = "practice"
"""The catalogue's name of the model that comes with this program, and the name of its profile."""
VARIABLE = "ASSISTANT_PROFILE"
HARDWARE = "hardware"
"""What chooses the profile where nobody does."""
_MODEL = ("vision", "model")


@dataclasses.dataclass(frozen=True, slots=True)
class Settings:
    """What this start is done with, and why."""

    config: Config
    profile: Value
    """The profile's name, empty where there is none; and what chose it."""
    values: Sequence[Value]
    """Each setting, and where it comes from."""
    news: Mapping[Language, str]
    """What the user has to know of it and did not ask for; empty where there is nothing."""
    replaced: bool = False
    """Whether another model takes the place of the one for this machine, which is not here."""


class _Choice:
    """The profile that fits this machine, unless ``ASSISTANT_PROFILE`` names one."""

    def __init__(self, look: Callable[[], Machine]) -> None:
        self._look = look
        self.made_by = ""
        """Who chose; empty as long as nobody had to."""

    def __call__(self) -> str:
        named = os.environ.get(VARIABLE, AUTO)
        self.made_by = HARDWARE if named in {"", AUTO} else VARIABLE
        return profile_for(self._look()) if self.made_by == HARDWARE else named


def settle(file: Path | None, profile: str | None, given: Sequence[str], look: Callable[[], Machine]) -> Settings:
    """Return the settings.

    Without a file, the profile is `profile`, or what ``ASSISTANT_PROFILE`` says, or the one that fits this machine. With a file it
    is `profile`, or else the one that the file extends, if any. Where this machine chose, no model is chosen that is not here.

    Args:
        file: The user's own.
        profile: A profile's name, or a file's path.
        given: What ``--set`` says, such as "voice.rate=300".
        look: Looks what machine this is; called only where that matters.

    Raises:
        ConfigError: There are mistakes; all are listed, one a line.
    """
    choice = _Choice(look)
    command_line = profiles.from_command_line(given)
    base = _base(file, profile, choice)
    layered = lay([*base.layers, command_line])
    wanted, used = layered.config.vision.model, ""
    if choice.made_by == HARDWARE and layered.origin(_MODEL).startswith("profile "):
        used = _in_place_of(wanted)
    if used == PRACTICE:
        base = _base(file, profile, lambda: PRACTICE)
        layered = lay([*base.layers, command_line])
    elif used:
        stand_in = Layer(f"{wanted} is not here", {"vision": {"model": used}})
        layered = lay([*base.layers, stand_in, command_line])
    chosen_by = choice.made_by or ("--profile" if profile else f"file {file}")
    return Settings(
        layered.config,
        Value("profile", base.name or None, chosen_by),
        layered.values(),
        _news(base, wanted, used) if choice.made_by == HARDWARE else {"en": "", "zh": ""},
        bool(used),
    )


def _base(file: Path | None, profile: str | None, choice: Callable[[], str]) -> Profile:
    if file:
        return profiles.load(file.absolute().as_posix(), "--config", choice, below=profile)
    return profiles.load(profile or AUTO, "--profile" if profile else VARIABLE, choice)


def _in_place_of(wanted: str) -> str:
    """Return the vision model to use while `wanted` is not here; empty where it is here, or is no model of the catalogue."""
    models = catalogue()
    if wanted not in models or not models[wanted].missing():
        return ""
    sizes = {name: sum(file.bytes or 0 for file in model.files) for name, model in models.items() if model.kind == "vision"}
    smaller = [name for name, size in sizes.items() if size < sizes[wanted] and not models[name].missing()]
    return max(smaller, key=sizes.__getitem__, default=PRACTICE)


def _news(profile: Profile, wanted: str, used: str) -> Mapping[Language, str]:
    def told(language: Language) -> str:
        if used:
            return NOT_HERE[language].format(model=wanted, used=PRACTICE_MODEL[language] if used == PRACTICE else used)
        return PROFILE[language].format(profile=profile.spoken.get(language, profile.name))

    return {"en": told("en"), "zh": told("zh")}
