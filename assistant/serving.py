"""The HTTP service of a configuration, put together. A part of the composition root."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from assistant.aloud import NO_NEWS, errors_spoken, loaded, say_if_possible
from assistant.config import Config, ServeConfig
from assistant.engines.file_microphone import read_sound
from assistant.engines.opencv_picture_comparer import OpenCvPictureComparer
from assistant.engines.opencv_tracker import OpenCvTracker
from assistant.engines.pillow_picture import decode_picture
from assistant.engines.silero_detector import SileroDetector
from assistant.events import Observer
from assistant.parts import load_hearing, open_code_reader, open_speaker, open_text_reader, open_voice
from assistant.ports import TextReader, Transcriber, TurnDetector, Voice
from assistant.runtime.mouth import Mouth
from assistant.runtime.stream import in_thread, together
from assistant.runtime.watch import Watch
from assistant.settings import PRACTICE
from assistant.turn.preferences import Preferences
from assistant.turn.prompts import ready
from assistant.types import Language
from assistant.vision import OpenedVision, load_vision
from assistant.web import service
from assistant.web.door import certificate, sayings
from assistant.web.door.addresses import Reached, reached_at
from assistant.web.door.asking import ask_for_invitation
from assistant.web.door.credentials import read_token, service_folder
from assistant.web.door.guard import Guard, Policy, needs_token
from assistant.web.door.invitation import Invitation
from assistant.web.door.pairing import Pairing, write_picture
from assistant.web.loaded import Loaded
from assistant.web.part import Part
from assistant.web.programs.desk import Desk
from assistant.web.programs.routes import programs_part
from assistant.web.static import page_part
from assistant.web.talk.talk import talk_part


@dataclasses.dataclass(frozen=True, slots=True)
class Invited:
    """How the service is reached, and what lets one device in; nothing where none is needed."""

    reached: Reached
    invitation: Invitation | None = None
    picture: Path | None = None
    """The QR code."""

    def told(self, language: Language) -> Sequence[str]:
        """Return the lines that tell it, for the terminal."""
        return sayings.printed(language, self.reached, self.invitation, self.picture)

    def spoken(self, language: Language) -> str:
        """Return the same for the voice."""
        return sayings.spoken(language, self.reached, self.invitation)


def invite(settings: ServeConfig) -> Invited:
    """Return how one more device gets in to the service that runs on this machine.

    Raises:
        NobodyServes, SecretUnusable: as the name says.
    """
    reached = reached_at(settings, settings.port)[0]
    if not needs_token(settings):
        return Invited(reached)
    folder = service_folder()
    invitation = ask_for_invitation(settings, folder)
    return Invited(reached, invitation, write_picture(folder, invitation.link(reached)))


class Service:
    """What visitors are served by, at an address that is theirs from the beginning. Making it may take a second.

    Args:
        config: Its section `serve` tells the address.

    Raises:
        ServiceFailed: It cannot be reached there, or its secrets cannot be kept; the subclass says why.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        settings = config.serve
        self._listening = service.bound(settings)
        with contextlib.ExitStack() as undo:
            undo.callback(self.close)
            folder = service_folder()
            self._token = read_token(folder) if needs_token(settings) else None
            authority = certificate.authority(folder, settings) if settings.https else None
            self._tls = certificate.server_context(folder, settings, authority) if authority else None
            self._pairing = Pairing(self._token, authority.der if authority else None) if self._token else None
            reached = reached_at(settings, self._listening.getsockname()[1])[0]
            invitation = self._pairing.invite() if self._pairing else None
            picture = write_picture(folder, invitation.link(reached)) if invitation else None
            self.invited = Invited(reached, invitation, picture)
            undo.pop_all()

    async def run(
        self,
        vision: OpenedVision,
        transcriber: Transcriber,
        voice: Voice,
        turn_detector: TurnDetector | None,
        text_reader: TextReader,
    ) -> None:
        """Serve until cancelled.

        Args:
            vision: The model; visitors have conversations of their own with it.
            transcriber: Writes down what they say.
            voice: Speaks to them.
            turn_detector: Tells when they have said all.
            text_reader: Reads what they hold up.
        """
        shared = Loaded(
            self._config,
            vision.model,
            vision.name,
            transcriber,
            voice,
            turn_detector,
            text_reader,
            make_detector=SileroDetector,
            read_picture=decode_picture,
            read_sound=read_sound,
            code_reader=open_code_reader(self._config),
            picture_comparer=OpenCvPictureComparer(),
            make_tracker=OpenCvTracker,
        )
        desk = Desk(shared)
        parts = [page_part(), talk_part(shared), programs_part(desk), *([Part(self._pairing.routes())] if self._pairing else [])]
        policy = Policy(self._config.serve, self._token)
        app = service.Application(parts, desk.metrics, lambda inner: Guard(inner, policy))
        await service.serve(app, self._listening, self._config.serve, tls=self._tls)

    def close(self) -> None:
        """Let go of the address. May be called twice."""
        self._listening.close()


def readiness(asked_for: str, vision: OpenedVision, language: Language) -> list[str]:
    """Return what is said once a model is loaded.

    Args:
        asked_for: The model of the settings.
        vision: The one that is there.
        language: Of what is said.
    """
    notice = [vision.notice[language]] if vision.notice else []
    return [*notice, ready(vision.name, language, practice=asked_for == PRACTICE)]


async def serve(
    config: Config, observers: tuple[Observer, ...], report: Callable[[str], None], *, news: Mapping[Language, str] = NO_NEWS
) -> None:
    """Serve visitors until the program is stopped, without a conversation in this room.

    Args:
        config: Its camera and microphone are not used. Where there is no loudspeaker, what is said is told to the observers only.
        observers: Told what happens.
        report: Told line by line how it is reached, in writing.
        news: Said while it loads.

    Raises:
        AssistantError: The address cannot be used, or something could not be loaded. It has been said aloud, if the voice works.
    """
    language = config.conversation.language
    watch = Watch(observers)
    with contextlib.ExitStack() as stack:
        voice = stack.enter_context(contextlib.closing(open_voice(config)))
        speaker = stack.enter_context(contextlib.closing(open_speaker(config)))
        mouth = Mouth(voice, speaker, watch, preferences=Preferences(config.voice.rate, language=language))
        async with errors_spoken(mouth, language, watch):
            service = stack.enter_context(contextlib.closing(await in_thread(lambda: Service(config))))

            def load() -> tuple[Transcriber, TurnDetector | None, OpenedVision]:
                return (*load_hearing(config, watch), load_vision(config, watch))

            transcriber, turn_detector, vision = await loaded(load, mouth, news, language, watch)
            stack.callback(vision.model.close)
            said = " ".join([*readiness(config.vision.model, vision, language), service.invited.spoken(language)])
            for line in service.invited.told(language):
                report(line)
            await together(
                lambda: service.run(vision, transcriber, voice, turn_detector, open_text_reader()),
                lambda: say_if_possible(mouth, said, language, watch),
            )
