"""Keep reading and changing apart: everybody may look, only root may change."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from arkes_build.core.errors import ArkesError, ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence


class RootNeeded(ArkesError):
    """Report a change that somebody asked for who may only look."""

    exit_code = ExitCode.DENIED

    def __init__(self, command: str, words: Sequence[str] = ()) -> None:
        line = " ".join((command, *map(shlex.quote, words)))
        super().__init__(
            f"`{command}` needs root",
            resolution=f"sudo {line}   (or, on a desktop: pkexec {line})",
        )


def must_be_root(uid: int, command: str, words: Sequence[str] = ()) -> None:
    """Raise ``RootNeeded`` unless ``uid`` (an effective user id) is root.

    ``words`` are what stood behind the command: the line to type has them too.
    """
    if uid != 0:
        raise RootNeeded(command, words)
