"""Read and expand a project in one go, so that all that is wrong is said at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from arkes_build.project.expand import expand
from arkes_build.project.loader import load_system_if_it_can_be, load_what_can_be
from arkes_build.project.model import NodeKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.core.names import Arch, Family
    from arkes_build.project.model import Expansion, Outside, Part, Project


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A project, its nodes for one family and architecture, and the warnings about it."""

    project: Project
    expansion: Expansion
    systems: Mapping[Path, Part]
    """The Systemfiles that were asked for; a file of the project's own is its part."""
    warnings: tuple[Diagnostic, ...]


def read_project(
    root: Path,
    *,
    family: Family,
    arch: Arch,
    systemfiles: Iterable[Path] = (),
    is_implicit: bool = False,
    look_up: Callable[[str], Outside | None] | None = None,
) -> Reading:
    """Return the project in ``root`` with its nodes, Systemfiles joined as leaves.

    Raises ``ConfigError`` for ``arkes.toml``, else one ``SourceError`` with the findings
    about all files: those that cannot be read do not hide what is wrong with the
    others. Raises ``Unreadable`` for a Systemfile that is not there. ``look_up`` finds what
    a name means that an implicit project does not have.
    """
    loaded = load_what_can_be(root, is_implicit=is_implicit)
    findings, broken = list(loaded.findings), set(loaded.broken)
    systems: dict[Path, Part] = {}
    for path in systemfiles:
        part, found = load_system_if_it_can_be(path, loaded.project)
        findings += found
        if part is not None:
            systems[path] = part
    expansion = expand(
        loaded.project,
        family=family,
        arch=arch,
        systems=[part for part in systems.values() if part.kind is NodeKind.SYSTEM],
        findings=findings,
        broken=broken,
        look_up=look_up,
    )
    return Reading(
        project=loaded.project,
        expansion=expansion,
        systems=systems,
        warnings=tuple(findings),
    )
