"""How right the practice model is on scenes and wordings that its training never saw, through the assistant's own session.

On each scene every ability is asked once in each language. An answer must be the right one word for word; boxes must overlap. In a
dialogue of several turns the earlier ones are really asked, and what the model answered stays in its context, right or wrong.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import random
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from practice.canvas import MAX_CELLS
from practice.parity import Reference
from practice.questions import ABILITIES, Dialogue, dialogue
from practice.scene import HELD_OUT_SEEDS, render
from practice.scoring import Figures, Result, by, by_ability, fraction, mean_difference, normalised, shape_of
from practice.wordings import Split

from assistant.config import VisionConfig
from assistant.llama.session import load_session
from assistant.models.catalogue import vision_files
from assistant.ports import VisionModel
from assistant.settings import PRACTICE
from assistant.turn.prompts import PRACTICE_SYSTEM
from assistant.types import Cancellation, Frame, Language, Question

Messages: TypeAlias = list[dict[str, Any]]

SCENES = 300
"""A fraction of 0.95 over 600 answers is known to 0.018 (two standard errors)."""
TRAINING_WORDINGS_EVERY = 4
"""On every how many-th scene the wordings of the training are asked too: what fails there, fails not for its wording."""
PARITY_EVERY = 11
"""Every how many-th dialogue is held with transformers too; 11 shares no divisor with abilities times languages."""
LANGUAGES: tuple[Language, ...] = ("en", "zh")
IMAGE_TOKENS = (MAX_CELLS, MAX_CELLS)
CONFIG = VisionConfig(temperature=0, threads=1)
"""Greedy. One thread: the second would save a quarter of the time for so small a model, and on a busy machine the two wait for each
other: 6 seconds a scene instead of 0.3."""


def examine(session: VisionModel, seed: int, split: Split) -> Iterator[Result]:
    """Ask about one scene, with a wording of `split` for each ability and language."""
    pixels, scene = render(seed)
    frame, shape = Frame(pixels, 0), shape_of(pixels.shape[1], pixels.shape[0])
    new_look = seed % 2 == 1
    session.forget()
    session.look(frame, Cancellation())
    for language, ability in itertools.product(LANGUAGES, ABILITIES):
        asked = dialogue(scene, ability, language, split, random.Random(f"{seed} {ability} {language} {split}"))  # noqa: S311 - no secret
        answers = tuple(_converse(session, frame, asked, new_look=new_look))
        yield Result(asked, answers, seed, shape, new_look)
        if len(answers) > 1:  # a single question was not remembered: the next one finds the session as it was
            session.forget()
            session.look(frame, Cancellation())


def _converse(session: VisionModel, frame: Frame, asked: Dialogue, *, new_look: bool) -> Iterator[str]:
    """Hold a dialogue; yield the model's answers. The last one is not remembered."""
    for number, turn in enumerate(asked.turns):
        question = Question(turn.question, asked.language)
        if number and new_look:
            session.look(frame, Cancellation())
        answer = "".join(chunk.text for chunk in session.answer(question, Cancellation()))
        if number + 1 < len(asked.turns):
            session.remember(question, answer)
        yield answer


def examine_all(session: VisionModel, seeds: Sequence[int], split: Split) -> list[Result]:
    """Ask about scenes and say how it goes."""
    results: list[Result] = []
    start = time.monotonic()
    for done, seed in enumerate(seeds, 1):
        results += examine(session, seed, split)
        if done % max(1, len(seeds) // 10) == 0 or done == len(seeds):
            seconds = time.monotonic() - start
            print(f"{split} wordings: {done} of {len(seeds)} scenes, {fraction(results)} right, {seconds:.0f} s", flush=True)
    return results


def parity(results: Iterable[Result], reference: Reference) -> float | None:
    """Return of how many dialogues transformers answers the last question with the very same words."""
    same: list[bool] = []
    for result in results:
        answer = reference.answer(render(result.seed)[0], _messages(result))
        same.append(normalised(answer) == normalised(result.answers[-1]))
        if not same[-1]:
            print(f"transformers answers {answer!r}: {result}", flush=True)
    print(f"transformers: {sum(same)} of {len(same)} answers are the same", flush=True)
    return round(sum(same) / len(same), 4) if same else None


def _messages(result: Result) -> Messages:
    """Write a dialogue down as the session lays it out: the current picture before the first question about it."""
    questions = [turn.question for turn in result.dialogue.turns]
    seen_from = len(questions) - 1 if result.new_look else 0
    messages: Messages = [{"role": "system", "content": PRACTICE_SYSTEM}]
    for number, question in enumerate(questions):
        with_picture = [{"type": "image"}, {"type": "text", "text": question}]
        messages.append({"role": "user", "content": with_picture if number == seen_from else question})
        if number + 1 < len(questions):
            messages.append({"role": "assistant", "content": result.answers[number]})
    return messages


def summary(held_out: Sequence[Result], trained: Sequence[Result], same: float | None) -> dict[str, Any]:
    """Return all figures under their stable names; fractions of 1."""
    languages: dict[str, Figures] = {
        language: by_ability([r for r in held_out if r.dialogue.language == language]) for language in LANGUAGES
    }
    turns = [r for r in held_out if len(r.answers) > 1]
    return {
        **by_ability(held_out),
        "chinese_minus_english": mean_difference(languages["zh"], languages["en"]),
        "parity": same,
        "all": fraction(held_out),
        "by_language": languages,
        "by_shape": by(held_out, lambda r: r.shape),
        "follow_up_by_look": by(turns, lambda r: "new look" if r.new_look else "same look"),
        "refusal_by_answer": by((r for r in held_out if r.dialogue.ability == "refusal"), lambda r: r.dialogue.turns[-1].answer),
        "training_wordings": by_ability(trained),
        "n": {ability: sum(r.dialogue.ability == ability for r in held_out) for ability in ABILITIES},
        "n_training_wordings": len(trained),
    }


def print_failures(results: Iterable[Result], most: int) -> None:
    """Print up to `most` wrong answers of each ability and language, one on a line."""
    wrong = sorted((r for r in results if not r.right), key=_ability_and_language)
    for _, group in itertools.groupby(wrong, _ability_and_language):
        for result in itertools.islice(group, most):
            print(f"wrong: {result}")


def _ability_and_language(result: Result) -> tuple[str, str]:
    return result.dialogue.ability, result.dialogue.language


def main() -> None:
    """Measure the model that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write the figures")
    parser.add_argument("--scenes", type=int, default=SCENES, metavar="N", help="how many scenes are asked about")
    parser.add_argument("--model", default=PRACTICE, metavar="GGUF", help="a language model other than the one in this repository")
    parser.add_argument("--mmproj", type=Path, metavar="GGUF", help="its image encoder")
    parser.add_argument("--parity", type=Path, metavar="FOLDER", help="the same weights for transformers, to compare answers with")
    parser.add_argument("--failures", type=int, default=0, metavar="N", help="print N wrong answers of each ability and language")
    given = parser.parse_args()
    files = vision_files(given.model, given.mmproj)
    reference = Reference(given.parity, IMAGE_TOKENS, CONFIG.max_tokens) if given.parity else None
    seeds = HELD_OUT_SEEDS[: given.scenes]
    session = load_session(files.model, files.mmproj, CONFIG, IMAGE_TOKENS, PRACTICE_SYSTEM)
    with contextlib.closing(session):
        held_out = examine_all(session, seeds, "held_out")
        trained = examine_all(session, seeds[::TRAINING_WORDINGS_EVERY], "train")
    print_failures(held_out, given.failures)
    same = parity(held_out[::PARITY_EVERY], reference) if reference else None
    report = {"model": files.model.name, "scenes": len(seeds), **summary(held_out, trained, same)}
    print(json.dumps(report, indent=2))
    if given.json:
        given.json.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
