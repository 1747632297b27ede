"""What is said of a code: what it is for and the one thing to know of it. Nothing in it is opened, called or joined.

A code is written by strangers. Of an address only its host is said, of a Wi-Fi network only its name, of a contact only whose
it is.
"""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Iterable, Mapping

from assistant.turn.sentences import language_of, split
from assistant.turn.spelling import spelled
from assistant.types import Code, Language, Sentence

_MOST_LETTERS = 400
"""Of a text, half a minute of speech."""
_GROUPS: Mapping[int, tuple[int, ...]] = {8: (4, 4), 12: (1, 5, 5, 1), 13: (1, 6, 6)}
"""How an article's number is printed, by how many digits it has."""

_PRODUCT: Mapping[Language, str] = {"en": "{name}.", "zh": "{name}。"}
_NUMBER: Mapping[Language, str] = {"en": "An article number: {digits}.", "zh": "商品条码：{digits}。"}
_LINK: Mapping[Language, str] = {"en": "A link to {host}.", "zh": "一个链接，指向 {host}。"}
_APP: Mapping[Language, str] = {"en": "A link for an app, beginning with {scheme}.", "zh": "一个应用链接，以 {scheme} 开头。"}
_PHONE: Mapping[Language, str] = {"en": "A phone number: {number}.", "zh": "电话号码：{number}。"}
_MESSAGE: Mapping[Language, str] = {"en": "A text message to {number}.", "zh": "发往 {number} 的短信。"}
_MAIL: Mapping[Language, str] = {"en": "A mail address: {address}.", "zh": "邮箱地址：{address}。"}
_CONTACT: Mapping[Language, str] = {"en": "A contact: {name}.", "zh": "联系人：{name}。"}
_NAMELESS: Mapping[Language, str] = {"en": "A contact without a name.", "zh": "一个没有名字的联系人。"}
_EVENT: Mapping[Language, str] = {"en": "A date for the calendar: {name}.", "zh": "日历事件：{name}。"}
_PLACE: Mapping[Language, str] = {"en": "A place on the map.", "zh": "地图上的一个地点。"}
_NETWORK: Mapping[Language, str] = {"en": "A Wi-Fi network: {name}.", "zh": "无线网络：{name}。"}
_HAS_PASSWORD: Mapping[Language, str] = {
    "en": "Say spell the password, and I do.",
    "zh": "说“念密码”，我就念它的密码。",
}
_NO_PASSWORD: Mapping[Language, str] = {"en": "There is no password in it.", "zh": "里面没有密码。"}
_TEXT: Mapping[Language, str] = {"en": "The code says:", "zh": "码里写着："}
_LONGER: Mapping[Language, str] = {"en": "There is more of it.", "zh": "后面还有。"}

_FIELD = re.compile(r"([A-Za-z]+):((?:[^;\\]|\\.)*)(?:;|$)", re.DOTALL)
"""A field of the notation of WIFI: and MECARD: codes (Denso Wave, ZXing)."""
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{1,19}):(?=\S)")
_BARE_ADDRESS = re.compile(r"(?:www\.)[^\s/]+\.[a-z]{2,}(?:/\S*)?", re.IGNORECASE)
_NUMBER_IN_SCHEME = re.compile(r"[+0-9][0-9 ()./-]*")


def told(codes: Iterable[Code], language: Language) -> list[Sentence]:
    """Return what is said of codes that were read."""
    return [sentence for code in codes if code.text for sentence in _told(code, language)]


def password_of(codes: Iterable[Code]) -> str:
    """Return the password of the Wi-Fi network that one of the codes is for; empty where there is none."""
    networks = (_fields(code.text[5:]) for code in codes if _is_network(code))
    return next((network["P"] for network in networks if network.get("P")), "")


def _told(code: Code, language: Language) -> list[Sentence]:
    if code.product:
        return [Sentence(_PRODUCT[language].format(name=code.product), language_of(code.product))]
    if code.is_product:
        return [Sentence(_NUMBER[language].format(digits=_grouped(code.text, language)), language)]
    if _is_network(code):
        network = _fields(code.text[5:])
        password = _HAS_PASSWORD if network.get("P") else _NO_PASSWORD
        return [Sentence(_NETWORK[language].format(name=network.get("S", "")), language), Sentence(password[language], language)]
    meaning = _meaning(code.text.strip(), language)
    return [Sentence(meaning, language)] if meaning else _text(code.text.strip(), language)


def _grouped(number: str, language: Language) -> str:
    """Return an article's number, to be said digit by digit, with a pause where it is printed with a gap."""
    groups, rest = [], number
    for size in _GROUPS.get(len(number), (len(number),)):
        groups.append(" ".join(rest[:size]))
        rest = rest[size:]
    return ("，" if language == "zh" else ", ").join(groups)


def _is_network(code: Code) -> bool:
    return not code.is_product and code.text[:5].upper() == "WIFI:"


def _fields(text: str) -> Mapping[str, str]:
    return {key.upper(): _ESCAPED.sub(r"\1", value).strip('"') for key, value in _FIELD.findall(text)}


def _meaning(text: str, language: Language) -> str:
    """Return what is said of a code that programs act on; empty for mere words."""
    upper = text.upper()
    if upper.startswith("MECARD:"):
        return _contact(" ".join(reversed(_fields(text[7:]).get("N", "").split(",", 1))), language)
    if upper.startswith("BEGIN:VCARD"):
        return _contact(_line(text, "FN") or " ".join(reversed(_line(text, "N").split(";")[:2])), language)
    if upper.startswith(("BEGIN:VEVENT", "BEGIN:VCALENDAR")):
        return _EVENT[language].format(name=_line(text, "SUMMARY"))
    if upper.startswith("MATMSG:"):
        return _MAIL[language].format(address=_fields(text[7:]).get("TO", ""))
    if _BARE_ADDRESS.fullmatch(text):
        return _link(f"http://{text}", language)
    scheme = _SCHEME.match(text)
    return _by_scheme(scheme[1].lower(), text[scheme.end() :], language) if scheme else ""


def _by_scheme(scheme: str, rest: str, language: Language) -> str:
    number = _NUMBER_IN_SCHEME.match(rest)
    said = _APP[language].format(scheme=scheme) if rest.startswith("//") else ""
    match scheme:
        case "http" | "https":
            said = _link(f"{scheme}:{rest}", language)
        case "url" | "urlto":
            said = _link(rest if "://" in rest else f"http://{rest}", language)
        case "tel" if number:
            said = _PHONE[language].format(number=number[0])
        case "sms" | "smsto" if number:
            said = _MESSAGE[language].format(number=number[0])
        case "mailto":
            said = _MAIL[language].format(address=urllib.parse.unquote(rest.split("?", maxsplit=1)[0]))
        case "geo":
            said = _PLACE[language]
    return said


def _link(address: str, language: Language) -> str:
    try:
        host = urllib.parse.urlsplit(address).hostname
    except ValueError:
        return ""
    return _LINK[language].format(host=host.removeprefix("www.")) if host else ""


def _contact(name: str, language: Language) -> str:
    name = " ".join(name.split())
    return _CONTACT[language].format(name=name) if name else _NAMELESS[language]


def _line(text: str, key: str) -> str:
    """Return the value of a line of a vCard or calendar entry (RFC 6350, RFC 5545)."""
    found = re.search(rf"^{key}(?:;[^:\r\n]*)?:(.*)$", text, re.IGNORECASE | re.MULTILINE)
    return _ESCAPED.sub(r"\1", found[1].strip()) if found else ""


def _text(text: str, language: Language) -> list[Sentence]:
    more = [Sentence(_LONGER[language], language)] if len(text) > _MOST_LETTERS else []
    return [
        Sentence(_TEXT[language], language),
        *(split(text[:_MOST_LETTERS]) or split(spelled(text[:_MOST_LETTERS], language))),
        *more,
    ]
