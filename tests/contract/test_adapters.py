from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np
import numpy.typing as npt
import pytest
from synthetic_gguf import SHAPES, synthesise

from assistant.config import Config, LoraConfig, VisionConfig
from assistant.doctor.models import judge_model
from assistant.errors import AdapterUnusable
from assistant.llama.session import VisionSession, load_session
from assistant.types import Cancellation
from assistant.vision import adapter_troubles

TINY = SHAPES["tiny"]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return synthesise("tiny", tmp_path_factory.mktemp("tiny"))


def write_adapter(path: Path, *, architecture: str = "qwen3vl", kind: str = "adapter", hidden: int = TINY.embedding) -> Path:
    """Write an adapter of rank 4 for the second layer's output projection."""
    random = np.random.default_rng(1)
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_type(kind)
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", 8.0)
    name = "blk.1.attn_output.weight"
    writer.add_tensor(f"{name}.lora_a", random.standard_normal((4, TINY.heads * TINY.head)).astype(np.float32))
    writer.add_tensor(f"{name}.lora_b", random.standard_normal((hidden, 4)).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def load(files: tuple[Path, Path], *adapters: LoraConfig) -> VisionSession:
    config = VisionConfig(n_ctx=512, max_tokens=16, threads=1, temperature=0, lora=adapters)
    return load_session(*files, config, (30, 30), "You are helpful.")


def logits(files: tuple[Path, Path], *adapters: LoraConfig) -> npt.NDArray[np.float32]:
    session = load(files, *adapters)
    tokens = session._weights.tokenize("What is it?", special=False)
    session._shared.cache.read(tokens, Cancellation(), logits=True)
    after = session._shared.cache.logits().copy()
    session.close()
    return after


@pytest.fixture(scope="module")
def plain(tiny: tuple[Path, Path]) -> npt.NDArray[np.float32]:
    return logits(tiny)


def test_an_adapter_changes_what_the_model_thinks_as_much_as_it_is_told(
    tiny: tuple[Path, Path], tmp_path: Path, plain: npt.NDArray[np.float32]
) -> None:
    path = write_adapter(tmp_path / "lora.gguf")
    full, faint, none = (np.abs(logits(tiny, LoraConfig(path=path, scale=scale)) - plain).max() for scale in (1.0, 0.01, 0.0))
    assert none == 0
    assert 0 < faint < full


def test_several_work_together(tiny: tuple[Path, Path], tmp_path: Path, plain: npt.NDArray[np.float32]) -> None:
    one = LoraConfig(path=write_adapter(tmp_path / "lora.gguf"), scale=0.5)
    against = LoraConfig(path=write_adapter(tmp_path / "again.gguf"), scale=-0.5)
    assert np.abs(logits(tiny, one) - plain).max() > 1e-2
    np.testing.assert_allclose(logits(tiny, one, against), plain, atol=1e-3)


def refused(files: tuple[Path, Path], path: Path) -> AdapterUnusable:
    with pytest.raises(AdapterUnusable) as caught:
        load(files, LoraConfig(path=path))
    assert caught.value.name == path.name
    assert path.name in caught.value.spoken("en")
    assert path.name in caught.value.spoken("zh")
    return caught.value


def test_one_that_is_not_there(tiny: tuple[Path, Path], tmp_path: Path) -> None:
    assert "cannot be read" in refused(tiny, tmp_path / "gone.gguf").detail


@pytest.mark.parametrize("missing", [4, 100, 1500])
def test_one_that_is_cut_short(tiny: tuple[Path, Path], tmp_path: Path, missing: int) -> None:
    path = write_adapter(tmp_path / "lora.gguf")
    path.write_bytes(path.read_bytes()[:-missing])
    refused(tiny, path)


def test_one_of_another_kind_of_model(tiny: tuple[Path, Path], tmp_path: Path) -> None:
    assert "'llama'" in refused(tiny, write_adapter(tmp_path / "lora.gguf", architecture="llama")).detail


def test_a_model_in_place_of_an_adapter(tiny: tuple[Path, Path], tmp_path: Path) -> None:
    assert "no adapter" in refused(tiny, tiny[0]).detail
    assert "no adapter" in refused(tiny, write_adapter(tmp_path / "lora.gguf", kind="model")).detail


def test_one_of_another_size(tiny: tuple[Path, Path], tmp_path: Path) -> None:
    refused(tiny, write_adapter(tmp_path / "lora.gguf", hidden=2 * TINY.embedding))


def test_each_adapter_is_named_with_what_is_wrong_with_it(tmp_path: Path) -> None:
    good, foreign = write_adapter(tmp_path / "signs.gguf"), write_adapter(tmp_path / "other.gguf", architecture="llama")
    vision = VisionConfig(lora=(LoraConfig(path=good), LoraConfig(path=foreign), LoraConfig(path=tmp_path / "gone.gguf")))
    found = [
        judge_model("adapter", name, trouble, hashed=False).words["en"].split(":")[0]
        for name, trouble in adapter_troubles(Config(vision=vision)).items()
    ]
    assert found == ["signs.gguf is here.", "I can't use the adapter other.gguf", "I can't use the adapter gone.gguf"]
