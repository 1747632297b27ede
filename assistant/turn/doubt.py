"""Whether a question was understood so badly that it is better said back (rule 18 of the design)."""

from __future__ import annotations

import re

from assistant.types import Transcript

_UNSURE = 0.6
"""Mean probability of a token below which Whisper base was wrong. Of 96 questions, spoken by espeak-ng in noise at 30 to -3 dB, 53
were below it, one of them written down right; of the 43 above it 21 were."""
_FEWEST_UNITS = 3
"""Words, or Chinese characters: one alone is unlikely to begin with ("Stop." 0.41), and soon said again."""
_UNIT = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+")


def is_doubtful(transcript: Transcript) -> bool:
    """Tell whether these are probably not the words that were said."""
    return transcript.confidence < _UNSURE and len(_UNIT.findall(transcript.text)) >= _FEWEST_UNITS
