"""A button on a wire: a GPIO line of a Jetson or Raspberry Pi, through libgpiod. Needs the optional package `gpiod`, version 2."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from assistant.config import GpioButtonConfig
from assistant.errors import ButtonForbidden, ButtonLost
from assistant.types import Press, Seconds

_POLL: Seconds = 0.1
"""How often it is looked whether the button was closed."""
_DEBOUNCE = dt.timedelta(milliseconds=10)
"""A switch's contacts bounce for some milliseconds; the kernel waits until they are at rest."""


class GpioButton:
    """One line; `assistant.ports.Button`."""

    def __init__(self, config: GpioButtonConfig) -> None:
        self._config = config
        self._name = f"{config.line} of {config.chip}"
        self._closed = False

    def presses(self) -> Iterator[Press]:
        """Yield DOWN and UP of the switch.

        Raises:
            ButtonLost: `gpiod` is not installed, there is no such line, another program has it, or its chip is gone.
            ButtonForbidden: This user may not read it.
        """
        held = False
        try:
            with self._requested() as request:
                while not self._closed:
                    if not request.wait_edge_events(_POLL):
                        continue
                    for event in request.read_edge_events():
                        rising = event.event_type is event.Type.RISING_EDGE  # of the switch, whichever level that is
                        if rising is not held:  # an edge may be lost where the machine is too busy
                            held = rising
                            yield Press.DOWN if held else Press.UP
        except OSError as error:
            if held:
                yield Press.UP
            raise ButtonLost(f"{self._name}: {error}", self._name) from error

    def _requested(self) -> Any:
        try:
            import gpiod  # noqa: PLC0415 - an optional dependency
        except ImportError as error:
            raise ButtonLost(f"gpiod is not installed. Install it with: pip install gpiod ({error})", self._name) from error
        bias = {"pull-up": gpiod.line.Bias.PULL_UP, "pull-down": gpiod.line.Bias.PULL_DOWN, "none": gpiod.line.Bias.DISABLED}
        settings = gpiod.LineSettings(
            direction=gpiod.line.Direction.INPUT,
            edge_detection=gpiod.line.Edge.BOTH,
            bias=bias[self._config.bias],
            active_low=self._config.active_low,
            debounce_period=_DEBOUNCE,
        )
        try:
            return gpiod.request_lines(str(self._config.chip), consumer="assistant", config={self._config.line: settings})
        except PermissionError as error:
            how = "sudo usermod --append --groups gpio $USER"
            detail = f"{self._config.chip} may be read by the group gpio only. Join it ({how}) and log in again."
            raise ButtonForbidden(detail, self._name) from error
        except ValueError as error:  # no line of that number or name
            raise ButtonLost(f"{self._name}: {error}", self._name) from error

    def close(self) -> None:
        """End `presses` for good. May be called twice, from any thread."""
        self._closed = True
