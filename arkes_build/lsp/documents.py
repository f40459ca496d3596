"""Hold what an editor has open: each text as a value, changed by making the next one."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls import uris

from arkes_build.core.diagnostics import Diagnostic, SourceError
from arkes_build.language.decode import decode
from arkes_build.language.nodes import Systemfile
from arkes_build.language.parser import attempt
from arkes_build.lsp.positions import BOM, UTF16, Ruler
from arkes_build.project.errors import PROJECT_FILE
from arkes_build.project.loader import FOLDERS

if TYPE_CHECKING:
    from collections.abc import Sequence

_OWN = frozenset(FOLDERS.values())
"""The folders of a project whose files are its variants and templates."""

Reading = tuple[Systemfile, tuple[Diagnostic, ...]]


class Document:
    """One version of one open text; nothing of it ever changes, so that threads may share it.

    ``path`` is None for a text that is no file yet. ``root`` is its project's, if it has one.
    """

    def __init__(
        self,
        uri: str,
        text: str,
        version: int,
        *,
        encoding: str = UTF16,
        root: Path | None = None,
    ) -> None:
        self.uri = uri
        self.path = path_of(uri)
        self.version = version
        self.root = root
        self.ruler = Ruler(text, encoding)

    @property
    def text(self) -> str:
        """Return the text as the parser has it: without a byte-order mark."""
        return self.ruler.text.removeprefix(BOM)

    @property
    def name(self) -> str:
        """Return what its source is called, as when the project is read.

        That is the path below the project for the project's own files, the absolute path
        for others, and the URI where there is none.
        """
        if self.path is None:
            return self.uri
        if self.is_own and self.root is not None:
            return str(self.path.relative_to(self.root))
        return str(self.path)

    @property
    def is_own(self) -> bool:
        """Tell whether it is a variant or a template of its project, or the ``arkes.toml``."""
        if self.path is None or self.root is None:
            return False
        if self.is_config:
            return self.path.parent == self.root
        return self.path.parent.parent == self.root and self.path.parent.name in _OWN

    @property
    def is_config(self) -> bool:
        """Tell whether it is an ``arkes.toml``."""
        return self.path is not None and self.path.name == PROJECT_FILE

    @cached_property
    def reading(self) -> Reading:
        """Return as much of the text as can be read, and what is wrong with it."""
        return read(self.name, self.text)

    @property
    def file(self) -> Systemfile:
        """Return the parsed text; an empty one when nothing of it can be read."""
        return self.reading[0]

    def changed(
        self, changes: Sequence[types.TextDocumentContentChangeEvent], version: int
    ) -> Document:
        """Return the document after an editor's changes, which apply one after the other."""
        ruler = self.ruler
        for change in changes:
            text = change.text
            if isinstance(change, types.TextDocumentContentChangePartial):
                start = ruler.raw_offset(change.range.start)
                end = max(start, ruler.raw_offset(change.range.end))
                text = ruler.text[:start] + text + ruler.text[end:]
            ruler = Ruler(text, ruler.encoding)
        return Document(self.uri, ruler.text, version, encoding=ruler.encoding, root=self.root)


def read(name: str, text: str) -> Reading:
    """Return a text's parsed form and all findings; never raises for what people type."""
    try:
        return attempt(decode(name, text.encode("utf-8", "surrogatepass")))
    except SourceError as error:
        source = error.diagnostics[0].span
        assert source is not None, "every finding about a text has a place"  # noqa: S101 - for mypy
        return Systemfile(source=source.source), error.diagnostics


def path_of(uri: str) -> Path | None:
    """Return the absolute path that a ``file:`` URI means, else None."""
    path = uris.to_fs_path(uri)
    return Path(path) if path and path.startswith("/") and "\0" not in path else None


def uri_of(path: Path) -> str:
    """Return the ``file:`` URI of an absolute path."""
    return path.as_uri()
