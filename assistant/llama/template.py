"""How a model wants a conversation written down, taken from the chat template inside its own GGUF file.

The template is rendered once with stand-ins for everything that is said, and cut at the stand-ins. So whatever a model of the
family writes around system prompt, picture, question and answer is right, and what people say never passes through jinja.
"""

from __future__ import annotations

import dataclasses

import jinja2
import jinja2.sandbox

from assistant.errors import ModelUnsupported

_SYSTEM, _QUESTION, _ANSWER, _FOLLOW_UP = "@system@", "@question@", "@answer@", "@follow-up@"
_PICTURE = "<|image_pad|>"
"""The token that stands for a picture in every template of the family."""


@dataclasses.dataclass(frozen=True, slots=True)
class ChatTemplate:
    """The texts between the things that are said.

    A conversation reads::

    before_system SYSTEM after_system open_turn
    before_picture PICTURE after_picture QUESTION before_answer ANSWER after_answer
    open_turn QUESTION before_answer ANSWER after_answer
    """

    before_system: str
    after_system: str
    open_turn: str
    before_picture: str
    after_picture: str
    before_answer: str
    after_answer: str


def parse(source: str, name: str) -> ChatTemplate:
    """Cut a GGUF file's jinja template into a `ChatTemplate`.

    Raises:
        ModelUnsupported: There is none, or it does not write conversations in the Qwen-VL way.
    """
    if not source:
        raise ModelUnsupported(f"{name} has no chat template", name)
    try:
        text = _render(source)
    except Exception as error:  # a template is a program: it may raise anything
        raise ModelUnsupported(f"{name}: its chat template cannot be rendered: {error}", name) from error
    try:
        before_system, rest = _cut(text, _SYSTEM)
        head, rest = _cut(rest, _PICTURE)
        after_picture, rest = _cut(rest, _QUESTION)
        before_answer, rest = _cut(rest, _ANSWER)
        between, rest = _cut(rest, _FOLLOW_UP)
    except ValueError as error:
        raise ModelUnsupported(f"{name}: its chat template drops {error}", name) from error
    if "<think>" in rest:
        raise ModelUnsupported(f"{name} thinks at length before it speaks; take the Instruct model", name)
    if rest != before_answer:
        raise ModelUnsupported(f"{name}: its chat template writes an answer's start in two ways", name)
    # "after_system open_turn before_picture" and "after_answer open_turn" share the words that open a turn
    vision = head.rfind("<|vision_start|>")
    start = between.rfind("<|im_start|>")
    if vision < 0 or start < 0 or not head[:vision].endswith(between[start:]):
        raise ModelUnsupported(f"{name}: its chat template opens a turn in an unknown way", name)
    open_turn = between[start:]
    return ChatTemplate(
        before_system=before_system,
        after_system=head[: vision - len(open_turn)],
        open_turn=open_turn,
        before_picture=head[vision:],
        after_picture=after_picture,
        before_answer=before_answer,
        after_answer=between[:start],
    )


def _render(source: str) -> str:
    environment = jinja2.sandbox.ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    environment.globals["raise_exception"] = _raise
    return environment.from_string(source).render(
        add_generation_prompt=True,
        add_vision_id=False,
        messages=[
            {"role": "system", "content": _SYSTEM},
            {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": _QUESTION}]},
            {"role": "assistant", "content": _ANSWER},
            {"role": "user", "content": _FOLLOW_UP},
        ],
    )


def _raise(message: str) -> None:
    raise jinja2.TemplateError(message)


def _cut(text: str, at: str) -> tuple[str, str]:
    before, found, after = text.partition(at)
    if not found:
        raise ValueError(at)
    return before, after
