"""The unit that ``scripts/install-service`` writes, taken apart as systemd does: systemd.syntax(7), systemd.service(5)."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]


def dry_run(*options: str | Path, environment: Mapping[str, str] = {}) -> str:
    """Return the unit that these options make."""
    command = [str(ROOT / "scripts" / "install-service"), "--dry-run", *map(str, options)]
    result = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, **environment})
    return "".join(line for line in result.stdout.splitlines(keepends=True) if not line.startswith("install-service: "))


def of_unit(unit: str, key: str) -> list[str]:
    """Return the words that `key` is set to, without quotes, with %% and, in a command, $$ made single."""
    values = re.findall(rf"^{key}=(.*)$", unit, re.MULTILINE)
    words = [word.replace("%%", "%") for value in values for word in shlex.split(value)]
    return [word.replace("$$", "$") for word in words] if key == "ExecStart" else words
