"""Files that cannot be used: each is refused with the error that says what to do, and none ends the process."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path

import gguf
import numpy as np
import pytest
from synthetic_gguf import CHAT_TEMPLATE, SHAPES, Shape, synthesise, vocabulary, write_mmproj, write_model

from assistant.errors import ModelDamaged, ModelError, ModelMismatch, ModelMissing, ModelUnsupported, OutOfMemory
from assistant.llama import gguf_header
from assistant.llama.weights import ARCHITECTURES, _load_error
from tests.vision_models import PRACTICE, SHIRT, ask, load

TINY = SHAPES["tiny"]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return synthesise("tiny", tmp_path_factory.mktemp("tiny"))


def refused(model: Path, mmproj: Path) -> ModelError:
    with pytest.raises(ModelError) as caught:
        load((model, mmproj))
    assert caught.value.name in {model.name, mmproj.name}
    assert caught.value.name in caught.value.spoken("en")
    assert caught.value.name in caught.value.spoken("zh")
    assert len(caught.value.detail) < 1000
    return caught.value


def test_whole_files_load(tiny: tuple[Path, Path]) -> None:
    session = load(tiny)
    assert ask(session, SHIRT)
    session.close()


# files that are not there, or not models


@pytest.mark.parametrize("missing", [0, 1])
def test_missing(tiny: tuple[Path, Path], tmp_path: Path, missing: int) -> None:
    files = list(tiny)
    files[missing] = tmp_path / "nothing.gguf"
    error = refused(*files)
    assert type(error) is ModelMissing
    assert error.name == "nothing.gguf"


@pytest.mark.parametrize("replaced", [0, 1])
def test_a_folder(tiny: tuple[Path, Path], tmp_path: Path, replaced: int) -> None:
    files = list(tiny)
    files[replaced] = tmp_path
    assert type(refused(*files)) is ModelMissing


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable(tiny: tuple[Path, Path], tmp_path: Path) -> None:
    path = tmp_path / "secret.gguf"
    path.write_bytes(tiny[0].read_bytes())
    path.chmod(0)
    assert type(refused(path, tiny[1])) is ModelMissing


@pytest.mark.parametrize("replaced", [0, 1])
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"G",
        b"GGUF",
        b"not a model" * 100,
        b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n",
        b"\x00" * 4096,
        b"GGUF" + b"\xff" * 4096,
        b"GGUF\x03\x00\x00\x00" + b"\xff" * 16,  # says that it holds 2^64 tensors
    ],
    ids=["empty", "one letter", "magic only", "text", "git-lfs pointer", "zeros", "ones", "countless tensors"],
)
def test_not_a_gguf(tiny: tuple[Path, Path], tmp_path: Path, replaced: int, content: bytes) -> None:
    files = list(tiny)
    files[replaced] = tmp_path / "wrong.gguf"
    files[replaced].write_bytes(content)
    error = refused(*files)
    assert type(error) is ModelDamaged
    assert error.name == "wrong.gguf"


# files that are cut short

PLACES = [8, 24, 30, 100, 1000, 5000, 40_000, -200_000, -5000, -300, -33, -1]
"""Lengths, or how much is missing from the end: within the header, between the tensors, within the last one."""


@pytest.mark.parametrize("length", PLACES)
@pytest.mark.parametrize("cut", [0, 1])
@pytest.mark.parametrize("pair", ["synthetic", "practice"])
def test_truncated(tiny: tuple[Path, Path], tmp_path: Path, pair: str, cut: int, length: int) -> None:
    files = list(tiny if pair == "synthetic" else PRACTICE)
    whole = files[cut].read_bytes()
    files[cut] = tmp_path / "short.gguf"
    files[cut].write_bytes(whole[:length])
    error = refused(*files)
    assert type(error) is ModelDamaged
    assert error.name == "short.gguf"


def test_a_header_knows_how_long_its_file_is(tiny: tuple[Path, Path]) -> None:
    for path in (*tiny, *PRACTICE):
        header = gguf_header.read(path)
        # the last tensor may be followed by padding
        assert 0 <= path.stat().st_size - header.size < gguf.GGUF_DEFAULT_ALIGNMENT
        assert header.architecture in {*ARCHITECTURES, "clip"}


@pytest.mark.parametrize(
    "said", ["insufficient memory (attempted to allocate 448.00 MB)", "clip_init: failed to load model: std::bad_alloc"]
)
def test_too_little_memory_is_not_called_a_damaged_file(said: str) -> None:
    assert type(_load_error(Path("model.gguf"), [said])) is OutOfMemory


# whole files that do not belong together


def test_swapped(tiny: tuple[Path, Path]) -> None:
    error = refused(tiny[1], tiny[0])
    assert type(error) is ModelUnsupported
    assert error.name == tiny[1].name


def test_the_language_model_given_twice(tiny: tuple[Path, Path]) -> None:
    assert type(refused(tiny[0], tiny[0])) is ModelMismatch


@pytest.mark.parametrize("other", [dataclasses.replace(TINY, embedding=192), dataclasses.replace(TINY, deepstack=(0, 1))])
def test_the_mmproj_of_another_model(tiny: tuple[Path, Path], tmp_path: Path, other: Shape) -> None:
    write_mmproj(tmp_path / "other.gguf", other, "F16")
    error = refused(tiny[0], tmp_path / "other.gguf")
    assert type(error) is ModelMismatch
    assert error.name == "other.gguf"


def test_pairs_mixed_up(tiny: tuple[Path, Path]) -> None:
    assert type(refused(tiny[0], PRACTICE[1])) is ModelMismatch
    assert type(refused(PRACTICE[0], tiny[1])) is ModelMismatch


# models of another kind


def write_text_model(path: Path, architecture: str) -> None:
    """Write a language model of one layer that knows nothing of pictures."""
    words = vocabulary(1024)
    file = gguf.GGUFWriter(path, architecture)
    file.add_block_count(1)
    file.add_context_length(64)
    file.add_embedding_length(32)
    file.add_feed_forward_length(32)
    file.add_head_count(2)
    file.add_layer_norm_rms_eps(1e-5)
    file.add_tokenizer_model("gpt2")
    file.add_tokenizer_pre("qwen2")
    file.add_token_list(words.tokens)
    file.add_token_types(words.kinds)
    file.add_token_merges(words.merges)
    file.add_tensor("token_embd.weight", np.zeros((1024, 32), np.float32))
    for name in ("output_norm", "blk.0.attn_norm", "blk.0.ffn_norm"):
        file.add_tensor(f"{name}.weight", np.ones(32, np.float32))
    for name in ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"):
        file.add_tensor(f"blk.0.{name}.weight", np.zeros((32, 32), np.float32))
    file.write_header_to_file()
    file.write_kv_data_to_file()
    file.write_tensors_to_file()
    file.close()


@pytest.mark.parametrize("architecture", ["llama", "qwen3", "of-the-future"])
def test_a_model_that_cannot_see(tiny: tuple[Path, Path], tmp_path: Path, architecture: str) -> None:
    write_text_model(tmp_path / "text.gguf", architecture)
    error = refused(tmp_path / "text.gguf", tiny[1])
    assert type(error) is ModelUnsupported
    assert architecture in error.detail
    assert type(refused(tiny[0], tmp_path / "text.gguf")) is ModelMismatch


def test_a_header_without_tensors(tiny: tuple[Path, Path], tmp_path: Path) -> None:
    for architecture, expected in (("qwen3vl", ModelDamaged), ("clip", ModelUnsupported)):
        file = gguf.GGUFWriter(tmp_path / "bare.gguf", architecture)
        file.write_header_to_file()
        file.write_kv_data_to_file()
        file.close()
        assert type(refused(tmp_path / "bare.gguf", tiny[1])) is expected


def test_an_architecture_that_is_no_text(tiny: tuple[Path, Path], tmp_path: Path) -> None:
    file = gguf.GGUFWriter(tmp_path / "number.gguf", "x")
    file.kv_data[0]["general.architecture"] = gguf.gguf_writer.GGUFValue(7, gguf.GGUFValueType.UINT32)
    file.write_header_to_file()
    file.write_kv_data_to_file()
    file.close()
    assert type(refused(tmp_path / "number.gguf", tiny[1])) is ModelUnsupported


def _thinking(template: str) -> str:
    return template.replace("assistant\n'", "assistant\n<think>\n'")


def _blind(template: str) -> str:
    return template.replace("<|vision_start|><|image_pad|><|vision_end|>", "")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_thinking, "thinks"),
        (_blind, "image_pad"),
        (lambda _: "", "no chat template"),
        (lambda _: "{{ messages + 1 }}", "rendered"),
    ],
    ids=["thinking", "without pictures", "none", "broken"],
)
def test_a_template_that_does_not_fit(tiny: tuple[Path, Path], tmp_path: Path, change: Callable[[str], str], reason: str) -> None:
    write_model(tmp_path / "model.gguf", TINY, "Q8_0", template=change(CHAT_TEMPLATE))
    error = refused(tmp_path / "model.gguf", tiny[1])
    assert type(error) is ModelUnsupported
    assert reason in error.detail
