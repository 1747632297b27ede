"""A loaded model, and what all conversations with it share."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from assistant.config import VisionConfig
from assistant.llama import template
from assistant.llama.cache import Cache, Entry, Saved, common
from assistant.llama.form import Forms
from assistant.llama.turnstile import Turnstile
from assistant.llama.weights import Weights
from assistant.turn.sampling import Sampling, sampling
from assistant.types import Cancellation, Rank, Writing


class SharedModel:
    """A model of the Qwen-VL family, and one KV cache for whoever uses it next. Used within a `turnstile.turn` only.

    Args:
        model: The language model, a GGUF file.
        mmproj: The image encoder published with it.
        config: Sampling, context and machine.
        image_tokens: Fewest and most tokens of a picture; -1 for the model's own limit.
        heeds_wishes: Whether it understands what follows a question.

    Raises:
        ModelError: The files cannot be used; the subclass says why.
        OutOfMemory: There is not enough memory.
    """

    def __init__(
        self, model: Path, mmproj: Path, config: VisionConfig, image_tokens: tuple[int, int], *, heeds_wishes: bool
    ) -> None:
        self.weights = Weights(model, mmproj, config, image_tokens)
        self.template = template.parse(self.weights.chat_template(), model.name)
        self.cache = Cache(self.weights)
        self.forms = Forms(self.weights.vocab)
        self.turnstile = Turnstile()
        self.heeds_wishes = heeds_wishes
        self.max_tokens = config.max_tokens
        self._config = config
        self._last = Rank.ROOM
        """Who read last."""
        self._aside: Saved | None = None
        """What the conversation in the room had read, while the cache serves others."""
        self._closed = False

    def sampling(self, writing: Writing) -> Sampling:
        """Return how the words of an answer are chosen."""
        return sampling(writing, self._config.preset, self._config.temperature)

    def read(self, prompt: Sequence[Entry], rank: Rank, cancellation: Cancellation, *, logits: bool) -> int:
        """Make the cache hold `prompt`; see `Cache.read`. What was read in the room is set aside for the time of a visit.

        Who asks in the room would else wait for their picture to be read anew, once anybody else has asked: seconds, without a GPU.

        Returns:
            How many cells had to be evaluated.

        Raises:
            Cancelled, ContextFull, OutOfMemory, VisionFailed: as the name says.
        """
        held = common(self.cache.entries, prompt)
        if rank is Rank.ROOM:
            if self._aside and common(self._aside.entries, prompt) > held:
                self.cache.restore(self._aside)
            self._aside = None
        elif self._last is Rank.ROOM and held < len(self.cache.entries):
            self._aside = self.cache.save()
        self._last = rank
        return self.cache.read(prompt, cancellation, logits=logits)

    def close(self) -> None:
        """Cancel what runs, and free the memory. May be called twice."""
        self.turnstile.close()
        if not self._closed:
            self._closed = True
            self.cache.close()
            self.weights.close()
