"""What is computed is held against what llama.cpp says when it is asked to load without taking the memory."""

from __future__ import annotations

import ctypes
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gguf
import llama_cpp
import pytest
from synthetic_gguf import SHAPES, TensorFile, write_mmproj, write_model

from assistant.config import LoraConfig, VisionConfig
from assistant.errors import AdapterUnusable
from assistant.llama import gguf_header
from assistant.llama.footprint import Footprint, footprint
from assistant.llama.native_log import complaints
from tests.vision_models import PRACTICE

MiB = 1 << 20


@pytest.fixture(scope="module", params=["2b", "8b"])
def hollow(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    """Return files of a true shape whose weights are a hole that takes no room on the disk: only headers are read here."""
    folder = tmp_path_factory.mktemp(request.param)
    files = folder / "model.gguf", folder / "mmproj.gguf"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TensorFile, "write", _write_headers)
        write_model(files[0], SHAPES[request.param], "Q4_K_M")
        write_mmproj(files[1], SHAPES[request.param], "Q8_0")
    yield files
    for path in files:
        path.unlink()


def _write_headers(file: TensorFile) -> None:
    file.header.write_header_to_file()
    file.header.write_kv_data_to_file()
    file.header.write_ti_data_to_file()
    path = file.header.path
    sizes = [tensor.nbytes for tensors in file.header.tensors for tensor in tensors.values()]
    file.header.close()
    aligned = gguf.GGUF_DEFAULT_ALIGNMENT
    os.truncate(path, path.stat().st_size + sum(-(-size // aligned) * aligned for size in sizes) + aligned)


def told(path: Path, config: VisionConfig) -> dict[str, float]:
    """Have llama.cpp say what a context takes, in MiB."""
    sizes: dict[str, float] = {}

    @llama_cpp.llama_log_callback  # type: ignore[untyped-decorator]
    def listen(_level: int, text: bytes, _user: Any) -> None:
        if found := re.search(r"(compute buffer|llama_kv_cache:) size = +([0-9.]+) MiB", text.decode()):
            sizes[found[1]] = float(found[2])

    model_params = llama_cpp.llama_model_default_params()
    model_params.no_alloc, model_params.load_mode = True, llama_cpp.LLAMA_LOAD_MODE_NONE
    llama_cpp.llama_backend_init()
    with complaints():
        llama_cpp.llama_log_set(listen, ctypes.c_void_p(0))
        model = llama_cpp.llama_model_load_from_file(os.fsencode(path), model_params)
        params = llama_cpp.llama_context_default_params()
        params.n_ctx, params.n_batch, params.n_ubatch, params.n_outputs_max = config.n_ctx, config.n_batch, config.n_ubatch, 1
        params.flash_attn_type = {"on": 1, "off": 0, "auto": -1}[config.flash_attention]
        params.type_k = params.type_v = {"f16": llama_cpp.GGML_TYPE_F16, "q8_0": llama_cpp.GGML_TYPE_Q8_0}[config.kv_type]
        context = llama_cpp.llama_init_from_model(model, params)
    with complaints():  # silent again
        llama_cpp.llama_free(context)
        llama_cpp.llama_model_free(model)
    return sizes


def computed(files: tuple[Path, Path], tokens: int = 384, **settings: object) -> Footprint:
    return footprint(*files, VisionConfig.model_validate(settings), tokens)


@pytest.mark.parametrize(
    "settings",
    [
        {"n_ctx": 2048},
        {"n_ctx": 4096, "kv_type": "q8_0"},
        {"n_ctx": 4096, "flash_attention": "off"},
        {"n_ctx": 1024, "n_batch": 64, "n_ubatch": 64},
    ],
    ids=str,
)
def test_cache_and_buffers_are_those_that_llama_cpp_reserves(hollow: tuple[Path, Path], settings: dict[str, object]) -> None:
    config = VisionConfig.model_validate(settings)
    sizes = told(hollow[0], config)
    ours = footprint(*hollow, config, 384)
    assert ours.kv / MiB == pytest.approx(sizes["llama_kv_cache:"], abs=0.01)
    vocabulary = 150 * (151_936 + 151_387)
    # beyond the buffers, a batch's rows are kept once more, quantised
    assert sizes["compute buffer"] <= (ours.compute - vocabulary) / MiB <= 1.1 * sizes["compute buffer"]


def test_weights_are_counted_where_they_lie(hollow: tuple[Path, Path]) -> None:
    weights = sum(tensor.bytes for tensor in gguf_header.read(hollow[0]).tensors)
    mapped, read = computed(hollow), computed(hollow, mmap=False)
    assert (mapped.mapped, mapped.copied, mapped.device) == (weights, 0, 0)
    assert (read.mapped, read.copied) == (0, weights)
    assert mapped.total == read.total
    repacked = computed(hollow, repack=True)
    assert repacked.mapped == weights
    assert weights * 0.5 < repacked.copied < weights
    assert computed(hollow, repack=True, mmap=False).total == read.total


def test_on_a_graphics_card_all_but_the_token_embeddings(hollow: tuple[Path, Path]) -> None:
    tensors = {tensor.name: tensor.bytes for tensor in gguf_header.read(hollow[0]).tensors}
    embeddings = tensors["token_embd.weight"]
    all_there, half, none = computed(hollow, gpu_layers=-1), computed(hollow, gpu_layers=10), computed(hollow)
    assert all_there.mapped == embeddings
    output_twice = 0 if "output.weight" in tensors else embeddings
    assert all_there.copied == all_there.passing == sum(tensors.values()) - embeddings + output_twice
    assert 0 == none.device < half.device < all_there.device
    assert all_there.host < half.host < none.host


def test_larger_pictures_take_more_and_without_flash_attention_far_more(hollow: tuple[Path, Path]) -> None:
    small, large = computed(hollow, 128), computed(hollow, 1024, flash_attention="on")
    assert 7 * small.vision_compute < large.vision_compute < 9 * small.vision_compute
    every_pair = 16 * 4096**2 * 4  # heads, patches squared, bytes of a float
    assert computed(hollow, 1024, flash_attention="off").vision_compute > every_pair


def test_an_adapter_counts_and_a_missing_one_is_named(tmp_path: Path) -> None:
    none, size = computed(PRACTICE), sum(tensor.bytes for tensor in gguf_header.read(PRACTICE[1]).tensors)
    with_one = footprint(*PRACTICE, VisionConfig(lora=(LoraConfig(path=PRACTICE[1]),)), 384)
    assert with_one.adapters == size
    assert with_one.total == none.total + size
    with pytest.raises(AdapterUnusable) as caught:
        footprint(*PRACTICE, VisionConfig(lora=(LoraConfig(path=tmp_path / "gone.gguf"),)), 384)
    assert "gone.gguf" in caught.value.spoken("en")
