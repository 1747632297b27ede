"""Asking the model for a whole answer, where nothing of it is said before it is there."""

from __future__ import annotations

from assistant.ports import VisionModel
from assistant.runtime.stream import for_each
from assistant.types import AnswerChunk, Cancellation, Question

_CHUNKS_AHEAD = 64


async def whole_answer(vision: VisionModel, question: Question) -> AnswerChunk:
    """Return the answer in one piece, with what it took where the model tells; it is not remembered.

    Raises:
        VisionFailed: The model failed; the subclass says why.
    """
    cancellation, written = Cancellation(), list[AnswerChunk]()
    await for_each(
        lambda: vision.answer(question, cancellation), written.append, ahead=_CHUNKS_AHEAD, on_cancel=cancellation.cancel
    )
    return AnswerChunk("".join(chunk.text for chunk in written), written[-1].usage if written else None)
