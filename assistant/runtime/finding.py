"""Guiding to a thing: the model says where it is, a tracker follows it from picture to picture, and beeps tell how near it is.

The model looks again now and then, beside that, and puts the tracker right.
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Mapping

import anyio

from assistant.errors import TooBlurred
from assistant.ports import Camera, Tracker, VisionModel
from assistant.runtime.announcer import PATIENCE
from assistant.runtime.asking import whole_answer
from assistant.runtime.beacon import Beacon
from assistant.runtime.eyes import look, refuse_useless
from assistant.runtime.mouth import Mouth
from assistant.runtime.stream import in_thread, together
from assistant.runtime.watch import Watch
from assistant.turn.grounding import BOX_QUESTION, boxes_in, is_centred, is_close, nearness, told_where, way_out
from assistant.turn.quality import judge
from assistant.types import Box, Frame, Language, Question, Rank, Seconds, Sentence, Writing

LIMIT: Seconds = 60.0
"""How long it guides; a hand is tired by then."""
_REST = 2.0
"""How many times as long as a look took the model rests before the next one: it takes a third of the machine at most."""
_SHORTEST_REST: Seconds = 3.0
_NEXT_FRAME: Seconds = 0.07
"""Cameras give a picture every 0.03 to 0.07 s."""
_THERE = 5
"""Pictures in a row in which the thing is close and in the centre, for the hand to be there."""
_MISSES = 3
"""Looks without it, after which it may give up."""
_TURN: Seconds = 20.0
"""How long it looks for it at least: as long as somebody who was told to turn slowly takes to turn once around."""
_ASTRAY = 2
"""Looks without it, after which the tracker is taken to follow something else."""
_AFTER_MISS: Seconds = 1.5
"""How long somebody gets who has been told to turn, or to hold still."""
_SENTENCES_AHEAD = 2
_AT_EDGE = 0.05
"""Share of the picture up to which something that is no longer there has left it."""
_MAX_TOKENS = 96
"""Enough for two boxes; the first one counts."""

_NOT_YET: Mapping[Language, str] = {
    "en": "I don't see the {thing} yet. Turn slowly.",
    "zh": "还没看到{thing}。请慢慢转动。",
}
_HOLD_STILL: Mapping[Language, str] = {"en": "Hold still for a moment.", "zh": "请先拿稳一下。"}
_GIVEN_UP: Mapping[Language, str] = {
    "en": "I can't find the {thing}. Go to another place, or turn on a light, and say it again.",
    "zh": "我没找到{thing}。请换个地方，或者开灯，再说一次。",
}
_NOT_THERE: Mapping[Language, str] = {"en": "I see no {thing} there.", "zh": "我没看到{thing}。"}
_LEFT: Mapping[Language, str] = {"en": "It left the picture {way}.", "zh": "它{way}出了画面。"}
_LOST: Mapping[Language, str] = {"en": "I lost sight of it.", "zh": "我看不到它了。"}
_THERE_IT_IS: Mapping[Language, str] = {"en": "It is right in front of you.", "zh": "就在您正前方。"}
_TIME_UP: Mapping[Language, str] = {"en": "I stop guiding now. Say it again to go on.", "zh": "引导先停一下，要继续请再说一次。"}


class Finding:
    """Guides to things in one conversation.

    Args:
        camera: What sees them; None where single pictures are asked about.
        vision: Whose model knows them; what it is asked here stays out of its conversation.
        mouth: Says where they are, and beeps.
        watch: Told what happens.
        make_tracker: Makes what follows them.
        max_age: Of a picture.
    """

    def __init__(
        self,
        camera: Camera | None,
        vision: VisionModel,
        mouth: Mouth,
        watch: Watch,
        *,
        make_tracker: Callable[[], Tracker],
        max_age: Seconds,
    ) -> None:
        self._camera = camera
        self._vision = vision
        self._make_tracker = make_tracker
        self._mouth = mouth
        self._watch = watch
        self._max_age = max_age

    async def find(self, thing: str, language: Language) -> None:
        """Guide to a thing until it is reached, or cannot be found, or for a minute.

        Args:
            thing: What to look for, in that language.
            language: Of what is said.

        Raises:
            CameraLost, PictureUnreadable, PictureUseless, VisionFailed, VoiceFailed, SpeakerLost: as the name says.
        """
        camera = self._camera
        assert camera is not None  # noqa: S101 - else only `tell` is asked for
        with contextlib.closing(self._vision.another(Rank.PAGE)) as vision:

            async def newest() -> Frame:
                return await in_thread(lambda: camera.latest(self._max_age))

            async def locate(frame: Frame) -> Box | None:
                return await self._locate(frame, vision, thing, language)

            guide = _Guide(self._mouth, self._make_tracker, thing, language, newest=newest, locate=locate)
            with anyio.move_on_after(LIMIT) as limit:
                await guide.run()
        if limit.cancelled_caught:
            await self._mouth.say(_TIME_UP[language], language)

    async def where(self, frame: Frame, thing: str, language: Language) -> Sentence:
        """Return what is to be said of where a thing is in one picture.

        Raises:
            PictureUseless, VisionFailed: as the name says.
        """
        with contextlib.closing(self._vision.another(Rank.PAGE)) as vision:
            box = await self._locate(frame, vision, thing, language)
        directions = self._mouth.preferences.directions
        text = told_where(thing, box, directions, language) if box else _NOT_THERE[language].format(thing=thing)
        return Sentence(text, language)

    async def _locate(self, frame: Frame, vision: VisionModel, thing: str, language: Language) -> Box | None:
        """Return where the model sees a thing; None if it does not."""
        await in_thread(lambda: refuse_useless(judge(frame)))
        await look(frame, vision, self._watch)
        writing = Writing("document", temperature=0, max_tokens=_MAX_TOKENS)
        question = Question(BOX_QUESTION[language].format(thing=thing), language, writing=writing)
        boxes = boxes_in((await whole_answer(vision, question)).text)
        return max(boxes, key=lambda box: box.area, default=None)  # of several the nearest, most likely


class _Guide:
    """One way to one thing: the model looks, a tracker follows, and words are said, each beside the others."""

    def __init__(
        self,
        mouth: Mouth,
        make_tracker: Callable[[], Tracker],
        thing: str,
        language: Language,
        *,
        newest: Callable[[], Awaitable[Frame]],
        locate: Callable[[Frame], Awaitable[Box | None]],
    ) -> None:
        self._mouth = mouth
        self._make_tracker = make_tracker
        self._tracker = make_tracker()
        self._newest = newest
        self._locate = locate
        self._thing = thing
        self._language: Language = language
        self._beacon = Beacon(mouth)
        self._to_say, self._said = anyio.create_memory_object_stream[str](_SENTENCES_AHEAD)
        self._seen: tuple[Frame, Box] | None = None
        """What the model saw last, until the tracker has taken it."""
        self._misses = 0
        """How many looks in a row were without it."""
        self._missing_since = self._told_at = 0.0
        """When the first of these was, and when somebody was last told that it is not to be seen."""
        self._box: Box | None = None
        """Where the thing is by now; None where that is not known."""

    async def run(self) -> None:
        """Guide until it is there, or cannot be found."""
        with self._to_say, self._said, anyio.CancelScope() as self._scope:
            await together(self._look, self._follow, self._speak, self._beacon.sound)

    async def _look(self) -> None:
        """Let the model look, again and again."""
        while True:
            frame = await self._newest()
            began = anyio.current_time()
            try:
                box = await self._locate(frame)
            except TooBlurred:  # whoever searches moves
                self._say(_HOLD_STILL[self._language])
                await anyio.sleep(_AFTER_MISS)
                continue
            took = anyio.current_time() - began
            self._misses = 0 if box else self._misses + 1
            if self._misses == 1:
                self._missing_since = self._told_at = began
            if box:
                self._seen = (frame, box)
            elif self._box is None:
                await self._miss()
                continue
            await anyio.sleep(max(_SHORTEST_REST, _REST * took))

    async def _miss(self) -> None:
        """Take in that it is not to be seen."""
        now = anyio.current_time()
        if self._misses >= _MISSES and now - self._missing_since >= _TURN:
            await self._end(_GIVEN_UP)
        if self._misses == 1 or now - self._told_at >= PATIENCE:
            self._told_at = now
            self._say(_NOT_YET[self._language].format(thing=self._thing))
        await anyio.sleep(_AFTER_MISS)

    async def _follow(self) -> None:
        """Follow it at the camera's rate, and say what a beep cannot tell."""
        before: Frame | None = None
        there = 0
        while True:
            await anyio.sleep(_NEXT_FRAME)
            frame = await self._newest()
            if frame is before:
                continue
            before, was = frame, self._box
            now = await self._track(frame)
            self._box = now if now and all(0 <= place <= 1 for place in now.centre) else None
            self._beacon.nearness = nearness(self._box) if self._box else None
            there = there + 1 if self._box and not self._misses and is_centred(self._box) and is_close(self._box) else 0
            if there == _THERE:
                await self._end(_THERE_IT_IS)
            elif self._box and not was:
                self._say(told_where(self._thing, self._box, self._mouth.preferences.directions, self._language))
            elif was and not self._box:
                self._say(_loss(now or was, self._language))

    async def _track(self, frame: Frame) -> Box | None:
        """Return where the thing is in a picture, perhaps beyond its edge.

        What the model saw is seconds old. If a tracker cannot get from there to now, the one that follows already goes on; but not
        if the model has not seen the thing twice: then it follows something else.
        """
        seen, self._seen = self._seen, None
        is_followed = self._box is not None and self._misses < _ASTRAY

        def follow() -> Box | None:
            box = self._tracker.follow(frame) if is_followed else None
            if seen:
                fresh = self._make_tracker()
                fresh.begin(*seen)
                if corrected := fresh.follow(frame):
                    self._tracker = fresh
                    return corrected
            return box

        return await in_thread(follow) if seen or is_followed else None

    async def _speak(self) -> None:
        """Say what is to be said, while it is followed."""
        async for text in self._said:
            await self._mouth.say(text, self._language)

    def _say(self, text: str) -> None:
        with contextlib.suppress(anyio.WouldBlock):  # so much is waiting that this would be old when it is heard
            self._to_say.send_nowait(text)

    async def _end(self, sentence: Mapping[Language, str]) -> None:
        self._beacon.nearness = None
        await self._mouth.tell([Sentence(sentence[self._language].format(thing=self._thing), self._language)])
        self._scope.cancel()
        await anyio.sleep_forever()


def _loss(last: Box, language: Language) -> str:
    """Return what is said of a thing that is followed no more."""
    if min(last.left, last.top, 1 - last.right, 1 - last.bottom) > _AT_EDGE:
        return _LOST[language]
    return _LEFT[language].format(way=way_out(last)[1 if language == "zh" else 0])
