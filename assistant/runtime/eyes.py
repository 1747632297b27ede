"""What the model has before its eyes: the picture is chosen when a person begins to ask, and read while they are asking.

With time to spare it is read before: whenever the scene has changed and nobody speaks. An answer is nevertheless always about a
picture from within its question, or one that nothing in the view differs from.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

import anyio

from assistant.config import Anticipation
from assistant.errors import CameraCovered, CameraLost, PictureUnreadable, PictureUseless, TooBlurred, TooBright, TooDark
from assistant.events import Stage
from assistant.ports import Camera, VisionModel
from assistant.runtime.stream import in_thread
from assistant.runtime.watch import Watch
from assistant.turn.quality import Flaw, Quality, judge
from assistant.turn.sight import same_scene, scene_changed, sharpest
from assistant.types import Cancellation, Frame, Seconds

_CHOICE: Seconds = 0.5
"""From how recent frames the sharpest is chosen; a hand settles in less."""
_SNAPSHOT: Seconds = 1.0
"""The same, of a page that is to be read: print needs more sharpness."""
_SETTLING: Seconds = 1.0
"""How long a sharper picture is waited for before a blurred one is complained of."""
_AGAIN: Seconds = 0.1
"""How often it is looked for: cameras keep frames a tenth of a second apart."""
_GLIMPSE: Seconds = 0.5
"""How often it is looked whether the scene has changed."""

_REFUSALS: Mapping[Flaw, type[PictureUseless]] = {
    Flaw.COVERED: CameraCovered,
    Flaw.DARK: TooDark,
    Flaw.OVEREXPOSED: TooBright,
    Flaw.BLURRED: TooBlurred,
}


async def look(frame: Frame, vision: VisionModel, watch: Watch) -> None:
    """Let the model take a picture in. Cancelling leaves it the former one.

    Raises:
        VisionFailed: It could not.
    """
    watch(Stage.LOOKING)
    cancellation = Cancellation()
    await in_thread(lambda: vision.look(frame, cancellation), on_cancel=cancellation.cancel)
    watch(Stage.LOOKED, evidence=frame)


async def snapshot(camera: Camera, max_age: Seconds) -> Frame:
    """Return the sharpest picture of the last second; if that is blurred, of the next one.

    Raises:
        CameraLost: There is none that is young enough.
    """

    def choose() -> tuple[Frame, bool]:
        newest = camera.latest(max_age)
        frame = sharpest([*camera.recent(min(_SNAPSHOT, max_age)), newest])
        return frame, judge(frame).flaw is Flaw.BLURRED

    frame, blurred = await in_thread(choose)
    with anyio.move_on_after(_SETTLING):
        while blurred:
            await anyio.sleep(_AGAIN)
            frame, blurred = await in_thread(choose)
    return frame


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class _View:
    """A picture and how good it is."""

    frame: Frame
    quality: Quality


class Eyes:
    """Looks for one conversation. One look at a time; a look that is cancelled leaves the former picture."""

    def __init__(
        self, camera: Camera, vision: VisionModel, max_age: Seconds, watch: Watch, anticipate: Anticipation = "on-speech"
    ) -> None:
        self._camera = camera
        self._vision = vision
        self._max_age = max_age
        self._watch = watch
        self._anticipate = anticipate
        self._seen: _View | None = None
        """What the model sees."""
        self._current = False
        """Whether what it sees, or is being shown, was there within the question of now."""
        self._doubted: _View | None = None
        """The view that was last said to be doubtful."""
        self._asked_about: _View | None = None
        """What the last question was about."""
        self._one_at_a_time = anyio.Lock()
        self._target: _View | None = None
        """What is being looked at just now."""
        self._looking = anyio.CancelScope()

    async def look_ahead(self, idle: Callable[[], bool]) -> None:
        """Keep what is there before the model's eyes while nobody asks, for ever; returns at once if that is not wanted.

        A scene is looked at once it stands still. A camera that fails, and a useless picture, are waited out: they are told of when
        somebody asks.

        Args:
            idle: Whether nobody speaks and nothing is being answered.

        Raises:
            VisionFailed: The model could not take a picture in.
        """
        before: Frame | None = None
        refused: Frame | None = None
        while self._anticipate == "always":
            await anyio.sleep(_GLIMPSE)
            if not idle():
                before = None
                continue
            try:
                newest = await in_thread(lambda: self._camera.latest(self._max_age))
                if await self._is_news(newest, before, refused):
                    refused = await self._look_idly(idle)
            except (CameraLost, PictureUnreadable):
                before = None
            else:
                before = newest

    async def _is_news(self, newest: Frame, before: Frame | None, refused: Frame | None) -> bool:
        """Tell whether a scene that stands still is another one than what the model sees, and than what was refused."""
        known = [frame for frame in (self._seen and self._seen.frame, refused) if frame]

        def compare() -> bool:
            stands_still = before is not None and not scene_changed(before, newest)
            return stands_still and not any(same_scene(frame, newest) for frame in known)

        return await in_thread(compare)

    async def _look_idly(self, idle: Callable[[], bool]) -> Frame | None:
        """Look at what is there, while nobody speaks; return it instead if it is useless."""
        view = await self._choose()
        if view.quality.useless:
            return view.frame
        async with self._one_at_a_time:
            if idle():  # nobody has begun to speak in the meantime
                await self._look(view, Watch(), current=False)  # unobserved: it is no stage of any question
        return None

    def begin(self) -> None:
        """Take in that a question begins: the former one's picture does not count for it."""
        self._current = False

    async def glance(self) -> None:
        """Look at what is there now, unless the model has just that before its eyes already, or will have it soon.

        A useless picture is not looked at: there may be a better one at the end of the question.

        Raises:
            CameraLost: The camera gives no picture young enough.
            VisionFailed: The model could not take it in.
        """
        self.begin()  # whatever goes wrong from here on
        if self._anticipate == "never":
            return
        if self._target:
            await self._break_off_unless_at(await self._choose())
        async with self._one_at_a_time:
            if self._current:  # `make_sure` came first
                return
            view = await self._choose()
            if not await self._is_other(self._seen, view):
                self._current = True
                return
            view = await self._wait_for_sharper(view)
            if not view.quality.useless:
                await self._look(view, self._watch, current=True)

    async def make_sure(self) -> Flaw | None:
        """Look again if the scene is another one by now, so that no answer is about what is no longer there.

        Where nothing can be told from what the camera shows by now, because the hand has sunk, the picture from earlier in the
        question stands.

        Returns:
            What makes an answer doubtful; for each picture once.

        Raises:
            PictureUseless: The picture shows nothing; the subclass says why. The model did not look at it.
            CameraLost, VisionFailed: as `glance`.
        """
        view = await self._choose()
        await self._break_off_unless_at(view)
        async with self._one_at_a_time:
            if await self._is_other(self._seen, view):
                view = await self._wait_for_sharper(view)
                if not (self._seen and self._current and view.quality.useless):
                    refuse_useless(view.quality)
                    await self._look(view, self._watch, current=True)
            self._current = True
            self._asked_about = self._seen
            doubted, self._doubted = self._doubted, self._seen
        return self._seen.quality.flaw if self._seen and self._seen is not doubted else None

    @property
    def asked_about(self) -> Frame | None:
        """The picture that the last question was about."""
        return self._asked_about.frame if self._asked_about else None

    async def look_back(self) -> bool:
        """Have the picture before the model's eyes that the last question was about; return whether there was one.

        Raises:
            VisionFailed: It could not take it in once more.
        """
        view = self._asked_about
        if view is None:
            return False
        if self._target is not view:
            self._looking.cancel()
        async with self._one_at_a_time:
            if self._seen is not view:
                await self._look(view, self._watch, current=False)
        return True

    async def glimpse(self) -> Frame:
        """Return what the camera shows just now, which the model need not see.

        Raises:
            CameraLost, PictureUnreadable: as the name says.
        """
        return await in_thread(lambda: self._camera.latest(self._max_age))

    async def snapshot(self) -> Frame:
        """Return a picture to be read, which the model need not see; see the function of the same name.

        Raises:
            CameraLost: as the name says.
        """
        return await snapshot(self._camera, self._max_age)

    def forget(self) -> None:
        """Have seen nothing: the model's memory was emptied."""
        self._seen = self._asked_about = self._doubted = None

    async def _break_off_unless_at(self, view: _View) -> None:
        """Stop looking at what is no longer there."""
        target, looking = self._target, self._looking
        if target and await self._is_other(target, view):
            looking.cancel()

    async def _is_other(self, seen: _View | None, view: _View) -> bool:
        """Tell whether `seen` will not do for a question that `view` is from."""
        if seen is None:
            return True
        if self._current:  # chosen within the question: a hand's sway since then does not matter
            return await in_thread(lambda: scene_changed(seen.frame, view.frame))
        return not await in_thread(lambda: same_scene(seen.frame, view.frame))

    async def _wait_for_sharper(self, view: _View) -> _View:
        """Return a picture that is not blurred, or `view` if that takes too long."""
        with anyio.move_on_after(_SETTLING):
            while view.quality == Quality(Flaw.BLURRED, useless=True):
                await anyio.sleep(_AGAIN)
                view = await self._choose()
        return view

    async def _choose(self) -> _View:
        def choose() -> _View:
            newest = self._camera.latest(self._max_age)
            frame = sharpest([*self._camera.recent(min(_CHOICE, self._max_age)), newest])
            return _View(frame, judge(frame))

        return await in_thread(choose)

    async def _look(self, view: _View, watch: Watch, *, current: bool) -> None:
        self._current = current
        self._seen = None  # also if it is cancelled in the moment in which the model has it
        with anyio.CancelScope() as self._looking:
            self._target = view
            try:
                await look(view.frame, self._vision, watch)
                self._seen = view
            finally:
                self._target = None


def refuse_useless(quality: Quality) -> None:
    """Do nothing if a picture is worth asking about.

    Raises:
        PictureUseless: It is not; the subclass says why.
    """
    if quality.flaw and quality.useless:
        raise _REFUSALS[quality.flaw](f"the picture is {quality.flaw.value}")
