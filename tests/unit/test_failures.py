from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from assistant import errors
from assistant.errors import AssistantError, ContextFull, RequestWrong, ServiceBusy, TooDark
from assistant.web.failures import answer_to, code_of, problem_of, status_of


def all_errors(root: type[AssistantError] = AssistantError) -> Iterator[type[AssistantError]]:
    yield root
    for child in root.__subclasses__():
        yield from all_errors(child)


def test_a_code_is_the_name_of_the_error() -> None:
    assert code_of(TooDark("")) == "too-dark"
    assert code_of(AssistantError("")) == "assistant-error"


@pytest.mark.parametrize("kind", list(all_errors()), ids=lambda kind: kind.__name__)
def test_no_error_is_a_5xx_but_503(kind: type[AssistantError]) -> None:
    status = status_of(kind("what happened"))
    assert status == 503 or 400 <= status < 500


def test_a_problem_speaks_the_language_asked_for() -> None:
    told = json.loads(bytes(problem_of(TooDark("secret detail"), "zh").body))
    assert told == {
        "type": "about:blank",
        "title": "Unprocessable Entity" if "Entity" in told["title"] else "Unprocessable Content",
        "status": 422,
        "detail": errors.TooDark.sentence["zh"],
        "code": "too-dark",
    }


def test_who_is_sent_away_is_told_when_to_come_back() -> None:
    assert problem_of(ServiceBusy("", 7), "en").headers["retry-after"] == "7"


def test_mistakes_are_listed() -> None:
    told = json.loads(bytes(problem_of(RequestWrong("a: missing", "b: too long", field="a"), "en").body))
    assert told["mistakes"] == ["a: missing", "b: too long"]


def test_errors_in_openais_form() -> None:
    answer = answer_to(ContextFull(""), "/v1/chat/completions", "en")
    told = json.loads(bytes(answer.body))["error"]
    assert (answer.status_code, told["code"], told["type"]) == (400, "context_length_exceeded", "invalid_request_error")
    wrong = json.loads(bytes(answer_to(RequestWrong("n: 1 is the most", field="n"), "/v1/chat/completions", "en").body))["error"]
    assert (wrong["param"], wrong["code"]) == ("n", "request_wrong")
    assert "1 is the most" in wrong["message"]
