"""A trained model as the two GGUF files that the assistant loads, made with llama.cpp's own converter.

The converter lies inside the source distribution of the very llama-cpp-python that requirements.lock pins, so that what writes the
files and what reads them are of one day.
"""

from __future__ import annotations

import importlib
import json
import logging
import multiprocessing
import os
import re
import runpy
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import platformdirs

_LOCK = Path(__file__).parents[2] / "requirements.lock"
_METADATA = {
    "general.name": "Practice",
    "general.basename": "practice",
    "general.description": "A tiny Qwen3-VL for trying and testing the assistant. It knows drawn scenes only.",
    "general.license.name": "Apache-2.0",
    "general.languages": ["en", "zh"],
}


def export(folder: Path, out: Path) -> tuple[Path, Path]:
    """Convert a Hugging Face folder.

    Args:
        folder: What training wrote: weights, configuration, tokenizer and preprocessor.
        out: The folder for the files; it is made.

    Returns:
        The language model and its image encoder, in F16; norms, biases and the position grid in F32, as the converter decides. (In
        Q8_0, half the size, 3.7 % of the greedy answers were others than those of transformers.)

    Raises:
        SystemExit: The converter could not be had, or did not like the folder; it has said why.
    """
    converter = _converter()
    out.mkdir(parents=True, exist_ok=True)
    model, mmproj = out / "practice-f16.gguf", out / "mmproj-practice-f16.gguf"
    for path, options in ((model, []), (mmproj, ["--mmproj"])):
        # a process of its own: the converter brings its own version of the package gguf
        process = multiprocessing.get_context("spawn").Process(target=_convert, args=(converter, folder, path, options))
        process.start()
        process.join()
        if process.exitcode:
            sys.exit(f"export: llama.cpp's converter could not make {path.name}; the reason stands above")
        print(f"export: {path}, {path.stat().st_size} bytes", flush=True)
    return model, mmproj


def _convert(converter: Path, folder: Path, out: Path, options: list[str]) -> None:
    os.environ["TQDM_DISABLE"] = "1"
    sys.path[:0] = [str(converter), str(converter / "gguf-py")]
    base = importlib.import_module("conversion.base")
    # It recognises a pre-tokenizer by what it makes of the published vocabulary, and ours is another. The rule is Qwen's.
    base.TextModel.get_vocab_base_pre = lambda _self, _tokenizer: "qwen2"
    with tempfile.TemporaryDirectory() as temporary:
        metadata = Path(temporary, "metadata.json")
        metadata.write_text(json.dumps(_METADATA), encoding="utf-8")
        files = ["--outtype", "f16", "--outfile", str(out), "--metadata", str(metadata), str(folder)]
        sys.argv = ["convert_hf_to_gguf.py", *options, *files]
        logging.disable(logging.INFO)
        runpy.run_path(str(converter / "convert_hf_to_gguf.py"), run_name="__main__")


def _converter() -> Path:
    """Return the folder of llama.cpp's converter; it is fetched once, by the hash in the lock file, and not built."""
    pinned = re.search(r"^(llama-cpp-python==[\w.]+).*(\n +--hash.*)*", _LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    if not pinned:
        sys.exit(f"export: {_LOCK} does not name llama-cpp-python")
    folder = platformdirs.user_cache_path("assistant", appauthor=False) / "converter" / pinned[1].replace("==", "-")
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
            _fetch(pinned[0], Path(temporary)).rename(folder)
    return folder


def _fetch(requirement: str, temporary: Path) -> Path:
    """Download a source distribution; return what it has of llama.cpp's converter, unpacked."""
    print("export: fetching the source of llama-cpp-python, 77 MB, once", flush=True)
    requirements = temporary / "requirements.txt"
    requirements.write_text(requirement, encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", "--no-build-isolation"]
    command += ["--require-hashes", "--requirement", str(requirements), "--dest", str(temporary)]
    if subprocess.run(command, check=False).returncode:  # noqa: S603 - our own Python with our own words
        sys.exit("export: the source of llama-cpp-python could not be fetched; the reason stands above")
    with tarfile.open(next(temporary.glob("*.tar.gz"))) as source:
        source.extractall(temporary, [m for m in source.getmembers() if _of_converter(m.name)], filter="data")
    return next(temporary.glob("*/vendor/llama.cpp"))


def _of_converter(name: str) -> bool:
    inside = name.partition("/vendor/llama.cpp/")[2]
    return inside == "convert_hf_to_gguf.py" or inside.startswith(("conversion/", "gguf-py/"))


if __name__ == "__main__":
    export(Path(sys.argv[1]), Path(sys.argv[2]))
