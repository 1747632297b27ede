"""Where in a picture something is, as Qwen3-VL says it when it is asked for a box, and how that is told to who cannot see it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping

from assistant.turn.preferences import Directions
from assistant.types import Box, Language

BOX_QUESTION: Mapping[Language, str] = {
    "en": "Return the bounding box of the {thing} in JSON.",
    "zh": "请用JSON格式给出{thing}的边界框。",
}
_SCALE = 1000
"""Qwen3-VL's boxes run from 0 to 1000 across and down, whatever size the picture has (its model card; Qwen2.5-VL's were pixels)."""
_LISTED = re.compile(r'"bbox_2d"\s*:\s*(\[[^\]]*\])')
_FIELD_OF_VIEW = 60.0
"""Degrees that a camera sees across: 55 to 70 with webcams, about 65 with phones held lengthwise."""
_HOUR = 30.0
"""Degrees from one hour of the clock to the next."""
_NEAR, _FAR = 0.2, 0.015
"""Shares of the picture from which, and up to which, something is said to be close or further away. What is large looks close: of
how many steps it is nothing is said."""
_CENTRED = (0.12, 0.2)
"""How far from the centre, in shares of the width and height, is there."""


_HOURS = {
    11: ("at eleven o'clock", "十一点方向"),
    12: ("at twelve o'clock", "十二点方向"),
    1: ("at one o'clock", "一点方向"),
}
_SIDES = (("on your left", "您左边"), ("straight ahead", "正前方"), ("on your right", "您右边"))


def is_centred(box: Box) -> bool:
    """Tell whether a hand that goes straight ahead from the camera meets it."""
    across, down = box.centre
    return abs(across - 0.5) <= _CENTRED[0] and abs(down - 0.5) <= _CENTRED[1]


def is_close(box: Box) -> bool:
    """Tell whether it fills much of the picture."""
    return box.area >= _NEAR


def nearness(box: Box) -> float:
    """Return how near to the centre of the picture it is, from 0 to 1, there."""
    across, down = box.centre
    return max(0.0, 1 - math.hypot(across - 0.5, down - 0.5) / math.hypot(0.5, 0.5))


def boxes_in(reply: str) -> list[Box]:
    """Return the boxes of a reply, whatever else it says; what is no box, or an empty one, is left out."""
    boxes = []
    for listed in _LISTED.findall(reply):
        try:
            edges = [float(edge) / _SCALE for edge in json.loads(listed)]
        except (ValueError, TypeError):
            continue
        if len(edges) == 4 and all(math.isfinite(edge) for edge in edges):  # noqa: PLR2004 - the edges of a box
            left, top, right, bottom = (min(max(edge, 0.0), 1.0) for edge in edges)
            if left < right and top < bottom:
                boxes.append(Box(left, top, right, bottom))
    return boxes


def angle_of(box: Box) -> float:
    """Return the direction in which something lies, in degrees to the right of straight ahead."""
    across, _ = box.centre
    return math.degrees(math.atan((2 * across - 1) * math.tan(math.radians(_FIELD_OF_VIEW / 2))))


def hour_of(box: Box) -> int:
    """Return the same by the clock; twelve is straight ahead."""
    return round(angle_of(box) / _HOUR) % 12 or 12


def way_out(box: Box) -> tuple[str, str]:
    """Return, in English and Chinese, on which side something left the picture."""
    across, down = (place - 0.5 for place in box.centre)
    if abs(across) >= abs(down):
        return ("to your right", "从右边") if across > 0 else ("to your left", "从左边")
    return ("downwards", "从下边") if down > 0 else ("upwards", "从上边")


def direction(box: Box, directions: Directions, language: Language) -> str:
    """Return where something is, in words: "on your left, low down"."""
    across, down = box.centre
    where = _HOURS[hour_of(box)] if directions == "clock" else _SIDES[min(int(3 * across), 2)]
    level = ("low down", "偏下") if down > 0.8 else ("high up", "偏上") if down < 0.2 else ("", "")  # noqa: PLR2004 - outer fifths
    chosen = 1 if language == "zh" else 0
    return ("，" if chosen else ", ").join(part[chosen] for part in (where, level) if part[chosen])


def told_where(thing: str, box: Box, directions: Directions, language: Language) -> str:
    """Return the sentence that says where it is."""
    where = direction(box, directions, language)
    far = ("close", "很近") if is_close(box) else ("further away", "比较远") if box.area < _FAR else ("", "")
    if language == "zh":
        return f"{thing}在{'，'.join(filter(None, (where, far[1])))}。"
    return f"The {thing}: {', '.join(filter(None, (where, far[0])))}."
