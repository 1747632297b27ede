"""Which vision-language model fits into the memory that is free, and with which settings: chosen before anything is loaded.

What is given up first costs least: repacked weights, then a long conversation, then the exactness of the KV cache, then small print
in pictures, then the model itself, for the next smaller one that is on the disk.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from assistant.config import VisionConfig
from assistant.errors import TooLarge, gigabytes
from assistant.llama.footprint import Footprint
from assistant.memory import Free
from assistant.types import Language

_MARGIN = 1.05
"""How much more than computed there must be: the estimate was up to 1.5 % too small, and llama.cpp ends the process where there is
no memory for the image encoder."""
_REST = 256
"""Tokens of instructions and a question, as `VisionConfig` asks for."""
_SHORTEST = 512
"""The least n_ctx that `VisionConfig` takes."""
_FEWER_IMAGE_TOKENS = (256, 128)

_SHORT: Mapping[Language, str] = {
    "en": "The {wanted} needs {needed} gigabytes and {free} are free: ",
    "zh": "{wanted}需要{needed} GB内存，只有{free} GB可用：",
}
_RAN_OUT: Mapping[Language, str] = {"en": "There was not enough memory for the {wanted}: ", "zh": "内存不够运行{wanted}："}
_LOAD: Mapping[Language, str] = {"en": "I load {model}{changes}.", "zh": "我加载{model}{changes}。"}
_CHANGES: Mapping[str, Mapping[Language, str]] = {
    "repack": {"en": "weights not rearranged", "zh": "不重排权重"},
    "n_ctx": {"en": "a shorter memory", "zh": "记得较短"},
    "kv_type": {"en": "a coarser memory", "zh": "记得较粗略"},
    "image_tokens": {"en": "coarser pictures", "zh": "画面较粗略"},
}
"""What is said of a setting that was changed. A smaller model is reason enough: nothing more is said of it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Candidate:
    """A model that is on the disk."""

    name: str
    config: VisionConfig
    """How it is loaded where memory is plentiful; `image_tokens` is set."""
    footprint: Callable[[VisionConfig], Footprint]
    """Returns what it needs with such settings."""


@dataclasses.dataclass(frozen=True, slots=True)
class Fitted:
    """What to load."""

    config: VisionConfig
    name: str
    notice: Mapping[Language, str] | None
    """What was changed and why, to be said aloud; None where nothing was."""
    place: int
    """How many choices were passed over."""


def fitted(candidates: Sequence[Candidate], free: Free, rest: int, *, after: int = -1, smaller: str = "") -> Fitted:
    """Choose what to load.

    Args:
        candidates: The model that is wanted, then smaller ones, the largest first.
        free: How much memory there is.
        rest: How many bytes everything but the vision-language model takes.
        after: The `place` of what has run out of memory all the same: something further down is chosen.
        smaller: A smaller model that may be advised where nothing fits, because it is not on the disk.

    Raises:
        TooLarge: Nothing fits.
    """
    wanted, first, last, needed, there = candidates[0], (0, 0), "", 0, 0
    for place, (candidate, config) in enumerate(_choices(candidates)):
        needed, there = _pressing(candidate.footprint(config), free, rest)
        last = candidate.name
        first = first if place else (needed, there)
        if place > after and needed <= there:
            cause = _RAN_OUT if after >= 0 else _SHORT
            changed = candidate is not wanted or config != candidate.config
            return Fitted(config, last, _notice(cause, wanted, candidate, config, first) if changed else None, place)
    detail = f"{last} needs {needed:,} bytes with the smallest settings, and {there:,} are free"
    raise TooLarge(detail, spoken_name(last), needed, there, spoken_name(smaller))


def spoken_name(name: str) -> str:
    """Return what a model is called aloud: "8B" for qwen3-vl-8b, else its name."""
    size = re.search(r"(?:^|[-_])(\d+)b(?:$|[-_.])", name.lower())
    return f"{size[1]}B" if size else name


def _choices(candidates: Sequence[Candidate]) -> Iterator[tuple[Candidate, VisionConfig]]:
    for candidate in candidates:
        for config in _settings(candidate.config):
            yield candidate, config


def _settings(config: VisionConfig) -> Iterator[VisionConfig]:
    """Yield settings for one model, each of which needs less than the one before."""
    yield config
    if config.repack:
        config = config.model_copy(update={"repack": False})
        yield config
    if (shorter := _shortest(config)) < config.n_ctx:
        config = config.model_copy(update={"n_ctx": shorter})
        yield config
    if config.kv_type == "f16" and config.flash_attention != "off":  # llama.cpp quantises V only with flash attention
        config = config.model_copy(update={"kv_type": "q8_0"})
        yield config
    for tokens in _FEWER_IMAGE_TOKENS:
        if tokens < (config.image_tokens or 0):
            config = config.model_copy(update={"image_tokens": tokens})
            config = config.model_copy(update={"n_ctx": _shortest(config)})
            yield config


def _shortest(config: VisionConfig) -> int:
    return max(_SHORTEST, config.max_tokens + (config.image_tokens or 0) + _REST)


def _pressing(footprint: Footprint, free: Free, rest: int) -> tuple[int, int]:
    """Return how many bytes are needed and free of the memory that is shortest of all."""
    host = footprint.total if free.gpu is None else footprint.host
    pairs = [(host + rest, free.memory), (min(host, footprint.anonymous) + rest, free.anonymous)]
    if free.gpu is not None:
        pairs.append((footprint.device, free.gpu))
    needed, there = max(pairs, key=lambda pair: pair[0] / max(pair[1], 1))
    return int(needed * _MARGIN), there


def _notice(
    cause: Mapping[Language, str], wanted: Candidate, chosen: Candidate, config: VisionConfig, short: tuple[int, int]
) -> Mapping[Language, str]:
    changed = [key for key in _CHANGES if getattr(config, key) != getattr(chosen.config, key)] if chosen is wanted else []
    needed, there = map(gigabytes, short)

    def said(language: Language, model: str, changes: str) -> str:
        why = cause[language].format(wanted=spoken_name(wanted.name), needed=needed, free=there)
        return why + _LOAD[language].format(model=model, changes=changes)

    english = [_CHANGES[key]["en"] for key in changed]
    listed = " and ".join([", ".join(english[:-1]), english[-1]] if len(english) > 1 else english)
    name = spoken_name(chosen.name)
    return {
        "en": said("en", "it" if chosen is wanted else f"the {name}", f" with {listed}" if listed else ""),
        "zh": said("zh", name, "".join(f"，{_CHANGES[key]['zh']}" for key in changed)),
    }
