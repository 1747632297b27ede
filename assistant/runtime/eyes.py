"""What the model has before its eyes: the picture is chosen when a person begins to ask, and read while they are asking."""

from __future__ import annotations

import anyio

from assistant.events import Stage
from assistant.ports import Camera, VisionModel
from assistant.runtime.stream import in_thread
from assistant.runtime.watch import Watch
from assistant.turn.sight import same_scene, scene_changed, sharpest
from assistant.types import Cancellation, Frame, Seconds

_CHOICE: Seconds = 0.5
"""From how recent frames the sharpest is chosen; a hand settles in less."""


async def look(frame: Frame, vision: VisionModel, watch: Watch) -> None:
    """Let the model take a picture in. Cancelling leaves it the former one.

    Raises:
        VisionFailed: It could not.
    """
    watch(Stage.LOOKING)
    cancellation = Cancellation()
    await in_thread(lambda: vision.look(frame, cancellation), on_cancel=cancellation.cancel)
    watch(Stage.LOOKED, evidence=frame)


class Eyes:
    """Looks for one conversation. One look at a time; a look that is cancelled leaves the former picture."""

    def __init__(self, camera: Camera, vision: VisionModel, max_age: Seconds, watch: Watch) -> None:
        self._camera = camera
        self._vision = vision
        self._max_age = max_age
        self._watch = watch
        self._seen: Frame | None = None
        """What the model sees, if that holds for the question of now."""
        self._one_at_a_time = anyio.Lock()
        self._target: Frame | None = None
        """What is being looked at just now."""
        self._looking = anyio.CancelScope()

    async def glance(self) -> None:
        """Look at what is there now, unless the model has just that before its eyes already.

        Raises:
            CameraLost: The camera gives no picture young enough.
            VisionFailed: The model could not take it in.
        """
        async with self._one_at_a_time:
            # whatever goes wrong from here on, the former question's picture does not count for this one
            former, self._seen = self._seen, None
            frame = await self._frame()
            same = await in_thread(lambda: former is not None and same_scene(former, frame))
            if same:
                self._seen = former
            else:
                await self._look(frame)

    async def make_sure(self) -> None:
        """Look again if the scene is another one by now, so that no answer is about what is no longer there.

        Raises:
            CameraLost, VisionFailed: as `glance`.
        """
        frame = await self._frame()
        if await self._is_other(self._target, frame):
            self._looking.cancel()
        async with self._one_at_a_time:
            if self._seen is None or await self._is_other(self._seen, frame):
                await self._look(frame)

    async def _is_other(self, seen: Frame | None, frame: Frame) -> bool:
        if seen is None:
            return False
        return await in_thread(lambda: scene_changed(seen, frame))

    async def _frame(self) -> Frame:
        def choose() -> Frame:
            newest = self._camera.latest(self._max_age)
            return sharpest([*self._camera.recent(min(_CHOICE, self._max_age)), newest])

        return await in_thread(choose)

    async def _look(self, frame: Frame) -> None:
        self._seen = None  # also if it is cancelled in the moment in which the model has it
        with anyio.CancelScope() as self._looking:
            self._target = frame
            try:
                await look(frame, self._vision, self._watch)
                self._seen = frame
            finally:
                self._target = None
