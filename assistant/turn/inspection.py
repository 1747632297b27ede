"""What is said of the differences between a picture and its reference, and what the model is shown of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from assistant.turn.grounding import direction
from assistant.turn.preferences import Directions
from assistant.types import Box, Language, Pixels

REFERENCE_KEPT: Mapping[Language, str] = {
    "en": "Remembered. Say compare, and I tell what differs.",
    "zh": "记住了。说“比较”，我就告诉您哪里不一样。",
}
REFERENCE_FORGOTTEN: Mapping[Language, str] = {"en": "I have forgotten the reference.", "zh": "参考图已经忘掉了。"}
NO_REFERENCE: Mapping[Language, str] = {
    "en": "I have nothing to compare with. Say remember this as the reference first.",
    "zh": "还没有可以比较的参考图。请先说“记住这个作参考”。",
}
DIFFERENCE_ASKED: Mapping[Language, str] = {
    "en": "What is different between the left picture and the right picture?",
    "zh": "左边的图和右边的图有什么不同？",
}
_NOT_ALIKE: Mapping[Language, str] = {
    "en": "This does not look like the reference: I can't lay one over the other. Show the same thing, from the same side.",
    "zh": "这和参考图不像，没法对齐。请从同一个方向拍同一个东西。",
}
_NONE: Mapping[Language, str] = {
    "en": "I find no difference. Small ones I may miss.",
    "zh": "没有发现不同。很小的不同我可能看不到。",
}
_ONE: Mapping[Language, str] = {"en": "One place differs: {places}.", "zh": "有一处不同：{places}。"}
_SEVERAL: Mapping[Language, str] = {"en": "{count} places differ: {places}.", "zh": "有{count}处不同：{places}。"}
_MOST = 4
"""Places that are told; who hears more has forgotten the first ones."""
_AND_MORE: Mapping[Language, str] = {"en": "and more", "zh": "还有别的"}
_AROUND = 0.5
"""How much of a place's own size the model is shown around it."""
_LEAST = 0.15
"""Share of the picture's sides that it is shown at least."""


def told_differences(boxes: Sequence[Box] | None, directions: Directions, language: Language) -> str:
    """Return what is said.

    Args:
        boxes: Where the pictures differ; None if they do not show the same thing.
        directions: How places are said.
        language: Of the words.
    """
    if boxes is None:
        return _NOT_ALIKE[language]
    if not boxes:
        return _NONE[language]
    named = list(dict.fromkeys(direction(box, directions, language) for box in boxes[:_MOST]))
    places = [*named, *([_AND_MORE[language]] if len(boxes) > _MOST else [])]
    form = _ONE if len(boxes) == 1 else _SEVERAL
    return form[language].format(count=len(boxes), places=("；" if language == "zh" else "; ").join(places))


def side_by_side(reference: Pixels, pixels: Pixels, box: Box) -> Pixels:
    """Return one place of two pictures of the same size, the reference's on the left; of others, each whole.

    Args:
        reference: The former picture.
        pixels: The picture.
        box: The place.
    """
    parts = [_cut_out(picture, box) for picture in (reference, pixels)]
    height = min(part.shape[0] for part in parts)
    gap = np.full((height, max(4, height // 20), 3), 255, np.uint8)
    return np.concatenate([parts[0][:height], gap, parts[1][:height]], axis=1)


def _cut_out(pixels: Pixels, box: Box) -> Pixels:
    height, width, _ = pixels.shape
    (across, down), half_across = box.centre, max(_LEAST, (1 + 2 * _AROUND) * (box.right - box.left)) / 2
    half_down = max(_LEAST, (1 + 2 * _AROUND) * (box.bottom - box.top)) / 2
    left, right = max(0, round((across - half_across) * width)), min(width, round((across + half_across) * width))
    top, bottom = max(0, round((down - half_down) * height)), min(height, round((down + half_down) * height))
    return pixels[top:bottom, left:right]
