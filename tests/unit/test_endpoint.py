import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.config import EndpointConfig
from assistant.turn.endpoint import Endpoint, Voice, joined
from assistant.types import BLOCK_SAMPLES, BLOCK_SECONDS, AudioBlock, Utterance

CONFIG = EndpointConfig()


def block(value: float) -> AudioBlock:
    return AudioBlock(np.full(BLOCK_SAMPLES, value, np.float32))


def feed(endpoint: Endpoint, probability: float, seconds: float, value: float = 0.0) -> list[Voice]:
    return [voice for _ in range(round(seconds / BLOCK_SECONDS)) for voice in endpoint.hear(block(value), probability)]


def test_a_question_starts_persists_and_ends() -> None:
    endpoint = Endpoint(CONFIG)
    assert feed(endpoint, 0.0, 1.0) == []
    assert feed(endpoint, 0.9, 1.0) == [Voice.STARTED, Voice.PERSISTED]
    assert feed(endpoint, 0.0, 1.0) == [Voice.ENDED]
    assert endpoint.persisted


def test_a_click_starts_nothing() -> None:
    endpoint = Endpoint(CONFIG)
    assert feed(endpoint, 0.9, 0.06) == []
    assert feed(endpoint, 0.0, 2.0) == []


def test_a_cough_does_not_persist() -> None:
    endpoint = Endpoint(CONFIG)
    assert feed(endpoint, 0.9, 0.25) == [Voice.STARTED]
    assert feed(endpoint, 0.0, 1.0) == [Voice.ENDED]
    assert not endpoint.persisted


def test_a_pause_shorter_than_the_end_is_part_of_the_question() -> None:
    endpoint = Endpoint(CONFIG)
    feed(endpoint, 0.9, 0.5)
    assert feed(endpoint, 0.0, 0.5) == []
    assert feed(endpoint, 0.9, 0.5) == []
    assert feed(endpoint, 0.0, 0.8) == [Voice.ENDED]
    assert len(endpoint.utterance().samples) / 16_000 == pytest.approx(0.1 + 0.5 + 0.5 + 0.5 + 0.7, abs=0.5)


def test_the_sound_before_the_first_word_is_kept() -> None:
    endpoint = Endpoint(CONFIG)
    feed(endpoint, 0.0, 2.0, value=0.1)
    feed(endpoint, 0.9, 1.0, value=0.5)
    feed(endpoint, 0.0, 1.0, value=0.2)
    samples = endpoint.utterance().samples
    before = np.count_nonzero(samples == np.float32(0.1)) / 16_000
    assert before == pytest.approx(CONFIG.pre_roll, abs=2 * BLOCK_SECONDS)
    assert np.count_nonzero(samples == np.float32(0.5)) / 16_000 == pytest.approx(1.0, abs=BLOCK_SECONDS)


def test_it_says_when_the_last_word_was() -> None:
    endpoint = Endpoint(CONFIG)
    feed(endpoint, 0.0, 1.0)
    feed(endpoint, 0.9, 1.0)
    while Voice.ENDED not in endpoint.hear(block(0.0), 0.0):
        pass
    assert endpoint.utterance().ended_at == pytest.approx(2.0, abs=2 * BLOCK_SECONDS)


def test_endless_speech_is_cut() -> None:
    endpoint = Endpoint(CONFIG)
    events = feed(endpoint, 0.9, 31.0)
    assert events[:3] == [Voice.STARTED, Voice.PERSISTED, Voice.ENDED]
    assert len(endpoint.utterance().samples) / 16_000 <= CONFIG.longest + BLOCK_SECONDS


def test_reset_forgets_what_is_being_said() -> None:
    endpoint = Endpoint(CONFIG)
    feed(endpoint, 0.9, 1.0)
    endpoint.reset()
    assert feed(endpoint, 0.0, 2.0) == []


def test_halves_are_joined_in_order() -> None:
    whole = joined(Utterance(np.zeros(3, np.float32), 1.0), Utterance(np.ones(2, np.float32), 2.0))
    assert whole.samples.tolist() == [0, 0, 0, 1, 1]
    assert whole.ended_at == 2.0


@given(st.lists(st.floats(0, 1), max_size=400))
def test_whatever_comes_events_alternate(probabilities: list[float]) -> None:
    endpoint = Endpoint(EndpointConfig(longest=3.0))
    events = [voice for p in probabilities for voice in endpoint.hear(block(0.0), p)]
    speaking = False
    for event in events:
        assert (event is Voice.STARTED) is not speaking
        speaking = event is not Voice.ENDED
    longest = len(endpoint.utterance().samples) / 16_000 if Voice.ENDED in events and not speaking else 0.0
    assert longest <= 3.0 + BLOCK_SECONDS
