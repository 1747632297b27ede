"""The models that the settings name: whether they are here, and whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from assistant.config import (
    Config,
    KokoroVoiceConfig,
    OpenAiVisionConfig,
    PiperVoiceConfig,
    VisionConfig,
    WakeWordStartConfig,
)
from assistant.doctor.finding import Finding, good, lost, note
from assistant.errors import AssistantError, ModelDamaged, ModelMissing
from assistant.models import catalogue
from assistant.models.shelf import sha256_of
from assistant.turn.destination import destination, is_here


def judge_model(check: str, name: str, trouble: AssistantError | None, *, hashed: bool) -> Finding:
    """Judge one model.

    Args:
        check: What it is for.
        name: Its own.
        trouble: What is wrong with it; None for nothing.
        hashed: Whether it was read to its end and compared with what was published.
    """
    if trouble:
        return lost(check, trouble)
    if hashed:
        return good(check, f"{name} is here and whole.", f"{name}在这里，文件完整。")
    return good(check, f"{name} is here.", f"{name}在这里。")


def judge_turn_detector(trouble: AssistantError | None, *, hashed: bool) -> Finding:
    """Judge the turn detector, without which the assistant only waits longer."""
    if trouble:
        return note(
            "turn detector",
            "The turn detector is not here or damaged, so I wait longer after a question: assistant models get smart-turn.",
            "轮次检测模型没有下载或已损坏，所以我会多等一会儿。请用 assistant models get smart-turn 下载。",
        )
    return judge_model("turn detector", "smart-turn", None, hashed=hashed)


def judge_text_reader(trouble: AssistantError | None, *, hashed: bool) -> Finding:
    """Judge the text reader, without which everything goes but reading aloud."""
    if trouble:
        return note(
            "text reader",
            "The text reader is not here or damaged, so I can't read aloud: assistant models get ppocr.",
            "文字识别模型没有下载或已损坏，所以我不能朗读文字。请用 assistant models get ppocr 下载。",
        )
    return judge_model("text reader", "ppocr", None, hashed=hashed)


def judge_server(section: OpenAiVisionConfig, trouble: AssistantError | None) -> list[Finding]:
    """Judge the server that has the vision-language model, and tell that pictures go there."""
    host, where = urlsplit(section.address).hostname, destination(section.address)
    if trouble:
        answers = lost("model server", trouble)
    else:
        en = f"The server {host} answers, and has the model {section.model}."
        answers = good("model server", en, f"服务器{host}有回应，也有模型{section.model}。")
    return [answers, (good if is_here(section.address) else note)("privacy", where["en"], where["zh"])]


def look_at(config: Config, *, quick: bool) -> Iterator[Finding]:
    """Yield a finding for each model; `quick` looks only at sizes."""
    words = config.transcriber.model
    if isinstance(config.vision, VisionConfig):
        vision = config.vision
        yield _looked_at("vision model", vision.model, lambda: catalogue.vision_files(vision.model, vision.mmproj), quick=quick)
    yield _looked_at("speech recognition", words, lambda: catalogue.whisper_folder(words), quick=quick)
    trouble = _trouble("smart-turn", catalogue.turn_file, quick=quick)
    yield judge_turn_detector(trouble, hashed=not quick)
    yield judge_text_reader(_trouble("ppocr", catalogue.text_files, quick=quick), hashed=not quick)
    if isinstance(config.start, WakeWordStartConfig):
        wake = config.start.model
        yield _looked_at("wake word", wake, lambda: catalogue.wake_word_files(wake), quick=quick)
    for section in filter(None, (config.voice, config.chinese_voice)):
        if isinstance(section, KokoroVoiceConfig):
            yield _looked_at("voice", "kokoro", catalogue.kokoro_folder, quick=quick)
        elif isinstance(section, PiperVoiceConfig):
            gone = next((path for path in (section.english, section.chinese) if path and not path.is_file()), None)
            trouble = ModelMissing(f"{gone}: there is no such file", gone.name) if gone else None
            yield judge_model("voice", section.english.stem, trouble, hashed=False)


def _looked_at(check: str, name: str, find: Callable[[], object], *, quick: bool) -> Finding:
    hashed = name in catalogue.catalogue() and not quick
    return judge_model(check, name, _trouble(name, find, quick=quick), hashed=hashed)


def _trouble(name: str, find: Callable[[], object], *, quick: bool) -> AssistantError | None:
    try:
        find()
        if not quick and name in catalogue.catalogue():
            _compare(name)
    except AssistantError as error:
        return error
    return None


def _compare(name: str) -> None:
    """Compare the files of a model of the catalogue with their hashes there.

    Raises:
        ModelMissing: One cannot be read.
        ModelDamaged: One is not what was published.
    """
    entry = catalogue.find(name)
    for file in entry.known_files:
        path = entry.folder / file.name
        try:
            digest = sha256_of(path)
        except OSError as error:
            raise ModelMissing(f"{path}: {error}", name) from error
        if file.sha256 and digest != file.sha256:
            raise ModelDamaged(f"{path}: its sha256 is {digest}, where {file.sha256} is right", file.name)
