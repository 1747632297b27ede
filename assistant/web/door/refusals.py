"""What the service refuses before any part of it sees the request, and the sentence a person is read."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from starlette.responses import JSONResponse

from assistant.types import Language
from assistant.web.problems import problem


@dataclasses.dataclass(frozen=True, slots=True)
class Refusal:
    """One kind."""

    status: int
    code: str
    """A stable word for programs."""
    sentence: Mapping[Language, str]

    def answer(self, language: Language, headers: Mapping[str, str] | None = None) -> JSONResponse:
        """Return what is answered.

        Args:
            language: Of the sentence.
            headers: What else the answer's head says.
        """
        told = {"Content-Language": language, **(headers or {})}
        return problem(self.status, self.code, self.sentence[language], headers=told)


HOST_MALFORMED = Refusal(
    400,
    "host-malformed",
    {"en": "The request does not say clearly whom it asks.", "zh": "请求没有写明访问的是哪台主机。"},
)
HOST_UNKNOWN = Refusal(
    421,
    "host-unknown",
    {
        "en": "I am not known by that name. Use my address, or add the name to serve.names in the settings.",
        "zh": "我不认识这个主机名。请使用我的地址，或者在设置的 serve.names 里加上这个名字。",
    },
)
ORIGIN_FOREIGN = Refusal(
    403,
    "origin-foreign",
    {"en": "Another web page tried to use the assistant. That is not allowed.", "zh": "有其他网页试图使用助手，这是不允许的。"},
)
TOKEN_NEEDED = Refusal(
    401,
    "token-needed",
    {"en": "This device is not connected yet. Open the pairing page first.", "zh": "这台设备还没有连接。请先打开配对页面。"},
)
TOKEN_WRONG = Refusal(
    401,
    "token-wrong",
    {
        "en": "This device is not connected any more. Open the pairing page again.",
        "zh": "这台设备的连接已失效。请重新打开配对页面。",
    },
)
TOO_MANY_ATTEMPTS = Refusal(
    429,
    "too-many-attempts",
    {"en": "There were too many attempts with a wrong key. Please wait a little.", "zh": "错误的密钥尝试太多，请稍等。"},
)
BODY_TOO_LARGE = Refusal(
    413,
    "body-too-large",
    {"en": "That is too large for me. Send a smaller picture.", "zh": "文件太大了，请换一张小一点的图片。"},
)
BODY_TOO_SLOW = Refusal(
    408,
    "body-too-slow",
    {"en": "Your request took too long to arrive. Please send it again.", "zh": "请求传输太慢，请重新发送。"},
)
LENGTH_MALFORMED = Refusal(
    400,
    "length-malformed",
    {"en": "The request does not say clearly how long it is.", "zh": "请求没有写明长度。"},
)
