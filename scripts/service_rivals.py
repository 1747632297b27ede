"""Our service against llama.cpp's own server on the same GGUF, both through OpenAI's interface, in turns."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from measuring import status_bytes
from served import Served, Streamed, chat, data_url

SYSTEM = "You are the eyes of a blind person. Answer in one or two short sentences."
FIRST, SECOND, OTHER = "Describe what is in front of me.", "And what is behind it on the left?", "Is there a cup on the table?"
ANSWER_TOKENS = 48
OURS, THEIRS = "ours", "llama_server"


def measure(sides: Mapping[str, Served], pictures: Sequence[bytes]) -> dict[str, float]:
    """Return the medians of both sides, in seconds, tokens a second and MiB.

    Args:
        sides: The services, under their names.
        pictures: JPEG files; the first is not counted, each other is a round.
    """
    rounds: dict[str, list[dict[str, float]]] = {name: [] for name in sides}
    for i, picture in enumerate(pictures):
        names = sorted(sides, reverse=bool(i % 2))
        figures: dict[str, dict[str, float]] = {name: {} for name in names}
        for step in zip(*(_steps(sides[name], picture) for name in names), strict=True):  # in turns
            for name, more in zip(names, step, strict=True):
                figures[name] |= more
        print(
            "a round: first token after", ", ".join(f"{figures[name]['new_picture_s']:.3f} s, {name}" for name in names), flush=True
        )
        for name in sides if i else ():
            rounds[name].append(figures[name])
    medians = {
        f"{figure}_{name}": round(statistics.median(row[figure] for row in rows), 4)
        for name, rows in rounds.items()
        for figure in rows[0]
    }
    peaks = {f"peak_rss_mib_{name}": round(status_bytes("VmHWM", served.pid) / 2**20) for name, served in sides.items()}
    return {**medians, **peaks}


def _steps(served: Served, picture: bytes) -> Iterator[Mapping[str, float]]:
    """Ask about a picture that it has not seen, on about it, and about it in a new conversation."""
    asked = [_system(), _user(FIRST, picture)]
    first = _ask(served, asked)
    yield {"new_picture_s": first.first, "tokens_per_s": first.tokens_per_second}
    second = _ask(served, [*asked, {"role": "assistant", "content": first.text}, {"role": "user", "content": SECOND}])
    yield {"second_question_s": second.first}
    yield {"same_picture_s": _ask(served, [_system(), _user(OTHER, picture)]).first}


def _ask(served: Served, messages: list[dict[str, Any]]) -> Streamed:
    return chat(
        served,
        json.dumps(
            {
                "model": "whatever",
                "messages": messages,
                "temperature": 0,
                "max_tokens": ANSWER_TOKENS,
                "stream": True,
            }
        ).encode(),
    )


def _system() -> dict[str, Any]:
    return {"role": "system", "content": SYSTEM}


def _user(question: str, picture: bytes) -> dict[str, Any]:
    image = {"type": "image_url", "image_url": {"url": data_url(picture)}}
    return {"role": "user", "content": [image, {"type": "text", "text": question}]}
