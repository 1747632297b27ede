"""A Piper voice without a trained network: it has the inputs and outputs of a real one and hums a tone for every phoneme.

The real `piper` loads it, spells the text with its own espeak-ng and runs the graph; only the sound is not speech.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper
from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP

SAMPLE_RATE = 22_050
_PHONEME_SAMPLES = 1536
"""At length scale 1; 70 ms."""
_SYMBOLS = 256


def write_piper_voice(path: Path, espeak_voice: str = "en-us", phoneme_type: str = "espeak") -> None:
    """Write `path`, an .onnx file, and the .onnx.json beside it."""
    onnx.save(_graph(), path)
    settings = {
        "audio": {"sample_rate": SAMPLE_RATE},
        "espeak": {"voice": espeak_voice},
        "inference": {"noise_scale": 0.667, "length_scale": 1.0, "noise_w": 0.8},
        "num_symbols": _SYMBOLS,
        "num_speakers": 1,
        "phoneme_id_map": DEFAULT_PHONEME_ID_MAP,
        "phoneme_type": phoneme_type,
    }
    path.with_name(f"{path.name}.json").write_text(json.dumps(settings), encoding="utf-8")


def _graph() -> onnx.ModelProto:
    """For each id of `input` its row of a table of tones, cut to `scales[1]` times half of the row's length."""
    seconds = np.arange(2 * _PHONEME_SAMPLES) / SAMPLE_RATE
    frequencies = 110 + np.arange(_SYMBOLS) * 37 % 300
    tones = np.sin(2 * np.pi * frequencies[:, None] * seconds).astype(np.float32)
    tones[0] = 0  # the padding between phonemes
    constants: dict[str, npt.NDArray[Any]] = {
        "tones": tones,
        "row_samples": np.array([_PHONEME_SAMPLES], np.float32),
        "one": np.array([1], np.int64),
        "two": np.array([2], np.int64),
        "zero": np.array([0], np.int64),
        "no_length": np.array([0], np.float32),
        "shape": np.array([1, 1, 1, -1], np.int64),
    }
    nodes = [
        helper.make_node("Slice", ["scales", "one", "two"], ["length_scale"]),
        helper.make_node("Mul", ["length_scale", "row_samples"], ["cut"]),
        helper.make_node("Cast", ["cut"], ["cut_samples"], to=TensorProto.INT64),
        helper.make_node("Slice", ["tones", "zero", "cut_samples", "one"], ["cut_tones"]),
        helper.make_node("Gather", ["cut_tones", "input"], ["sound"]),
        helper.make_node("Cast", ["input_lengths"], ["lengths"], to=TensorProto.FLOAT),  # an unused input would be removed
        helper.make_node("Mul", ["lengths", "no_length"], ["silence"]),
        helper.make_node("Add", ["sound", "silence"], ["all_sound"]),
        helper.make_node("Reshape", ["all_sound", "shape"], ["output"]),
    ]
    graph = helper.make_graph(
        nodes,
        "hum",
        [
            helper.make_tensor_value_info("input", TensorProto.INT64, ["batch", "phonemes"]),
            helper.make_tensor_value_info("input_lengths", TensorProto.INT64, ["batch"]),
            helper.make_tensor_value_info("scales", TensorProto.FLOAT, [3]),
        ],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["batch", 1, 1, "samples"])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)])
    model.ir_version = 9  # onnx writes its newest, which an older onnxruntime does not read
    return model
