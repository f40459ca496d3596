"""Tell which users and groups a tree has, those that sysusers.d will make among them.

passwd(5), group(5), sysusers.d(5). No password or its hash is ever told.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from arkes_build.history.model import Kind, NameChange

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from arkes_build.history.trees import Change
    from arkes_build.history.view import View

_FILES = frozenset(f"{etc}/{name}" for etc in ("/usr/etc", "/etc") for name in ("passwd", "group"))
_FOLDERS = ("/usr/lib/sysusers.d/", "/usr/etc/sysusers.d/", "/etc/sysusers.d/")
_USER_FIELDS, _GROUP_FIELDS = 7, 4

Accounts = dict[tuple[str, str], str]
"""Name and ``user`` or ``group`` → what is known of it."""


def account_changes(changed: Iterable[Change], old: View, new: View) -> tuple[NameChange, ...]:
    """Return the users and groups that came, went or are others, by name."""
    if not any(one.path in _FILES or one.path.startswith(_FOLDERS) for one in changed):
        return ()
    before, after = accounts(old), accounts(new)
    found = []
    for name, what in sorted({*before, *after}):
        one, other = before.get((name, what)), after.get((name, what))
        if one == other:
            continue
        if one is None:
            kind, about = Kind.ADDED, other
        elif other is None:
            kind, about = Kind.REMOVED, one
        else:
            kind, about = Kind.CHANGED, f"{one} → {other}"
        found.append(NameChange(name=name, kind=kind, detail=f"{what} {about}".strip()))
    return tuple(found)


def accounts(view: View) -> Accounts:
    """Return all users and groups of a tree. What stands in passwd is not made anew."""
    found: Accounts = {}
    etc = "usr/etc" if view.folder("usr/etc") else "etc"
    for fields in _lines(view.text(f"{etc}/passwd")):
        if len(fields) == _USER_FIELDS and fields[0]:
            name, _, uid, gid, _, home, shell = fields
            found[name, "user"] = f"{uid}:{gid} {home} {shell}".rstrip()
    for fields in _lines(view.text(f"{etc}/group")):
        if len(fields) == _GROUP_FIELDS and fields[0]:
            name, _, gid, members = fields
            found[name, "group"] = f"{gid} {','.join(sorted(members.split(',')))}".rstrip()
    for words in _sysusers(view, etc):
        _declared(words, found)
    return found


def _lines(text: str) -> Iterator[list[str]]:
    for line in text.splitlines():
        if line and not line.startswith("#"):
            yield line.split(":")


def _sysusers(view: View, etc: str) -> Iterator[list[str]]:
    """Give the lines of all files; one in ``/etc`` stands for that of ``/usr/lib`` of its name."""
    files: dict[str, str] = {}
    for folder in (f"{etc}/sysusers.d", "usr/lib/sysusers.d"):
        for name in view.names(folder):
            if name.endswith(".conf"):
                files.setdefault(name, f"{folder}/{name}")
    for name in sorted(files):
        for line in view.text(files[name]).splitlines():
            if line.strip() and not line.lstrip().startswith("#"):
                yield _words(line)


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError:
        return line.split()


def _declared(words: list[str], found: Accounts) -> None:
    kind, name, *rest = [*words, "", ""]
    if not name:
        return
    told = " ".join(one for at, one in enumerate(rest) if at != 1 and one not in {"", "-"})
    if kind.startswith("u"):
        found.setdefault((name, "user"), told)
        found.setdefault((name, "group"), "")
    elif kind.startswith("g"):
        found.setdefault((name, "group"), told)
    elif kind.startswith("m"):
        found.setdefault((name, f"user in group {rest[0]}"), "")
