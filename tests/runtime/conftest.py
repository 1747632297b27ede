import pytest

from assistant.runtime import conversation


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def tried_again_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is lost is tried again after a moment; how long it really waits is asserted in test_beating."""
    monkeypatch.setattr(conversation, "_RETRY", 0.05)
