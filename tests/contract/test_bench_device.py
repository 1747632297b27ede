"""scripts/bench device: what a row holds, and that a case which goes wrong is a row as well."""

import argparse
from pathlib import Path

import bench_device
import pytest
from bench_device import measured
from synthetic_gguf import synthesise

from assistant.machine import Gpu
from assistant.memory import Free

PLAIN = "as it is"
ONE_THREAD = {"threads": 1}
"""Several wait for one another at each of a model's many small steps, for long on a busy machine."""


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    model, mmproj = synthesise("tiny", tmp_path_factory.mktemp("tiny"), "Q8_0", "Q8_0")
    return str(model), str(mmproj)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("measuring.platformdirs.user_cache_path", lambda _: tmp_path)
    monkeypatch.setitem(bench_device.VARIATIONS, PLAIN, ONE_THREAD)
    return tmp_path / "synthetic"


def given(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    bench_device.configure(parser)
    return parser.parse_args(["--models", "tiny-Q8_0", "--repeat", "1", *arguments])


@pytest.mark.parametrize(("settings", "tokens"), [({}, 384), ({"image_tokens": 128}, 117), ({"image_tokens": 1024}, 1014)])
def test_the_picture_has_as_many_tokens_as_fit_into_the_budget(
    tiny: tuple[str, str], settings: dict[str, int], tokens: int
) -> None:
    assert measured(*tiny, ONE_THREAD | settings, 1)["picture_tokens"] == tokens


def test_times_add_up(tiny: tuple[str, str]) -> None:
    figure = measured(*tiny, ONE_THREAD, 1)
    assert figure["answered_tokens"] == bench_device.ANSWER_TOKENS
    assert 0 < figure["first_word_s"] < figure["answer_s"]
    # beside the picture, a few tokens that say there is one are read
    read = figure["encode_s"] + figure["picture_tokens"] / figure["prefill_tokens_per_s"] + figure["first_word_s"]
    assert figure["first_word_unread_s"] == pytest.approx(read, rel=0.1)
    written = (bench_device.ANSWER_TOKENS - 1) / figure["decode_tokens_per_s"]
    assert figure["answer_s"] - figure["first_word_s"] == pytest.approx(written, rel=0.05)


def test_a_model_that_was_made_is_removed_and_one_that_was_there_is_not(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    figures = bench_device.run(given("--cases", PLAIN))
    assert figures["cases"]["tiny-Q8_0, as it is"]["peak_rss_mib"] > 0
    assert not list(folder.iterdir())
    row = capsys.readouterr().out.splitlines()[-1]
    assert row.startswith("| tiny Q8_0 |  | ")
    assert row.endswith(" cores |")
    bench_device.run(given("--cases", PLAIN, "--keep"))
    there = set(folder.iterdir())
    assert {path.name for path in there} == {"tiny-Q8_0.gguf", "mmproj-tiny-Q8_0.gguf"}
    bench_device.run(given("--cases", PLAIN))
    assert set(folder.iterdir()) == there


def test_after_a_case_that_goes_wrong_comes_the_next_one(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder.mkdir()
    (folder / "tiny-Q8_0.gguf").write_bytes(b"GGUF")
    figures = bench_device.run(given("--cases", PLAIN, "KV q8_0"))
    outcomes = [figure["outcome"] for figure in figures["cases"].values()]
    assert len(outcomes) == 2
    assert all("tiny-Q8_0.gguf" in outcome for outcome in outcomes)
    assert capsys.readouterr().out.count("| tiny Q8_0 |") == 2


@pytest.mark.usefixtures("folder")
def test_a_process_that_dies_and_one_that_hangs_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(bench_device.VARIATIONS, PLAIN, {"kv_type": "unknown"})
    assert outcome(given("--cases", PLAIN)).startswith("died, 1: ")
    monkeypatch.setattr(bench_device, "LONGEST_CASE", 0.01)
    assert outcome(given("--cases", PLAIN)).startswith("given up")


def test_a_full_disk_is_told(folder: Path) -> None:
    folder.write_bytes(b"no folder can be made here")
    assert outcome(given("--cases", PLAIN)).startswith("not made: ")


def outcome(arguments: argparse.Namespace) -> str:
    (figure,) = bench_device.run(arguments)["cases"].values()
    return str(figure["outcome"])


def test_what_does_not_fit_is_not_loaded(tiny: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_device, "free", lambda gpu: Free(1_000_000, 1_000_000, gpu))
    assert "gigabytes" in measured(*tiny, {}, 1)["outcome"]


def test_without_a_graphics_card_nothing_is_measured_on_one(tiny: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_device, "gpus", list)
    assert "no graphics card" in measured(*tiny, {"gpu_layers": -1}, 1)["outcome"]


def test_a_graphics_card_and_what_was_taken_of_it_are_named(tiny: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    free = iter([10 << 30, 8 << 30])
    monkeypatch.setattr(bench_device, "gpus", lambda: [Gpu("CUDA0: a card", 10 << 30, 10 << 30, integrated=False)])
    monkeypatch.setattr(bench_device, "free_gpu_memory", lambda: next(free))
    figure = measured(*tiny, ONE_THREAD | {"gpu_layers": -1}, 1)
    assert (figure["gpus"], figure["gpu_memory_mib"]) == (["CUDA0: a card"], 2048)
