"""Where pictures go, as it is said aloud."""

import pytest

from assistant.turn.destination import destination, is_here


@pytest.mark.parametrize(
    ("address", "here"),
    [
        ("http://127.0.0.1:8000/v1", True),
        ("http://127.8.9.10/v1", True),
        ("http://[::1]:8000/v1", True),
        ("https://localhost/v1", True),
        ("http://0.0.0.0:8000/v1", False),
        ("http://192.168.1.5:8000/v1", False),
        ("https://localhost.example.org/v1", False),
        ("https://127.0.0.1.example.org/v1", False),
        ("https://eyes.example.org", False),
    ],
)
def test_only_this_very_machine_is_here(address: str, here: bool) -> None:  # noqa: FBT001
    assert is_here(address) is here
    for language, stays in (("en", "stay on it"), ("zh", "不会离开")):
        assert (stays in destination(address)[language]) is here  # type: ignore[index]


def test_the_host_is_named_and_whether_others_can_read_along() -> None:
    plain, encrypted = destination("http://192.168.1.5:8000/v1"), destination("https://eyes.example.org/v1")
    assert "the server 192.168.1.5. They are not encrypted" in plain["en"]
    assert "服务器192.168.1.5。途中没有加密。" in plain["zh"]
    assert encrypted["en"].endswith("go to the server eyes.example.org.")
    assert encrypted["zh"].endswith("发送到服务器eyes.example.org。")
