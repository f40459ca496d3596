"""Run the checks that a system brings along for itself, as ``arkes-build test`` does in a VM.

``docs/boot-tests.md`` has the contract: an executable in ``/usr/lib/system/validate.d``, exit
code 0 for right, 77 for not applicable here, all else for wrong, the last line says why.
"""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from arkes_build.core.errors import ArkesError, ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from arkes_build.host.machine import Host

FOLDER = "usr/lib/system/validate.d"
SECONDS = 60.0
"""How long one check may take."""
_NOT_APPLICABLE = 77
_NAME = re.compile(r"[^.].*[^~]|[^.~]")
_CANNOT = 126
_KEPT = 64 * 1024
"""Bytes of a check's output that are kept."""
_ENVIRONMENT = {"LC_ALL": "C.UTF-8"}


class Result(Enum):
    """Say how a check ended, if it was run."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not-applicable"
    NOT_RUN = "not-run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check that was run; ``why`` is its last line where it has something to say."""

    name: str
    result: Result
    seconds: float
    why: str
    output: tuple[str, ...]


class ChecksFailed(ArkesError):
    """Report that this system is not as it should be."""

    exit_code = ExitCode.BOOT

    def __init__(self, failed: Sequence[Check]) -> None:
        names = ", ".join(check.name for check in failed)
        super().__init__(
            f"{len(failed)} {'check' if len(failed) == 1 else 'checks'} failed: {names}",
            resolution=f"/{FOLDER} has them: each can be run alone",
        )


class NoSuchCheck(ArkesError):
    """Report a check that somebody asked for and that this system does not have."""

    exit_code = ExitCode.USAGE

    def __init__(self, name: str, *, known: Sequence[str]) -> None:
        from arkes_build.core.diagnostics import did_you_mean

        super().__init__(
            f"there is no check {name!r} in /{FOLDER}",
            resolution=did_you_mean(name, known) or f"there are: {', '.join(known) or 'none'}",
        )


def checks_of(host: Host) -> tuple[str, ...]:
    """Return the names of the checks, in their order."""
    folder = host.root / FOLDER
    try:
        names = sorted(path.name for path in folder.iterdir())
    except OSError:
        return ()
    return tuple(name for name in names if _NAME.fullmatch(name) and _runs(folder / name))


def chosen(host: Host, wanted: Sequence[str]) -> tuple[str, ...]:
    """Return the checks that were named, all when none was; raises ``NoSuchCheck``."""
    known = checks_of(host)
    for name in wanted:
        if name not in known:
            raise NoSuchCheck(name, known=known)
    return tuple(name for name in known if not wanted or name in wanted)


def unrun(names: Sequence[str]) -> tuple[Check, ...]:
    """Return checks as they are before they are run."""
    return tuple(
        Check(name=name, result=Result.NOT_RUN, seconds=0.0, why="", output=()) for name in names
    )


def validate(
    host: Host, names: Sequence[str], *, on_check: Callable[[Check], None] = lambda _check: None
) -> tuple[Check, ...]:
    """Run checks one after another; ``on_check`` hears of each when it has ended."""
    done = []
    for name in names:
        check = run_check(host.root / FOLDER / name)
        on_check(check)
        done.append(check)
    return tuple(done)


def run_check(path: Path, *, seconds: float = SECONDS) -> Check:
    """Run one check to its end, or for so many seconds."""
    from arkes_build.core.process import run_bounded

    began = time.monotonic()
    try:
        ended = run_bounded([str(path)], timeout=seconds, limit=_KEPT, env=_ENVIRONMENT)
        code, said = ended.code, ended.tail
    except OSError as error:
        code, said = _CANNOT, f"it cannot be started: {os.strerror(error.errno or 0)}"
    lines = tuple(said.splitlines())
    return Check(
        name=path.name,
        result=_result(code),
        seconds=round(time.monotonic() - began, 3),
        why=_why(code, lines),
        output=lines,
    )


def _result(code: int | None) -> Result:
    if code == 0:
        return Result.PASSED
    return Result.NOT_APPLICABLE if code == _NOT_APPLICABLE else Result.FAILED


def _why(code: int | None, lines: Sequence[str]) -> str:
    if code == 0:
        return ""
    if code is None:
        return "it did not end in time"
    last = next((line.strip() for line in reversed(lines) if line.strip()), "")
    return last or ("" if code == _NOT_APPLICABLE else f"it ended with {code} and no word")


def _runs(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)
