"""Note each boot of a deployment that was never blessed, so that its fall can be explained.

A file for each deployment, ``tries/CHECKSUM.SERIAL.json``: which boots began, and what was known
of why they ended. A boot that got as far as the system but left no reason hung or was cut; one
that is not in the file died before the system could write anything.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from arkes_build.core.atomic import remove_durably, write_atomically

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FOLDER = "tries"
_KEPT = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """A boot of a deployment on trial: its id, when it began (since 1970), why it was given up."""

    boot: str
    when: int
    reason: str = ""


def began(var: Path, deployment: str, attempt: Try) -> None:
    """Note that a boot got as far as the system; once for each boot."""
    known = read(var, deployment)
    if all(each.boot != attempt.boot for each in known):
        _write(var, deployment, (*known, attempt))


def gave_up(var: Path, deployment: str, attempt: Try) -> None:
    """Note why a boot is given up; the first reason stays."""
    known = list(read(var, deployment))
    for at, each in enumerate(known):
        if each.boot == attempt.boot:
            known[at] = replace(each, reason=each.reason or attempt.reason)
            break
    else:
        known.append(attempt)
    _write(var, deployment, known)


def read(var: Path, deployment: str) -> tuple[Try, ...]:
    """Return the boots of a deployment (``CHECKSUM.SERIAL``), the oldest first."""
    try:
        value = json.loads(_path(var, deployment).read_bytes())
        return tuple(
            Try(boot=str(each["boot"]), when=int(each["when"]), reason=str(each["reason"]))
            for each in value["boots"]
        )
    except (OSError, ValueError, KeyError, TypeError, RecursionError, OverflowError):
        return ()


def forget(var: Path, deployment: str) -> None:
    """Drop what is known of a deployment's boots: it came up, or is gone."""
    path = _path(var, deployment)
    if path.exists():
        remove_durably(path)


def _write(var: Path, deployment: str, boots: Sequence[Try]) -> None:
    value = {"boots": [asdict(each) for each in boots[-_KEPT:]]}
    text = json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False)
    write_atomically(_path(var, deployment), f"{text}\n".encode())


def _path(var: Path, deployment: str) -> Path:
    return var / FOLDER / f"{deployment}.json"
