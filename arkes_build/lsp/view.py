"""Hold all that an answer may be made of: one version of a text, and what is known around it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from arkes_build.core.names import is_name
from arkes_build.lsp.documents import Document, read, uri_of
from arkes_build.project.combine import Combiner
from arkes_build.project.loader import FOLDERS, SUFFIXES
from arkes_build.project.model import NodeKind
from arkes_build.project.overlays import Overlays

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from lsprotocol import types

    from arkes_build.core.names import Family
    from arkes_build.language.nodes import Systemfile
    from arkes_build.lsp.findings import Translator
    from arkes_build.lsp.packages import Packages
    from arkes_build.project.known import Known
    from arkes_build.project.model import Expansion, Project, ResolvedVariant


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What one question is asked about. Nothing here changes any more."""

    document: Document
    translator: Translator
    project: Project | None = None
    """As it was read last; files with errors are not in it."""
    expansions: Mapping[Family, Expansion] = field(default_factory=dict)
    """The last good ones of the project."""
    known: Mapping[str, Known] = field(default_factory=dict)
    packages: Mapping[Family, Packages] = field(default_factory=dict)

    @property
    def root(self) -> Path | None:
        """Return the project's folder."""
        return self.document.root

    @property
    def file(self) -> Systemfile:
        """Return the text as far as it could be parsed."""
        return self.document.file

    @property
    def context(self) -> Path | None:
        """Return the folder that COPY reads from."""
        if self.document.is_own:
            return self.root
        return self.document.path.parent if self.document.path else None

    @property
    def overlays(self) -> Overlays:
        """Return the overlays that the text can name."""
        roots = [path for path in (self.context, self.root) if path is not None]
        return Overlays(tuple(dict.fromkeys(roots)))

    def names(self, kind: NodeKind) -> tuple[str, ...]:
        """Return the names of the project's variants or templates, as their files say, sorted."""
        return tuple(sorted(self._files(kind)))

    def nodes(self) -> tuple[str, ...]:
        """Return the names of all nodes that are known, sorted."""
        made = {node.name for e in self.expansions.values() for node in e.nodes}
        # an error anywhere keeps the nodes from being made, but their names are known
        combined = Combiner(self.project, ()).run() if self.project else {}
        return tuple(sorted({*made, *combined, *self.names(NodeKind.VARIANT)}))

    def node(self, name: str) -> dict[Family, ResolvedVariant]:
        """Return a node for each family that has it."""
        return {
            family: node
            for family, expansion in self.expansions.items()
            for node in expansion.nodes
            if node.name == name
        }

    def own_nodes(self) -> list[tuple[Family, ResolvedVariant]]:
        """Return the nodes that this text makes."""
        name = self.document.name
        return [
            (family, node)
            for family, expansion in self.expansions.items()
            for node in expansion.nodes
            if node.file is not None and node.file.source.name == name
        ]

    def path_of_node(self, name: str) -> Path | None:
        """Return the file that makes a node: its variant's, or that of its highest template."""
        first, *templates = name.split("-")
        if templates:
            return self._files(NodeKind.TEMPLATE).get(templates[-1])
        return self._files(NodeKind.VARIANT).get(first)

    def paths(self) -> list[Path]:
        """Return all variants and templates of the project, and what is open of it."""
        own = [*self._files(NodeKind.VARIANT).values(), *self._files(NodeKind.TEMPLATE).values()]
        here = [self.document.path] if self.document.path else []
        return list(dict.fromkeys([*own, *here]))

    def path_of_template(self, name: str) -> Path | None:
        """Return a template's file."""
        return self._files(NodeKind.TEMPLATE).get(name)

    def file_at(self, path: Path) -> Systemfile:
        """Return another file as the editor has it, else as the disk has it, parsed."""
        document = self.translator.document(path)
        if document is not None:
            return document.file
        try:
            text = path.read_bytes().decode("utf-8", "replace")
        except OSError:
            text = ""
        return read(str(path), text)[0]

    def uri(self, path: Path) -> str:
        """Return the URI of a path: the client's own for what is open."""
        document = self.translator.document(path)
        return document.uri if document else uri_of(path)

    def offset(self, position: types.Position) -> int:
        """Return the offset of a position."""
        return self.document.ruler.offset(position)

    def _files(self, kind: NodeKind) -> dict[str, Path]:
        if self.root is None:
            return {}
        try:
            paths = sorted((self.root / FOLDERS[kind]).iterdir())
        except OSError:
            return {}
        found = {
            path.name.removesuffix(suffix): path
            for path in paths
            for suffix in SUFFIXES
            if path.name.endswith(suffix)
        }
        return {name: path for name, path in found.items() if is_name(name)}
