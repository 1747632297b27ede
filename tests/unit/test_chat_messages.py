from __future__ import annotations

import base64
from typing import Any

import pytest

from assistant.errors import PictureFarAway, RequestWrong, SeveralPictures
from assistant.web.programs.chat_messages import Message, Talk, talk_of
from assistant.web.programs.dialogue import Exchange

ONE, TWO = b"picture one", b"picture two"


def seen(picture: bytes, text: str = "") -> dict[str, Any]:
    url = "data:image/png;base64," + base64.b64encode(picture).decode()
    words = [{"type": "text", "text": text}] if text else []
    return {"role": "user", "content": [*words, {"type": "image_url", "image_url": {"url": url, "detail": "low"}}]}


def said(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def answered(text: str) -> dict[str, Any]:
    return {"role": "assistant", "content": text}


def talk(*messages: dict[str, Any]) -> Talk:
    return talk_of([Message.model_validate(message) for message in messages])


def test_a_question_alone() -> None:
    assert talk(said("Hello?")) == Talk("", [], [], None, "Hello?")


def test_the_last_picture_counts_and_earlier_ones_stay_as_words() -> None:
    came_to = talk(
        {"role": "system", "content": "Be kind."},
        {"role": "developer", "content": "Be brief."},
        said("Hello?"),
        answered("Hello."),
        seen(ONE, "What is this?"),
        answered("A dog."),
        seen(TWO, "And this?"),
        answered("一只猫。"),
        said("它是什么颜色？"),
    )
    assert came_to.system == "Be kind.\nBe brief."
    assert came_to.before == [Exchange("Hello?", "Hello."), Exchange("What is this?", "A dog.")]
    assert came_to.about == [Exchange("And this?", "一只猫。")]
    assert came_to.picture == TWO
    assert came_to.question == "它是什么颜色？"


def test_words_and_picture_may_come_in_messages_of_their_own() -> None:
    came_to = talk(seen(ONE), said("What is this?"), said("Quick!"))
    assert (came_to.picture, came_to.question) == (ONE, "What is this?\nQuick!")


@pytest.mark.parametrize(
    "messages",
    [
        [seen(ONE)],
        [said(" ")],
        [said("Hello?"), answered("Hello.")],
        [{"role": "system", "content": "Be kind."}],
        [{"role": "user"}],
    ],
)
def test_it_ends_with_a_question(messages: list[dict[str, Any]]) -> None:
    with pytest.raises(RequestWrong):
        talk(*messages)


def test_one_picture_a_message() -> None:
    both = {"role": "user", "content": [*seen(ONE, "What?")["content"], *seen(TWO)["content"]]}
    with pytest.raises(SeveralPictures):
        talk(both)


@pytest.mark.parametrize("url", ["http://localhost/a.png", "https://example.org/a.png", "file:///etc/passwd", "//example.org/a"])
def test_nothing_is_fetched(url: str) -> None:
    with pytest.raises(PictureFarAway):
        talk({"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {"url": url}}]})
