import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.config import EndpointConfig
from assistant.turn.endpoint import DOUBT, PAUSE, SHORTEST_WHOLE, UNJUDGED_SILENCE, Endpoint, Voice, joined
from assistant.turn.thought import Thought
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
    assert feed(endpoint, 0.0, 1.0) == [Voice.PAUSED, Voice.ENDED]
    assert endpoint.persisted


def test_a_click_starts_nothing() -> None:
    endpoint = Endpoint(CONFIG)
    assert feed(endpoint, 0.9, 0.06) == []
    assert feed(endpoint, 0.0, 2.0) == []


def test_a_cough_does_not_persist() -> None:
    endpoint = Endpoint(CONFIG)
    assert feed(endpoint, 0.9, 0.25) == [Voice.STARTED]
    assert feed(endpoint, 0.0, 1.0) == [Voice.PAUSED, Voice.ENDED]
    assert not endpoint.persisted


def test_a_pause_shorter_than_the_end_is_part_of_the_question() -> None:
    endpoint = Endpoint(CONFIG)
    feed(endpoint, 0.9, 0.5)
    assert feed(endpoint, 0.0, 0.5) == [Voice.PAUSED]
    assert feed(endpoint, 0.9, 0.5) == [Voice.RESUMED]
    assert feed(endpoint, 0.0, 0.8) == [Voice.PAUSED, Voice.ENDED]
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


def test_while_a_button_is_held_no_silence_ends_it() -> None:
    endpoint = Endpoint(CONFIG)
    endpoint.held = True
    feed(endpoint, 0.9, 0.5)
    assert feed(endpoint, 0.0, 5.0) == [Voice.PAUSED]
    assert endpoint.finish()
    assert not endpoint.finish()
    assert endpoint.utterance().silence == pytest.approx(5.0, abs=0.05)
    assert feed(endpoint, 0.9, 0.5) == [Voice.STARTED, Voice.PERSISTED]


def test_reset_forgets_what_is_being_said() -> None:
    endpoint = Endpoint(CONFIG)
    feed(endpoint, 0.9, 1.0)
    endpoint.reset()
    assert feed(endpoint, 0.0, 2.0) == []


@pytest.mark.parametrize(
    ("judged", "words", "config", "silence"),
    [
        (None, Thought.WHOLE, CONFIG, UNJUDGED_SILENCE),
        (1.0, Thought.WHOLE, CONFIG, CONFIG.end_silence),
        (0.5, Thought.WHOLE, CONFIG, CONFIG.end_silence + DOUBT / 2),
        (0.0, Thought.WHOLE, CONFIG, CONFIG.end_silence + DOUBT),
        (1.0, Thought.OPEN, CONFIG, CONFIG.open_silence),
        (0.0, Thought.OPEN, CONFIG, CONFIG.open_silence + DOUBT),
        (1.0, Thought.BROKEN_OFF, CONFIG, CONFIG.longest_pause),
        (0.0, Thought.BROKEN_OFF, CONFIG, CONFIG.longest_pause),
        (None, Thought.OPEN, EndpointConfig(end_silence=1.0), 1.0),
        (1.0, Thought.WHOLE, EndpointConfig(end_silence=1.0), 1.0),
        (1.0, Thought.OPEN, EndpointConfig(end_silence=1.0), 1.0),
        (0.0, Thought.OPEN, EndpointConfig(longest_pause=1.0), 1.0),
        (0.0, Thought.BROKEN_OFF, EndpointConfig(longest_pause=5.0), 5.0),
    ],
)
def test_how_much_silence_ends_it(judged: float | None, words: Thought, config: EndpointConfig, silence: float) -> None:
    endpoint = Endpoint(config)
    feed(endpoint, 0.9, 1.0)
    silent, events = 0.0, list[Voice]()
    while Voice.ENDED not in events:
        events = endpoint.hear(block(0.0), 0.0)
        silent += BLOCK_SECONDS
        if Voice.PAUSED in events:
            assert silent == pytest.approx(PAUSE, abs=BLOCK_SECONDS)
            if judged is not None:
                endpoint.judged(judged, words)
    assert silent == pytest.approx(silence, abs=BLOCK_SECONDS)


def test_a_very_short_question_is_not_taken_for_whole() -> None:
    endpoint = Endpoint(CONFIG)
    feed(endpoint, 0.9, SHORTEST_WHOLE - 0.1)
    feed(endpoint, 0.0, 0.3)
    endpoint.judged(1.0, Thought.WHOLE)
    assert feed(endpoint, 0.0, CONFIG.open_silence - 0.4) == []


def test_a_voice_in_the_background_does_not_persist() -> None:
    endpoint = Endpoint(CONFIG)
    feed(endpoint, 0.9, 1.0, value=0.1)
    feed(endpoint, 0.0, 1.0)
    endpoint.answered()
    assert feed(endpoint, 0.9, 2.0, value=0.02) == [Voice.STARTED]
    assert endpoint.persisted  # it is no cough, all the same
    assert feed(endpoint, 0.0, 1.0) == [Voice.PAUSED, Voice.ENDED]


def test_who_speaks_up_over_a_voice_in_the_background_persists() -> None:
    endpoint = Endpoint(CONFIG)
    feed(endpoint, 0.9, 1.0, value=0.1)
    feed(endpoint, 0.0, 1.0)
    endpoint.answered()
    assert feed(endpoint, 0.9, 2.0, value=0.02) == [Voice.STARTED]
    assert feed(endpoint, 0.9, 0.5, value=0.1) == [Voice.PERSISTED]


def test_what_was_not_answered_is_not_what_the_person_is_as_loud_as() -> None:
    endpoint = Endpoint(CONFIG)
    feed(endpoint, 0.9, 1.0, value=0.1)
    feed(endpoint, 0.0, 1.0)
    endpoint.answered()
    for _ in range(5):
        assert Voice.PERSISTED not in feed(endpoint, 0.9, 1.0, value=0.02)
        feed(endpoint, 0.0, 1.0)


def test_a_judgement_holds_for_its_pause_only() -> None:
    endpoint = Endpoint(CONFIG)
    feed(endpoint, 0.9, 1.0)
    feed(endpoint, 0.0, 0.3)
    endpoint.judged(0.0, Thought.BROKEN_OFF)
    assert feed(endpoint, 0.0, 1.0) == []
    assert feed(endpoint, 0.9, 0.5) == [Voice.RESUMED]
    assert feed(endpoint, 0.0, 0.8) == [Voice.PAUSED, Voice.ENDED]
    assert feed(endpoint, 0.9, 0.5) == [Voice.STARTED, Voice.PERSISTED]
    assert feed(endpoint, 0.0, 0.8) == [Voice.PAUSED, Voice.ENDED]


def test_what_was_said_until_a_pause_can_be_had_before_the_end() -> None:
    endpoint = Endpoint(CONFIG)
    feed(endpoint, 0.9, 1.0, value=0.5)
    feed(endpoint, 0.0, 0.3)
    so_far = endpoint.utterance()
    assert np.count_nonzero(so_far.samples) / 16_000 == pytest.approx(1.0, abs=2 * BLOCK_SECONDS)
    while Voice.ENDED not in endpoint.hear(block(0.0), 0.0):
        pass
    assert endpoint.utterance().ended_at == pytest.approx(so_far.ended_at)


def test_what_was_heard_a_moment_ago_may_lie_in_front_of_what_comes() -> None:
    endpoint = Endpoint(CONFIG)
    feed(endpoint, 0.0, 1.0, value=0.3)
    endpoint.reset([block(0.7).samples, block(0.8).samples])
    feed(endpoint, 0.9, 0.5, value=0.9)
    assert [
        float(part[0]) for part in np.split(endpoint.utterance().samples, range(BLOCK_SAMPLES, 3 * BLOCK_SAMPLES, BLOCK_SAMPLES))
    ] == (pytest.approx([0.7, 0.8, 0.9]))


def test_halves_are_joined_in_order() -> None:
    whole = joined(Utterance(np.zeros(3, np.float32), 1.0), Utterance(np.ones(2, np.float32), 2.0))
    assert whole.samples.tolist() == [0, 0, 0, 1, 1]
    assert whole.ended_at == 2.0


@given(st.lists(st.tuples(st.floats(0, 1), st.none() | st.floats(0, 1), st.sampled_from(Thought)), max_size=400))
def test_whatever_comes_events_alternate(blocks: list[tuple[float, float | None, Thought]]) -> None:
    endpoint = Endpoint(EndpointConfig(longest=3.0))
    speaking = paused = False
    for probability, judged, words in blocks:
        for event in endpoint.hear(block(0.0), probability):
            match event:
                case Voice.STARTED:
                    assert not speaking
                    speaking, paused = True, False
                case Voice.PAUSED:
                    assert speaking
                    assert not paused
                    paused = True
                case Voice.RESUMED:
                    assert paused
                    paused = False
                case Voice.PERSISTED:
                    assert speaking
                case Voice.ENDED:
                    assert speaking
                    speaking = paused = False
                    assert endpoint.utterance().seconds <= 3.0 + BLOCK_SECONDS
        if paused and judged is not None:
            endpoint.judged(judged, words)
