from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.virtual_sound import VirtualSound, why_not


@pytest.fixture(scope="session")
def virtual_sound() -> Iterator[VirtualSound]:
    reason = why_not()
    if reason and (os.environ.get("CI") == "true" or os.environ.get("ASSISTANT_REQUIRE_SOUND") == "1"):
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)
    server = VirtualSound()
    try:
        server.start()
        yield server
    finally:
        server.stop()
