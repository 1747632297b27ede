"""The vision-language model of a configuration, or the one in its place that fits into memory. A part of the composition root."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
from collections.abc import Mapping
from pathlib import Path

from typing_extensions import assert_never

from assistant.config import Config, LoraConfig, OpenAiVisionConfig, VisionConfig
from assistant.engines.openai_vision import OpenAiVision
from assistant.errors import AssistantError, OutOfMemory, ServerFailed, TooLarge
from assistant.events import Stage
from assistant.fit import Candidate, Fitted, fitted, spoken_name
from assistant.llama import adapters, gguf_header
from assistant.llama.backends import free_gpu_memory
from assistant.llama.footprint import Footprint, footprint
from assistant.llama.session import VisionSession, load_session
from assistant.memory import free
from assistant.models.catalogue import VisionFiles, catalogue, vision_files
from assistant.models.entries import Model
from assistant.openai_server import OpenAiServer
from assistant.ports import VisionModel
from assistant.resident import resident_bytes
from assistant.runtime.steady_vision import steady_vision
from assistant.runtime.watch import Watch
from assistant.settings import PRACTICE
from assistant.turn.destination import destination
from assistant.turn.prompts import PRACTICE_SYSTEM, SYSTEM
from assistant.types import Language

_log = logging.getLogger(__name__)

PRACTICE_IMAGE_TOKENS = 35
"""What the practice model was trained with: 192 x 160 pixels at 4:3, as many in other shapes."""
IMAGE_TOKENS = 384
"""768 x 512 pixels: a scene, without small print."""


@dataclasses.dataclass(frozen=True, slots=True)
class OpenedVision:
    """A model that is loaded."""

    model: VisionModel
    name: str
    notice: Mapping[Language, str] | None = None
    """What is to be said of it before it is asked anything: that it is not the one that was wanted, or not with all its settings;
    or that it is on a server, to which pictures go."""


def open_vision(config: Config) -> OpenedVision:
    """Load the vision-language model and let it read its instructions; or look for the server that has it.

    Where it does not fit, or runs out of memory while it is loaded or at work, what needs less takes its place. A server that does
    not answer is no error yet: it may by the time somebody asks.

    Raises:
        ModelError, OutOfMemory: It cannot be used here; TooLarge, if nothing fits.
        ConfigError: What is needed to speak to a server cannot be read.
    """
    match config.vision:
        case VisionConfig() as section:
            return _open_here(config, section)
        case OpenAiVisionConfig() as section:
            return _open_elsewhere(section)
        case other:
            assert_never(other)


def _open_here(config: Config, section: VisionConfig) -> OpenedVision:
    files = vision_files(section.model, section.mmproj)
    if not section.fit:
        return OpenedVision(_session(section, files), files.name)
    shelf = _Shelf(config, section, files)
    model, choice = shelf.next()

    def smaller() -> tuple[VisionModel, str]:
        model, choice = shelf.next()
        return model, spoken_name(choice.name)

    return OpenedVision(steady_vision(model, smaller), choice.name, choice.notice)


def load_vision(config: Config, watch: Watch) -> OpenedVision:
    """Do as `open_vision`, and tell that."""
    watch(Stage.LOADING, f"vision-language model {config.vision.model}")
    return open_vision(config)


def _open_elsewhere(section: OpenAiVisionConfig) -> OpenedVision:
    server = OpenAiServer(section)
    notice = destination(section.address)
    try:
        server.check()
    except ServerFailed as error:
        _log.warning("%s", error.detail)
        notice = {"en": f"{notice['en']} {error.spoken('en')}", "zh": notice["zh"] + error.spoken("zh")}
    is_practice = section.model == PRACTICE  # as another assistant's own service calls it
    system = PRACTICE_SYSTEM if is_practice else SYSTEM
    return OpenedVision(OpenAiVision(server, section, system, heeds_wishes=not is_practice), section.model, notice)


def model_name(config: Config) -> str:
    """Return what the vision-language model of a configuration is called in logs."""
    match config.vision:
        case VisionConfig(model=model):
            return Path(model).stem
        case OpenAiVisionConfig(model=model):
            return model
        case other:
            assert_never(other)


def server_trouble(config: Config) -> AssistantError | None:
    """Return what is wrong with the server that has the model; None for nothing, and where there is no server."""
    if not isinstance(config.vision, OpenAiVisionConfig):
        return None
    try:
        with contextlib.closing(OpenAiServer(config.vision)) as server:
            server.check()
    except AssistantError as error:
        return error
    return None


def needed_bytes(config: Config) -> int:
    """Return how much of this machine's memory all models of a configuration will take together.

    Raises:
        ModelError: A file of the vision-language model cannot be read.
    """
    if not isinstance(config.vision, VisionConfig):
        return resident_bytes(config)
    files = vision_files(config.vision.model, config.vision.mmproj)
    candidate = _candidate(config.vision, files)
    return candidate.footprint(candidate.config).host + resident_bytes(config)


def layers(config: Config) -> int | None:
    """Return how many layers the vision-language model of a configuration has; None where it is on a server.

    Raises:
        ModelError: Its file cannot be read.
    """
    if not isinstance(config.vision, VisionConfig):
        return None
    return gguf_header.read(vision_files(config.vision.model, config.vision.mmproj).model).layers


def adapter_troubles(config: Config) -> dict[str, AssistantError | None]:
    """Return by name what is wrong with each LoRA adapter of a configuration; None for nothing."""
    section = config.vision
    return {lora.path.name: _adapter_trouble(lora, section) for lora in section.lora} if isinstance(section, VisionConfig) else {}


def _adapter_trouble(lora: LoraConfig, section: VisionConfig) -> AssistantError | None:
    try:
        model = gguf_header.read(vision_files(section.model, section.mmproj).model)
        adapters.check((lora,), model.architecture)
    except AssistantError as error:
        return error
    return None


class _Shelf:
    """The models on the disk that are not larger than the one that is wanted, taken one after the other."""

    def __init__(self, config: Config, section: VisionConfig, files: VisionFiles) -> None:
        size = files.model.stat().st_size + files.mmproj.stat().st_size
        smaller = [model for model in _by_size() if _size(model) < size]
        there = [model for model in smaller if not model.missing()] if files.name != PRACTICE else []
        self._candidates = [_candidate(section, files)]
        for model in there:
            # an adapter belongs to the model it was trained on, and so does a picture part
            alone = section.model_copy(update={"model": model.name, "mmproj": None, "lora": ()})
            self._candidates.append(_candidate(alone, vision_files(model.name, None)))
        last = self._candidates[-1].name
        beneath = smaller[smaller.index(there[-1]) + 1 :] if there else smaller
        self._advice = next((model.name for model in beneath if spoken_name(model.name) != spoken_name(last)), "")
        self._gpu = section.gpu_layers != 0
        self._rest = resident_bytes(config)
        self._place = -1

    def next(self) -> tuple[VisionModel, Fitted]:
        """Load what fits and needs less than what was loaded last.

        Raises:
            TooLarge, OutOfMemory: There is no such thing; the next time all are tried again.
        """
        failure: OutOfMemory | None = None
        while True:
            memory = free(free_gpu_memory() if self._gpu else None)
            try:
                choice = fitted(self._candidates, memory, self._rest, after=self._place, smaller=self._advice)
            except TooLarge as error:
                self._place = -1
                raise failure or error from error
            self._place = choice.place
            try:
                return _session(choice.config, vision_files(choice.config.model, choice.config.mmproj)), choice
            except OutOfMemory as error:
                failure = error


def _by_size() -> list[Model]:
    """Return the catalogue's models for pictures, the largest first, without those that come with this program.

    Of some nothing tells how large they are until they have been fetched once: they take nobody's place before that.
    """
    models = [model for model in catalogue().values() if model.kind == "vision" and not model.bundled]
    return sorted((model for model in models if all(file.bytes for file in model.known_files)), key=_size, reverse=True)


def _size(model: Model) -> int:
    return sum(file.bytes or 0 for file in model.known_files)


def _candidate(section: VisionConfig, files: VisionFiles) -> Candidate:
    tokens = section.image_tokens or (PRACTICE_IMAGE_TOKENS if files.name == PRACTICE else IMAGE_TOKENS)

    def need(config: VisionConfig) -> Footprint:
        return footprint(files.model, files.mmproj, config, config.image_tokens or tokens)

    return Candidate(files.name, section.model_copy(update={"image_tokens": tokens}), need)


def _session(section: VisionConfig, files: VisionFiles) -> VisionSession:
    if files.name == PRACTICE:
        tokens = section.image_tokens or PRACTICE_IMAGE_TOKENS
        return load_session(files.model, files.mmproj, section, (tokens, tokens), PRACTICE_SYSTEM, heeds_wishes=False)
    return load_session(files.model, files.mmproj, section, (-1, section.image_tokens or IMAGE_TOKENS), SYSTEM)
