"""Walk a build context: which entries a path stands for, and which must not be used."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import nearest
from arkes_build.project.entries import RefusedEntry, describe
from arkes_build.project.patterns import IGNORE_FILES, Ignore, parse_ignore

if TYPE_CHECKING:
    from pathlib import Path

    from arkes_build.project.model import ContextFile

OVERLAYS = "overlay"
"""The folder whose folders are root file systems to be laid over."""

MOST_LINKS = 40
"""How many links a path may lead through: the kernel's own limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Say why a path cannot be used."""

    code: str
    message: str
    remedy: str
    slip: tuple[str, str] | None = None
    """A part of the path that is misspelt, and what is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a path of the context stands for, itself included, sorted by path."""

    files: tuple[ContextFile, ...] = ()
    troubles: tuple[Trouble, ...] = ()


class Tree:
    """Answer for one context; remembers what it saw, so keep it for one run only."""

    def __init__(self, root: Path, *, hidden: frozenset[str] = frozenset()) -> None:
        """Look at ``root``; ``hidden`` paths, such as the store, are not there at all."""
        self.root = root
        self.hidden = hidden
        self.ignore = _read_ignore(root)
        self._found: dict[str, Found] = {}
        self._entries: dict[str, ContextFile] = {}

    def names(self, folder: str) -> tuple[str, ...]:
        """Return the names in a folder, sorted; raises ``OSError`` when it cannot be read."""
        with os.scandir(self.root / folder) as entries:
            found = [entry.name for entry in entries]
        return tuple(sorted(name for name in found if _join(folder, name) not in self.hidden))

    def find(self, path: str) -> Found:
        """Return what is at and below a path, and the links that lead there.

        The path is normal (``patterns.normal``) and does not begin with ``..``; the
        empty one is the whole context.
        """
        if path not in self._found:
            try:
                self._found[path] = self._find(path)
            except RefusedEntry as refused:
                self._found[path] = Found(troubles=(_trouble(refused),))
        return self._found[path]

    def _find(self, path: str) -> Found:
        end, links = self._follow(path)
        files, troubles = self._collect(end)
        if end and not files and not troubles:
            raise RefusedEntry(
                "context-ignored",
                f"{path!r} is left out by {self.ignore.file}",
                f"take the line that matches it out of {self.ignore.file}",
            )
        everything = {file.path: file for file in (*links, *files)}
        return Found(
            files=tuple(everything[key] for key in sorted(everything)), troubles=tuple(troubles)
        )

    def _entry(self, path: str) -> ContextFile:
        if path not in self._entries:
            if path in self.hidden:
                raise FileNotFoundError(path)
            self._entries[path] = describe(self.root / path, path)
        return self._entries[path]

    def _follow(self, path: str) -> tuple[str, list[ContextFile]]:
        """Return where a path ends once its links are followed, and those links."""
        rest = path.split("/") if path else []
        done: list[str] = []
        links: list[ContextFile] = []
        while rest:
            part = rest.pop(0)
            if part == ".." and not done:
                raise _leads_outside(path, links[-1])
            if part == "..":
                done.pop()
            elif part not in ("", "."):
                entry = self._step(path, done, part)
                if entry.type != "link":
                    done.append(part)
                    continue
                links.append(entry)
                if entry.target.startswith("/") or len(links) > MOST_LINKS:
                    raise _leads_outside(path, entry)
                rest = entry.target.split("/") + rest
        return "/".join(done), links

    def _step(self, path: str, done: list[str], part: str) -> ContextFile:
        folder = "/".join(done)
        try:
            return self._entry(_join(folder, part))
        except (FileNotFoundError, NotADirectoryError):
            near = nearest(part, self.names_or_none(folder))
            place = f" in {folder}/" if folder else ""
            make = f"nothing{place} is called {part!r}: make it, or correct the name"
            raise RefusedEntry(
                "context-missing",
                f"there is no {path!r} in the build context",
                f"did you mean '{near}'?" if near else make,
                slip=(part, near) if near else None,
            ) from None
        except OSError as error:
            raise _unreadable(path, error) from None

    def names_or_none(self, folder: str) -> tuple[str, ...]:
        """Return the names in a folder, sorted; none when it cannot be read."""
        try:
            return self.names(folder)
        except (OSError, ValueError):
            # ValueError: a NUL in the name, which a JSON list may hold
            return ()

    def _collect(self, top: str) -> tuple[list[ContextFile], list[Trouble]]:
        """Return everything at and below a path that is there, in no order."""
        files: list[ContextFile] = []
        troubles: list[Trouble] = []
        waiting = [top]
        while waiting:
            path = waiting.pop()
            is_ignored = bool(path) and self.ignore.hides(path)
            if is_ignored and not self.ignore.may_keep_inside:
                continue
            try:
                if not path or self._visit(path, files, keep=not is_ignored):
                    waiting.extend(_join(path, name) for name in self.names(path))
            except OSError as error:
                troubles.append(_trouble(_unreadable(path, error)))
            except RefusedEntry as refused:
                if not is_ignored:
                    troubles.append(_trouble(refused))
        return files, troubles

    def _visit(self, path: str, files: list[ContextFile], *, keep: bool) -> bool:
        """Add an entry, and tell whether it is a folder to look into."""
        entry = self._entry(path)
        if keep:
            if entry.type == "link" and _escapes(entry):
                raise RefusedEntry(
                    "link-outside",
                    f"the link {path!r} points outside {_root_of(path)}: {entry.target!r}",
                    "let it point to a path inside; one that begins with / means the image's root",
                )
            files.append(entry)
        return entry.type == "dir"


def _read_ignore(root: Path) -> Ignore:
    for name in IGNORE_FILES:
        try:
            text = (root / name).read_bytes().decode("utf-8", "surrogateescape")
        except OSError:
            continue
        return parse_ignore(name, text)
    return Ignore()


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _trouble(refused: RefusedEntry) -> Trouble:
    return Trouble(
        code=refused.code, message=refused.message, remedy=refused.remedy, slip=refused.slip
    )


def _unreadable(path: str, error: OSError) -> RefusedEntry:
    why = (error.strerror or "unknown reason").lower()
    remedy = "check its owner and mode; what the image does not need can go into .containerignore"
    if error.errno == errno.ENAMETOOLONG:
        remedy = "shorten it: file systems allow 255 bytes for a name, the kernel 4095 for a path"
    return RefusedEntry("context-unreadable", f"cannot read {path!r}: {why}", remedy)


def _leads_outside(path: str, link: ContextFile) -> RefusedEntry:
    way = "" if path == link.path else f" leads over the link {link.path!r}, which"
    return RefusedEntry(
        "link-outside",
        f"{path!r}{way} points outside the build context: {link.target!r}",
        "name what it points to, or copy the folder that holds the link",
    )


def _overlay_depth(parts: list[str]) -> int:
    """Return how many parts of a path name its root: 2 in an overlay, else none."""
    return 2 if len(parts) > 2 and parts[0] == OVERLAYS else 0  # noqa: PLR2004 - overlay/NAME


def _root_of(path: str) -> str:
    parts = path.split("/")
    root = "/".join(parts[: _overlay_depth(parts)])
    return f"its overlay {root}/" if root else "the build context"


def _escapes(link: ContextFile) -> bool:
    """Tell whether a relative link climbs above its overlay's, or the context's, root.

    Only the text is judged, as the link will stand in the image: an absolute target
    means the image's root and is fine.
    """
    if link.target.startswith("/"):
        return False
    parts = link.path.split("/")
    depth = len(parts) - 1 - _overlay_depth(parts)
    for part in link.target.split("/"):
        if part == "..":
            depth -= 1
            if depth < 0:
                return True
        elif part not in ("", "."):
            depth += 1
    return False
