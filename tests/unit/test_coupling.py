from __future__ import annotations

import numpy as np

from assistant.coupling import HEARD_FOR, QUIET_FOR, Coupling
from assistant.types import BLOCK_SAMPLES, BLOCK_SECONDS, Samples

RANDOM = np.random.default_rng(1)


def noise(level: float) -> Samples:
    return RANDOM.normal(0, level, BLOCK_SAMPLES).astype(np.float32)


def hear(coupling: Coupling, seconds: float, near: float, played: float = 0.1) -> None:
    for _ in range(round(seconds / BLOCK_SECONDS)):
        coupling.hear(noise(near), noise(played))


def test_until_it_is_known_there_is_an_echo() -> None:
    coupling = Coupling()
    hear(coupling, 60, 0.001, played=0.0)
    assert coupling.heard
    hear(coupling, QUIET_FOR - 0.1, 0.001)
    assert coupling.heard


def test_silence_under_a_sounding_loudspeaker_means_headphones() -> None:
    coupling = Coupling()
    hear(coupling, QUIET_FOR + 0.1, 0.001)
    assert not coupling.heard


def test_the_pauses_of_an_echo_mean_nothing() -> None:
    coupling = Coupling()
    hear(coupling, 1, 0.001, played=0.0)
    for _ in range(20):
        hear(coupling, 0.3, 0.01)
        hear(coupling, 0.6, 0.001, played=0.0)
        hear(coupling, 0.2, 0.001)  # the echo of the next word is late
    assert coupling.heard


def test_who_talks_over_an_answer_is_no_echo_but_an_answer_that_is_heard_throughout_is() -> None:
    coupling = Coupling()
    hear(coupling, QUIET_FOR + 0.1, 0.001)
    hear(coupling, HEARD_FOR - 0.6, 0.05)
    hear(coupling, 1, 0.05, played=0.0)
    assert not coupling.heard
    hear(coupling, HEARD_FOR - 0.2, 0.05)
    assert not coupling.heard
    hear(coupling, 0.3, 0.05)
    assert coupling.heard
