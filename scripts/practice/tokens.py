"""The practice model's own byte-pair vocabulary, small, with llama.cpp's "qwen2" way of splitting text first."""

from __future__ import annotations

import functools
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from practice.questions import ABILITIES, dialogue
from practice.scene import imagine
from practice.things import COLOURS, KINDS, SIGN_WORDS
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

from assistant.types import Language

SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>")
_SPLIT = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
"""Qwen2's, which llama.cpp calls "qwen2"."""
CHAT = (
    "{%- for m in messages -%}{{- '<|im_start|>' + m.role + '\\n' -}}{%- if m.content is string -%}{{- m.content -}}"
    "{%- else -%}{%- for p in m.content -%}{%- if p.type == 'text' -%}{{- p.text -}}"
    "{%- else -%}{{- '<|vision_start|><|image_pad|><|vision_end|>' -}}{%- endif -%}{%- endfor -%}{%- endif -%}"
    "{{- '<|im_end|>\\n' -}}{%- endfor -%}{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\\n' -}}{%- endif -%}"
)
"""What Qwen3-VL's own template writes for the messages that we use, without its tools and videos."""
_TOKENIZER = {
    "tokenizer_class": "PreTrainedTokenizerFast",
    "eos_token": "<|im_end|>",
    "pad_token": "<|endoftext|>",
    "bos_token": None,
    "add_bos_token": False,
    "chat_template": CHAT,
    "model_max_length": 4096,
    "clean_up_tokenization_spaces": False,
}
_PREPROCESSOR = {
    "size": {"shortest_edge": 4096, "longest_edge": 1 << 24},
    "patch_size": 16,
    "temporal_patch_size": 2,
    "merge_size": 2,
    "image_mean": [0.5] * 3,
    "image_std": [0.5] * 3,
    "processor_class": "Qwen3VLProcessor",
    "image_processor_type": "Qwen2VLImageProcessorFast",
}
_WHOLE_ZH = (
    *(kind.zh for kind in KINDS),
    *(chinese for chinese, _ in COLOURS.values()),
    *("左边", "前面", "右边", "近处", "远处", "牌子", "好几种"),
)
"""Chinese is written without spaces: what must become one token has to be cut out before the merges are learned."""
_VOCABULARY = 4000


class Tokens:
    """Turns text into token ids, as llama.cpp does."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self.special = {text: int(tokenizer.token_to_id(text)) for text in SPECIAL}
        self.rows = -(-int(tokenizer.get_vocab_size()) // 32) * 32
        """Of the embedding: a multiple of 32, as Q8_0 wants it."""
        self.encode = functools.lru_cache(100_000)(self._encode)

    @classmethod
    def of(cls, folder: Path) -> Tokens:
        """Return the vocabulary in a Hugging Face folder; if there is none, learn it and write it there."""
        path = folder / "tokenizer.json"
        if not path.exists():
            print("learning the vocabulary", flush=True)
            _learn().save(str(path))
        _write(folder / "tokenizer_config.json", _TOKENIZER)
        _write(folder / "preprocessor_config.json", _PREPROCESSOR)
        return cls(Tokenizer.from_file(str(path)))

    def _encode(self, text: str) -> tuple[int, ...]:
        return tuple(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def one(self, text: str) -> int | None:
        """Return the id of a text that is one token."""
        ids = self.encode(text)
        return ids[0] if len(ids) == 1 else None


def _learn() -> Any:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    as_qwen = [
        pre_tokenizers.Split(Regex(_SPLIT), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ]
    whole = "|".join(sorted(_WHOLE_ZH, key=len, reverse=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(rf"{whole}|\p{{Han}}"), "isolated"), *as_qwen])
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=_VOCABULARY - len(SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
        min_frequency=2,
    )
    tokenizer.train_from_iterator(_texts(), trainer)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(as_qwen)
    tokenizer.add_special_tokens(list(SPECIAL))
    return tokenizer


def _texts() -> Iterator[str]:
    """Yield what training will say, with every name often enough to become one token."""
    rng = random.Random(0)  # noqa: S311 - the same vocabulary at every run
    yield from ["system\n", "user\n", "assistant\n"] * 1000
    for kind in KINDS:
        names = (kind.en, kind.en_plural)
        yield from [*(f"{name} {name}" for name in names), *(name.capitalize() for name in names), kind.zh] * 400
    for colour, (chinese, _) in COLOURS.items():
        yield from [f"{colour} {colour}", chinese] * 400
    yield from [f"{word} {word}" for word in SIGN_WORDS] * 400
    languages: tuple[Language, ...] = ("en", "zh")
    for _ in range(40_000):
        language = rng.choice(languages)
        for turn in dialogue(imagine(rng), rng.choice(ABILITIES), language, "train", rng).turns:
            yield turn.question
            yield turn.answer


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
