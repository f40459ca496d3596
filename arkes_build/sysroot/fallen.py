"""Keep the record of releases that did not come up on this machine, and why.

One file for each commit, ``fallen/COMMIT.json``. Whoever takes updates asks here first.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from arkes_build.core.atomic import remove_durably, write_atomically

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = "fallen"
_COMMIT = re.compile(r"[0-9a-f]{64}")
_LATEST = 1 << 40
"""A number above it is no time that anybody could show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallen:
    """A release that was set aside.

    ``when`` is in seconds since 1970, ``tries`` how often it was started; ``lines`` are the
    last that its last boot wrote into the journal, as far as it got there.
    """

    commit: str
    version: str
    ref: str
    when: int
    reason: str
    tries: int
    lines: tuple[str, ...] = ()


def read(var: Path) -> tuple[Fallen, ...]:
    """Return the records below ``var`` (``/var/lib/arkes``), the newest first.

    A file that is none costs itself only.
    """
    found = (_read(path) for path in sorted((var / FOLDER).glob("*.json")))
    return tuple(sorted((one for one in found if one), key=lambda one: (-one.when, one.commit)))


def find(var: Path, commit: str) -> Fallen | None:
    """Return the record of a commit, if it fell."""
    return _read(_path(var, commit)) if _COMMIT.fullmatch(commit) else None


def is_fallen(var: Path, commit: str) -> bool:
    """Tell whether a commit fell here."""
    return find(var, commit) is not None


def write(var: Path, fallen: Fallen) -> None:
    """Keep a record; one of the same commit is replaced."""
    text = json.dumps(asdict(fallen), indent=2, sort_keys=True, ensure_ascii=False)
    write_atomically(_path(var, fallen.commit), f"{text}\n".encode())


def forget(var: Path, commit: str) -> None:
    """Drop the record of a commit: it came up after all, or somebody wants it again."""
    if is_fallen(var, commit):
        remove_durably(_path(var, commit))


def _path(var: Path, commit: str) -> Path:
    return var / FOLDER / f"{commit}.json"


def _read(path: Path) -> Fallen | None:
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return _fallen(value, path.stem) if isinstance(value, dict) else None


def _fallen(value: dict[str, Any], commit: str) -> Fallen | None:
    texts = {name: value.get(name, "") for name in ("commit", "version", "ref", "reason")}
    numbers = {name: value.get(name, 0) for name in ("when", "tries")}
    lines = value.get("lines", [])
    is_right = (
        texts["commit"] == commit
        and all(isinstance(each, str) for each in texts.values())
        and all(type(each) is int and 0 <= each < _LATEST for each in numbers.values())
        and isinstance(lines, list)
    )
    if not is_right:
        return None
    return Fallen(**texts, **numbers, lines=tuple(str(line) for line in lines))
