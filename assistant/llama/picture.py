"""A picture as the language model takes it in: what the image encoder made of it."""

from __future__ import annotations

import ctypes
import dataclasses
from typing import Any

import numpy as np
import numpy.typing as npt
from llama_cpp import mtmd_cpp

from assistant.errors import Cancelled, VisionFailed
from assistant.llama.weights import Weights
from assistant.types import Cancellation, Pixels


@dataclasses.dataclass(eq=False)
class Picture:
    """An encoded picture. Two pictures are equal only if they are the same object."""

    chunk: Any
    """mtmd's description of its shape, without the pixels; ours to free."""
    embeddings: npt.NDArray[np.float32]
    """Shape (cells, embedding size with DeepStack)."""
    cells: int
    """KV cells it takes: one for each merged patch, w times h."""
    positions: int
    """M-RoPE positions it takes: max(w, h), far fewer than cells."""

    def __del__(self) -> None:
        """Free mtmd's part; Python frees the embeddings."""
        if self.chunk:
            mtmd_cpp.mtmd_input_chunk_free(self.chunk)


def encode(weights: Weights, pixels: Pixels, cancellation: Cancellation) -> Picture:
    """Run the image encoder. The language model is not touched.

    Raises:
        Cancelled: by `cancellation`, within one node of the encoder's graph.
        VisionFailed: mtmd could not take the picture.
    """
    rgb = np.ascontiguousarray(pixels, np.uint8)
    height, width, _ = rgb.shape
    weights.poll(cancellation)
    bitmap = mtmd_cpp.mtmd_bitmap_init(width, height, rgb.ctypes.data_as(ctypes.POINTER(ctypes.c_uint8)))
    chunks = mtmd_cpp.mtmd_input_chunks_init()
    try:
        chunk = _image_chunk(weights, bitmap, chunks)
        failed = mtmd_cpp.mtmd_encode_chunk(weights.vision, chunk)
        if cancellation.cancelled:  # mtmd returns success for a graph that was stopped half-way
            raise Cancelled
        if failed:
            raise VisionFailed(f"mtmd_encode_chunk returned {failed} for a picture of {width} x {height}")
        cells = mtmd_cpp.mtmd_input_chunk_get_n_tokens(chunk)
        output = mtmd_cpp.mtmd_get_output_embd(weights.vision)
        embeddings = np.ctypeslib.as_array(output, (cells, weights.embedding_size)).copy()
        positions = mtmd_cpp.mtmd_input_chunk_get_n_pos(chunk)
        return Picture(mtmd_cpp.mtmd_input_chunk_get_placeholder(chunk), embeddings, cells, positions)
    finally:
        mtmd_cpp.mtmd_input_chunks_free(chunks)
        mtmd_cpp.mtmd_bitmap_free(bitmap)


def _image_chunk(weights: Weights, bitmap: Any, chunks: Any) -> Any:
    """Have mtmd cut a picture into patches; return its image chunk, which `chunks` owns."""
    marker = mtmd_cpp.mtmd_default_marker()
    text = mtmd_cpp.mtmd_input_text(marker, len(marker), False, True)  # noqa: FBT003 - a C structure
    bitmaps = (mtmd_cpp.mtmd_bitmap_p_ctypes * 1)(bitmap)
    failed = mtmd_cpp.mtmd_tokenize(weights.vision, chunks, ctypes.byref(text), bitmaps, 1)
    if failed:
        raise VisionFailed(f"mtmd_tokenize returned {failed}")
    found = (mtmd_cpp.mtmd_input_chunks_get(chunks, i) for i in range(mtmd_cpp.mtmd_input_chunks_size(chunks)))
    return next(c for c in found if mtmd_cpp.mtmd_input_chunk_get_type(c) == mtmd_cpp.MTMD_INPUT_CHUNK_TYPE_IMAGE)
