"""The practice model through transformers, as the standard that llama.cpp is held against: the same words, the same pixels."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from practice.canvas import canvas

from assistant.llama.sampling import is_looping
from assistant.types import Pixels

_PICTURE = "<|image_pad|>"


def as_mtmd(pixels: Pixels, tokens: tuple[int, int]) -> Pixels:
    """Scale a picture to the very pixels that the image encoder sees (llama.cpp tools/mtmd/mtmd-image.cpp).

    It keeps its proportions; black bars fill what is left of whole tokens. The resampling there is Pillow's: to the bit for
    every shape of camera picture, a shade off for some taller than two to one.

    Args:
        pixels: A picture.
        tokens: Fewest and most tokens it may take.
    """
    height, width, _ = pixels.shape
    fit = canvas(width, height, tokens)
    seen = Image.new("RGB", (fit.across, fit.down))
    seen.paste(Image.fromarray(pixels).resize((fit.width, fit.height), Image.Resampling.BICUBIC), fit.corner)
    return np.asarray(seen)


class Reference:
    """A Hugging Face folder, answering greedily on the processor.

    Args:
        folder: What training wrote.
        image_tokens: Fewest and most tokens of a picture.
        max_tokens: The longest answer.
    """

    def __init__(self, folder: Path, image_tokens: tuple[int, int], max_tokens: int) -> None:
        try:
            import torch  # noqa: PLC0415 - not among what the assistant needs
            import transformers  # noqa: PLC0415
            from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil  # noqa: PLC0415
        except ImportError as error:
            sys.exit(f"evaluate: --parity compares with transformers, which is not installed here: {error}")
        self._torch = torch
        self._model: Any = transformers.Qwen3VLForConditionalGeneration.from_pretrained(folder, dtype=torch.float32).eval()
        self._tokenizer: Any = transformers.AutoTokenizer.from_pretrained(folder)
        self._image_processor: Any = Qwen2VLImageProcessorPil.from_pretrained(folder)
        self._image_tokens = image_tokens
        self._max_tokens = max_tokens

    def answer(self, pixels: Pixels, messages: Sequence[Mapping[str, Any]]) -> str:
        """Answer the last of some chat messages, one of which holds the picture."""
        torch = self._torch
        image = self._image_processor(as_mtmd(pixels, self._image_tokens), do_resize=False, return_tensors="pt")
        patches_per_token = self._image_processor.merge_size**2
        text = self._tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        text = text.replace(_PICTURE, _PICTURE * (len(image["pixel_values"]) // patches_per_token))
        ids = self._tokenizer(text, add_special_tokens=False, return_tensors="pt")["input_ids"]
        start = ids.shape[1]
        with torch.inference_mode():
            written = self._model.generate(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                mm_token_type_ids=(ids == self._tokenizer.convert_tokens_to_ids(_PICTURE)).int(),
                **image,
                do_sample=False,
                max_new_tokens=self._max_tokens,
                # the session's own rule for an answer that runs in circles
                stopping_criteria=[lambda ids, _scores, **_: torch.tensor([is_looping(ids[0, start:].tolist())])],
            )
        return str(self._tokenizer.decode(written[0, start:], skip_special_tokens=True))
