"""Read the lines of tmpfiles.d, sysusers.d and unit files, as far as rules ask about them.

Sources: tmpfiles.d(5), sysusers.d(5), systemd.syntax(7).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_FIELD = re.compile(r"""(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^\s"'])+""")
_SECTION = re.compile(r"(?m)^\[([^\]\n]+)\]\s*$")
_COPYING = "C"
TMPFILES_TYPES = frozenset("fwdDevqQpLcbCxXrRzZtThHaA")
_MAKING = frozenset("fdDvqQpLcbCw")
"""Types that make what is not there; the others change or remove what is."""
SYSUSERS_TYPES = frozenset("ugmr")
FOLDERS = ("etc", "run", "usr/lib", "usr/local/lib")
"""Where systemd looks for folders such as ``tmpfiles.d``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigLine:
    """One line that says something: where it begins in its text, and its fields."""

    start: int
    text: str
    fields: tuple[str, ...]


def config_lines(text: str) -> Iterator[ConfigLine]:
    """Yield the lines that are neither empty nor comments; quotes are taken off the fields."""
    at = 0
    for line in text.splitlines(keepends=True):
        bare = line.strip()
        if bare and not bare.startswith("#"):
            fields = tuple(_unquoted(found[0]) for found in _FIELD.finditer(bare))
            yield ConfigLine(start=at + line.index(bare[0]), text=bare, fields=fields)
        at += len(line)


def is_config(path: str, kind: str) -> bool:
    """Tell whether a path in the image is a ``*.conf`` of a folder like ``tmpfiles.d``."""
    folder, _, name = path.rpartition("/")
    return name.endswith(".conf") and folder in {f"{place}/{kind}" for place in FOLDERS}


def made_paths(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the paths that lines of tmpfiles.d make, with whether all below is copied as well."""
    for line in config_lines(text):
        if len(line.fields) > 1 and line.fields[0][:1] in _MAKING:
            yield line.fields[1].strip("/"), line.fields[0][:1] == _COPYING


def sections(text: str) -> frozenset[str]:
    """Return the names of a unit file's sections."""
    return frozenset(_SECTION.findall(text))


def _unquoted(field: str) -> str:
    return re.sub(r"""["']""", "", field)
