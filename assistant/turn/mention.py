"""Whether words that were said stand in a text that was read; either may be a little wrong."""

from __future__ import annotations

import re

from jellyfish import levenshtein_distance

from assistant.turn.commands import sounds_like

_LETTERS_A_MISTAKE = 5
"""English letters that have to be right for each that may be wrong, as with commands."""
_HAN = re.compile("[\u3400-\u9fff]")


def mentions(text: str, words: str) -> bool:
    """Tell whether `words`, as a recogniser wrote them down, stand in `text`, as it was read."""
    if _HAN.search(words):
        wanted, characters = [*re.sub(r"\W", "", words)], [*re.sub(r"\W", "", text)]
        return any(
            all(map(sounds_like, wanted, characters[place:])) for place in range(len(characters) - len(wanted) + 1) if wanted
        )
    wanted, said = (re.findall(r"\w+", part.casefold()) for part in (words, text))
    joined = "".join(wanted)
    return any(
        levenshtein_distance(joined, "".join(said[place : place + len(wanted)])) <= len(joined) // _LETTERS_A_MISTAKE
        for place in range(len(said) - len(wanted) + 1)
        if wanted
    )
