"""Draw the arguments of the kernel: one on a line, marked where the next boot differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.ui.shapes import SCHEMA
from arkes_build.ui.text import safe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arkes_build.ui.documents.machine import MachineKargsDocument


def kargs_lines(following: Sequence[str], running: Sequence[str]) -> list[str]:
    """Return the arguments; those that come with the next boot or go have a sign before them."""
    if tuple(following) == tuple(running):
        return [safe(each) for each in following]
    lines = [f"{' ' if each in running else '+'} {safe(each)}" for each in following]
    lines += [f"- {safe(each)}" for each in running if each not in following]
    return [*lines, "", "+ comes and - goes with the next boot."]


def kargs_shape(following: Sequence[str], running: Sequence[str]) -> MachineKargsDocument:
    """Return them as JSON."""
    return {
        "schema": SCHEMA,
        "type": "machine-kargs",
        "next": list(following),
        "running": list(running),
    }
