"""Small networks in ONNX files, computed on the processor by onnxruntime."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import onnxruntime

from assistant.errors import ModelDamaged, ModelMissing


def open_network(path: Path, *, threads: int = 1) -> Any:
    """Load a network.

    Args:
        path: The ONNX file.
        threads: How many compute it; 0 for as many as there are processors. While they wait they leave those to others.

    Returns:
        An `onnxruntime.InferenceSession`.

    Raises:
        ModelMissing: There is no such file.
        ModelDamaged: It is truncated, or no network.
    """
    if not path.is_file():
        raise ModelMissing(f"{path}: there is no such file", path.name)
    options = onnxruntime.SessionOptions()
    options.inter_op_num_threads, options.intra_op_num_threads = 1, threads
    options.log_severity_level = 4  # its warnings are about the graph, which is not ours
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors share no base class but this one
        raise ModelDamaged(f"{path}: {error}", path.name) from error
