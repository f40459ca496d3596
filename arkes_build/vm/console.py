"""Read what a machine said on its console, and never more of it than asked for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MOST = 4 << 20
"""Bytes, from the end."""
_ESCAPES = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][A-Z0-9]|[=>78DMc])"
)
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def read(path: Path, *, most: int = MOST) -> str:
    """Return the end of a console's log as text, without what only a terminal understands."""
    try:
        with path.open("rb") as stream:
            size = stream.seek(0, 2)
            stream.seek(max(0, size - most))
            data = stream.read(most)
    except FileNotFoundError:
        return ""
    text = data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROLS.sub("", _ESCAPES.sub("", text))


def tail(path: Path, *, lines: int = 30) -> str:
    """Return the last lines of a console's log that say something."""
    said = [line.rstrip()[:300] for line in read(path, most=1 << 16).splitlines() if line.strip()]
    return "\n".join(said[-lines:])
