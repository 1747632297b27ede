"""The benchmark of the vision session: against llama-cpp-python's own chat handler, and against a bare llama.cpp loop.

The sides take turns with one GGUF, each in a process of its own, so that both meet the same company on the machine and neither's
memory counts for the other.
"""

from __future__ import annotations

import argparse
import base64
import ctypes
import io
import os
import statistics
import sys
import threading
import time
from collections.abc import Callable, Mapping
from multiprocessing import get_context
from multiprocessing.managers import BaseManager
from pathlib import Path
from typing import Any

import barge_in
import llama_cpp
import numpy as np
from llama_cpp import llama_chat_format
from measuring import peak_rss_mib, synthetic_files, synthetic_folder
from PIL import Image
from synthetic_gguf import SHAPES

from assistant.config import VisionConfig
from assistant.errors import Cancelled
from assistant.llama.native_log import complaints
from assistant.llama.sampling import sampler
from assistant.llama.session import load_session
from assistant.models.catalogue import vision_files
from assistant.types import Cancellation, Frame, Pixels, Question, Seconds

# ruff: noqa: SLF001 - a bare loop on the session's own weights needs its handles

SYSTEM = (
    "You are the eyes of a blind person. Answer in one or two short sentences, the most important and the nearest things first."
)
FIRST = Question("What is in front of me on the table?", "en")
NEXT = Question("And what is behind it on the left?", "en")
ANSWER_TOKENS = 24
"""Length of the first answer, which a follow-up follows."""
DECODED_TOKENS = 48
"""How many tokens a measurement of the writing speed takes."""
QUICK_TRIES = 5
LOOK_CANCELS, ANSWER_CANCELS, INTERRUPTIONS = 16, 8, 20
CONFIG = VisionConfig(max_tokens=DECODED_TOKENS, threads=os.cpu_count() or 1, flash_attention="on")


class Ours:
    """The session of this project."""

    def __init__(self, model: Path, mmproj: Path, size: tuple[int, int]) -> None:
        tokens = size[0] * size[1] // 32**2
        self._session = load_session(model, mmproj, CONFIG, (tokens, tokens), SYSTEM)
        self._frame = Frame(_picture(*size), 0.0)

    def look(self) -> Seconds:
        """Return how long a picture takes that is looked at while the person still speaks."""
        self._session.forget()
        start = time.perf_counter()
        self._session.look(self._frame, Cancellation())
        return time.perf_counter() - start

    def first_token(self) -> tuple[Seconds, str]:
        """Ask the first question about the picture looked at; return the time to its answer's first token, and the answer."""
        seconds = self._first_token(FIRST, NEXT)
        chunks = self._session.answer(FIRST, Cancellation())
        answer = "".join(chunk.text for _, chunk in zip(range(ANSWER_TOKENS), chunks, strict=False))
        del chunks
        self._session.remember(FIRST, answer)
        return seconds, answer

    def follow_up(self) -> Seconds:
        """Return the time to the first token of the answer to a second question about the same picture."""
        return self._first_token(NEXT, FIRST)

    def _first_token(self, question: Question, other: Question) -> Seconds:
        """Return the median of some quick tries; `other` is asked in between, so that `question` has to be read each time."""
        times = []
        for _ in range(QUICK_TRIES):
            next(self._session.answer(other, Cancellation()))
            start = time.perf_counter()
            next(self._session.answer(question, Cancellation()))
            times.append(time.perf_counter() - start)
        return statistics.median(times)

    def decode(self) -> Seconds:
        """Return how long each token of an answer takes after the first one."""
        times = [time.perf_counter() for chunk in self._session.answer(NEXT, Cancellation()) if chunk.text]
        return (times[-1] - times[0]) / max(1, len(times) - 1)

    def bare_decode(self) -> Seconds:
        """Return the same for nothing but llama_decode and the sampler, after the same prompt in the same context."""
        session = self._session
        weights, cache = session._weights, session._shared.cache
        asked = [*weights.tokenize(NEXT.text, special=False), *session._layout.before_answer]
        cache.read([*session._conversation.entries(session._layout), *asked], Cancellation(), logits=True)
        llama_cpp.llama_set_abort_callback(weights.context, llama_cpp.ggml_abort_callback(), None)
        position = llama_cpp.llama_pos(cache._next_position)
        token = llama_cpp.llama_token()
        with sampler(session._shared.sampling(NEXT.writing), weights, 1) as chain:
            token.value = llama_cpp.llama_sampler_sample(chain, weights.context, -1)
            start = time.perf_counter()
            for _ in range(DECODED_TOKENS - 1):
                batch = llama_cpp.llama_batch_get_one(ctypes.pointer(token), 1)
                batch.pos = ctypes.pointer(position)
                llama_cpp.llama_decode(weights.context, batch)
                token.value = llama_cpp.llama_sampler_sample(chain, weights.context, -1)
                position.value += 1
            seconds = time.perf_counter() - start
        llama_cpp.llama_memory_seq_rm(weights.memory, 0, cache._next_position, -1)
        return seconds / (DECODED_TOKENS - 1)

    def barge_in_ms(self) -> list[float]:
        """Interrupt answers that are heard from a virtual loudspeaker; return how long each was heard on."""
        self.look()
        return barge_in.to_silence_ms(self._session, FIRST, INTERRUPTIONS)

    def cancel_ms(self) -> list[float]:
        """Cancel looks and answers at moments spread evenly over all they do; return how long each took to end."""
        look = self.look()
        start = time.perf_counter()
        self._answer(Cancellation())
        answer = time.perf_counter() - start
        delays = [_cancel_ms(self._look, look * (i + 0.5) / LOOK_CANCELS) for i in range(LOOK_CANCELS)]
        self.look()
        return delays + [_cancel_ms(self._answer, answer * (i + 0.5) / ANSWER_CANCELS) for i in range(ANSWER_CANCELS)]

    def _look(self, cancellation: Cancellation) -> None:
        self._session.look(self._frame, cancellation)

    def _answer(self, cancellation: Cancellation) -> None:
        for _ in self._session.answer(FIRST, cancellation):
            pass

    def peak_rss_mib(self) -> float:
        """Return the most memory this process has had resident, mapped weights included."""
        return peak_rss_mib()


class Naive:
    """llama-cpp-python's own way: a chat completion that is given everything each time."""

    def __init__(self, model: Path, mmproj: Path, size: tuple[int, int]) -> None:
        _leave_weights_unpacked()
        with complaints():  # the handler would print every prompt
            self._llama = llama_cpp.Llama(
                str(model),
                n_ctx=CONFIG.n_ctx,
                n_batch=CONFIG.n_batch,
                n_ubatch=CONFIG.n_ubatch,
                n_threads=CONFIG.threads,
                n_threads_batch=CONFIG.threads,
                flash_attn=True,  # or the handler turns it off in the image encoder too
                chat_handler=llama_chat_format.MTMDChatHandler(str(mmproj), verbose=False),
                verbose=False,
            )
        png = io.BytesIO()
        Image.fromarray(_picture(*size)).save(png, "PNG", compress_level=0)
        self._image = "data:image/png;base64," + base64.b64encode(png.getvalue()).decode()

    def first_token(self) -> Seconds:
        """Return the time from the first question to its answer's first token."""
        return self._first_token([])

    def follow_up(self, answer: str) -> Seconds:
        """Return the same for a second question, after `answer` to the first."""
        return self._first_token([{"role": "assistant", "content": answer}, {"role": "user", "content": NEXT.text}])

    def _first_token(self, further: list[Mapping[str, Any]]) -> Seconds:
        image = {"type": "image_url", "image_url": {"url": self._image}}
        question = {"role": "user", "content": [image, {"type": "text", "text": FIRST.text}]}
        messages = [{"role": "system", "content": SYSTEM}, question, *further]
        start = time.perf_counter()
        chunks = self._llama.create_chat_completion(messages, stream=True, max_tokens=4, temperature=0.0)
        next(chunk for chunk in chunks if chunk["choices"][0]["delta"].get("content"))
        return time.perf_counter() - start

    def peak_rss_mib(self) -> float:
        """Return the most memory this process has had resident, mapped weights included."""
        return peak_rss_mib()


class _Processes(BaseManager):
    """Runs each side in a process of its own."""


_Processes.register("Ours", Ours)
_Processes.register("Naive", Naive)


def configure(command: argparse.ArgumentParser) -> None:
    """Say what the command line may say."""
    command.add_argument("--model", default="2b", help=f"{', '.join(SHAPES)} (synthetic), practice, or a GGUF file with --mmproj")
    command.add_argument("--mmproj", type=Path, help="the image encoder of a GGUF file")
    command.add_argument("--repeat", type=int, default=3, help="how often each time is taken; the medians count")


def run(given: argparse.Namespace) -> dict[str, str | float]:
    """Measure, print what comes out, and return the figures under their stable names."""
    name, model, mmproj, size = model_files(given)
    print(f"model {name}, picture of {size[0]} by {size[1]} pixels, {size[0] * size[1] // 32**2} tokens", flush=True)
    spawn = get_context("spawn")
    with _Processes(ctx=spawn) as process, _Processes(ctx=spawn) as other:
        ours, naive = _proxies(process, other, (model, mmproj, size))
        rounds = [_round(ours, naive) for _ in range(given.repeat)]
        look, ours_first, naive_first, ours_next, naive_next = (statistics.median(column) for column in zip(*rounds, strict=True))
        pairs = [(ours.decode(), ours.bare_decode()) for _ in range(given.repeat + 2)]
        decode, bare = (statistics.median(column) for column in zip(*pairs, strict=True))
        peak, naive_peak = ours.peak_rss_mib(), naive.peak_rss_mib()
        cancels, silences = ours.cancel_ms(), ours.barge_in_ms()
    sooner, sooner_next = naive_first / ours_first, naive_next / ours_next
    cancel_p95, silence_p95 = float(np.percentile(cancels, 95)), float(np.percentile(silences, 95))
    print(f"picture looked at while the person speaks: {look:.2f} s")
    print(f"first token: naive {naive_first:.3f} s, ours {ours_first:.3f} s: {sooner:.1f} times sooner")
    print(f"follow-up: naive {naive_next:.3f} s, ours {ours_next:.3f} s: {sooner_next:.1f} times sooner")
    print(f"decode: bare {1 / bare:.1f}, ours {1 / decode:.1f} tokens a second: {bare / decode:.3f} of bare")
    print(f"cancel to the end of a look or an answer, {len(cancels)} times: p95 {cancel_p95:.0f} ms, max {max(cancels):.0f} ms")
    print(f"barge-in to silence, {len(silences)} times: p95 {silence_p95:.0f} ms, max {max(silences):.0f} ms")
    print(f"peak memory: naive {naive_peak:.0f} MiB, ours {peak:.0f} MiB")
    return {
        "model": name,
        "first_token_naive_over_ours": round(sooner, 2),
        "follow_up_naive_over_ours": round(sooner_next, 2),
        "decode_ours_over_bare": round(bare / decode, 4),  # of the speeds: 1 is as fast, less is slower
        "barge_in_ms_p95": round(silence_p95, 1),  # from the decision to stop until the loudspeaker is silent
        "cancel_ms_p95": round(cancel_p95, 1),  # from cancel() until llama.cpp has let go, in a look or an answer
        "peak_rss_mib": round(peak),
    }


def _proxies(process: Any, other: Any, files: tuple[Any, ...]) -> tuple[Ours, Naive]:
    """Load both sides; what comes back stands for objects in the two processes."""
    return process.Ours(*files), other.Naive(*files)


def _round(ours: Ours, naive: Naive) -> tuple[Seconds, ...]:
    look = ours.look()
    ours_first, answer = ours.first_token()
    naive_first = naive.first_token()
    ours_next = ours.follow_up()
    naive_next = naive.follow_up(answer)
    print(f"a round: first token {naive_first:.3f} and {ours_first:.3f} s", flush=True)
    return look, ours_first, naive_first, ours_next, naive_next


def _cancel_ms(step: Callable[[Cancellation], None], after: Seconds) -> float:
    """Cancel a step some time after its start; return how long it went on. One that was done before is tried again, sooner."""
    cancellation = Cancellation()
    cancelled_at = 0.0

    def cancel() -> None:
        nonlocal cancelled_at
        cancelled_at = time.perf_counter()
        cancellation.cancel()

    timer = threading.Timer(after, cancel)
    timer.start()
    try:
        step(cancellation)
    except Cancelled:
        return 1000 * (time.perf_counter() - cancelled_at)
    finally:
        timer.cancel()
    return _cancel_ms(step, after / 2)


def _leave_weights_unpacked() -> None:
    """Have `llama_cpp.Llama`, which has no setting for it, load weights as the session does."""
    binding = llama_cpp.llama_cpp
    defaults = binding.llama_model_default_params

    def unpacked() -> Any:
        params = defaults()
        params.use_extra_bufts = CONFIG.repack
        return params

    binding.llama_model_default_params = unpacked


def _picture(width: int, height: int) -> Pixels:
    """Make soft coloured patches; always the same ones."""
    patches = np.random.default_rng(1).integers(0, 256, (height // 32, width // 32, 3), np.uint8)
    return np.asarray(Image.fromarray(patches).resize((width, height), Image.Resampling.BILINEAR))


def model_files(given: argparse.Namespace) -> tuple[str, Path, Path, tuple[int, int]]:
    """Return name, model, mmproj and a picture size that the handler, which takes no token budget, leaves as it is."""
    if given.model not in {*SHAPES, "practice"} and not given.mmproj:
        sys.exit("bench: --model FILE needs --mmproj FILE")
    if given.mmproj:
        return Path(given.model).name, Path(given.model), given.mmproj, (768, 512)
    if given.model == "practice":
        files = vision_files("practice", None)
        return files.name, files.model, files.mmproj, (160, 128)
    print(f"a synthetic model of the {given.model} shape, made once, in {synthetic_folder()}", flush=True)
    model, mmproj = synthetic_files(given.model)
    return f"synthetic {model.stem} with {mmproj.stem}", model, mmproj, (768, 512)
