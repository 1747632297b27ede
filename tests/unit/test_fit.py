from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.config import VisionConfig
from assistant.errors import TooLarge
from assistant.fit import Candidate, Fitted, fitted, spoken_name
from assistant.llama.footprint import Footprint
from assistant.memory import Free

GB = 10**9
MARGIN = 1.05


def candidate(name: str, weights: float, *, device: float = 0, **settings: object) -> Candidate:
    """Return a model whose cache takes 1 GB at 4096 tokens in f16, whose pictures take 1 MB a token, and which doubles repacked."""

    def footprint(config: VisionConfig) -> Footprint:
        kv = int(GB * config.n_ctx / 4096 * {"f16": 1, "q8_0": 0.53}[config.kv_type])
        mapped = int(weights * GB)
        pictures = 1_000_000 * (config.image_tokens or 0)
        return Footprint(
            mapped=mapped,
            copied=mapped if config.repack else 0,
            passing=0,
            kv=kv,
            compute=0,
            vision=0,
            vision_compute=pictures,
            adapters=0,
            device=int(device * GB),
        )

    section = VisionConfig.model_validate({"model": name, "n_ctx": 4096, "image_tokens": 384, **settings})
    return Candidate(name, section, footprint)


def plenty(gigabytes: float, anonymous: float | None = None) -> Free:
    return Free(int(gigabytes * GB), int((gigabytes if anonymous is None else anonymous) * GB))


LARGE, MIDDLE, SMALL = candidate("qwen3-vl-8b", 5), candidate("qwen3-vl-4b", 2.5), candidate("qwen3-vl-2b", 1.1)
ALL = [LARGE, MIDDLE, SMALL]


def test_what_fits_is_loaded_as_it_is() -> None:
    choice = fitted(ALL, plenty(8), 0)
    assert choice == Fitted(LARGE.config, "qwen3-vl-8b", None, 0)


def test_repacking_is_given_up_first() -> None:
    choice = fitted([candidate("qwen3-vl-8b", 5, repack=True)], plenty(8), 0)
    assert not choice.config.repack
    assert choice.config.n_ctx == 4096
    assert choice.notice
    assert choice.notice["en"] == "The 8B needs 12.0 gigabytes and 8.0 are free: I load it with weights not rearranged."


def test_then_a_long_conversation() -> None:
    choice = fitted(ALL, plenty(6.2), 0)
    assert (choice.config.n_ctx, choice.config.kv_type, choice.name) == (840, "f16", "qwen3-vl-8b")
    assert choice.notice
    assert choice.notice["en"] == "The 8B needs 6.7 gigabytes and 6.2 are free: I load it with a shorter memory."
    assert choice.notice["zh"] == "8B需要6.7 GB内存，只有6.2 GB可用：我加载8B，记得较短。"


def test_then_the_exactness_of_the_cache_then_small_print() -> None:
    assert fitted(ALL, plenty(5.8), 0).config.kv_type == "q8_0"
    choice = fitted(ALL, plenty(5.55), 0)
    assert (choice.config.image_tokens, choice.config.n_ctx, choice.name) == (128, 584, "qwen3-vl-8b")
    assert choice.notice
    assert choice.notice["en"].endswith(": I load it with a shorter memory, a coarser memory and coarser pictures.")


def test_then_the_model_which_gets_all_its_own_settings() -> None:
    choice = fitted(ALL, plenty(4.1), 0)
    assert (choice.name, choice.config) == ("qwen3-vl-4b", MIDDLE.config)
    assert choice.notice
    assert choice.notice["en"] == "The 8B needs 6.7 gigabytes and 4.1 are free: I load the 4B."
    assert choice.notice["zh"] == "8B需要6.7 GB内存，只有4.1 GB可用：我加载4B。"


def test_of_the_cache_nothing_is_given_up_without_flash_attention() -> None:
    assert fitted([candidate("a", 5, flash_attention="off")], plenty(5.8), 0).config.kv_type == "f16"


def test_everything_else_that_is_loaded_counts() -> None:
    assert fitted(ALL, plenty(6.2), 2 * GB).name == "qwen3-vl-4b"


def test_what_does_not_fit_at_all_is_refused_with_both_figures() -> None:
    with pytest.raises(TooLarge) as caught:
        fitted([LARGE], plenty(4.1), 0, smaller="qwen3-vl-4b")
    assert caught.value.spoken("en") == "The 8B needs 5.5 gigabytes and 4.1 are free. Close something, or choose the 4B."
    assert caught.value.spoken("zh") == "8B需要5.5 GB内存，只有4.1 GB可用。请关闭一些程序，或者换用4B。"
    with pytest.raises(TooLarge) as caught:
        fitted(ALL, plenty(1), 0)
    assert caught.value.spoken("en") == "The 2B needs 1.4 gigabytes and 1.0 are free. Close something."


def test_a_limit_without_files_pages_is_held_against_the_rest() -> None:
    choice = fitted(ALL, plenty(20, anonymous=1.2), 0)
    assert choice.config.n_ctx == 840
    assert choice.notice
    assert choice.notice["en"].startswith("The 8B needs 1.5 gigabytes and 1.2 are free:")


def test_a_graphics_card_s_memory_is_held_against_what_lies_there() -> None:
    on_gpu = [candidate("qwen3-vl-8b", 5, device=6), candidate("qwen3-vl-4b", 2.5, device=3)]
    assert fitted(on_gpu, Free(2 * GB, 2 * GB, 8 * GB), 0).name == "qwen3-vl-8b"
    assert fitted(on_gpu, Free(20 * GB, 20 * GB, 4 * GB), 0).name == "qwen3-vl-4b"


def test_after_running_out_what_needs_less_is_chosen_though_more_would_fit() -> None:
    first = fitted(ALL, plenty(20), 0)
    second = fitted(ALL, plenty(20), 0, after=first.place)
    assert (second.name, second.config.n_ctx) == ("qwen3-vl-8b", 840)
    assert second.notice
    assert second.notice["en"] == "There was not enough memory for the 8B: I load it with a shorter memory."
    with pytest.raises(TooLarge):
        fitted(ALL, plenty(20), 0, after=100)


@given(st.floats(0, 12), st.floats(0, 12), st.booleans())
def test_what_is_chosen_always_fits_and_is_a_valid_configuration(memory: float, anonymous: float, repack: bool) -> None:  # noqa: FBT001
    candidates = [candidate("a-8b", 5, repack=repack), candidate("a-2b", 1.1, repack=repack)]
    there = plenty(memory, min(memory, anonymous))
    try:
        choice = fitted(candidates, there, 0)
    except TooLarge:
        return
    chosen = next(c for c in candidates if c.name == choice.name)
    need = chosen.footprint(choice.config)
    assert need.total * MARGIN <= there.memory + 1
    assert need.anonymous * MARGIN <= there.anonymous + 1
    VisionConfig.model_validate(choice.config.model_dump())


@pytest.mark.parametrize(
    ("name", "spoken"), [("qwen3-vl-8b", "8B"), ("2b-Q4_K_M", "2B"), ("Qwen3VL-4B-Instruct-Q8_0", "4B"), ("practice", "practice")]
)
def test_a_model_is_called_by_its_size(name: str, spoken: str) -> None:
    assert spoken_name(name) == spoken
