"""Gather every path that a file puts into the image, by whatever instruction."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from arkes_build.project.edges import mount_options
from arkes_build.project.patterns import normal
from arkes_build.project.rules.brought import brought
from arkes_build.project.rules.config_lines import is_config, made_paths
from arkes_build.project.rules.image import image_commands, image_steps, value_of
from arkes_build.project.rules.once import once
from arkes_build.project.rules.writes import Kind, removes, writes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from arkes_build.core.source import Span
    from arkes_build.project.rules.brought import Brought
    from arkes_build.project.rules.subject import Subject

LINKS = {
    "home": "var/home",
    "mnt": "var/mnt",
    "opt": "var/opt",
    "root": "var/roothome",
    "srv": "var/srv",
    "usr/local": "var/usrlocal",
}
"""What becomes a link in the commit, and where to: ``store.deployable`` does it."""

_ONLY_PREPARE = frozenset({"mkdir", "chown", "chmod", "chgrp", "touch", "ls", "rm", "rmdir"})
"""Programs that work on a path and use nothing of it."""
_SHARED = frozenset({"var/lib", "var/log", "var/cache", "var/spool", "usr/local", "var/opt"})
_DEEPEST = 40
"""How many folders above a path are looked at."""
_IN_TEXT = re.compile(r"\b[dDfLCvqQ][-+!=~^$?]*\s+(/[^\s\"']+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """One path that is put into the image, without a slash in front."""

    path: str
    kind: Kind
    number: int
    """The number of the step."""
    turn: int = -1
    """Which one of all commands it was."""
    by: str
    """The instruction's keyword."""
    span: Span = field(compare=False, repr=False)
    source: Brought | None = field(default=None, compare=False, repr=False)


@once(16)
def placed(subject: Subject) -> tuple[Placed, ...]:
    """Return all that is put into the image and not removed there by name."""
    gone: dict[str, tuple[int, int]] = {}
    for turn, (number, command) in enumerate(image_commands(subject)):
        gone.update((path, (number, turn)) for path in removes(command))
    never = (-1, -1)
    return tuple(
        each
        for each in _placed(subject)
        if not any(gone.get(above, never) > (each.number, each.turn) for above in upward(each.path))
    )


def _placed(subject: Subject) -> Iterator[Placed]:
    for each in brought(subject):
        yield Placed(
            path=each.path,
            kind=Kind.LINK if each.link() is not None else Kind.FILE,
            number=each.number,
            by=each.instruction.keyword,
            span=each.span,
            source=each,
        )
    mounts = _mounts(subject)
    for turn, (number, command) in enumerate(image_commands(subject)):
        mounted = mounts.get(number, frozenset())
        for write in writes(command):
            if mounted.isdisjoint(upward(write.path)):
                yield Placed(
                    path=write.path,
                    kind=write.kind,
                    number=number,
                    turn=turn,
                    by="RUN",
                    span=write.span,
                )
    for number, step in enumerate(image_steps(subject)):
        if step.instruction.keyword == "WORKDIR":
            for word in step.instruction.words:
                path = value_of(step, word.text)
                if path.startswith("/"):
                    yield Placed(
                        path=normal(path.partition("$")[0]),
                        kind=Kind.FOLDER,
                        number=number,
                        by="WORKDIR",
                        span=word.span,
                    )


@once(16)
def used_paths(subject: Subject) -> dict[str, int]:
    """Return the absolute paths that commands work with, each with the last step that does.

    The folder of a used file counts too: what was copied beside it came for the same reason.
    """
    used: dict[str, int] = {}
    for number, command in image_commands(subject):
        for word in () if command.name in _ONLY_PREPARE else command.words:
            if word.text.startswith("/"):
                path = normal(word.text.rstrip("*"))
                folder = path.rpartition("/")[0]
                used[path] = number
                if "/" in folder and folder not in _SHARED:
                    used[folder] = number
    return used


def _mounts(subject: Subject) -> dict[int, frozenset[str]]:
    """Return what each RUN has mounted: what is written there is in no layer."""
    found: dict[int, frozenset[str]] = {}
    for number, step in enumerate(image_steps(subject)):
        options = [mount_options(flag) for flag in step.instruction.flags if flag.name == "mount"]
        if options:
            targets = (each.get("target") or each.get("dst") or "" for each in options)
            found[number] = frozenset(normal(target) for target in targets)
    return found


@once(16)
def own_links(subject: Subject) -> frozenset[str]:
    """Return the folders of ``LINKS`` that the file makes links of itself: those stay."""
    return frozenset(
        each.path for each in placed(subject) if each.kind is Kind.LINK and each.path in LINKS
    )


def resolved(path: str) -> str:
    """Return where a path is once the commit's links are followed: ``opt/a`` is ``var/opt/a``."""
    for link, target in LINKS.items():
        if path == link or path.startswith(f"{link}/"):
            return target + path[len(link) :]
    return path


@dataclass(frozen=True, slots=True)
class AtBoot:
    """What tmpfiles.d makes when the system starts."""

    made: frozenset[str]
    """Paths and the folders above them."""
    copied: frozenset[str]
    """Folders that are copied with all in them."""

    def covers(self, path: str) -> bool:
        """Tell whether a path will be there."""
        path = resolved(path)
        return path in self.made or any(above in self.copied for above in upward(path))


@once(16)
def at_boot(subject: Subject) -> AtBoot:
    """Return what the file's own tmpfiles.d and those of the project's overlays make."""
    made: set[str] = set()
    copied: set[str] = set()
    for text in _tmpfiles(subject):
        for path, is_copy in made_paths(text):
            made.update(upward(resolved(path)))
            if is_copy:
                copied.add(resolved(path))
    return AtBoot(frozenset(made), frozenset(copied))


def _tmpfiles(subject: Subject) -> Iterator[str]:
    for each in brought(subject):
        if is_config(each.path, "tmpfiles.d"):
            yield each.text() or ""
    for name in subject.overlays.names():
        overlay = subject.overlays.find(name)
        for path in sorted(overlay.files if overlay else ()):
            if overlay is not None and is_config(path, "tmpfiles.d"):
                yield _read(overlay.folder / path)
    for step in image_steps(subject):
        instruction = step.instruction
        texts = (instruction.text, *(document.body for document in instruction.heredocs))
        if instruction.keyword == "RUN" and any("tmpfiles.d" in text for text in texts):
            for path in _IN_TEXT.findall("\n".join(texts)):
                yield f"d {path}"


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""


def upward(path: str) -> Iterator[str]:
    """Yield a path and the folders above it, the top left out."""
    parts = path.split("/", _DEEPEST)
    for count in range(len(parts), 0, -1):
        yield "/".join(parts[:count])
