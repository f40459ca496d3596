"""Run the programs that make file systems, and tell a full disk from other trouble."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from arkes_build.core import process
from arkes_build.core.errors import DiskFull, ProcessFailed
from arkes_build.disk.errors import FileSystemFailed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from arkes_build.core.process import Completed

_FULL = ("No space left on device", "Disk quota exceeded")
_SECONDS = 3600.0


def run(
    argv: Sequence[str],
    *,
    doing: str,
    at: Path,
    stdin: str | None = None,
    env: Mapping[str, str] | None = None,
) -> Completed:
    """Run a program that writes to the file ``at``.

    Raises ``ToolMissing``, ``DiskFull``, and ``FileSystemFailed`` with its last lines.
    """
    process.find(argv[0], wanted_for="making disk images")
    with told(at, doing=doing):
        return process.run(
            argv, stdin=None if stdin is None else stdin.encode(), env=env, timeout=_SECONDS
        )


@contextmanager
def told(at: Path, *, doing: str) -> Iterator[None]:
    """Turn a program's failure into ``DiskFull`` or ``FileSystemFailed``, a full disk too."""
    import errno

    try:
        yield
    except ProcessFailed as error:
        if any(word in error.tail for word in _FULL):
            raise DiskFull(str(at), doing=doing) from error
        raise FileSystemFailed(doing, details=f"{error.brief}\n{error.tail}".strip()) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(str(at), doing=doing) from error
        raise


def new_file(path: Path, size: int) -> None:
    """Make a file of holes, ``size`` bytes long."""
    with told(path, doing="making a file"), path.open("xb") as stream:
        stream.truncate(size)


def version(text: str) -> tuple[int, ...]:
    """Return the first version number in a program's words: ``mke2fs 1.47.0 (…)`` → 1, 47, 0."""
    import re

    match = re.search(r"\b(\d+(?:\.\d+)+)", text)
    return tuple(map(int, match[1].split("."))) if match else ()
