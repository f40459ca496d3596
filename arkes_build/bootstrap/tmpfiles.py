"""Read out of a tree's tmpfiles.d what is to be in `/var`: folders and links.

What the lines mean is in tmpfiles.d(5). Only what holds for every machine counts: no line
with a specifier, none that is for boots only; and nothing is read through a link that
leaves the tree.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

FOLDERS = ("etc/tmpfiles.d", "usr/lib/tmpfiles.d")
"""A file of the first hides one of the same name in the second."""
ALWAYS = {
    "var": 0o755,
    "var/cache": 0o755,
    "var/lib": 0o755,
    "var/log": 0o755,
    "var/tmp": 0o1777,
}
"""What programs expect in every tree, also one without tmpfiles.d (FHS 3.0, chapter 5)."""

_FOLDER_KINDS = frozenset("dDvqQ")
_LINK = "L"
_ID_COLUMN = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A folder, or a link to ``target``; ``path`` is relative to the tree's top."""

    path: str
    mode: int = 0o755
    uid: int = 0
    gid: int = 0
    target: str | None = None


def entries(tree: Path) -> tuple[Made, ...]:
    """Return what is to be in `/var`, folders before what is in them.

    The first line about a path counts, as for systemd. A path below one that is a link is
    left out, because it would be made elsewhere.
    """
    found = {path: Made(path=path, mode=mode) for path, mode in ALWAYS.items()}
    users, groups = _ids(tree / "etc/passwd"), _ids(tree / "etc/group")
    said: dict[str, Made] = {}
    for line in _lines(tree):
        made = _parse(line, users, groups)
        if made is not None:
            said.setdefault(made.path, made)
    found |= said
    links = {path for path, made in found.items() if made.target is not None}
    for path in list(found):
        parents = _parents(path)
        if links.intersection(parents):
            del found[path]
            continue
        for parent in parents:
            found.setdefault(parent, Made(path=parent))
    return tuple(found[path] for path in sorted(found))


def _parents(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]


def _lines(tree: Path) -> Iterator[str]:
    """Give the lines of all files, by the files' names whatever their folder."""
    files: dict[str, Path] = {}
    for folder in FOLDERS:
        if _is_inside(tree, folder):
            for path in (tree / folder).glob("*.conf"):
                files.setdefault(path.name, path)
    for name in sorted(files):
        if files[name].is_file() and not files[name].is_symlink():
            yield from files[name].read_text("utf-8", "replace").splitlines()


def _is_inside(tree: Path, folder: str) -> bool:
    return (tree / folder).resolve().is_relative_to(tree.resolve())


def _parse(line: str, users: Mapping[str, int], groups: Mapping[str, int]) -> Made | None:
    """Return what a line makes in `/var`; None for every other line."""
    try:
        words = shlex.split(line, comments=True)
    except ValueError:
        return None
    kind, path, mode, user, group, _age, argument = (*words, *["-"] * 7)[:7]
    path = path.strip("/")
    if not path.startswith("var/") or not _is_plain(path) or "!" in kind:
        return None
    uid, gid = _id(user, users), _id(group, groups)
    if uid is None or gid is None:
        return None
    if kind[:1] == _LINK and argument != "-" and "%" not in argument:
        return Made(path=path, uid=uid, gid=gid, target=argument)
    if kind[:1] in _FOLDER_KINDS:
        return Made(path=path, mode=_mode(mode), uid=uid, gid=gid)
    return None


def _is_plain(path: str) -> bool:
    return "%" not in path and path.isprintable() and not {"", ".", ".."} & set(path.split("/"))


def _mode(text: str) -> int:
    digits = text.lstrip(":~")
    if not digits or len(digits) > len("07777") or set(digits) - set("01234567"):
        return 0o755
    return int(digits, 8) & 0o7777


def _id(name: str, known: Mapping[str, int]) -> int | None:
    """Return the number of an account; None when the tree does not have it."""
    name = name.lstrip(":")
    if name in ("-", ""):
        return 0
    if name.isascii() and name.isdigit():
        return int(name) if len(name) <= len("4294967295") else None
    return known.get(name)


def _ids(path: Path) -> dict[str, int]:
    """Read passwd(5) or group(5): the number is the third field of both."""
    if not path.is_file() or path.is_symlink():
        return {"root": 0}
    rows = (line.split(":") for line in path.read_text("utf-8", "replace").splitlines())
    known = {
        row[0]: int(row[_ID_COLUMN])
        for row in rows
        if len(row) > _ID_COLUMN and row[_ID_COLUMN].isdigit()
    }
    return {"root": 0, **known}
