"""What the model is taught once its eyes can spell: to answer questions about pictures.

One sequence holds one picture and several dialogues about it. They share what comes before them and do not see one another, so
that a picture is paid for once. A quarter of the sequences are one long conversation instead; in a third, exchanges about earlier
pictures come first, as text, just as the assistant's own session lays a conversation out (`assistant.llama.conversation`).
"""

from __future__ import annotations

import dataclasses
import itertools
import random
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F  # noqa: N812 - PyTorch's own name for it
from practice import warmup
from practice.canvas import CELL
from practice.finding import Finder, kinds_by_token, whereabouts
from practice.labels import UNASKED
from practice.model import Forward
from practice.pictures import draw
from practice.questions import Ability, Dialogue, Turn, dialogue
from practice.scene import imagine
from practice.things import Scene
from practice.tokens import CHAT, Tokens
from practice.transplant import names
from practice.warmup import Batch, Speller
from torch import Tensor

from assistant.llama.template import parse
from assistant.turn.prompts import PRACTICE_SYSTEM
from assistant.types import Language

_ABILITIES: dict[Ability, float] = {
    "naming": 2.2, "place": 2.4, "presence": 2.4, "count": 1.6, "colour": 1.8, "sign": 1.4, "follow_up": 2.2, "refusal": 1.2,
    "describe": 1.2, "distance": 0.9, "json": 0.3, "box": 0.4,
}  # fmt: skip
"""How often each is asked."""
_LENGTH = 256
"""Tokens after which a sequence takes no further dialogue: sequences of one length waste least."""
_CROWD = "crowd_"
"""Before the names of what belongs to the pictures that are only spelled, as in the warm-up: the eyes go on learning."""
_INTERRUPTED = 0.15
"""How often an earlier answer was talked over: only what was heard of it is remembered."""
_TOGETHER, _AFTER_OTHERS, _GOING_ON = 0.25, 0.35, 0.2
"""How often a sequence is one conversation; how often exchanges came before it; how often it goes on from the last of them."""
_MISHEARD, _LOST = 0.25, 0.15
"""How often a question has unknown words in it, and how many: it is not only asked in the words it was taught."""
_UNSEEN = 0.5
"""How often what is asked about a dark or covered picture takes no seeing: all other answers are one sentence, soon learned."""
_ENGLISH = 0.55
"""A little more than half: English has more wordings."""
_ALIGNED = 8
"""Lengths of sequences are multiples of this, so that few shapes occur."""
_SPELLED, _CROWD_SPELLED, _FOUND = 0.15, 0.5, 0.3
"""Weights in the loss of what each cell shows, and of where the things are that are spoken of."""


class Writer:
    """Writes conversations down as token ids, with the chat template's words."""

    def __init__(self, tokens: Tokens) -> None:
        self.encode = encode = tokens.encode
        words = parse(CHAT, "the practice model")
        self.system = (*encode(words.before_system), *encode(PRACTICE_SYSTEM), *encode(words.after_system))
        self.open_turn = encode(words.open_turn)
        self.before_picture, self.after_picture = encode(words.before_picture), encode(words.after_picture)
        self.before_answer = encode(words.before_answer)
        self.end, *rest = encode(words.after_answer)
        self.next_turn = (*rest, *self.open_turn)
        self.cell, self.pad = tokens.special["<|image_pad|>"], tokens.special["<|endoftext|>"]
        self.kind_of = kinds_by_token(tokens)
        self._words = range(min(tokens.special.values()))
        spelled = itertools.chain.from_iterable(words for _, words in names())
        self._vital = {tokens.one(word) for word in spelled}

    def misheard(self, question: str, rng: random.Random) -> tuple[int, ...]:
        """Return a question's tokens, now and then with others in place of some that name no thing, colour, place or sign."""
        ids = self.encode(question)
        if rng.random() >= _MISHEARD:
            return ids
        return tuple(rng.choice(self._words) if token not in self._vital and rng.random() < _LOST else token for token in ids)


class _Sequence:
    """One picture's sequence while it is written."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self.ids: list[int] = list(writer.system)
        self.segments: list[int] = [0] * len(self.ids)
        self.answers: list[int] = [UNASKED] * len(self.ids)
        self.positions: list[npt.NDArray[np.int64]] = [np.tile(np.arange(len(self.ids)), (3, 1))]
        self._next = len(self.ids)
        self.picture_at = 0

    def write(self, ids: Sequence[int], segment: int, *, learned: bool = False) -> None:
        self.ids += ids
        self.segments += [segment] * len(ids)
        self.answers += ids if learned else [UNASKED] * len(ids)
        self.positions.append(np.tile(np.arange(self._next, self._next + len(ids)), (3, 1)))
        self._next += len(ids)

    def write_exchange(self, turn: Turn, segment: int, *, heard: float | None, question: Sequence[int] = ()) -> None:
        """Write a question and its answer, without the opening of the turn.

        Args:
            turn: The exchange.
            segment: Where it belongs.
            question: As it was heard, if it is not as it was asked.
            heard: The share of the answer that was heard before the person interrupted; None for an answer that is learned.
        """
        self.write((*(question or self._writer.encode(turn.question)), *self._writer.before_answer), segment)
        answer = self._writer.encode(turn.answer)
        if heard is not None:
            answer = answer[: max(1, round(heard * len(answer)))]
        self.write((*answer, self._writer.end), segment, learned=heard is None)

    def write_picture(self, columns: int, rows: int) -> None:
        """Leave room for the picture; its positions count rows and columns (M-RoPE)."""
        self.write(self._writer.before_picture, 0)
        self.picture_at = len(self.ids)
        down, across = np.divmod(np.arange(rows * columns), columns)
        self.ids += [self._writer.cell] * (rows * columns)
        self.segments += [0] * (rows * columns)
        self.answers += [UNASKED] * (rows * columns)
        self.positions.append(np.stack((np.full(rows * columns, self._next), self._next + down, self._next + across)))
        self._next += max(rows, columns)
        self.write(self._writer.after_picture, 0)

    def write_dialogues(self, dialogues: Iterator[Dialogue], rng: random.Random, *, together: bool) -> None:
        """Write dialogues about the picture until it is long enough: as one conversation, or each as if it were the only one."""
        base, writer = self._next, self._writer
        opened = True  # the picture's own turn
        for number in itertools.count(1):
            if len(self.ids) >= _LENGTH:
                return
            talk = next(dialogues)
            segment = 1 if together else number
            if not together:
                self._next, opened = base, True
            for turn in talk.turns:
                if not opened:
                    self.write(writer.next_turn, segment)
                interrupted = turn is not talk.turns[-1] and rng.random() < _INTERRUPTED
                question = self._writer.misheard(turn.question, rng)
                self.write_exchange(turn, segment, heard=rng.random() if interrupted else None, question=question)
                opened = False


def batch(writer: Writer, seed: int, size: int, *, crowd: bool) -> Batch:
    """Draw the batch of this seed and write what is said about it; with or without pictures that are only spelled."""
    rng = random.Random(seed)  # noqa: S311 - the same batch at every run
    pixels, scenes, fit = draw(rng, size)
    columns, rows = fit.across // CELL, fit.down // CELL
    sequences = [_sequence(writer, scene, columns, rows, rng) for scene in scenes]
    length = -(-max(len(sequence.ids) for sequence in sequences) // _ALIGNED) * _ALIGNED
    ids = np.full((size, length), writer.pad)
    answers = np.full((size, length), UNASKED)
    segments = np.full((size, length), -1)
    positions = np.zeros((3, size, length), np.int64)
    kinds = np.full((size, length), -1)
    for number, sequence in enumerate(sequences):
        end = len(sequence.ids)
        ids[number, :end], answers[number, :end], segments[number, :end] = sequence.ids, sequence.answers, sequence.segments
        positions[:, number, :end] = np.concatenate(sequence.positions, 1)
        kinds[number, sequence.picture_at : end] = writer.kind_of[sequence.ids[sequence.picture_at :]]
    places, colours = zip(*(whereabouts(scene) for scene in scenes), strict=True)
    arrays = {
        "pixels": pixels,
        "ids": ids,
        "answers": answers,
        "segments": segments,
        "positions": positions,
        "kinds": kinds,
        "places": np.stack(places),
        "colours": np.stack(colours),
        "picture_at": np.array([sequence.picture_at for sequence in sequences]),
    }
    taught = {name: torch.from_numpy(array) for name, array in arrays.items()}
    if not crowd:
        return taught
    crowded = warmup.batch(rng.getrandbits(32), size)
    return taught | warmup.spelled(scenes, fit) | {_CROWD + name: part for name, part in crowded.items()}


def _sequence(writer: Writer, scene: Scene, columns: int, rows: int, rng: random.Random) -> _Sequence:
    sequence = _Sequence(writer)
    sequence.write(writer.open_turn, 0)
    past, goes_on = _past(scene, rng)
    for turn in past:
        sequence.write_exchange(turn, 0, heard=rng.random() if rng.random() < _INTERRUPTED else 1.0)
        sequence.write(writer.next_turn, 0)
    sequence.write_picture(columns, rows)
    dialogues = itertools.chain(goes_on, (_dialogue(scene, rng) for _ in itertools.count()))
    sequence.write_dialogues(dialogues, rng, together=rng.random() < _TOGETHER)
    return sequence


def _past(scene: Scene, rng: random.Random) -> tuple[list[Turn], list[Dialogue]]:
    """Choose exchanges about earlier pictures, and what goes on from the last of them after another look."""
    fate = rng.random()
    if fate > _AFTER_OTHERS:
        return [], []
    past = [turn for _ in range(rng.choice((0, 1, 1, 2, 3, 5))) for turn in _dialogue(imagine(rng), rng).turns]
    if fate > _GOING_ON:
        return past, []
    talk = dialogue(scene, "follow_up", _language(rng), "train", rng)
    return [*past, *talk.turns[:-1]], [dataclasses.replace(talk, turns=talk.turns[-1:])]


def _dialogue(scene: Scene, rng: random.Random) -> Dialogue:
    ability = rng.choices(tuple(_ABILITIES), tuple(_ABILITIES.values()))[0]
    if scene.condition != "clear" and rng.random() < _UNSEEN:
        ability = "refusal"
    return dialogue(scene, ability, _language(rng), "train", rng)


def _language(rng: random.Random) -> Language:
    return "en" if rng.random() < _ENGLISH else "zh"


def talking_loss(forward: Forward, finder: Finder, taught: Batch) -> tuple[Tensor, dict[str, float]]:
    """Return the loss of a batch for the language model alone: of the answers, with the eyes as they are."""
    with torch.no_grad():
        seen = forward.see(taught["pixels"])
    return _spoken_loss(forward, finder, taught, seen)


def whole_loss(forward: Forward, finder: Finder, speller: Speller, taught: Batch) -> tuple[Tensor, dict[str, float]]:
    """Return the loss of a batch for the whole model: of the answers, and of what each cell shows."""
    seen = forward.see(taught["pixels"])
    spoken, shares = _spoken_loss(forward, finder, taught, seen)
    spelled, _ = speller(seen[0], taught)
    crowd = {name.removeprefix(_CROWD): part for name, part in taught.items() if name.startswith(_CROWD)}
    crowd_spelled, crowd_shares = warmup.loss(forward, speller, crowd)
    return spoken + _SPELLED * spelled + _CROWD_SPELLED * crowd_spelled, {**shares, **crowd_shares}


def _spoken_loss(forward: Forward, finder: Finder, taught: Batch, seen: list[Tensor]) -> tuple[Tensor, dict[str, float]]:
    """Return the loss of the answers, and the share of their tokens that are right."""
    segments = taught["segments"]
    length = segments.shape[1]
    past = torch.ones(length, length, dtype=torch.bool, device=segments.device).tril()
    same = segments[:, :, None] == segments[:, None, :]
    mask = (past & (same | (segments == 0)[:, None, :]))[:, None]
    midway, hidden = forward.read(taught["ids"], taught["positions"], mask, seen, taught["picture_at"])
    truth = taught["answers"][:, 1:]
    learned = truth >= 0
    scores = F.linear(hidden[:, :-1][learned], forward.text_model.embed_tokens.weight)
    share = (scores.argmax(-1) == truth[learned]).float().mean().item()
    spoken = F.cross_entropy(scores, truth[learned])
    found, shares = finder(midway, taught)
    return spoken + _FOUND * found, {"spoken": spoken.item(), "token": share, **shares}
