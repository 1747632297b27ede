"""Holding an answer to a form: a JSON schema, by the library llguidance.

llama.cpp's own grammars are not used: where one cannot go on, as in a pattern that no character fits, llama.cpp ends the process.
llguidance, which llama.cpp can be built with in their place, has limits and tells its errors.
"""

from __future__ import annotations

import json
import re
import warnings
from typing import Any

import llguidance
import numpy as np
import numpy.typing as npt
from llguidance.llamacpp import lltokenizer_from_vocab

from assistant.errors import SchemaUnusable, VisionFailed

_LONGEST = 32_768
"""Characters of a schema."""
_LARGEST = 2**53 - 1
_MOST_REPEATED = 1000
"""Items of a list, or characters of a text, that a schema may ask for or allow."""
_LONGEST_PATTERN = 200
_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_AS_THEY_ARE = frozenset(
    ("type", "enum", "const", "required", "format", "title", "description", "default", "examples", "$schema", "$id", *_BOUNDS)
)
_ONE, _SEVERAL, _NAMED = ("items", "additionalProperties"), ("anyOf", "oneOf", "allOf", "prefixItems"), ("properties", "$defs")
_COUNTS = ("minItems", "maxItems", "minLength", "maxLength")
_CLOSING = ("null", "]", "}", ",", '"', "0", "true", "{", "[")
"""How a value that a form wants comes to its end soonest, the best first."""
_WHOLE_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)


class Forms:
    """Makes forms for the vocabulary of one model; reading that takes a second for 150,000 words, at the first form."""

    def __init__(self, vocab: Any) -> None:
        self._vocab = vocab
        self._tokenizer: llguidance.LLTokenizer | None = None

    def form(self, schema: str) -> Form:
        """Return a form for one answer.

        Args:
            schema: A JSON schema, as JSON text.

        Raises:
            SchemaUnusable: It is none, asks for something that cannot be held to, or is too large.
        """
        if len(schema) > _LONGEST:
            raise SchemaUnusable(f"a schema of {len(schema)} characters; {_LONGEST} is the most")
        try:
            _check(json.loads(schema, parse_int=_number, parse_float=_number))
        except (ValueError, RecursionError) as error:
            raise SchemaUnusable(str(error)) from error
        if self._tokenizer is None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # it asks llama-cpp-python for attributes in the old way
                self._tokenizer = lltokenizer_from_vocab(self._vocab)
        try:
            grammar = llguidance.LLMatcher.grammar_from_json_schema(
                schema,
                # one line: a model that may choose writes empty lines until it has no tokens left
                overrides={"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "},
            )
        except ValueError as error:
            raise SchemaUnusable(str(error)) from error
        matcher = llguidance.LLMatcher(self._tokenizer, grammar, log_level=0)
        if matcher.is_error():
            raise SchemaUnusable(matcher.get_error())
        return Form(matcher, self._tokenizer)


def _check(schema: Any) -> None:
    """Let through only what is known: llguidance does not come to an end with some others, such as "multipleOf" of a large number.

    Raises:
        ValueError: There is something else in a schema.
    """
    if isinstance(schema, bool):
        return
    if not isinstance(schema, dict):
        raise ValueError("a schema that is no object")  # noqa: TRY004 - as for all other mistakes of a schema
    for keyword, value in schema.items():
        if keyword in _ONE:
            _check(value)
        elif keyword in _SEVERAL and isinstance(value, list):
            for inner in value:
                _check(inner)
        elif keyword in _NAMED and isinstance(value, dict):
            for inner in value.values():
                _check(inner)
        elif not (
            keyword in _AS_THEY_ARE
            or (keyword in _COUNTS and isinstance(value, float) and value <= _MOST_REPEATED)
            or (keyword == "pattern" and isinstance(value, str) and len(value) <= _LONGEST_PATTERN)
            or (keyword == "$ref" and isinstance(value, str) and value.startswith("#"))
        ):
            raise ValueError(f"{keyword} is not supported, or too large")


def _number(text: str) -> float:
    """Read a number of a schema.

    Raises:
        ValueError: It lies outside of what JSON programs agree on (RFC 8259, section 6): with bounds beyond that, llguidance 1.9.1
            ends the process.
    """
    number = float(text)
    if not -_LARGEST <= number <= _LARGEST:
        raise ValueError("a number beyond 2 to the power of 53")
    return number


class Form:
    """The state of one answer that follows a schema."""

    def __init__(self, matcher: llguidance.LLMatcher, tokenizer: llguidance.LLTokenizer) -> None:
        self._matcher = matcher
        self._tokenizer = tokenizer
        self._tokens: list[int] = []
        self._closing = [tokenizer.tokenize_str(text)[0] for text in _CLOSING]
        (self._quote,) = tokenizer.tokenize_str('"')

    def allow(self, logits: npt.NDArray[np.float32]) -> None:
        """Rule out, in place, every next token that the schema does not allow.

        Args:
            logits: Those of llama.cpp itself, shape (vocabulary,).

        Raises:
            SchemaUnusable: Nothing is allowed, or it is too hard to find out.
        """
        allowed = _allowed_by(self._matcher)[: logits.size]
        if self._matcher.is_error() or not allowed.any():
            raise SchemaUnusable(self._matcher.get_error() or "nothing may follow")
        logits[: allowed.size][~allowed] = -np.inf
        logits[allowed.size :] = -np.inf

    def take(self, token: int) -> None:
        """Be told which token was chosen.

        Raises:
            VisionFailed: It was not allowed.
        """
        if not self._matcher.consume_token(token):
            raise VisionFailed(self._matcher.get_error())
        self._tokens.append(token)

    def ending(self, token: int | None, most: int) -> list[int] | None:
        """Return a short way to end the answer so that it still follows the schema, with null where that is allowed.

        Args:
            token: The next one, which is not taken; None to end the answer where it is.
            most: Tokens that may follow it.

        Returns:
            Its tokens; none where it may end as it is. None where no such way was found.
        """
        matcher, written = self._matcher.deep_copy(), [*self._tokens]
        if token is not None:
            matcher.consume_token(token)
            written.append(token)
        begin = len(written)
        while not matcher.is_accepting():
            following = matcher.compute_ff_tokens() or self._soonest(matcher, written)
            written += following
            if not following or len(written) - begin > most or matcher.try_consume_tokens(following) < len(following):
                return None
        return written[begin:]

    def _soonest(self, matcher: llguidance.LLMatcher, written: list[int]) -> list[int]:
        """Return the next token on a short way to the end; none where nothing may follow."""
        allowed = _allowed_by(matcher)
        within_text = b'"' in _WHOLE_TEXT.sub(b"", self._tokenizer.decode_bytes(written))
        wanted = [self._quote] if within_text else self._closing
        return [token for token in (*wanted, *np.flatnonzero(allowed)[:1].tolist()) if allowed[token]][:1]


def _allowed_by(matcher: llguidance.LLMatcher) -> npt.NDArray[np.bool_]:
    """Return which tokens may follow, shape (vocabulary, rounded up to a multiple of 32)."""
    return np.unpackbits(np.frombuffer(matcher.compute_bitmask(), np.uint8), bitorder="little").astype(np.bool_)
