"""A Kokoro voice without a trained network: it has the inputs and the output of the real one and hums a tone for every symbol.

The real engine spells the text and runs the graph; only the sound is not speech.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from assistant.models.catalogue import catalogue

SAMPLE_RATE = 24_000
_SYMBOL_SAMPLES = 1680
"""At speed 1; 70 ms."""
_SYMBOLS = 178


def write_kokoro_voice(folder: Path) -> Path:
    """Write a folder with all files of the real voice, and return it. A voice's style is how loud it hums."""
    folder.mkdir(exist_ok=True)
    for number, file in enumerate(catalogue()["kokoro"].files):
        if file.role == "model":
            onnx.save(_graph(), folder / file.name)
        else:
            np.full((510, 1, 256), 0.3 + number / 20, np.float32).tofile(folder / file.name)
    return folder


def _graph() -> onnx.ModelProto:
    """For each number of `tokens` its row of a table of tones, cut by `speed`, as loud as the first number of `style`."""
    seconds = np.arange(2 * _SYMBOL_SAMPLES) / SAMPLE_RATE
    frequencies = 110 + np.arange(_SYMBOLS) * 37 % 300
    tones = np.sin(2 * np.pi * frequencies[:, None] * seconds).astype(np.float32)
    tones[0] = 0  # the padding around the symbols
    constants: dict[str, npt.NDArray[Any]] = {
        "tones": tones,
        "row_samples": np.array([_SYMBOL_SAMPLES], np.float32),
        "zero": np.array([0], np.int64),
        "one": np.array([1], np.int64),
        "shape": np.array([-1], np.int64),
    }
    nodes = [
        helper.make_node("Div", ["row_samples", "speed"], ["cut"]),
        helper.make_node("Cast", ["cut"], ["cut_samples"], to=TensorProto.INT64),
        helper.make_node("Slice", ["tones", "zero", "cut_samples", "one"], ["cut_tones"]),
        helper.make_node("Gather", ["cut_tones", "tokens"], ["sound"]),
        helper.make_node("Slice", ["style", "zero", "one", "one"], ["loudness"]),
        helper.make_node("Mul", ["sound", "loudness"], ["loud_sound"]),
        helper.make_node("Reshape", ["loud_sound", "shape"], ["audio"]),
    ]
    graph = helper.make_graph(
        nodes,
        "hum",
        [
            helper.make_tensor_value_info("tokens", TensorProto.INT64, [1, "sequence_length"]),
            helper.make_tensor_value_info("style", TensorProto.FLOAT, [1, 256]),
            helper.make_tensor_value_info("speed", TensorProto.FLOAT, [1]),
        ],
        [helper.make_tensor_value_info("audio", TensorProto.FLOAT, ["audio_length"])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)])
    model.ir_version = 9  # onnx writes its newest, which an older onnxruntime does not read
    return model
