"""Read what a tree calls itself in its os-release."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def pretty_name(tree: Path) -> str:
    """Return ``PRETTY_NAME`` of a tree (os-release(5)); empty when it has none."""
    try:
        text = (tree / "usr/lib/os-release").read_text("utf-8", "replace")
    except OSError:
        return ""
    for line in text.splitlines():
        name, _, value = line.partition("=")
        if name == "PRETTY_NAME":
            try:
                return " ".join(shlex.split(value))
            except ValueError:
                return ""
    return ""
