"""List the files that COPY, ADD and OVERLAY bring into the image, and where each comes from."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from arkes_build.language.nodes import Form
from arkes_build.project.overlays import FOLDER, Overlays
from arkes_build.project.patterns import WILD, normal
from arkes_build.project.rules.image import image_steps
from arkes_build.project.rules.once import once
from arkes_build.project.scope import Unclear

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from arkes_build.core.source import Span
    from arkes_build.language.nodes import Instruction, Word
    from arkes_build.project.rules.subject import Subject
    from arkes_build.project.scope import Step

LARGEST = 64 * 1024
"""Largest file that rules read, in bytes."""
MOST = 20_000
"""Most files of one folder that rules look at."""
MOST_IN_ALL = 50_000
"""Where rules stop listing what one file brings."""
_ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".txz", ".tar.zst")


class Disk:
    """Look at files, each once: an overlay may be laid many times."""

    def __init__(self) -> None:
        self._texts: dict[Path, str | None] = {}
        self._links: dict[Path, str | None] = {}

    def text(self, file: Path) -> str | None:
        """Return a file's content as text; None when it is no text, or too large."""
        if file not in self._texts:
            self._texts[file] = _text(file)
        return self._texts[file]

    def link(self, file: Path) -> str | None:
        """Return a link's target, None when it is no link."""
        if file not in self._links:
            try:
                self._links[file] = str(file.readlink())
            except (OSError, ValueError):
                self._links[file] = None
        return self._links[file]

    def mode(self, file: Path) -> int | None:
        """Return the mode that a file of the context has in the image."""
        try:
            mode = stat.S_IMODE(file.lstat().st_mode)
        except (OSError, ValueError):
            return None
        # a checkout's umask changes nothing: see "Files of the context"
        return (mode & 0o7000) | (0o755 if mode & 0o100 else 0o644)


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """One file that an instruction puts into the image."""

    path: str
    """In the image, without a slash in front."""
    file: Path | None
    """On disk; None for what comes from another image, a URL or the text itself."""
    overlay: str = ""
    """The overlay it is from, however it was named."""
    body: str | None = None
    """The text, when it stands in the Systemfile."""
    mode: int | None = None
    """What ``--chmod`` says."""
    number: int = 0
    """The number of the step."""
    instruction: Instruction = field(compare=False, repr=False)
    span: Span = field(compare=False, repr=False)
    """Where the Systemfile names it."""

    disk: Disk = field(compare=False, repr=False)

    def text(self) -> str | None:
        """Return the content as text; None when it is no text, too large or not known."""
        if self.body is not None or self.file is None:
            return self.body
        return self.disk.text(self.file)

    def link(self) -> str | None:
        """Return a link's target, None when it is no link."""
        return None if self.file is None else self.disk.link(self.file)

    def permissions(self) -> int | None:
        """Return the mode that the file has in the image, None when that is not known."""
        if self.mode is not None or self.file is None:
            return self.mode
        return self.disk.mode(self.file)


@once(16)
def brought(subject: Subject) -> tuple[Brought, ...]:
    """Return the files in the order in which they are laid into the image.

    Folders, archives that ADD unpacks, and what only the build can know are left out.
    """
    found: list[Brought] = []
    disk = Disk()
    for number, step in enumerate(image_steps(subject)):
        keyword = step.instruction.keyword
        if keyword == "OVERLAY":
            found += _overlay(subject, step, number, disk)
        elif keyword in ("COPY", "ADD"):
            found += _copied(subject, step, number, disk)
        if len(found) > MOST_IN_ALL:
            break
    return tuple(found)


def _overlay(subject: Subject, step: Step, number: int, disk: Disk) -> Iterator[Brought]:
    for word in step.instruction.words:
        name = step.expanded(word.text)
        overlay = None if isinstance(name, Unclear) else subject.overlays.find(name)
        if overlay is not None:
            for path in sorted(overlay.files):
                yield Brought(
                    path=path,
                    file=overlay.folder / path,
                    overlay=overlay.name,
                    number=number,
                    instruction=step.instruction,
                    span=word.span,
                    disk=disk,
                )


def _copied(subject: Subject, step: Step, number: int, disk: Disk) -> Iterator[Brought]:
    instruction = step.instruction
    target = step.expanded(instruction.words[-1].text) if instruction.words else ""
    if isinstance(target, Unclear) or not target.startswith("/"):
        return
    sources = instruction.words[:-1]
    into = target if target.endswith("/") or len(sources) == 1 else f"{target}/"
    for word in sources:
        for source in _sources(subject, step, word, into):
            yield Brought(
                path=normal(source.path),
                file=source.file,
                overlay=source.overlay,
                body=source.body,
                mode=_chmod(instruction),
                number=number,
                instruction=instruction,
                span=word.span,
                disk=disk,
            )


class _Source(NamedTuple):
    """One file that a source of COPY means: where it comes, and what it is."""

    path: str
    file: Path | None = None
    overlay: str = ""
    body: str | None = None


def _sources(subject: Subject, step: Step, word: Word, into: str) -> list[_Source]:
    instruction = step.instruction
    if instruction.form is not Form.EXEC:
        for heredoc in instruction.heredocs:
            if heredoc.span.start == word.span.start:
                return [_Source(_target(into, heredoc.delimiter), body=heredoc.body)]
    text = step.expanded(word.text)
    if isinstance(text, Unclear) or WILD & set(text):
        return []
    if instruction.flag("from") is not None:
        return [_Source(into)] if normal(into) else []
    if instruction.keyword == "ADD" and ("://" in text or text.startswith("git@")):
        return [_Source(_target(into, text.rpartition("/")[2]))]
    if instruction.keyword == "ADD" and text.endswith(_ARCHIVES):
        return []
    return _from_context(subject.part.context, normal(text), into)


def _from_context(context: Path, source: str, into: str) -> list[_Source]:
    if not source or source.startswith("..") or "\0" in source:
        return []
    parts = source.split("/")
    place = context / source
    overlay = None
    if parts[0] == FOLDER and len(parts) == 2:  # noqa: PLR2004 - overlay/NAME
        overlay = Overlays((context,)).find(parts[1])
    if overlay is not None:
        files = sorted(overlay.files)
        return [_Source(f"{into}/{path}", overlay.folder / path, overlay.name) for path in files]
    # a name may be longer than any file system allows, and Path would raise for it
    if os.path.isdir(place) and not place.is_symlink():  # noqa: PTH112 - see above
        return [_Source(f"{into}/{path}", place / path) for path in _below(place)]
    return [_Source(_target(into, parts[-1]), place)] if os.path.lexists(place) else []


def _target(into: str, name: str) -> str:
    """Return where one file comes: ``/`` at the end, or a folder of the top, holds it."""
    return f"{into}/{name}" if into.endswith("/") or into.count("/") == 1 else into


def _below(folder: Path) -> list[str]:
    found: list[str] = []
    for place, _, names in os.walk(folder):
        beginning = os.path.relpath(place, folder)
        found += [os.path.normpath(f"{beginning}/{name}") for name in names]
        if len(found) > MOST:
            return []
    return sorted(found)


def _chmod(instruction: Instruction) -> int | None:
    text = instruction.flag("chmod") or ""
    is_octal = len(text) in (3, 4) and set(text) <= set("01234567")
    return int(text, 8) if is_octal else None


def _text(file: Path) -> str | None:
    try:
        if file.is_symlink() or not file.is_file() or file.stat().st_size > LARGEST:
            return None
        data = file.read_bytes()
        return None if b"\0" in data else data.decode()
    except (OSError, ValueError):
        return None
