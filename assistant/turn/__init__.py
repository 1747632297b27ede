"""The pure core of a turn: no clock, thread, async or I/O."""
