"""Start the command line of `arkes-build`."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from arkes_build.cli.group import PROGRAM
from arkes_build.front.run import run

if TYPE_CHECKING:
    from collections.abc import Sequence

YOUNG_VALUES = 100_000
"""How many values the garbage collector lets be made before it looks for rings among them.

Nearly all values of a run live to its end and make no rings, so that looking after every
700 of them, as is usual, takes a tenth of planning a thousand nodes.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; nothing is raised."""
    gc.set_threshold(YOUNG_VALUES)
    return run(PROGRAM, argv)
