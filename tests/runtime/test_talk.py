"""The conversation behind the page's socket: every message of its protocol, and what becomes of a page that misbehaves."""

import json
import time

import anyio
import pytest

from assistant.config import CameraConfig, Config, EarconsConfig, ServeConfig, VisionConfig
from assistant.errors import NothingShown, PictureUnreadable, ServiceBusy, TooDark, VoiceFailed
from assistant.turn import prompts
from assistant.types import Rank, Writing
from assistant.web.talk import greeting, remote, remote_speaker, talk
from assistant.web.talk.messages import Listen
from assistant.web.talk.talk import Talk
from tests.fakes.transcriber import FakeTranscriber
from tests.fakes.vision import FakeVision
from tests.fakes.voice import FakeVoice
from tests.runtime.scripted import picture
from tests.scripted_page import GARBAGE, QUESTION, Page, connected, loaded, loud

pytestmark = pytest.mark.anyio

CUP = "A cup is on your left. It is red."


def visitor_of(vision: FakeVision, number: int = 0) -> FakeVision:
    return vision.others[number]


def stalled(vision: FakeVision) -> bool:
    return any(visitor.stalled.is_set() for visitor in vision.others)


# coming


async def test_a_page_is_told_what_there_is_and_greeted() -> None:
    page = Page()
    async with connected(Talk(loaded(FakeVision())), page):
        page.begin(language="zh", preferences={"rate": 300, "volume": "far too loud", "colour": "red"})
        await page.listening()
    assert page.messages[0] == {
        "type": "ready",
        "model": "the fake",
        "practice": True,
        "megabytes": 20,
        "language": "zh",
        "preferences": {"rate": 300, "volume": 100, "detail": "brief", "directions": "sides", "language": "zh", "variants": {}},
    }
    assert page.sentences(own=True) == [prompts.READY_PRACTICE["zh"]]
    assert [message["state"] for message in page.of("state")] == ["answering", "listening"]
    assert "preferences" not in page.kinds
    assert page.speech


@pytest.mark.parametrize("listen", ["hands-free", "hold", "off"])
async def test_who_comes_for_the_first_time_is_told_how_to_ask(listen: Listen) -> None:
    page = Page()
    async with connected(Talk(loaded(FakeVision(), config=Config(vision=VisionConfig(model="other")))), page):
        page.begin(listen=listen, preferences=None)
        await page.listening()
    (said,) = page.sentences(own=True)
    assert said.startswith("Ready. My model is the fake.")
    assert said.endswith(greeting._HOW_TO_ASK[listen]["en"])
    assert page.of("preferences")[0]["preferences"] == page.messages[0]["preferences"]


# asking


async def test_a_typed_question_is_answered_about_the_live_camera() -> None:
    vision, page = FakeVision([CUP, "A cup."]), Page()
    async with connected(Talk(loaded(vision)), page):
        page.begin()
        page.see(1)
        page.tell("ask", text=" What is there? ", preset="creative")
        await page.answered()
        page.tell("ask", text="左边呢？")
        page.see(1)
        await page.answered(2)
    visitor = visitor_of(vision)
    assert (visitor.rank, visitor.closed) == (Rank.PAGE, False)
    assert [(question.text, question.language, question.writing) for question in visitor.asked] == [
        ("What is there?", "en", Writing("creative")),
        ("左边呢？", "zh", Writing()),
    ]
    assert [heard for _, heard in visitor.remembered] == [CUP, "A cup."]
    assert page.of("heard")[0] == {"type": "heard", "text": "What is there?", "language": "en"}
    assert page.sentences(own=False) == ["A cup is on your left.", "It is red.", "A cup."]
    assert visitor.looked[0].pixels[0, 0, 0] == picture(1).pixels[0, 0, 0]


async def test_a_spoken_question_is_heard_and_answered() -> None:
    vision, page = FakeVision([CUP]), Page()
    async with connected(Talk(loaded(vision)), page):
        page.begin()
        await page.listening()
        page.see(1)
        for _ in range(10):
            page.data(loud(0.1))
        for _ in range(10):
            page.data(loud(0.1, level=0))
        await page.answered()
    assert [message["state"] for message in page.of("state")] == ["answering", "listening", "hearing", "answering", "listening"]
    assert page.of("heard")[0]["text"] == QUESTION.text
    assert [heard for _, heard in visitor_of(vision).remembered] == [CUP]


async def test_a_question_that_the_page_stops_sending_ends_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "STALL", 0.5)
    vision, page = FakeVision([CUP]), Page()
    async with connected(Talk(loaded(vision)), page):
        page.begin()
        await page.listening()
        page.see(1)
        page.data(loud(1.0))  # and then the phone is locked
        await page.until(lambda: page.state == "hearing")
        page.see(1)
        await page.until(lambda: page.state == "answering")
        page.see(1)
        await page.answered()
    assert len(visitor_of(vision).asked) == 1
    assert not [text for text in page.sentences(own=True) if "hear you" in text]


async def test_holding_a_button_asks_and_letting_go_ends_the_question_with_its_last_sound() -> None:
    vision, page, transcriber = FakeVision([CUP]), Page(), FakeTranscriber([QUESTION] * 3)
    async with connected(Talk(loaded(vision, transcriber=transcriber)), page):
        page.begin(listen="hold")
        await page.listening()
        page.data(loud(1.0))  # nobody holds it
        page.data(loud(1.0, level=0))
        await anyio.sleep(0.5)
        page.see(1)
        page.tell("press", press="down")
        await page.until(lambda: visitor_of(vision).looked)
        for _ in range(20):
            page.data(loud(0.1))
        page.tell("press", press="up")
        await page.answered()
    before = 0.25  # what is heard in the moment before the press belongs to it
    assert transcriber.utterances[-1].seconds == pytest.approx(2.0 + before, abs=0.1)
    assert len(page.of("heard")) == 1


@pytest.mark.parametrize("listen", ["hands-free", "hold", "off"])
async def test_a_tap_stops_an_answer_and_only_what_was_played_is_remembered(listen: str) -> None:
    vision, page = FakeVision([CUP]), Page()
    voice = FakeVoice(samples_per_word=8_000)
    async with connected(Talk(loaded(vision, voice=voice)), page):
        page.begin(listen=listen)
        page.see(1)
        page.tell("ask", text="What is there?")
        await page.until(lambda: len(page.of("sentence")) >= 2 and page.speech)
        await anyio.sleep(0.7)  # the greeting's remainder is dropped; a word has been played since
        page.tell("played", seconds=0.55)
        await anyio.sleep(0.1)
        page.tell("press", press="tap")
        await page.until(lambda: "interrupted" in page.kinds and page.state == "listening")
    assert [heard for _, heard in visitor_of(vision).remembered] == ["A"]
    assert page.kinds.index("silence") < page.kinds.index("interrupted")


async def test_where_nothing_is_listened_to_nothing_is_heard() -> None:
    vision, page = FakeVision([CUP]), Page()
    async with connected(Talk(loaded(vision)), page):
        page.begin(listen="off")
        await page.listening()
        page.data(loud(1.0))
        page.data(loud(1.0, level=0))
        page.see(1)
        page.tell("ask", text="What is there?")
        await page.answered()
    assert "hearing" not in [message["state"] for message in page.of("state")]


async def test_where_a_screen_reader_reads_no_speech_is_sent_and_all_counts_as_heard() -> None:
    vision, page = FakeVision([CUP]), Page()
    voice = FakeVoice(samples_per_word=160_000)
    everything = Config(earcons=EarconsConfig())
    async with connected(Talk(loaded(vision, voice=voice, config=everything)), page):
        page.begin()
        page.tell("sound", on=False)
        await page.listening()
        spoken = len(page.speech)
        page.see(1)
        page.tell("ask", text="What is there?")
        began_at = time.monotonic()
        await page.answered()
    assert time.monotonic() - began_at < 5
    assert len(page.speech) == spoken
    assert page.chimes >= 2
    assert [heard for _, heard in visitor_of(vision).remembered] == [CUP]


# pictures


async def test_a_picture_that_is_given_is_looked_at_at_once_and_asked_about_until_the_camera_is_wanted() -> None:
    vision, page = FakeVision([CUP, "A plate."]), Page()
    async with connected(Talk(loaded(vision)), page):
        page.begin()
        await page.listening()
        page.data(b"\x03\x05")
        await page.until(lambda: visitor_of(vision).looked)
        page.see(1)
        page.tell("ask", text="What is there?")
        await page.answered()
        page.tell("live")
        page.see(1)
        page.tell("ask", text="And now?")
        await page.answered(2)
    assert page.of("picture") == [{"type": "picture", "ok": True, "text": greeting.PICTURE_TAKEN["en"]}]
    assert [frame.pixels[0, 0, 0] for frame in visitor_of(vision).looked] == [picture(n).pixels[0, 0, 0] for n in (5, 1)]


@pytest.mark.parametrize(("data", "error"), [(GARBAGE, PictureUnreadable), (b"\x00dark", TooDark)])
async def test_a_picture_that_cannot_be_used_is_told_of_and_is_not_replaced_by_another(
    data: bytes, error: type[PictureUnreadable | TooDark], monkeypatch: pytest.MonkeyPatch
) -> None:
    black = picture(0)
    black.pixels[:] = 0
    monkeypatch.setattr("tests.scripted_page.picture", lambda seed: black if seed == 0 else picture(seed))
    vision, page = FakeVision([CUP]), Page()
    sentence = error("").spoken("en")
    async with connected(Talk(loaded(vision)), page):
        page.begin()
        await page.listening()
        page.see(1)
        page.data(b"\x03" + data)
        await page.until(lambda: sentence in page.sentences(own=True))
        page.tell("ask", text="What is there?")
        await page.until(lambda: page.sentences(own=True).count(sentence) == 2)
    assert page.of("picture") == [{"type": "picture", "ok": False, "text": sentence}]
    assert not visitor_of(vision).asked


async def test_a_question_without_a_picture_is_answered_by_what_to_do() -> None:
    page = Page()
    async with connected(Talk(loaded(FakeVision([CUP]), config=Config(camera=CameraConfig(max_age=0.1)))), page):
        page.begin()
        page.tell("still")
        page.tell("ask", text="What is there?")
        await page.until(lambda: NothingShown("").spoken("en") in page.sentences(own=True))
        page.tell("live")
        page.tell("ask", text="What is there?")
        await page.until(lambda: page.sentences(own=True).count(NothingShown("").spoken("en")) == 2)


# preferences


async def test_what_is_preferred_is_told_to_the_page_whoever_changed_it() -> None:
    page = Page()
    async with connected(Talk(loaded(FakeVision())), page):
        page.begin()
        await page.listening()
        page.tell("ask", text="louder")
        await page.until(lambda: prompts.LOUDER["en"] in page.sentences(own=True) and page.state == "listening")
        page.tell("prefer", preferences={"detail": "full", "rate": -1})
        await page.until(lambda: len(page.of("preferences")) == 2)
    assert [(kept["preferences"]["volume"], kept["preferences"]["detail"]) for kept in page.of("preferences")] == [
        (140, "brief"),
        (140, "full"),
    ]
    assert [message["level"] for message in page.of("level")] == [1.0, 1.4]


async def test_what_cannot_be_said_is_shown() -> None:
    page = Page()
    async with connected(Talk(loaded(FakeVision([CUP]), voice=FakeVoice(fails_at=range(1, 9)))), page):
        page.begin()
        page.see(1)
        await page.listening()
        page.tell("ask", text="What is there?")
        await page.until(lambda: page.of("failed"))
    assert page.of("failed")[0]["text"] == VoiceFailed("").spoken("en")


# coming back, being too many, being stopped


@pytest.mark.parametrize(("listen", "said"), [("hands-free", [prompts.AWAKE["en"]]), ("hold", [])])
async def test_who_comes_back_goes_on_with_their_conversation_and_picture(listen: str, said: list[str]) -> None:
    vision = FakeVision([CUP, "Red."])
    first, second = Page(), Page()
    talks = Talk(loaded(vision))
    async with connected(talks, first):
        first.begin()
        first.data(b"\x03\x05")
        first.tell("ask", text="What is there?")
        await first.answered()
    async with connected(talks, second):
        second.begin(listen=listen)
        await second.listening()
        second.tell("ask", text="repeat")
        await second.until(lambda: len(second.sentences(own=False)) == 2 and second.state == "listening")
        second.tell("ask", text="What colour is it?")
        await second.answered()
    assert len(vision.others) == 1
    assert second.sentences(own=True) == said
    assert second.sentences(own=False) == ["A cup is on your left.", "It is red.", "Red."]
    assert [heard for _, heard in visitor_of(vision).remembered] == [CUP, "Red."]
    assert len(visitor_of(vision).looked) == 1  # the model still has it before its eyes


async def test_an_older_socket_of_the_same_conversation_has_to_go() -> None:
    vision = FakeVision([CUP], stalls_after=3)
    older, newer = Page(), Page()
    async with connected(Talk(loaded(vision)), older, newer):
        older.begin()
        older.see(1)
        older.tell("ask", text="What is there?")
        await older.until(lambda: stalled(vision))
        newer.begin()
        await newer.listening()
        await older.until(lambda: older.closed)
    assert older.closed == (4001, "")
    assert older.of("bye")[0] == {"type": "bye", "code": "taken-over", "text": greeting.TAKEN_OVER["en"]}
    assert len(vision.others) == 1


async def test_two_visitors_do_not_cross_and_a_third_is_too_many() -> None:
    vision = FakeVision([CUP])
    one, two, third = Page(), Page(), Page()
    config = Config(serve=ServeConfig(conversations=2), earcons=EarconsConfig(enabled=False))
    async with connected(Talk(loaded(vision, config=config)), one, two, third):
        for name, page in (("one", one), ("two", two)):
            page.begin(name)
            page.see(1)
            page.tell("ask", text=f"Question {name}?")
        await one.answered()
        await two.answered()
        third.begin("three", language="zh")
        await third.until(lambda: third.closed)
    for name, page in (("one", one), ("two", two)):
        assert [message["text"] for message in page.of("heard")] == [f"Question {name}?"]
    assert {visitor.asked[0].text for visitor in vision.others} == {"Question one?", "Question two?"}
    assert third.closed == (4003, "")
    assert third.of("bye")[0]["text"] == ServiceBusy("").spoken("zh")


async def test_when_the_service_stops_pages_are_told() -> None:
    talks, page = Talk(loaded(FakeVision())), Page()
    async with connected(talks, page), anyio.create_task_group() as beside:
        beside.start_soon(talks.until_stopped)
        page.begin()
        await page.listening()
        beside.cancel_scope.cancel()
    assert page.closed == (1001, "")
    assert page.of("bye")[0]["code"] == "stopped"


async def test_a_page_that_leaves_in_the_middle_of_an_answer_keeps_nobody_waiting() -> None:
    vision, page = FakeVision([CUP], stalls_after=8), Page(plays=False)
    async with connected(Talk(loaded(vision, voice=FakeVoice(samples_per_word=160_000))), page):
        page.begin(listen="hold")
        page.see(1)
        page.tell("ask", text="What is there?")
        await page.until(lambda: stalled(vision) and page.sentences(own=False))
        left_at = time.monotonic()
    assert time.monotonic() - left_at < 1


async def test_a_page_that_tells_nothing_of_what_it_plays_does_not_hold_up_the_conversation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(remote_speaker, "GRACE", 0.5)
    vision, page = FakeVision([CUP]), Page(plays=False)
    async with connected(Talk(loaded(vision)), page):
        page.begin()
        page.see(1)
        page.tell("ask", text="What is there?")
        await page.answered()
    assert [heard for _, heard in visitor_of(vision).remembered] == [CUP]


# misbehaving

BEGIN = {"type": "begin", "conversation": "one", "listen": "hold", "language": "en", "preferences": None}


@pytest.mark.parametrize(
    "first",
    [
        "no JSON",
        "[]",
        '{"type":"ask","text":"What is there?"}',
        json.dumps({**BEGIN, "conversation": "../one"}),
        json.dumps({**BEGIN, "listen": "always"}),
        json.dumps({**BEGIN, "more": 1}),
        json.dumps({**BEGIN, "preferences": {"x": "x" * 9000}}),
        b"\x01\x00\x00",
    ],
)
async def test_a_page_that_begins_wrongly_is_refused(first: str | bytes) -> None:
    page = Page()
    async with connected(Talk(loaded(FakeVision())), page):
        page.text(first) if isinstance(first, str) else page.data(first)
        await page.until(lambda: page.closed)
    assert page.closed
    assert page.closed[0] == 4000
    assert page.closed[1]
    assert not page.messages


async def test_a_page_that_begins_with_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(talk, "_FIRST_MESSAGE", 0.05)
    page = Page()
    async with connected(Talk(loaded(FakeVision())), page):
        await page.until(lambda: page.closed)
    assert page.closed == (4000, "nothing came")


@pytest.mark.parametrize(
    "wrong",
    [
        json.dumps(BEGIN),
        '{"type":"press","press":"twice"}',
        '{"type":"ask","text":"  "}',
        json.dumps({"type": "ask", "text": "x" * 2001}),
        '{"type":"ask","text":"\\ud800"}',
        '{"type":"played","seconds":-1}',
        '{"type":"played","seconds":NaN}',
        '{"type":"unheard of"}',
        b"",
        b"\x07nothing of ours",
        b"\x01\x00",
        b"\x01" + bytes(65_538),
        b"\x02" + bytes(2_097_153),
        b"\x03" + bytes(1_000_001),
    ],
)
async def test_a_page_that_sends_what_no_page_sends_is_closed_with_a_reason_that_repeats_nothing(wrong: str | bytes) -> None:
    page = Page()
    config = Config(serve=ServeConfig(body_megabytes=1), earcons=EarconsConfig(enabled=False))
    async with connected(Talk(loaded(FakeVision(), config=config)), page):
        page.begin()
        page.text(wrong) if isinstance(wrong, str) else page.data(wrong)
        await page.until(lambda: page.closed)
    assert page.closed
    assert page.closed[0] == 4000
    assert 0 < len(page.closed[1].encode()) <= 123
    assert "xxx" not in page.closed[1]
