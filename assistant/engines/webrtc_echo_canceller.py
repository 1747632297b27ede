"""Echo cancelling with WebRTC's AEC3, as browsers do it.

Of what PyPI has for it, pywebrtc-audio (Apache-2.0, bindings of WebRTC's audio processing alone) weighs 0.4 MB, needs nothing
but NumPy, is there for Linux (x86-64 and ARM, glibc 2.28), macOS and Windows, is imported in 1 ms and takes 1 % of a core.
livekit's is the same algorithm in 28 MB, with protobuf; aec-audio-processing had to be compiled; the bindings of speexdsp, an
older algorithm, are from 2018 or need it installed. AEC3 finds the delay between loudspeaker and microphone by itself, from 0 to
0.5 s, and follows clocks that differ by 500 millionths (measured; from 0.6 s on, or where the echo comes before its reference, it
fails).
"""

from __future__ import annotations

import numpy as np
import pywebrtc_audio

from assistant import sound
from assistant.coupling import ECHO_TAIL, Coupling
from assistant.far_end import FarEnd
from assistant.types import BLOCK_SAMPLES, SAMPLE_RATE, AudioBlock, Samples, Seconds

SETTLING: Seconds = 0.5
"""How long AEC3 takes to learn an echo from nothing (measured: 0.25 s, at times 0.5 s; to learn another lag, up to 2.75 s)."""
_SILENT = 0.001
"""Below it, -60 dB, the loudspeaker is silent."""
_FRAME = SAMPLE_RATE // 100
"""AEC3 works in 10 ms, and would fill up with silence what is no multiple of it."""
_AHEAD = 128
"""Samples of silence before the first block, 8 ms: so many are left over from a block of 512 at most."""
_DELAY = _AHEAD + 128
"""AEC3 itself is 8 ms late."""


class WebrtcEchoCanceller:
    """Takes the echo out of the microphone's sound; `assistant.ports.EchoCanceller`. What it returns is 16 ms late.

    When the lag between the devices changes, AEC3 begins anew. Until it knows the echo, what is heard while the loudspeaker plays
    is silence, for the assistant must not answer itself. With headphones it is told nothing of what is played: it would take 7 s of
    speech to find out that there is no echo, and until then make who talks over it up to 10 dB softer (measured).
    """

    def __init__(self) -> None:
        self._aec = pywebrtc_audio.EchoCanceller(SAMPLE_RATE)
        self._far_end = FarEnd()
        self._coupling = Coupling()
        self._coupled = self._coupling.heard
        self._lag_changes = 0
        self._unsettled = 0
        """Samples until AEC3 knows the echo, while there is one."""
        self._echo_left = 0
        """Samples until the last echo is gone."""
        self._passed: Samples = np.zeros(_DELAY, np.float32)
        """The last of what was heard, for what passes by AEC3 to be as late as what goes through it."""
        self._near: Samples = np.empty(0, np.float32)
        self._far: Samples = np.empty(0, np.float32)
        self._clean: Samples = np.zeros(_AHEAD, np.float32)

    def played(self, samples: sound.Pcm, rate: int) -> None:
        """Take in what the loudspeaker is given next, one channel, silence included. In its own thread; does not wait."""
        self._far_end.add(samples, rate)

    def cleaned(self, block: AudioBlock) -> AudioBlock:
        """Return the block as if the loudspeaker had been silent."""
        reference = self._far_end.take(BLOCK_SAMPLES)
        late = np.concatenate([self._passed, block.samples])
        self._passed = late[BLOCK_SAMPLES:]
        if reference is None and not self._echo_left and not self._near.size:  # AEC3 would take 2 % of a core for nothing
            self._coupling.rest(block.samples)
            self._clean = self._passed[:_AHEAD]
            return AudioBlock(late[:BLOCK_SAMPLES])
        reference = np.zeros(BLOCK_SAMPLES, np.float32) if reference is None else reference
        self._coupling.hear(block.samples, reference)
        if (self._far_end.changes, self._coupling.heard) != (self._lag_changes, self._coupled):
            self._aec.reset()
            self._unsettled = round(SETTLING * SAMPLE_RATE)
            self._lag_changes, self._coupled = self._far_end.changes, self._coupling.heard
        sounds = float(np.max(np.abs(reference))) > _SILENT
        if not self._coupled:
            reference = np.zeros_like(reference)
        self._echo_left = round(ECHO_TAIL * SAMPLE_RATE) if sounds else max(0, self._echo_left - BLOCK_SAMPLES)
        clean = self._process(block.samples, reference)
        return AudioBlock(np.zeros_like(clean) if self._coupled and self._echo_left and self._is_lost() else clean)

    def _is_lost(self) -> bool:
        """Tell whether AEC3 does not know the echo that sounds now; each block that it is asked for teaches it."""
        self._unsettled = max(0, self._unsettled - BLOCK_SAMPLES)
        return self._unsettled > 0 or self._far_end.missing

    def _process(self, near: Samples, far: Samples) -> Samples:
        near, far = np.concatenate([self._near, near]), np.concatenate([self._far, far])
        whole = near.size - near.size % _FRAME
        clean = np.concatenate([self._clean, self._aec.process(near[:whole], far[:whole])])
        self._near, self._far, self._clean = near[whole:], far[whole:], clean[BLOCK_SAMPLES:]
        return clean[:BLOCK_SAMPLES]

    def realign(self) -> None:
        """Begin with what is played now: the microphone's sound has a gap before its next block. May be called from any thread."""
        self._far_end.realign()
