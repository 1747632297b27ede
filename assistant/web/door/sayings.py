"""What is printed and said of where the service is reached, and how a device is paired with it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from assistant.turn.numerals import chinese_digits
from assistant.types import Language
from assistant.web.door.addresses import Reached
from assistant.web.door.host import is_address
from assistant.web.door.invitation import LIFETIME, Invitation

AT: Mapping[Language, str] = {"en": "Open this page in a browser: {url}", "zh": "请用浏览器打开这个网页：{url}"}
CODE: Mapping[Language, str] = {
    "en": "Pairing code: {code}. It holds for {minutes} minutes, and for one device.",
    "zh": "配对码：{code}。{minutes}分钟内有效，只能配对一台设备。",
}
LINK: Mapping[Language, str] = {
    "en": "Or open this link on that device; it is as secret as the code: {link}",
    "zh": "也可以在那台设备上打开这个链接，它和配对码一样要保密：{link}",
}
PICTURE: Mapping[Language, str] = {
    "en": "The link as a QR code, for somebody who can see: {path}",
    "zh": "这个链接的二维码图片，给看得见的人扫描：{path}",
}
WARNING: Mapping[Language, str] = {
    "en": "The browser will warn of an unknown certificate: it is this machine's own.",
    "zh": "浏览器会提示证书不受信任：这是本机自己的证书。",
}
_SPOKEN: Mapping[Language, str] = {
    "en": "You reach me in a browser at {scheme}, {host}, port {port}.",
    "zh": "请用浏览器打开{scheme}，{host}，端口 {port}。",
}
_SPOKEN_CODE: Mapping[Language, str] = {
    "en": " The pairing code is {code}. Again: {code}.",
    "zh": "配对码是 {code}。再说一遍：{code}。",
}
_DOT: Mapping[Language, str] = {"en": "dot", "zh": "点"}
_COLON: Mapping[Language, str] = {"en": "colon", "zh": "冒号"}


def printed(
    language: Language, reached: Reached, invitation: Invitation | None = None, picture: Path | None = None
) -> tuple[str, ...]:
    """Return the lines that tell how the service is reached.

    Args:
        language: In which they are written.
        reached: How it is reached.
        invitation: What lets a device in, where that is needed.
        picture: Where its link lies as a QR code.
    """
    lines = [AT[language].format(url=reached.url)]
    if reached.scheme == "https":
        lines.append(WARNING[language])
    if invitation is not None:
        lines.append(CODE[language].format(code=invitation.grouped, minutes=int(LIFETIME // 60)))
        lines.append(LINK[language].format(link=invitation.link(reached)))
    if picture is not None:
        lines.append(PICTURE[language].format(path=picture))
    return tuple(lines)


def spoken(language: Language, reached: Reached, invitation: Invitation | None = None) -> str:
    """Return the same for the voice, spelled so that it can be typed by who hears it.

    Args:
        language: In which it is said.
        reached: How the service is reached.
        invitation: What lets a device in, where that is needed.
    """
    port = " ".join(str(reached.host.port_for(reached.scheme)))
    sentence = _SPOKEN[language].format(scheme=reached.scheme, host=_spelled(reached.host.name, language), port=port)
    if invitation is None:
        return sentence
    warning = WARNING[language] + " " if reached.scheme == "https" else ""  # first: what is to be typed should be heard last
    return warning + sentence + _SPOKEN_CODE[language].format(code=invitation.grouped)


def _spelled(name: str, language: Language) -> str:
    if not is_address(name):
        return name.replace(".", f" {_DOT[language]} ")
    signs = {".": _DOT[language], ":": _COLON[language]}
    if language == "zh":  # in words: "2 点" is two o'clock
        signs |= {digit: chinese_digits(digit) for digit in "0123456789"}
    return " ".join(signs.get(character, character) for character in name)
