"""The page in a real browser, against a scripted assistant."""

from __future__ import annotations

import base64
import io
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.page_visit import SAMPLES, Visit, fake_camera, fake_microphone, launch, visiting
from tests.scripted_talk import CHIME, READY, ScriptedTalk, scripted_talk, tone

ANSWER = ("An umbrella on your left, a dog ahead and a chair on your right.", "The umbrella is yellow.")
PIECES = ("An umbrella on your left,", "a dog ahead and a chair on your right.", "The umbrella is yellow.")
"""As they are said: the first piece of an answer need not be a sentence."""


@pytest.fixture(scope="module")
def talk() -> Iterator[ScriptedTalk]:
    with scripted_talk() as talk:
        yield talk


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory, chromium: str) -> Iterator[Browser]:
    folder = tmp_path_factory.mktemp("devices")
    microphone = fake_microphone(folder / "question.wav", SAMPLES / "question.wav", before=0, after=1)
    camera = fake_camera(folder / "scene.mjpeg", SAMPLES / "scene.png")
    with sync_playwright() as playwright:
        browser = launch(playwright, chromium, microphone, camera)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser, talk: ScriptedTalk) -> Iterator[Visit]:
    with visiting(browser, talk) as visit:
        yield visit


def answer(*, question: str = "What is in front of me?", language: str = "en") -> list[dict[str, Any]]:
    """Return what the assistant sends of a whole answer, but for its sound."""
    return [
        {"type": "state", "state": "answering"},
        {"type": "heard", "text": question, "language": language},
        *({"type": "sentence", "text": text, "language": "en", "own": False} for text in PIECES),
        {"type": "answered"},
        {"type": "state", "state": "listening"},
    ]


def speak(talk: ScriptedTalk, seconds: float) -> None:
    """Have the assistant say something that lasts so long."""
    talk.send({"type": "state", "state": "answering"}, tone(seconds), {"type": "flush"})


# what anybody can perceive and operate


def test_axe_finds_nothing(visit: Visit, talk: ScriptedTalk) -> None:
    page, axe = visit.page, Axe()

    def check() -> None:
        for scheme, contrast in (("light", "no-preference"), ("dark", "no-preference"), ("light", "more"), ("dark", "more")):
            # no colour on its way to another one
            page.emulate_media(color_scheme=scheme, contrast=contrast, reduced_motion="reduce")  # type: ignore[arg-type]
            results = axe.run(page)
            assert results.violations_count == 0, results.generate_report()

    page.click("#settings summary")
    page.click("#modes summary")
    check()
    visit.start()
    talk.send(*answer())
    visit.until(lambda: page.locator("#turns li").count() == 1)
    talk.close()
    visit.alarm("connection")
    check()
    page.select_option("#language", "zh")
    visit.until(lambda: page.get_attribute("html", "lang") == "zh")
    check()


def test_everything_can_be_done_by_keyboard_alone(visit: Visit, talk: ScriptedTalk) -> None:
    page = visit.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    visit.until(lambda: page.inner_text("#state") == "Ready")
    assert page.evaluate("document.activeElement.id") == "talk"
    reached = []
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.name || document.activeElement.tagName"))
    talking, typing = ["stop", "repeat", "describe", "listen", "SUMMARY"], ["question", "preset", "BUTTON"]
    assert reached == [*talking, *typing, "facing", "choose", "new", "SUMMARY"]
    page.focus("#question")
    page.keyboard.type("Where is the dog?")
    page.keyboard.press("Enter")
    page.focus("#repeat")
    page.keyboard.press("Enter")
    page.focus("#settings summary")
    page.keyboard.press("Enter")
    for expected in ("speaks", "detail", "rate", "language"):
        page.keyboard.press("Tab")
        assert expected in page.evaluate("[document.activeElement.id, document.activeElement.name]")
    page.focus("#detail")
    page.keyboard.press("ArrowDown")
    talk.send({"type": "state", "state": "answering"})
    visit.until(lambda: page.inner_text("#state") == "Answering")
    page.keyboard.press("Escape")
    visit.until(lambda: len(visit.said("ask")) == 3)
    assert [message["text"] for message in visit.said("ask")] == ["Where is the dog?", "repeat", "stop"]
    assert visit.said("prefer") == [{"type": "prefer", "preferences": {"detail": "normal"}}]


def test_what_can_be_said_is_on_buttons_too(visit: Visit) -> None:
    page = visit.page
    visit.start()
    page.click("#modes summary")
    pressed = page.locator("#modes [data-command]").all()
    for button in pressed:
        button.click()
    page.click("#find button")
    visit.alarm("what you look for")
    page.fill("#thing", "door")
    page.keyboard.press("Enter")
    visit.until(lambda: len(visit.said("ask")) == len(pressed) + 1)
    words = [message["text"] for message in visit.said("ask")]
    assert words[0] == "read this"
    assert words[-1] == "find the door"


def test_nothing_is_cut_off_on_a_small_screen_or_in_large_letters(browser: Browser, talk: ScriptedTalk) -> None:
    with visiting(browser, talk, viewport={"width": 320, "height": 640}, has_touch=True, is_mobile=True) as visit:
        page = visit.page
        page.click("#settings summary")
        page.click("#modes summary")
        assert page.is_visible("#take")
        visit.start()
        talk.send(*answer(question="Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen" * 2))
        visit.until(lambda: page.locator("#turns li").count() == 1)
        talk.close()
        visit.alarm("connection")
        assert page.evaluate("document.documentElement.scrollWidth") == 320
        small = page.eval_on_selector_all(
            "button, select, summary, input:not([type=radio]), fieldset label",
            """all => all.filter(one => one.checkVisibility()).map(one => [one.id || one.textContent, one.getBoundingClientRect()])
                .filter(([, {width, height}]) => width < 44 || height < 44).map(([name]) => name)""",
        )
        assert small == []
        page.set_viewport_size({"width": 640, "height": 480})
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert page.evaluate("document.documentElement.scrollWidth") == 640


def test_motion_is_reduced_where_somebody_asks_for_that(visit: Visit, talk: ScriptedTalk) -> None:
    page = visit.page
    visit.start()
    for wish, moving in (("reduce", False), ("no-preference", True)):
        page.emulate_media(reduced_motion=wish)  # type: ignore[arg-type]
        talk.send({"type": "state", "state": "hearing"}, {"type": "state", "state": "answering"})
        visit.until(lambda: page.inner_text("#state") == "Answering")
        assert page.evaluate("buzzes") == ([[40]] if moving else [])
        duration = page.evaluate("getComputedStyle(document.querySelector('#talk')).transitionDuration")
        assert (duration != "0s") == moving
        talk.send({"type": "state", "state": "listening"})
        visit.until(lambda: page.inner_text("#state") == "Ready")


def test_chinese_is_chinese_all_over(browser: Browser, talk: ScriptedTalk) -> None:
    with visiting(browser, talk, locale="zh-CN") as visit:
        page = visit.page
        page.click("#talk")
        visit.until(lambda: page.title() == "就绪 – 助手")
        assert talk.begins[0]["language"] == "zh"
        talk.send(*answer(question="我面前有什么？", language="zh"))
        visit.until(lambda: page.locator("#turns li").count() == 1)
        assert page.locator("#turns h3 span").last.get_attribute("lang") == "zh"
        assert page.locator("#turns .answer span").first.get_attribute("lang") == "en"
        page.click("#repeat")
        visit.until(lambda: visit.said("ask"))
        assert visit.said("ask")[0]["text"] == "重复"
        talk.send({"type": "preferences", "preferences": {**READY["preferences"], "language": "en"}})  # it was told so by voice
        visit.until(lambda: page.inner_text("#talk") == "Talk")
        assert page.get_attribute("html", "lang") == "en"


# talking


def test_talking_by_holding_a_key_or_the_mouse(visit: Visit, talk: ScriptedTalk) -> None:
    page = visit.page
    visit.start()
    page.wait_for_timeout(200)
    assert not talk.sound
    page.keyboard.down("Space")
    visit.until(lambda: len(talk.sound) > 0.6 * 32_000)
    assert page.get_attribute("#talk", "aria-pressed") == "true"
    page.keyboard.up("Space")
    visit.until(lambda: visit.presses() == ["down", "up"])
    heard = len(talk.sound)
    page.hover("#talk")
    page.mouse.down()
    visit.until(lambda: visit.presses() == ["down", "up", "down"])
    page.wait_for_timeout(500)
    page.mouse.up()
    visit.until(lambda: visit.presses() == ["down", "up", "down", "up"])
    assert len(talk.sound) > heard
    page.wait_for_timeout(200)
    heard = len(talk.sound)
    page.wait_for_timeout(200)
    assert len(talk.sound) == heard
    assert page.get_attribute("#talk", "aria-pressed") == "false"


def test_talking_from_press_to_press(visit: Visit, talk: ScriptedTalk) -> None:
    page = visit.page
    visit.start()
    ways: dict[str, Callable[[], object]] = {
        "key": lambda: page.keyboard.press("Enter"),
        "mouse": lambda: page.click("#talk"),
        "screen reader": lambda: page.evaluate("document.querySelector('#talk').click()"),
    }
    for times, press in enumerate(ways.values(), 1):
        talk.sound.clear()
        press()
        visit.until(lambda: len(talk.sound) > 0.3 * 32_000)
        assert visit.presses() == [*["down", "up"] * (times - 1), "down"]
        assert page.get_attribute("#talk", "aria-pressed") == "true"
        press()
        visit.until(lambda times=times: visit.presses() == ["down", "up"] * times)  # type: ignore[misc]
    press()
    visit.until(lambda: visit.presses()[-1] == "down")
    talk.send({"type": "state", "state": "hearing"}, {"type": "state", "state": "answering"})  # it was long enough
    visit.until(lambda: visit.presses()[-1] == "up")
    assert page.get_attribute("#talk", "aria-pressed") == "false"


def test_hands_free_and_off(visit: Visit, talk: ScriptedTalk) -> None:
    page = visit.page
    visit.start()
    page.check("input[value=hands-free]")
    visit.until(lambda: len(talk.begins) == 2 and len(talk.sound) > 0.5 * 32_000)
    assert [begin["listen"] for begin in talk.begins] == ["hold", "hands-free"]
    assert talk.begins[0]["conversation"] == talk.begins[1]["conversation"]
    page.click("#talk")
    visit.until(lambda: visit.presses() == ["down", "up"])
    page.check("input[value=off]")
    visit.until(lambda: len(talk.begins) == 3)
    assert talk.begins[2]["listen"] == "off"
    heard = len(talk.sound)
    page.wait_for_timeout(200)
    assert len(talk.sound) == heard
    assert page.evaluate("tracks.filter(track => track.kind == 'audio').every(track => track.readyState == 'ended')")
    page.click("#talk")
    visit.alarm("microphone is off")


def test_sound_keeps_its_pitch_and_loudness_at_another_rate(visit: Visit) -> None:
    visit.page.evaluate("""async () => {
        const { Resampler } = await import("/page/resample.js");
        const wave = (hertz, rate) => Float32Array.from({ length: rate }, (_, i) => Math.sin(2 * Math.PI * hertz * i / rate));
        const run = (resampler, samples, size) => {
          const blocks = [];
          for (let i = 0; i < samples.length; i += size) blocks.push(...resampler.convert(samples.subarray(i, i + size)));
          return blocks;
        };
        const loud = (samples) => Math.max(...samples.slice(1000, -1000).map(Math.abs));
        window.measured = {};
        for (const [from, to] of [[48000, 16000], [44100, 16000], [22050, 48000]]) {
          const whole = run(new Resampler(from, to), wave(1000, from), from);
          const blocks = run(new Resampler(from, to), wave(1000, from), 128);
          const ideal = wave(1000, to);
          measured[`${from} ${to}`] = {
            count: blocks.length, pieces: Math.max(...whole.map((sample, i) => Math.abs(sample - blocks[i]))),
            error: Math.max(...blocks.slice(200, 15000).map((sample, i) => Math.abs(sample - ideal[i + 200]))),
          };
        }
        measured.alias = loud(run(new Resampler(48000, 16000), wave(10000, 48000), 128));
    }""")
    measured = visit.page.evaluate("measured")
    assert measured.pop("alias") < 0.01
    for rates, found in measured.items():
        assert abs(found["count"] - int(rates.split()[1])) < 100, rates
        assert found["pieces"] < 1e-3, rates
        assert found["error"] < 0.02, rates


# hearing it


def test_the_voice_is_heard_and_counted_and_then_nothing_is_live(visit: Visit, talk: ScriptedTalk) -> None:
    page = visit.page
    visit.start()
    talk.send(*answer(), *(tone(0.2) for _ in range(3)), {"type": "flush"})
    visit.until(lambda: visit.loudness() > 0.4)
    assert page.inner_text("#said") == ""
    visit.until(lambda: visit.said("flushed"))
    assert talk.played == sorted(talk.played)
    assert talk.played[-1] == pytest.approx(0.6, abs=0.001)
    assert len(talk.played) > 4
    visit.until(lambda: visit.loudness() < 0.01)
    assert page.locator("#turns .answer").inner_text() == " ".join(ANSWER)
    talk.played.clear()
    speak(talk, 0.2)  # counted from 0 again
    visit.until(lambda: len(visit.said("flushed")) == 2)
    assert talk.played[-1] == pytest.approx(0.2, abs=0.001)


def test_a_screen_reader_gets_whole_sentences_and_no_voice(visit: Visit, talk: ScriptedTalk) -> None:
    page = visit.page
    page.click("#settings summary")
    page.check("input[value=reader]")
    page.evaluate("""() => {
        window.spoken = [];
        new MutationObserver((changes) => {
          for (const { addedNodes } of changes) spoken.push(...[...addedNodes].map((node) => node.textContent));
        }).observe(document.querySelector("#said"), { childList: true, subtree: true, characterData: true });
    }""")
    visit.start()
    visit.until(lambda: visit.said("sound") == [{"type": "sound", "on": False}])
    talk.send(*answer(), tone(0.3))
    visit.until(lambda: page.evaluate("spoken") == ["You asked: What is in front of me?", *ANSWER])
    page.wait_for_timeout(100)
    assert visit.loudness() < 0.01
    assert page.locator("[aria-live], [role=log]").count() == 1
    talk.send(tone(0.3, CHIME))  # what is no speech disturbs no screen reader
    visit.until(lambda: visit.loudness() > 0.4)


@pytest.mark.alone
def test_stop_is_silent_within_a_tenth_of_a_second(visit: Visit, talk: ScriptedTalk) -> None:
    page = visit.page
    visit.start()
    speak(talk, 5)
    visit.until(lambda: talk.played and talk.played[-1] > 0.1)
    page.evaluate("""() => {
        document.addEventListener("keydown", () => {
          window.pressedAt = performance.now();
          const watch = setInterval(() => {
            if (loudness() > 0.01) return;
            window.quietAfter = performance.now() - pressedAt;
            clearInterval(watch);
          }, 2);
        }, { capture: true });
    }""")
    page.keyboard.press("Escape")
    talk.send(tone(1))  # was on its way
    visit.until(lambda: page.evaluate("window.quietAfter"))
    assert page.evaluate("quietAfter") < 200
    visit.until(lambda: visit.said("ask"))
    assert visit.said("ask")[0]["text"] == "stop"
    page.wait_for_timeout(100)
    assert visit.loudness() < 0.01
    talk.played.clear()
    talk.send({"type": "silence"}, {"type": "interrupted"})
    visit.until(lambda: talk.played)
    assert 0.1 < talk.played[-1] < 3
    assert visit.said("flushed") == []
    speak(talk, 0.3)
    visit.until(lambda: visit.loudness() > 0.4)


def test_speech_gives_way_and_falls_silent_and_short_sounds_do_neither(visit: Visit, talk: ScriptedTalk) -> None:
    visit.start()
    speak(talk, 5)
    visit.until(lambda: visit.loudness() > 0.4)
    talk.send({"type": "level", "level": 0.25})
    visit.until(lambda: 0.05 < visit.loudness() < 0.2)
    talk.send(tone(0.5, CHIME))
    visit.until(lambda: visit.loudness() > 0.3)
    visit.until(lambda: visit.loudness() < 0.2)
    before = talk.played[-1]
    talk.played.clear()
    asked = time.monotonic()
    talk.send({"type": "silence"})
    visit.until(lambda: talk.played)
    assert before <= talk.played[-1] < before + 0.2 + time.monotonic() - asked
    visit.until(lambda: visit.loudness() < 0.01, limit=1)
    speak(talk, 0.2)
    visit.until(lambda: visit.said("flushed"))
    assert talk.played[-1] == pytest.approx(0.2, abs=0.001)


# looking


def test_the_camera_is_seen_but_for_a_picture_and_can_be_turned_off(visit: Visit, talk: ScriptedTalk) -> None:
    page = visit.page
    visit.start()
    visit.until(lambda: len(talk.frames) > 1)
    picture = Image.open(io.BytesIO(talk.frames[-1]))
    assert (picture.format, picture.size) == ("JPEG", (640, 480))
    with Image.open(SAMPLES / "scene.png") as scene:
        assert np.abs(np.asarray(picture, float) - np.asarray(scene.convert("RGB"), float)).mean() < 15
    assert page.is_visible("#preview")
    page.set_input_files("#choose", SAMPLES / "scene.png")
    visit.until(lambda: talk.pictures)
    page.wait_for_timeout(100)
    seen = len(talk.frames)
    page.wait_for_timeout(600)
    assert len(talk.frames) == seen
    page.click("#live")
    visit.until(lambda: visit.said("live") and len(talk.frames) > seen)
    page.select_option("#facing", "off")
    assert page.is_hidden("#preview")
    assert page.inner_text("#source") == "There is no picture yet."
    seen = len(talk.frames)
    page.wait_for_timeout(700)
    assert len(talk.frames) <= seen + 1  # one may have been on its way
    page.select_option("#facing", "user")
    visit.until(lambda: len(talk.frames) > seen + 1)


@pytest.fixture(scope="module")
def photograph() -> bytes:
    """Return a large picture full of detail that says it lies on its side."""
    noise = np.random.default_rng(7).integers(0, 256, (600, 900, 3), np.uint8)
    picture = Image.fromarray(noise).resize((1800, 1200), Image.Resampling.BILINEAR)
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Camera that tells"
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=90, exif=exif)
    return file.getvalue()


def test_a_picture_is_made_small_before_it_is_sent(visit: Visit, talk: ScriptedTalk, photograph: bytes) -> None:
    page = visit.page
    page.set_input_files("#choose", {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": photograph})
    visit.until(lambda: talk.pictures)
    page.evaluate(
        """(bytes) => {
            const content = Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0));
            window.carried = new DataTransfer();
            carried.items.add(new File([content], "photo.jpg", { type: "image/jpeg" }));
            document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: carried, bubbles: true }));
        }""",
        base64.b64encode(photograph).decode(),
    )
    visit.until(lambda: len(talk.pictures) == 2)
    page.evaluate("document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: carried, bubbles: true }))")
    visit.until(lambda: len(talk.pictures) == 3)
    for picture in talk.pictures:
        sent = Image.open(io.BytesIO(picture))
        assert (sent.format, sent.size) == ("JPEG", (768, 1152))  # upright
        assert len(picture) <= 1_000_000
        assert b"Camera that tells" not in picture
    talk.send({"type": "picture", "ok": True, "text": "I have the picture."})
    visit.until(lambda: page.inner_text("#news") == "I have the picture.")
    assert page.is_visible("#still")
    assert "picture you chose" in page.inner_text("#source")


def test_a_picture_the_browser_cannot_read_is_sent_as_it_is(visit: Visit, talk: ScriptedTalk) -> None:
    page, file = visit.page, b"\0\0\0\x18ftypheic" + bytes(1000)
    page.set_input_files("#choose", {"name": "photo.HEIC", "mimeType": "image/heic", "buffer": file})
    visit.until(lambda: talk.pictures == [file])
    talk.send({"type": "picture", "ok": False, "text": "I can't open this picture."})  # which it says, too
    visit.until(lambda: visit.said("live"))
    assert page.is_hidden("#still")
    assert page.inner_text("#alarm") == page.inner_text("#news") == ""
    page.set_input_files("#choose", {"name": "huge.heic", "mimeType": "image/heic", "buffer": bytes(1_000_001)})
    visit.alarm("too large")
    assert len(talk.pictures) == 1


# when something is missing or breaks


def test_without_encryption_questions_are_typed_and_answers_spoken(browser: Browser, talk: ScriptedTalk) -> None:
    with visiting(browser, talk, host="phone.test") as visit:
        page = visit.page
        page.click("#talk")
        visit.until(lambda: talk.begins)
        talk.send({"type": "state", "state": "listening"})
        visit.alarm("https")
        assert talk.begins[0]["listen"] == "off"
        page.select_option("#preset", "creative")
        page.fill("#question", "Tell me a story.")
        page.click("#ask button")
        visit.until(lambda: visit.said("ask"))
        assert visit.said("ask") == [{"type": "ask", "text": "Tell me a story.", "preset": "creative"}]
        speak(talk, 0.5)
        visit.until(lambda: visit.loudness() > 0.4)


def test_a_microphone_that_is_not_lent_is_told_of(browser: Browser, talk: ScriptedTalk) -> None:
    refuse = """
        window.refusal = "NotAllowedError";
        const lendAll = navigator.mediaDevices.getUserMedia;
        navigator.mediaDevices.getUserMedia = async (constraints) => {
          if (constraints.audio && refusal) throw new DOMException("no", refusal);
          return lendAll(constraints);
        };"""
    with visiting(browser, talk, script=refuse) as visit:
        page = visit.page
        page.click("#talk")
        visit.until(lambda: talk.begins and talk.frames)  # the camera is there
        speak(talk, 0.5)
        page.wait_for_timeout(200)
        assert page.inner_text("#alarm") == ""  # a screen reader would talk over the greeting
        talk.send({"type": "state", "state": "listening"})
        visit.alarm("does not let me use the microphone")
        assert visit.loudness() < 0.01
        page.evaluate("refusal = 'NotFoundError'")
        page.click("#talk")
        talk.send({"type": "state", "state": "listening"})
        visit.alarm("found no microphone")
        page.evaluate("refusal = ''")
        page.click("#talk")
        visit.until(lambda: len(talk.begins) == 2)
        assert [begin["listen"] for begin in talk.begins] == ["off", "hold"]


def test_devices_that_go_away_are_told_of(visit: Visit) -> None:
    page = visit.page
    visit.start()
    page.evaluate("tracks.find(track => track.kind == 'audio').dispatchEvent(new Event('mute'))")
    visit.alarm("muted")
    page.evaluate("tracks.find(track => track.kind == 'video').dispatchEvent(new Event('ended'))")
    visit.alarm("camera is gone")
    assert page.is_hidden("#preview")
    page.evaluate("tracks.find(track => track.kind == 'audio').dispatchEvent(new Event('ended'))")
    visit.alarm("microphone is gone")
    page.evaluate("navigator.mediaDevices.dispatchEvent(new Event('devicechange'))")  # they were plugged in again
    visit.until(lambda: page.evaluate("tracks.filter(track => track.readyState == 'live').length") == 2)
    visit.until(lambda: page.inner_text("#alarm") == "")
    assert page.is_visible("#preview")


def test_a_lost_connection_comes_back_without_a_storm(visit: Visit, talk: ScriptedTalk) -> None:
    page = visit.page
    visit.start()
    talk.refusals = 2
    talk.close()
    visit.alarm("connection to the assistant is lost")
    assert page.title() == "Not connected – Assistant"
    page.fill("#question", "Where is the dog?")
    page.keyboard.press("Enter")
    visit.until(lambda: len(talk.begins) == 2)
    visit.until(lambda: page.inner_text("#news") == "Connected again.")
    assert page.inner_text("#alarm") == ""
    assert [message["text"] for message in visit.said("ask")] == ["Where is the dog?"]
    assert talk.begins[0]["conversation"] == talk.begins[1]["conversation"]
    waits = np.diff(talk.attempts[1:])
    assert len(waits) == 2
    assert all(waits > (0.7, 1.4))


def test_a_connection_that_is_refused_is_not_tried_again(visit: Visit, talk: ScriptedTalk) -> None:
    page = visit.page
    for code, words in ((4003, "too many people"), (4001, "another window"), (4000, "do not understand")):
        visit.start()
        talk.close(code)
        visit.alarm(words)
        assert page.evaluate("tracks.every(track => track.readyState == 'ended')")
        talk.begins.clear()
    visit.start()
    talk.send({"type": "bye", "code": "busy", "text": "I am talking with eight people already."})
    talk.close(4003)
    visit.alarm("eight people")
    page.wait_for_timeout(800)
    assert len(talk.attempts) == 4


def test_a_browser_that_is_not_paired_any_more_is_told(visit: Visit, talk: ScriptedTalk) -> None:
    visit.start()
    talk.stranger = True
    talk.close()
    visit.alarm("does not know this browser any more")
    visit.page.wait_for_timeout(800)
    assert len(talk.attempts) == 2


# what is kept


def test_an_answer_is_cut_short_by_the_next_question_and_all_of_it_forgotten(visit: Visit, talk: ScriptedTalk) -> None:
    visit.start()
    sentence = {"type": "sentence", "language": "en", "own": False}
    talk.send(
        {"type": "sentence", "text": "Ready.", "language": "en", "own": True},
        {"type": "heard", "text": "What is on my left?", "language": "en"},
        {**sentence, "text": "An umbrella,"},
        {"type": "heard", "text": "Which colour?", "language": "en"},
        {"type": "interrupted"},
        {**sentence, "text": "Yellow."},
        {"type": "answered"},
        {"type": "sentence", "text": "The battery is low.", "language": "en", "own": True},
    )
    turns = visit.page.locator("#turns li")
    visit.until(lambda: turns.count() == 4)
    assert [" ".join(turn.split()) for turn in turns.all_inner_texts()] == [
        "Ready.",
        "You asked: What is on my left? An umbrella, (stopped)",
        "You asked: Which colour? Yellow.",
        "The battery is low.",
    ]
    visit.page.click("#new")
    assert turns.count() == 0
    visit.until(lambda: visit.said("ask"))
    assert visit.said("ask")[0]["text"] == "new conversation"


def test_settings_are_kept_and_nothing_else(visit: Visit, talk: ScriptedTalk) -> None:
    page = visit.page
    page.click("#settings summary")
    page.select_option("#detail", "full")
    page.fill("#rate", "999")
    page.keyboard.press("Tab")
    page.check("input[value=reader]")
    page.select_option("#facing", "off")
    visit.start()
    assert talk.begins[0]["preferences"] == {"detail": "full", "rate": 450}
    talk.send(*answer())
    visit.until(lambda: page.locator("#turns li").count() == 1)
    page.reload()
    visit.start()
    assert talk.begins[1]["preferences"] == {**READY["preferences"], "detail": "full", "rate": 450}
    assert talk.begins[0]["conversation"] == talk.begins[1]["conversation"]
    assert not talk.frames
    assert page.evaluate("[Object.keys(localStorage), Object.keys(sessionStorage), document.cookie]") == [
        ["assistant"],
        ["conversation"],
        "",
    ]
    assert "umbrella" not in page.evaluate("JSON.stringify([localStorage, sessionStorage])")


def test_what_is_changed_while_it_connects_holds(visit: Visit, talk: ScriptedTalk) -> None:
    page = visit.page
    page.click("#settings summary")
    talk.hesitation = 0.3
    page.click("#talk")
    visit.until(lambda: talk.begins)
    page.select_option("#language", "zh")
    page.check("input[value=reader]")
    visit.until(lambda: len(talk.received) == 2)
    assert talk.received == [{"type": "prefer", "preferences": {"language": "zh"}}, {"type": "sound", "on": False}]
    assert page.get_attribute("html", "lang") == "zh"
