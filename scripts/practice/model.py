"""The practice model: transformers' own Qwen3-VL, made very small, and a forward pass for whole batches of it.

The modules and their weights are transformers' (`Qwen3VLForConditionalGeneration`); what is written anew here is only the way
through them, for batches of pictures of one size and for many questions about each, where transformers takes one sequence after
another. `practice.evaluate --parity` holds what comes of it to transformers' own answers.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - PyTorch's own name for it
from practice.canvas import CELL
from torch import Tensor, nn
from transformers import Qwen3VLConfig, Qwen3VLForConditionalGeneration
from transformers.models.qwen3_vl import modeling_qwen3_vl as qwen

PATCH = 16
"""Pixels along a side of a patch; two by two make a cell."""
TEXT_WIDTH, VISION_WIDTH = 192, 160
MIDWAY = 4
"""Layers of the language model, of six, after which it shall have found what is spoken of."""
_LAST_OF_BLOCK = ("o_proj.weight", "down_proj.weight", "attn.proj.weight", "mlp.linear_fc2.weight")


def make(vocabulary: int, tokens: dict[str, int], seed: int) -> Any:
    """Return a new `Qwen3VLForConditionalGeneration` of 5 million parameters, in float32.

    Args:
        vocabulary: Rows of the embedding, a multiple of 32.
        tokens: The ids of the special tokens, by their text.
        seed: Of the weights.
    """
    torch.manual_seed(seed)
    model = Qwen3VLForConditionalGeneration(_config(vocabulary, tokens)).float()
    for name, weight in model.named_parameters():
        if name.endswith("weight") and weight.ndim > 1 and "embed" not in name:
            nn.init.normal_(weight, std=0.5 * weight[0].numel() ** -0.5)
        if name.endswith(_LAST_OF_BLOCK) or ("deepstack" in name and "fc2" in name):
            nn.init.zeros_(weight)  # every block starts by passing on what it is given
    return model


def _config(vocabulary: int, tokens: dict[str, int]) -> Any:
    return Qwen3VLConfig(
        text_config={
            "vocab_size": vocabulary,
            "hidden_size": TEXT_WIDTH,
            "intermediate_size": 384,
            "num_hidden_layers": 6,
            "num_attention_heads": 6,
            "num_key_value_heads": 6,
            "head_dim": 32,
            "max_position_embeddings": 4096,
            "rms_norm_eps": 1e-6,
            "tie_word_embeddings": True,
            "rope_parameters": {
                "rope_type": "default",
                "rope_theta": 5000000.0,
                "mrope_section": [6, 5, 5],
                "mrope_interleaved": True,
            },
            "eos_token_id": tokens["<|im_end|>"],
            "pad_token_id": None,
        },
        vision_config={
            "depth": 5,
            "hidden_size": VISION_WIDTH,
            "intermediate_size": 512,
            "num_heads": 5,
            "patch_size": PATCH,
            "spatial_merge_size": 2,
            "temporal_patch_size": 2,
            "out_hidden_size": TEXT_WIDTH,
            "num_position_embeddings": 144,
            "deepstack_visual_indexes": [1, 2, 3],
        },
        image_token_id=tokens["<|image_pad|>"],
        video_token_id=tokens["<|video_pad|>"],
        vision_start_token_id=tokens["<|vision_start|>"],
        vision_end_token_id=tokens["<|vision_end|>"],
        tie_word_embeddings=True,
    )


@dataclasses.dataclass(frozen=True)
class Grid:
    """What depends only on a picture's size: where its patches take their positions from."""

    rows: int
    columns: int
    """Of cells."""
    taps: Tensor
    """Shape (patches, 4): rows of the learned 12 x 12 position table."""
    weights: Tensor
    """Shape (patches, 4): how much of each."""
    cos: Tensor
    sin: Tensor
    """Shape (1, 1, patches, head size): rotary positions."""


class Forward(nn.Module):
    """The model's forward pass for batches."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model
        self.vision_tower, self.text_model = model.model.visual, model.model.language_model

    @functools.lru_cache(None)  # noqa: B019 - one object lives as long as the program
    def grid(self, columns: int, rows: int, device: str) -> Grid:
        """Return the positions of a picture of `columns` by `rows` cells."""
        shape = torch.tensor([[1, 2 * rows, 2 * columns]])
        tower = self.vision_tower
        taps, weights = qwen.get_vision_interpolation_indices_and_weights(
            shape,
            num_grid_per_side=tower.num_grid_per_side,
            mode="bilinear",
            align_corners=True,
            spatial_merge_size=2,
            kwargs={},
        )
        cos, sin = tower.rotary_pos_emb(weights, qwen.get_vision_position_ids(shape, 2, kwargs={}))
        cos, sin = (part[None, None].float().to(device) for part in (cos, sin))
        return Grid(rows, columns, taps.to(device), weights.to(device), cos, sin)

    def see(self, pixels: Tensor, *, deep: bool = True) -> list[Tensor]:
        """Run the vision tower.

        Args:
            pixels: Shape (batch, height, width, 3), uint8, sides multiples of 32.
            deep: Whether what DeepStack adds is wanted.

        Returns:
            Four tensors of shape (batch, cells, width of the text model): what takes the picture's place among the tokens, then
            what DeepStack adds after the first three layers.
        """
        batch, height, width, _ = pixels.shape
        grid = self.grid(width // CELL, height // CELL, str(pixels.device))
        tower = self.vision_tower
        kernel = tower.patch_embed.proj.weight.sum(2).flatten(1)  # a still picture is the same twice in time
        x = F.linear(_patches(pixels), kernel, tower.patch_embed.proj.bias)
        x = x + (tower.pos_embed(grid.taps) * grid.weights[:, :, None]).sum(1)
        layers = []
        for number, block in enumerate(tower.blocks):
            x = x + _look_around(block.attn, block.norm1(x), grid)
            x = x + block.mlp(block.norm2(x))
            if deep and number in tower.deepstack_visual_indexes:
                merger = tower.deepstack_merger_list[tower.deepstack_visual_indexes.index(number)]
                layers.append(merger(x).view(batch, -1, TEXT_WIDTH))
        return [tower.merger(x).view(batch, -1, TEXT_WIDTH), *layers]

    def read(self, ids: Tensor, positions: Tensor, mask: Tensor, seen: list[Tensor], at: Tensor) -> tuple[Tensor, Tensor]:
        """Run the language model.

        Args:
            ids: Shape (batch, length).
            positions: Shape (3, batch, length): M-RoPE's time, row and column.
            mask: Shape (batch, 1, length, length): what may be looked back at.
            seen: What `see` returned.
            at: Shape (batch,): where the picture's first token stands.

        Returns:
            Hidden states after `MIDWAY` layers, and after the last norm; shape (batch, length, width).
        """
        text = self.text_model
        batch, length = ids.shape
        cells = seen[0].shape[1]
        x = text.embed_tokens(ids)
        starts = torch.arange(batch, device=ids.device) * length + at
        places = (starts[:, None] + torch.arange(cells, device=ids.device)).flatten()

        def put(onto: Tensor, what: Tensor, *, add: bool) -> Tensor:
            flat = onto.reshape(batch * length, -1)
            return flat.index_put((places,), what.flatten(0, 1).to(onto.dtype), accumulate=add).view(batch, length, -1)

        x = put(x, seen[0], add=False)
        cos, sin = (part[:, None] for part in text.rotary_emb(x, positions))
        for number, layer in enumerate(text.layers):
            x = x + _look_back(layer.self_attn, layer.input_layernorm(x), cos, sin, mask)
            x = x + layer.mlp(layer.post_attention_layernorm(x))
            if number + 1 < len(seen):
                x = put(x, seen[number + 1], add=True)
            if number + 1 == MIDWAY:
                midway = x
        return midway, text.norm(x)


def _look_around(attention: Any, x: Tensor, grid: Grid) -> Tensor:
    """Run the vision tower's attention, from every patch to every patch. `x` has the shape (batch, patches, width)."""
    qkv = attention.qkv(x).view(*x.shape[:2], 3, attention.num_heads, -1)
    q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(0)
    mixed = F.scaled_dot_product_attention(_rotate(q, grid.cos, grid.sin), _rotate(k, grid.cos, grid.sin), v)
    return attention.proj(mixed.transpose(1, 2).flatten(2))


def _look_back(attention: Any, x: Tensor, cos: Tensor, sin: Tensor, mask: Tensor) -> Tensor:
    """Run the language model's attention, from every token to those `mask` allows. `x` has the shape (batch, length, width)."""
    heads = (*x.shape[:2], -1, attention.head_dim)
    q = attention.q_norm(attention.q_proj(x).view(heads)).transpose(1, 2)
    k = attention.k_norm(attention.k_proj(x).view(heads)).transpose(1, 2)
    v = attention.v_proj(x).view(heads).transpose(1, 2)
    q, k = _rotate(q, cos, sin), _rotate(k, cos, sin)
    mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, enable_gqa=True)
    return attention.o_proj(mixed.transpose(1, 2).flatten(2))


def _patches(pixels: Tensor) -> Tensor:
    """Turn bytes (batch, height, width, 3) into patches (batch, patches, 768) in -1..1, ordered as transformers' processor does."""
    batch, height, width, _ = pixels.shape
    x = pixels.float().div(127.5).sub(1)
    x = x.view(batch, height // CELL, 2, PATCH, width // CELL, 2, PATCH, 3)
    return x.permute(0, 1, 4, 2, 5, 7, 3, 6).reshape(batch, -1, 3 * PATCH * PATCH)


def _rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    half = x.shape[-1] // 2
    return x * cos + torch.cat((-x[..., half:], x[..., :half]), -1) * sin
