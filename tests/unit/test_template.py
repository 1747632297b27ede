"""Cutting a chat template into the texts between the things that are said."""

from __future__ import annotations

import pytest

from assistant.errors import ModelUnsupported
from assistant.llama.template import ChatTemplate, parse

LOOP = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n"
    "{% if message.content is string %}{{ message.content }}"
    "{% else %}{% for part in message.content %}"
    "{% if part.type == 'image' %}<|vision_start|><|image_pad|><|vision_end|>{% else %}{{ part.text }}{% endif %}"
    "{% endfor %}{% endif %}<|im_end|>\n{% endfor %}"
)
PLAIN = LOOP + "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
QWEN = ChatTemplate(
    before_system="<|im_start|>system\n",
    after_system="<|im_end|>\n",
    open_turn="<|im_start|>user\n",
    before_picture="<|vision_start|>",
    after_picture="<|vision_end|>",
    before_answer="<|im_end|>\n<|im_start|>assistant\n",
    after_answer="<|im_end|>\n",
)


def unsupported(source: str) -> str:
    with pytest.raises(ModelUnsupported) as caught:
        parse(source, "model.gguf")
    assert caught.value.name == "model.gguf"
    return caught.value.detail


def test_the_layout_of_the_qwen_family() -> None:
    assert parse(PLAIN, "model.gguf") == QWEN


def test_blocks_on_lines_of_their_own_leave_no_blanks() -> None:
    source = (
        "{%- set pictures = namespace(count=0) %}\n"
        "{% for message in messages %}\n"
        "    {{- '<|im_start|>' + message.role + '\\n' }}\n"
        "    {%- if message.content is string %}\n"
        "        {{- message.content }}\n"
        "    {%- else %}\n"
        "        {%- for part in message.content %}\n"
        "            {%- if part.type == 'image' or 'image_url' in part %}\n"
        "                {%- set pictures.count = pictures.count + 1 %}\n"
        "                {%- if add_vision_id %}Picture {{ pictures.count }}: {% endif -%}\n"
        "                <|vision_start|><|image_pad|><|vision_end|>\n"
        "            {%- elif 'text' in part %}\n"
        "                {{- part.text }}\n"
        "            {%- endif %}\n"
        "        {%- endfor %}\n"
        "    {%- endif %}\n"
        "    {{- '<|im_end|>\\n' }}\n"
        "{%- endfor %}\n"
        "{%- if add_generation_prompt %}\n"
        "    {{- '<|im_start|>assistant\\n' }}\n"
        "{%- endif %}\n"
    )
    assert parse(source, "model.gguf") == QWEN


def test_words_of_the_template_s_own_are_kept() -> None:
    source = PLAIN.replace("<|vision_start|>", "Picture: <|vision_start|>")
    detail = unsupported(source)  # it may not stand between the opening of a turn and the picture: nobody knows where it belongs
    assert "opens a turn" in detail
    chatty = parse(PLAIN.replace("<|vision_end|>", "<|vision_end|> is what I see. "), "model.gguf")
    assert chatty.after_picture == "<|vision_end|> is what I see. "


def test_what_is_missing_is_named() -> None:
    assert "no chat template" in unsupported("")
    assert "<|image_pad|>" in unsupported(PLAIN.replace("<|image_pad|>", ""))
    assert "@system@" in unsupported(PLAIN.replace("{% for message in messages %}", "{% for message in messages[1:] %}"))
    assert "two ways" in unsupported(LOOP)
    assert "two ways" in unsupported(LOOP + "<|im_start|>model\n")


def test_a_model_that_thinks_is_refused() -> None:
    assert "thinks" in unsupported(LOOP + "<|im_start|>assistant\n<think>\n")
    both = LOOP.replace("{{ message.role }}\n", "{{ message.role }}\n{% if message.role == 'assistant' %}<think>\n{% endif %}")
    assert "thinks" in unsupported(both + "<|im_start|>assistant\n<think>\n")


@pytest.mark.parametrize(
    "source",
    [
        "{% for message in %}",
        "{{ nothing.at.all }}",
        "{{ messages + 1 }}",
        "{{ 1 // 0 }}",
        "{{ messages[9].role }}",
        "{{ raise_exception('not like this') }}",
        "{% for i in range(1000000000) %}{% endfor %}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ messages.append(1) }}",
        "{% include '/etc/passwd' %}",
    ],
)
def test_a_template_that_cannot_be_rendered_is_refused(source: str) -> None:
    assert "cannot be rendered" in unsupported(source)
