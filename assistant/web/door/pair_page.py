"""The page on which a device is paired. It needs no script."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from string import Template
from typing import Literal, TypeAlias

from assistant.types import Language

Fault: TypeAlias = Literal["wrong", "ended", "link-ended", "later"]
"""Why a device was not let in."""

STYLE = (Path(__file__).parent / "pair.css").read_text(encoding="utf-8")
_PAGE = Template((Path(__file__).parent / "pair.html").read_text(encoding="utf-8"))

_HEADING: Mapping[Language, str] = {"en": "Connect this device to the assistant", "zh": "把这台设备连接到助手"}
_ERROR: Mapping[Language, str] = {"en": "Error: ", "zh": "错误："}
_LABEL: Mapping[Language, str] = {"en": "Pairing code", "zh": "配对码"}
_HINT: Mapping[Language, str] = {
    "en": "Eight digits. The assistant says and prints them when it starts. Spaces do not matter.",
    "zh": "八位数字，助手启动时会说出并显示，空格无所谓。",
}
_BUTTON: Mapping[Language, str] = {"en": "Connect", "zh": "连接"}
_ALREADY: Mapping[Language, str] = {"en": "Connected already: open the assistant", "zh": "已经连接过：打开助手"}
_CERTIFICATE: Mapping[Language, str] = {
    "en": "Certificate of this assistant, to be installed on this device",
    "zh": "助手的证书，可安装在这台设备上",
}
_FAULTS: Mapping[Fault, Mapping[Language, str]] = {
    "wrong": {
        "en": "This is not the code. Please type it again.",
        "zh": "配对码不对，请重新输入。",
    },
    "ended": {
        "en": "The code does not hold any more: it was used, or too old. Ask the assistant's computer for a new one.",
        "zh": "配对码已失效：用过了，或者太久了。请在助手的电脑上获取新的配对码。",
    },
    "link-ended": {
        "en": "The link does not hold any more: it was used, or too old. Ask the assistant's computer for a new one, or a code.",
        "zh": "链接已失效：用过了，或者太久了。请在助手的电脑上获取新的链接，或者输入配对码。",
    },
    "later": {
        "en": "Too many wrong codes from here. Wait {seconds} seconds, then type it again.",
        "zh": "错误次数太多。请等待{seconds}秒后再输入。",
    },
}


def page(language: Language, fault: Fault | None, *, link: str, seconds: int, certificate: bool) -> str:
    """Return the page.

    Args:
        language: In which it is written.
        fault: Why the device was not let in just now.
        link: What it came with in place of a code; one button is all there is then.
        seconds: How long to wait, if the fault says so.
        certificate: Whether there is one to be installed.
    """
    sentence = _FAULTS[fault][language].format(seconds=seconds) if fault else ""
    return _PAGE.substitute(
        lang={"en": "en", "zh": "zh-CN"}[language],
        title=escape(f"{_ERROR[language] if fault else ''}{_HEADING[language]}"),
        heading=escape(_HEADING[language]),
        form=_form(_link(link) if link else _code(language, sentence), language),
        already=escape(_ALREADY[language]),
        certificate=f'<p><a href="/pair/ca.crt">{escape(_CERTIFICATE[language])}</a></p>' if certificate else "",
    )


def _form(fields: str, language: Language) -> str:
    return f'<form method="post" action="/pair">\n{fields}\n<button type="submit">{escape(_BUTTON[language])}</button>\n</form>'


def _link(link: str) -> str:
    return f'<input type="hidden" name="link" value="{escape(link)}">'


def _code(language: Language, error: str) -> str:
    said = f'<p class="error" id="error" role="alert">{escape(_ERROR[language] + error)}</p>\n' if error else ""
    described, invalid = ("error hint", ' aria-invalid="true"') if error else ("hint", "")
    return (
        f'{said}<label for="code">{escape(_LABEL[language])}</label>\n'
        f'<p id="hint">{escape(_HINT[language])}</p>\n'
        f'<input id="code" name="code" required autofocus inputmode="numeric" autocomplete="one-time-code" '
        f'aria-describedby="{described}"{invalid}>'
    )
