"""The vision-language model that is loaded, with little memory, and when it runs out."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import llama_cpp
import numpy as np
import pytest

from assistant import vision
from assistant.config import Config, VisionConfig
from assistant.errors import LoadedSmaller, OutOfMemory, TooLarge
from assistant.llama.backends import free_gpu_memory
from assistant.memory import Free
from assistant.models.catalogue import VisionFiles
from assistant.types import Cancellation, Frame, Question
from assistant.vision import open_vision
from tests.fakes.vision import FakeVision
from tests.vision_models import SHIRT, room

GB = 10**9
CONFIG = Config(vision=VisionConfig(n_ctx=1024, max_tokens=48, threads=1, temperature=0))


def test_where_it_fits_it_is_loaded_and_nothing_is_said() -> None:
    opened = open_vision(CONFIG)
    assert (opened.name, opened.notice) == ("practice", None)
    opened.model.look(room("red"), Cancellation())
    assert "red" in "".join(chunk.text for chunk in opened.model.answer(SHIRT, Cancellation())).lower()
    opened.model.close()


def test_where_it_does_not_fit_it_is_refused_before_anything_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vision, "free", lambda _gpu: Free(GB // 10, GB // 10))
    monkeypatch.setattr(vision, "VisionSession", None)
    with pytest.raises(TooLarge) as caught:
        open_vision(CONFIG)
    assert "0.1 are free" in caught.value.spoken("en")


def test_whoever_turns_it_off_gets_what_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vision, "free", lambda _gpu: Free(0, 0))
    opened = open_vision(Config(vision=CONFIG.vision.model_copy(update={"fit": False})))
    opened.model.close()
    assert opened.notice is None


def test_running_out_while_loading_and_at_work_leads_to_what_needs_less(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[VisionConfig] = []

    def session(section: VisionConfig, _files: VisionFiles) -> FakeVision:
        tried.append(section)
        if len(tried) == 1:
            raise OutOfMemory("no room")
        return FakeVision([OutOfMemory("no room")] if len(tried) == 2 else ["A cup."])

    monkeypatch.setattr(vision, "_session", session)
    opened = open_vision(CONFIG)
    assert tried[1].n_ctx < tried[0].n_ctx
    assert opened.notice
    assert opened.notice["en"] == "There was not enough memory for the practice: I load it with a shorter memory."
    opened.model.look(Frame(np.zeros((32, 32, 3), np.uint8), 0.0), Cancellation())
    question = Question("What is it?", "en")
    with pytest.raises(LoadedSmaller):
        list(opened.model.answer(question, Cancellation()))
    assert tried[2].kv_type == "q8_0"
    assert [chunk.text for chunk in opened.model.answer(question, Cancellation())] == ["A", " cup."]


def test_with_nothing_smaller_it_is_told_that_memory_ran_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def session(_section: VisionConfig, _files: VisionFiles) -> FakeVision:
        raise OutOfMemory("no room")

    monkeypatch.setattr(vision, "_session", session)
    with pytest.raises(OutOfMemory):
        open_vision(CONFIG)


def test_a_graphics_card_is_known_where_llama_cpp_was_built_for_one() -> None:
    assert (free_gpu_memory() is not None) == llama_cpp.llama_supports_gpu_offload()


_UNDER_A_LIMIT = """
import json, resource, sys
from assistant.config import Config
from assistant.errors import AssistantError
from assistant.vision import open_vision
resource.setrlimit(getattr(resource, sys.argv[1]), (int(sys.argv[2]),) * 2)
try:
    opened = open_vision(Config())
    opened.model.close()
    print(json.dumps([opened.name, opened.notice]))
except AssistantError as error:
    print(json.dumps([type(error).__name__, error.spoken("en")]))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="macOS takes these limits, and does not keep to them")
@pytest.mark.parametrize(("kind", "gigabytes"), [("RLIMIT_DATA", 0.6), ("RLIMIT_AS", 0.9), ("RLIMIT_AS", 12.0)])
def test_under_a_limit_it_loads_or_says_why_not_and_does_not_die(kind: str, gigabytes: float) -> None:
    command = [sys.executable, "-c", _UNDER_A_LIMIT, kind, str(int(gigabytes * GB))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=True)
    name, said = json.loads(done.stdout)
    if gigabytes > 10:
        assert (name, said) == ("practice", None)
    else:
        assert name == "TooLarge"
        assert "gigabytes and" in said


def test_what_is_advised_or_loaded_instead_is_smaller_and_its_size_is_known() -> None:
    models = vision._by_size()
    names = [model.name for model in models]
    sizes = [sum(file.bytes or 0 for file in model.known_files) for model in models]
    assert sizes == sorted(sizes, reverse=True)
    assert names[-1] == "qwen3-vl-2b"
    assert all(file.bytes for model in models for file in model.known_files)
