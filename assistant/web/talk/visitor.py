"""Somebody who converses through the page, and what is kept of it while their socket is away."""

from __future__ import annotations

from assistant.config import AlwaysStartConfig, Config, PushToTalkStartConfig
from assistant.runtime.eyes import Eyes
from assistant.runtime.mouth import Mouth
from assistant.runtime.watch import Watch
from assistant.types import Rank
from assistant.web.loaded import Loaded
from assistant.web.talk.messages import Listen
from assistant.web.talk.outbox import Outbox
from assistant.web.talk.remote import RemoteCamera
from assistant.web.talk.remote_speaker import RemoteSpeaker
from assistant.web.talk.telling import Telling


class Visitor:
    """Phones let go of a socket whenever they are locked: what was said, seen and held up stays, as does the last answer.

    Args:
        loaded: What all visitors share.
    """

    def __init__(self, loaded: Loaded) -> None:
        config = loaded.config
        self.outbox = Outbox()
        self.vision = loaded.vision.another(Rank.PAGE)
        self.watch = Watch([Telling(self.outbox.put)])
        self.camera = RemoteCamera(loaded.read_picture)
        self.eyes = Eyes(
            self.camera,
            self.vision,
            config.camera.max_age,
            self.watch,
            # who carries a phone about changes the scene all the time, and others wait for the same model
            "never" if config.conversation.anticipate == "never" else "on-speech",
        )
        self.speaker = RemoteSpeaker(self.outbox.put)
        self.mouth = Mouth(loaded.voice, self.speaker, self.watch, config.earcons)
        self.greeted = False

    def come(self) -> None:
        """Take in that their page is here; it knows nothing of what was."""
        self.outbox.open()
        self.camera.reopen()
        self.speaker.reopen()

    def go(self) -> None:
        """Let go of all that waits for their page."""
        self.speaker.close()
        self.camera.close()
        self.outbox.close()

    def close(self) -> None:
        """Forget their conversation."""
        self.vision.close()


def configured(config: Config, listen: Listen) -> Config:
    """Return the settings of a conversation with a visitor, who chooses when they are listened to."""
    always = listen == "hands-free"
    start = AlwaysStartConfig() if always else PushToTalkStartConfig(kind="push-to-talk")
    return config.model_copy(update={"start": start, "buttons": ()})
