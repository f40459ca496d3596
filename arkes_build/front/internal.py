"""Keep what is known of an error of our own in a file, and say where that is."""

from __future__ import annotations

import os
import platform
import tempfile
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from arkes_build import __version__
from arkes_build.core.errors import ArkesError, ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence


class InternalError(ArkesError):
    """Report a mistake of this program; the traceback goes into a file, not on the terminal."""

    exit_code = ExitCode.INTERNAL

    def __init__(self, error: Exception, arguments: Sequence[str], *, program: str) -> None:
        path = _write(_account(error, arguments, program), program)
        super().__init__(
            f"internal error: {type(error).__name__}: {error}",
            resolution=f"this is a bug in {program}; please report it with {path}"
            if path
            else f"this is a bug in {program}; ARKES_DEBUG=1 shows the traceback",
        )


def _account(error: Exception, arguments: Sequence[str], program: str) -> str:
    trace = "".join(traceback.format_exception(error))
    return (
        f"{program} {__version__}, Python {platform.python_version()}, {platform.platform()}\n"
        f"arguments: {list(arguments)!r}\n\n{trace}"
    )


def _write(text: str, program: str) -> Path | None:
    """Write into a new file among the temporary ones; None when even that fails."""
    try:
        descriptor, name = tempfile.mkstemp(prefix=f"{program}-", suffix=".log")
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(text)
    except OSError:
        return None
    return Path(name)
