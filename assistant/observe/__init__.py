"""Watching what happens, without altering it."""
