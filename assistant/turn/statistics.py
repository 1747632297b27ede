"""How long the stretches of a turn take: from the marks of many turns to plain sentences."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from assistant.turn.timeline import Mark

STRETCHES: Mapping[str, tuple[Mark, Mark, str]] = {
    "first_sound": (Mark.SPEECH_END, Mark.FIRST_SOUND, "From the end of a question to the first sound of its answer"),
    "question": (Mark.SPEECH_START, Mark.SPEECH_END, "Asking"),
    "end_silence": (Mark.SPEECH_END, Mark.TURN_END, "Waiting whether the person goes on"),
    "transcription": (Mark.TURN_END, Mark.TRANSCRIPT, "Writing the question down after that"),
    "looking": (Mark.TURN_END, Mark.LOOK_DONE, "Looking at a new picture after that"),
    "first_token": (Mark.TRANSCRIPT, Mark.FIRST_TOKEN, "From the words of the question to the first word of the answer"),
    "first_sentence": (Mark.FIRST_TOKEN, Mark.FIRST_SENTENCE, "Writing the first sentence"),
    "voice": (Mark.FIRST_SENTENCE, Mark.FIRST_SOUND, "From the first sentence to its sound"),
    "answer": (Mark.FIRST_SOUND, Mark.DONE, "Speaking the whole answer"),
}
"""Each stretch by its name: where it begins and ends, and what to call it."""


def stretch_ms(marks_ms: Mapping[str, int], name: str) -> int | None:
    """Return how long a stretch took in one turn; None if the turn did not come so far.

    What was done before the stretch was to begin, such as a look while the person still spoke, took no time of it.
    """
    start, end, _ = STRETCHES[name]
    if start.value not in marks_ms or end.value not in marks_ms:
        return None
    return max(0, marks_ms[end.value] - marks_ms[start.value])


def percentile(values: Sequence[int], percent: int) -> int:
    """Return the smallest of `values` that `percent` of 100 of them do not exceed (the nearest-rank method)."""
    return sorted(values)[max(0, math.ceil(percent * len(values) / 100) - 1)]


def figures(turns: Sequence[Mapping[str, int]]) -> dict[str, dict[str, int]]:
    """Return for each stretch in how many turns there was one, and its p50 and p95 in milliseconds.

    Args:
        turns: The marks of each turn, as `Turn.marks_ms`.
    """
    result: dict[str, dict[str, int]] = {}
    for name in STRETCHES:
        taken = [ms for ms in (stretch_ms(marks, name) for marks in turns) if ms is not None]
        if taken:
            result[name] = {"turns": len(taken), "p50_ms": percentile(taken, 50), "p95_ms": percentile(taken, 95)}
    return result


def sentences(model: str, turns: Sequence[Mapping[str, int]]) -> list[str]:
    """Return what `figures` says of a model's turns in plain sentences, one thing each."""
    counts = {end: sum(end.value in marks for marks in turns) for end in (Mark.DONE, Mark.INTERRUPTED, Mark.FAILED)}
    lines = [
        f"Model {model}. Turns: {len(turns)}.",
        f"Answered to the end: {counts[Mark.DONE]}. Interrupted: {counts[Mark.INTERRUPTED]}. Failed: {counts[Mark.FAILED]}.",
    ]
    for name, figure in figures(turns).items():
        half, most = (f"{figure[key] / 1000:.2f}" for key in ("p50_ms", "p95_ms"))
        lines.append(f"{STRETCHES[name][2]}: half within {half} seconds, 95 of 100 within {most} seconds.")
    return lines
