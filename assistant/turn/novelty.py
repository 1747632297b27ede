"""What of a description is news: the same thing is never told twice, in whatever words, and dangers come first.

Descriptions of one scene differ in their words, so they are compared by the things in them: what is left once all words are gone
that make no thing of their own. No tagger or embedding is asked: the words of `novelty_words` do, in microseconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from jellyfish import levenshtein_distance

from assistant.turn.novelty_words import COUNTED, DANGERS, NEARNESS, NO_THING, NOTHING, SAME
from assistant.types import Language, Seconds, Sentence

_GONE: Seconds = 60.0
"""How long something must not have been spoken of to be told again when it is back."""
_DANGER_GONE: Seconds = 20.0
"""The same of a danger: by then it is probably another one."""
_LATELY: Seconds = 5.0
"""A danger that was spoken of so shortly before all came to rest is still in view, even if later descriptions overlook it."""
_UNKNOWN = 0.4
"""The share of a clause's things of which more must be new, unless one is a danger: one of three is how the model words it."""
_MISREAD = 0.25
"""The share of a line's letters in which two readings of it may differ."""

_NO_NOUN = re.compile(
    r"(?!family|butterfly|building|ceiling|painting|railing|crossing|clothing|opening|string|ring|king|wing|spring)"
    r"\w+(?:ly|ing)|\w{3,}ed"
)
"""What of English words that stand in no list is an adverb or a verb."""
_CLAUSES: Mapping[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"[,;:]\s+(?:and\s+|with\s+)?|\s+and\s+(?=(?:an?|the|some|two|three|four|several|many|another|there|in|on)\b)"
    ),
    "zh": re.compile("[，、；：]"),
}
_PLACES: Mapping[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"(?:on|to|at) (?:your|the) (?:far )?(?:left|right)(?: side| hand side)?|(?:straight |right )?ahead|in front(?: of you)?"
        r"|in the (?:middle|centre|center)|at \w+ o'clock"
    ),
    "zh": re.compile("(?:[您你]的?)?(?:[左右](?:边|侧|手边)|[正左右]?前[方面]|中间|[一二两三九十]+点钟方向)"),
}
_NAMED_ALONE: Mapping[Language, re.Pattern[str]] = {
    "en": re.compile(r"(?i:an?|the|some|one|two|three|four|five|several|many)(?: [\w-]+){1,3}"),
    "zh": re.compile("[^有是]{1,8}"),
}
"""Something that shares its place with what stands beside it: "a cup and a plate on your right"."""
_ENDS = ".!?。！？…"


def _listed(text: str) -> Iterator[tuple[str, list[str], list[str]]]:
    """Yield names, what they are called, and what they are the kind of."""
    for line in filter(None, map(str.strip, text.splitlines())):
        name, _, rest = line.partition("=")
        name, colon, called = name.partition(":")
        names = [each.strip() for each in (called if colon else rest or name).split(",")]
        yield name.strip(), names, [each.strip() for each in rest.split(",")] if colon else []


class _Lexicon:
    """The words of one language."""

    def __init__(self, language: Language) -> None:
        self.dangers = frozenset(name for name, _, _ in _listed(DANGERS[language]))
        self._names: dict[str, str] = dict.fromkeys(NO_THING[language].split(), "")
        kin: dict[str, set[str]] = {}
        for name, called, things in _listed(DANGERS[language] + SAME[language]):
            self._names |= dict.fromkeys(called, name)
            for thing in things:
                kin.setdefault(name, set()).add(thing)
                kin.setdefault(thing, set()).add(name)
        self.kin: Mapping[str, frozenset[str]] = {
            name: frozenset(kin.get(name, ())) | {name} for name in {*self._names.values(), *kin}
        }
        around, plural, other = (
            (r"\b(?:%s)\b", r"(?:e?s)?", r"[a-z0-9]+") if language == "en" else ("(?:%s)", "", "[\u3400-\u9fffa-z0-9]")
        )
        known = "|".join([COUNTED[language], *map(re.escape, sorted(self._names, key=len, reverse=True))])
        self._known = re.compile(around % f"({known}){plural}")
        self._other = re.compile(f"{other}+" if language == "zh" else other)
        self._near = re.compile(around % NEARNESS[language])
        self.nothing = re.compile(around % NOTHING[language])

    def things(self, text: str) -> frozenset[str]:
        """Return what things a clause speaks of, by the names that they are compared by."""
        plain = text.casefold().replace("’", "'")
        found = {name for match in self._known.finditer(plain) if (name := self._names.get(match[1]))}
        if self._near.search(plain):
            found |= {f"{danger}, near" for danger in found & self.dangers}
        others = self._other.findall(self._known.sub(" ", plain))
        return frozenset(found.union(_singular(word) for word in others if not _NO_NOUN.fullmatch(word)))

    def is_danger(self, thing: str) -> bool:
        """Tell whether a thing is one."""
        return thing.removesuffix(", near") in self.dangers


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us")) else word  # noqa: PLR2004 - "gas"


_LEXICONS: Mapping[Language, _Lexicon] = {"en": _Lexicon("en"), "zh": _Lexicon("zh")}


def things(text: str, language: Language) -> frozenset[str]:
    """Return what things a text speaks of, by the names that they are compared by."""
    return _LEXICONS[language].things(text)


class Novelty:
    """What one person has been told of what is there.

    Times are seconds of any one clock.
    """

    def __init__(self) -> None:
        self._told: dict[str, Seconds] = {}
        """Each thing that was told, and when it was last in view."""

    def news(self, description: Sequence[Sentence], at: Seconds) -> list[Sentence]:
        """Return what of a description has not been told, dangers first."""
        dangers, rest, mentioned = list[Sentence](), list[Sentence](), set[str]()
        for sentence in _whole(description):
            lexicon = _LEXICONS[sentence.language]
            clauses = _CLAUSES[sentence.language].split(sentence.text.strip().rstrip(_ENDS))
            fresh, dangerous = list[str](), list[str]()
            placed = dict(zip(clauses, _placed(clauses, sentence.language), strict=True))
            for clause in clauses:
                if lexicon.nothing.search(clause.casefold().replace("’", "'")):
                    continue
                here = lexicon.things(clause)
                new = {thing for thing in here if not mentioned & self._kin(thing, lexicon) and not self._knows(thing, lexicon, at)}
                mentioned |= here
                danger = any(map(lexicon.is_danger, new))
                if danger or len(new) > _UNKNOWN * len(here):
                    (dangerous if danger else fresh).append(clause)
            if in_order := [*dangerous, *fresh]:
                told = sentence if in_order == clauses else _joined([placed[clause] for clause in in_order], sentence.language)
                (dangers if dangerous else rest).append(told)
        for lexicon in _LEXICONS.values():
            in_view = [name for thing in mentioned if self._knows(thing, lexicon, at) for name in self._kin(thing, lexicon)]
            self._told |= dict.fromkeys(self._told.keys() & in_view, at)
        return dangers + rest

    def told(self, sentences: Sequence[Sentence], at: Seconds) -> None:
        """Take in what has been heard."""
        for sentence in sentences:
            self._told |= dict.fromkeys(things(sentence.text, sentence.language), at)

    def stood(self, seconds: Seconds, at: Seconds) -> None:
        """Take in that nothing has changed for so long."""
        for thing, last in self._told.items():
            if at - seconds - last < _LATELY or not any(lexicon.is_danger(thing) for lexicon in _LEXICONS.values()):
                self._told[thing] = last + seconds

    def _knows(self, thing: str, lexicon: _Lexicon, at: Seconds) -> bool:
        gone = _DANGER_GONE if lexicon.is_danger(thing) else _GONE
        return any(at - self._told[name] < gone for name in self._kin(thing, lexicon) if name in self._told)

    @staticmethod
    def _kin(thing: str, lexicon: _Lexicon) -> frozenset[str]:
        return lexicon.kin.get(thing, frozenset({thing}))


def _whole(pieces: Sequence[Sentence]) -> Iterator[Sentence]:
    """Yield whole sentences: for a voice they are cut at commas, too."""
    text = ""
    for number, piece in enumerate(pieces, start=1):
        text += (" " if text and piece.language == "en" else "") + piece.text.strip()
        if text.endswith(tuple(_ENDS)) or number == len(pieces):
            yield Sentence(text, piece.language)
            text = ""


def _placed(clauses: Sequence[str], language: Language) -> list[str]:
    """Return clauses that can be told without one another: where they share a place, each has it, and none begins a sentence."""
    place, placed = "", list[str]()
    for clause in reversed(clauses) if language == "en" else clauses:  # "a cup and a plate on your right", "右边有杯子、盘子"
        own = _PLACES[language].search(clause)
        place = own[0] if own else place if _NAMED_ALONE[language].fullmatch(clause) else ""
        alone = clause if own or not place else f"{clause} {place}" if language == "en" else place + clause
        placed.append(alone[:1].lower() + alone[1:] if clause is clauses[0] else alone)
    return placed[::-1] if language == "en" else placed


def _joined(clauses: Sequence[str], language: Language) -> Sentence:
    text = ("，" if language == "zh" else ", ").join(clauses)
    return Sentence(text[:1].upper() + text[1:] + ("。" if language == "zh" else "."), language)


class NewText:
    """What one person has been read of the signs and labels around them.

    Times are as for `Novelty`.
    """

    def __init__(self) -> None:
        self._read: dict[str, Seconds] = {}
        """Letters and digits of what was read, and when they were last in view."""

    def news(self, sentences: Sequence[Sentence], at: Seconds) -> list[Sentence]:
        """Return which of the sentences in view have not been read aloud; misread ones and those cut off are the same."""
        new: list[Sentence] = []
        for sentence in sentences:
            letters = _letters(sentence.text)
            alike = [read for read, seen in self._read.items() if at - seen < _GONE and _same_text(letters, read)]
            self._read |= dict.fromkeys(alike, at)
            if letters and not alike and not any(_same_text(letters, _letters(other.text)) for other in new):
                new.append(sentence)
        return new

    def told(self, sentences: Sequence[Sentence], at: Seconds) -> None:
        """Take in what has been heard."""
        self._read |= {_letters(sentence.text): at for sentence in sentences}

    def stood(self, seconds: Seconds, _at: Seconds) -> None:
        """Take in that nothing has changed for so long."""
        self._read = {letters: last + seconds for letters, last in self._read.items()}


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _same_text(letters: str, read: str) -> bool:
    if letters in read:
        return True
    digits = [re.sub(r"\D", "", each) for each in (letters, read)]  # platform 4 is not platform 5
    return digits[0] == digits[1] and levenshtein_distance(letters, read) <= _MISREAD * max(len(letters), len(read))
