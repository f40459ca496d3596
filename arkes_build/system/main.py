"""Start the command line of `os`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from arkes_build.front.run import run
from arkes_build.system.group import PROGRAM

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; nothing is raised."""
    return run(PROGRAM, argv)


if __name__ == "__main__":
    sys.exit(main())
