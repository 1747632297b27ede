"""The examination as the user meets it: findings as they come, and what they come to, said aloud."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable

import anyio

from assistant.doctor.examination import Check, Parts, checks
from assistant.doctor.finding import CHECKING, STILL_CHECKING, Finding, lost, summary
from assistant.errors import AssistantError
from assistant.ports import Voice
from assistant.remembered import recall, remembered_path
from assistant.runtime.announcer import PATIENCE
from assistant.runtime.mouth import Mouth
from assistant.runtime.stream import in_thread, together
from assistant.runtime.watch import Watch
from assistant.turn.preferences import Preferences
from assistant.types import Language


@dataclasses.dataclass(frozen=True, slots=True)
class _Reader:
    """Says sentences where that is possible and wanted."""

    mouth: Mouth | None
    language: Language

    async def say(self, text: str) -> None:
        if self.mouth:
            with contextlib.suppress(AssistantError):  # a loudspeaker that does not play is a finding of its own
                await self.mouth.say(text, self.language)


async def examine(
    parts: Parts, open_voice: Callable[[], Voice], report: Callable[[Finding], None], *, quick: bool, aloud: bool
) -> list[Finding]:
    """Go through all checks; each finding is reported as it comes.

    Args:
        parts: What is looked at.
        open_voice: Loads the voice.
        report: Told of each finding.
        quick: Leave out reading the models to their end.
        aloud: Say what is found.
    """
    config = parts.settings.config
    configured = Preferences(config.voice.rate, language=config.conversation.language)
    preferences = recall(remembered_path(), configured)
    findings: list[Finding] = []

    def found(finding: Finding) -> None:
        findings.append(finding)
        report(finding)

    with contextlib.ExitStack() as stack:
        mouth: Mouth | None = None
        try:
            voice = stack.enter_context(contextlib.closing(await in_thread(open_voice)))
            if aloud:
                mouth = Mouth(voice, parts.speaker, Watch(), preferences=preferences)
        except AssistantError as error:
            found(lost("voice", error))
        reader = _Reader(mouth, preferences.language)
        await reader.say(CHECKING[preferences.language])
        for check in checks(parts, quick=quick):
            for finding in await _run(check, reader):
                found(finding)
        await reader.say(summary(findings, preferences.language))
    return findings


async def _run(check: Check, reader: _Reader) -> list[Finding]:
    """Run a check, and say that it is still at work where it takes long: silence is a crash to someone who sees no terminal."""
    findings: list[Finding] = []
    done = anyio.Event()

    async def run() -> None:
        findings.extend(await in_thread(check.run))
        done.set()

    async def be_heard() -> None:
        while not (check.listens or done.is_set()):
            with anyio.move_on_after(PATIENCE):
                await done.wait()
                return
            await reader.say(STILL_CHECKING[reader.language])

    await together(run, be_heard)
    return findings
