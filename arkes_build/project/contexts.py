"""Look up the files that a node reads: in its own context, overlays also in the project's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from arkes_build.project.context import Context, find_wanted
from arkes_build.project.overlays import FOLDER
from arkes_build.project.patterns import normal
from arkes_build.project.tree import Tree

if TYPE_CHECKING:
    from pathlib import Path

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.project.context import Wanted
    from arkes_build.project.model import ContextFile, Part, Project
    from arkes_build.project.scope import Walked

STORE = ".arkes"
"""Where a project keeps its results when nothing else is said."""


class Contexts:
    """Hold the contexts of one expansion; each folder is looked at once."""

    def __init__(self, project: Project) -> None:
        self._root = project.root
        self._hidden = frozenset({STORE, normal(project.config.build.store or STORE)})
        self._contexts: dict[Path, Context] = {}

    def files(
        self, part: Part, walked: Walked, findings: list[Diagnostic]
    ) -> tuple[ContextFile, ...]:
        """Return the files that a part's instructions read, sorted by path.

        What OVERLAY lays comes from the project when the part's own context, the folder
        of a Systemfile, has no such overlay; such files have a ``root``.
        """
        wanted, unclear = find_wanted(walked)
        findings += unclear
        away = tuple(each for each in wanted if self._is_away(part, each))
        own = self._context(part.context).files(
            tuple(each for each in wanted if each not in away) if away else wanted, findings
        )
        if not away:
            return own
        theirs = self._context(self._root).files(away, findings)
        files = {file.path: replace(file, root=self._root) for file in theirs}
        files |= {file.path: file for file in own}
        return tuple(files[path] for path in sorted(files))

    def _is_away(self, part: Part, wanted: Wanted) -> bool:
        if not wanted.is_overlay or part.context == self._root:
            return False
        name = normal(wanted.path).split("/")[1]
        return not (part.context / FOLDER / name).is_dir()

    def _context(self, folder: Path) -> Context:
        if folder not in self._contexts:
            self._contexts[folder] = Context(Tree(folder, hidden=self._hidden))
        return self._contexts[folder]
