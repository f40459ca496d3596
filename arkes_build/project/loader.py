"""Read a project from disk: the only place that reads ``arkes.toml`` and Systemfiles."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import Diagnostic, Label, Severity, SourceError
from arkes_build.core.names import RESERVED, ROOTFS, is_name
from arkes_build.core.source import Source
from arkes_build.language.decode import decode
from arkes_build.project.errors import PROJECT_FILE, ConfigError, ProjectNotFound, Unreadable
from arkes_build.project.headers import check_headers
from arkes_build.project.lower import check_conditions
from arkes_build.project.memory import read_config
from arkes_build.project.model import NodeKind, Part, Project

if TYPE_CHECKING:
    from arkes_build.core.source import Span
    from arkes_build.language.nodes import Systemfile
    from arkes_build.project.settings import Config

FOLDERS = {NodeKind.VARIANT: "variants", NodeKind.TEMPLATE: "templates"}
"""Where the files of each kind are, below the project."""

SUFFIXES = (".Containerfile", ".Systemfile")
"""What the names of a project's own files end with."""

_NO_FILES_OF_OURS = re.compile(r"\..*|.*~|README(\..*)?|.*\.md", re.DOTALL)
"""Names that nobody takes for a variant: hidden, backups, words to people."""


_NO_FILE = "it is no regular file"
_A_FILE = "write a file of that name, or remove what stands there"

Texts = Mapping[Path, str]
"""Absolute path → what an editor holds of the file, instead of what the disk has."""

NO_TEXTS: Texts = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A project that was read, as far as it could be, with the findings about its files."""

    project: Project
    findings: tuple[Diagnostic, ...] = ()
    broken: frozenset[str] = frozenset()
    """Names of variants, templates and Systemfiles that could not be read."""

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """Return the findings that are no errors."""
        return tuple(each for each in self.findings if each.severity is not Severity.ERROR)


def find_project(start: Path) -> Path:
    """Return the nearest folder, from ``start`` upwards, that has an ``arkes.toml``.

    Raises ``ProjectNotFound``.
    """
    absolute = start.absolute()
    for folder in (absolute, *absolute.parents):
        if (folder / PROJECT_FILE).is_file():
            return folder
    raise ProjectNotFound(start)


def load_project(root: Path) -> Loaded:
    """Read ``arkes.toml``, variants and templates of the project in ``root``.

    Raises ``ConfigError``, or ``SourceError`` with the findings about all files, their
    warnings included; ``ProjectNotFound`` when ``root`` itself has no ``arkes.toml``.
    """
    loaded = load_what_can_be(root)
    if len(loaded.warnings) < len(loaded.findings):
        raise SourceError(loaded.findings)
    return loaded


def load_what_can_be(
    root: Path,
    texts: Texts = NO_TEXTS,
    *,
    is_implicit: bool = False,
    beat: Callable[[], None] | None = None,
) -> Loaded:
    """Do what ``load_project`` does, but leave out files with errors, and name them.

    An implicit project is a folder without ``arkes.toml``: all is as an empty one says, and
    it has no variants. ``beat`` is called at each file, and may raise to end the work.
    """
    if is_implicit:
        config = read_config(Source(PROJECT_FILE, ""))
        return Loaded(
            project=Project(root=root, config=config, variants={}, templates={}, is_implicit=True)
        )
    config = load_config(root)
    reader = _Reader(root, texts, beat)
    variants = reader.parts(NodeKind.VARIANT)
    templates = reader.parts(NodeKind.TEMPLATE)
    return Loaded(
        project=Project(root=root, config=config, variants=variants, templates=templates),
        findings=tuple(reader.findings),
        broken=frozenset(reader.broken),
    )


def load_config(root: Path) -> Config:
    """Read ``arkes.toml`` only; raises ``ConfigError`` or ``ProjectNotFound``."""
    path = root / PROJECT_FILE
    if not path.is_file():
        raise ProjectNotFound(root)
    try:
        source = decode(PROJECT_FILE, read_regular(path))
    except SourceError as error:
        raise ConfigError(error.diagnostics) from None
    return read_config(source)


def load_systemfile(path: Path, project: Project) -> tuple[Part, tuple[Diagnostic, ...]]:
    """Read a Systemfile anywhere on disk as a leaf, and return the warnings about it.

    A folder means the ``Systemfile`` in it. The node is called after the folder when
    the file is called ``Systemfile`` or ``Containerfile``, else after the file: lower
    case, ``_`` for whatever a name cannot have. A file of the project's own is
    returned as it was loaded. Raises ``SourceError``, or ``Unreadable``.
    """
    part, findings = load_system_if_it_can_be(path, project)
    if part is None or any(finding.severity is Severity.ERROR for finding in findings):
        raise SourceError(findings)
    return part, findings


def load_system_if_it_can_be(
    path: Path, project: Project, texts: Texts = NO_TEXTS
) -> tuple[Part | None, tuple[Diagnostic, ...]]:
    """Do what ``load_systemfile`` does, but return None for a file with errors."""
    if path.is_dir():
        path = path / "Systemfile"
    real = path.resolve()
    for part in (*project.variants.values(), *project.templates.values()):
        if real == (project.root / part.file.source.name).resolve():
            return part, ()
    reader = _Reader(project.root, texts)
    file = reader.systemfile(path, str(path))
    name = reader.system_name(real, str(path))
    if file is None or name is None:
        return None, tuple(reader.findings)
    part = Part(name=name, kind=NodeKind.SYSTEM, file=file, context=real.parent)
    return part, tuple(reader.findings)


class _Reader:
    """Read files one by one and keep what is wrong with them until all are read."""

    def __init__(
        self, root: Path, texts: Texts = NO_TEXTS, beat: Callable[[], None] | None = None
    ) -> None:
        self.root = root
        self.texts = texts
        self.beat = beat
        self.findings: list[Diagnostic] = []
        self.broken: set[str] = set()

    def parts(self, kind: NodeKind) -> dict[str, Part]:
        """Return the parts of one folder by name, sorted."""
        folder = self.root / FOLDERS[kind]
        parts: dict[str, Part] = {}
        for path in _listed(folder):
            name = self.part_name(path.name, kind)
            if name is None:
                continue
            shown = f"{folder.name}/{path.name}"
            try:
                file = self.systemfile(path, shown)
            except Unreadable as error:
                self.findings.append(
                    Diagnostic(
                        code="unreadable-file",
                        message=error.brief,
                        span=_unread(folder.name, path.name),
                        remedy=error.resolution,
                    )
                )
                continue
            if file is None:
                self.broken.add(name)
            elif name in parts:
                self.findings.append(_two_files(name, parts[name].file.source, file.source))
            else:
                parts[name] = Part(name=name, kind=kind, file=file, context=self.root)
        return parts

    def part_name(self, filename: str, kind: NodeKind) -> str | None:
        """Return the name that a file gives its part; None for one that makes none."""
        if _NO_FILES_OF_OURS.fullmatch(filename):
            return None
        name = _stem(filename)
        if name == filename:
            self.findings.append(_not_read(FOLDERS[kind], filename))
            return None
        reserved = RESERVED - {ROOTFS} if kind is NodeKind.VARIANT else RESERVED
        if not is_name(name):
            self.findings.append(_bad_name(FOLDERS[kind], filename, name))
        elif name in reserved:
            self.findings.append(_reserved(FOLDERS[kind], filename, name))
        else:
            return name
        return None

    def system_name(self, path: Path, shown: str) -> str | None:
        """Return the name of a Systemfile's node; None and a finding when there is none."""
        is_plain = path.name in ("Systemfile", "Containerfile")
        text = path.parent.name if is_plain else _stem(path.name)
        name = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
        if not is_name(name) or name in RESERVED:
            what = "folder" if is_plain else "file"
            self.findings.append(
                Diagnostic(
                    code="bad-name",
                    message=f"no node can be called after the {what} {text!r} ({shown!r})",
                    remedy=f"give the {what} a name that begins with a letter"
                    + (f"; {name!r} is reserved" if name in RESERVED else ""),
                )
            )
            return None
        return name

    def systemfile(self, path: Path, shown: str) -> Systemfile | None:
        """Read, parse and check one file; None when it has errors."""
        from arkes_build.language.parser import parse

        if self.beat is not None:
            self.beat()
        before = len(self.findings)
        try:
            text = self.texts.get(path.absolute())
            given = (
                read_regular(path, shown) if text is None else text.encode("utf-8", "surrogatepass")
            )
            file = parse(decode(shown, given))
        except SourceError as error:
            self.findings += error.diagnostics
            return None
        self.findings += file.warnings
        self.findings += check_headers(file)
        self.findings += check_conditions(file.instructions)
        new = self.findings[before:]
        return None if any(f.severity is Severity.ERROR for f in new) else file


def _stem(filename: str) -> str:
    for suffix in SUFFIXES:
        if filename.endswith(suffix):
            return filename.removesuffix(suffix)
    return filename


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise Unreadable(str(folder), why=(error.strerror or "unknown").lower()) from None


def read_regular(path: Path, shown: str = "") -> bytes:
    """Return a regular file's bytes: a pipe or a device would never end."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise Unreadable(shown or str(path), why=_NO_FILE, resolution=_A_FILE)
        return path.read_bytes()
    except OSError as error:
        raise Unreadable(shown or str(path), why=(error.strerror or "unknown").lower()) from None


def _unread(folder: str, filename: str) -> Span | None:
    """Return the place of a file that was not read; None for a name that cannot be shown."""
    name = f"{folder}/{filename}"
    return Source(name, "").span(0, 0) if name.isprintable() else None


def _two_files(name: str, first: Source, second: Source) -> Diagnostic:
    return Diagnostic(
        code="name-taken",
        message=f"{name!r} is written twice: {first.name} and {second.name}",
        span=second.span(0, 0),
        remedy="keep one of the two files",
        related=(Label(span=first.span(0, 0), text="the other one"),),
    )


def _not_read(folder: str, filename: str) -> Diagnostic:
    return Diagnostic(
        code="file-not-read",
        severity=Severity.WARNING,
        message=f"{folder}/ holds {filename!r}, which is not read",
        span=_unread(folder, filename),
        remedy=f"call it NAME{SUFFIXES[0]} or NAME{SUFFIXES[1]}, or move it elsewhere",
    )


def _bad_name(folder: str, filename: str, name: str) -> Diagnostic:
    why = "lower-case letters, digits and _, a letter first, at most 63"
    if "-" in name and is_name(name.replace("-", "_")):
        why = f"no '-', which joins variant and template: try {name.replace('-', '_')!r}"
    return Diagnostic(
        code="bad-name",
        message=f"{name!r} cannot be a name: {folder}/ holds {filename!r}",
        span=_unread(folder, filename),
        remedy=f"a name has {why}",
    )


def _reserved(folder: str, filename: str, name: str) -> Diagnostic:
    return Diagnostic(
        code="reserved-name",
        message=f"{name!r} is reserved, so {folder}/{filename} cannot have it",
        span=_unread(folder, filename),
        remedy="give the file another name",
    )
