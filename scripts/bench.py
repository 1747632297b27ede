"""Benchmarks: each compares two ways of doing one thing in one run, prints plain lines and writes a JSON file."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import bench_commands
import bench_conversation
import bench_device
import bench_echo
import bench_fit
import bench_hearing
import bench_quality
import bench_reading
import bench_service
import bench_vision
import bench_wake_word
from measuring import machine


def main() -> None:
    """Run the benchmark that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    benchmarks = parser.add_subparsers(required=True, metavar="BENCHMARK")
    for name, benchmark, purpose in (
        ("vision", bench_vision, "time to the first token, barge-in and memory of the vision session"),
        ("conversation", bench_conversation, "from the end of a question to the sound of its answer, idle load and memory"),
        ("device", bench_device, "how fast each model is on this machine, with which settings, and what memory it takes"),
        ("fit", bench_fit, "the memory that is said to be needed against the memory that is taken, and what happens with less"),
        ("quality", bench_quality, "how often a good picture is called useless, and a useless one good"),
        (
            "reading",
            bench_reading,
            "reading, aiming, checking, finding, describing, inspecting: how often each is right",
        ),
        ("hearing", bench_hearing, "people cut off while they think, and the silence after a question"),
        ("wake-word", bench_wake_word, "how often the wake word is missed, and heard although nobody said it"),
        ("commands", bench_commands, "spoken commands that are understood, and questions that are taken for one"),
        ("service", bench_service, "what HTTP adds to the session, llama.cpp's own server, and 32 programs at once"),
        ("echo", bench_echo, "what is left of the assistant's own voice, and who is heard that talks over it"),
    ):
        command = benchmarks.add_parser(name, help=purpose)
        benchmark.configure(command)
        command.add_argument("--json", type=Path, metavar="FILE", help="where to write the figures")
        command.set_defaults(run=benchmark.run)
    given = parser.parse_args()
    report = {"machine": machine(), **given.run(given)}
    if given.json:
        given.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
