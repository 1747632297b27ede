"""One library per file; synchronous; unaware of turns."""
