import pytest

from assistant.turn.doubt import is_doubtful
from assistant.types import Transcript


@pytest.mark.parametrize(
    ("text", "confidence", "doubtful"),
    [
        ("Let's color it that well.", 0.49, True),
        ("What colour is the wall?", 0.86, False),
        ("Stop.", 0.41, False),
        ("Why not?", 0.3, False),
        ("墙是什么颜色", 0.4, True),
        ("停", 0.3, False),
    ],
)
def test_a_question_of_some_length_that_whisper_was_unsure_of_is_doubtful(text: str, confidence: float, *, doubtful: bool) -> None:
    assert is_doubtful(Transcript(text, "en", confidence)) is doubtful
