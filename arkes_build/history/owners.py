"""Say which package owns a path, by the lists that dpkg and pacman keep.

dpkg: a path a line in ``info/NAME[:ARCH].list``. pacman: the part ``%FILES%`` of
``local/NAME-VERSION-RELEASE/files``, without the first slash. Lists name paths as they were
before ``/usr`` was merged (``/lib/x``) and before ``/etc`` became ``/usr/etc``, so each path
is looked for under all names that it may have.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from arkes_build.history.packages import DPKG, PACMAN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from arkes_build.history.view import View

_MERGED = ("bin/", "sbin/", "lib/", "lib32/", "lib64/", "libx32/", "libo32/")
"""What is the same below ``/`` and ``/usr`` (usrmerge)."""
_OTHERWISE = ("/var/lib/", *(f"/usr/{name}" for name in ("etc/", *_MERGED)))
"""Paths that lists may have under another name, or that are a database's own."""
_IN_DPKG = re.compile(r"/(?:usr/lib/sysimage|var/lib)/dpkg/info/([^/:]+)(?::[^/.]+)?\.[a-z0-9]+")
_IN_PACMAN = re.compile(r"/(?:usr/lib/sysimage|var/lib)/pacman/local/(.+)-[^/-]+-[^/-]+/.*")


def owners(view: View, paths: Iterable[str]) -> dict[str, str]:
    """Return path → package for those paths (``/usr/bin/x``) that a package has.

    What a database keeps of a package belongs to it too. If several have a path, the first
    by name owns it.
    """
    found = {}
    wanted: dict[str, str] = {}
    for path in paths:
        wanted[path] = path
        if path.startswith(_OTHERWISE):
            if package := _in_database(path):
                found[path] = package
            wanted |= dict.fromkeys(_other_names(path), path)
    left = wanted.keys() - found.keys()
    for package, listed in _lists(view):
        if not left:
            break
        here = left.intersection(listed)
        left -= here
        for name in here:
            found.setdefault(wanted[name], package)
    return found


def _other_names(path: str) -> Iterator[str]:
    """Give the names besides its own by which a list may have a path."""
    inside = path.removeprefix("/usr/")
    if inside.startswith(("etc/", *_MERGED)):
        yield f"/{inside}"
        if inside.startswith("bin/"):
            # Where sbin is a link to bin, lists may still name what was below it.
            yield f"/usr/sbin/{inside[4:]}"
            yield f"/sbin/{inside[4:]}"


def _in_database(path: str) -> str:
    if not path.startswith(("/usr/lib/sysimage/", "/var/lib/")):
        return ""
    match = _IN_DPKG.fullmatch(path) or _IN_PACMAN.fullmatch(path)
    return match[1] if match else ""


def _lists(view: View) -> Iterator[tuple[str, list[str]]]:
    """Give each package and the paths it has."""
    for folder in DPKG:
        for name in view.names(f"{folder}/info"):
            if name.endswith(".list"):
                package = name.removesuffix(".list").partition(":")[0]
                yield package, _paths(view, f"{folder}/info/{name}")
    for folder in PACMAN:
        for name in view.names(folder):
            package = name.rsplit("-", 2)[0]
            listed = _paths(view, f"{folder}/{name}/files")
            yield package, [f"/{path}" for path in listed]


def _paths(view: View, file: str) -> list[str]:
    # Names of files are bytes: the trees have them in this way too.
    return (view.read(file) or b"").decode("utf-8", "surrogateescape").split("\n")
