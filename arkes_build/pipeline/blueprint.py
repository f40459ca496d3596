"""Read what a run is about: the project, its nodes, and those that were asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from arkes_build.core.names import Arch, Family, machine_arch, machine_family
from arkes_build.project.expand import expand
from arkes_build.project.loader import find_project, load_project, load_systemfile
from arkes_build.project.model import NodeKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.pipeline.options import Options
    from arkes_build.plan.graph import BuildGraph
    from arkes_build.project.model import Expansion, Project

OS_RELEASE = (Path("/etc/os-release"), Path("/usr/lib/os-release"))
"""Where a machine says what it is, the first one wins (os-release(5))."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blueprint:
    """A project expanded for one family and architecture, and what was asked of it."""

    project: Project
    expansion: Expansion
    graph: BuildGraph
    targets: tuple[str, ...]
    """Names of nodes; empty for all."""
    warnings: tuple[Diagnostic, ...]
    family: Family
    arch: Arch


def read(options: Options, targets: Sequence[str] = (), *, files: Sequence[Path] = ()) -> Blueprint:
    """Read the project, the Systemfiles among the targets, and ``files`` beside them.

    A target is a node's name, or the path of a Systemfile: whatever holds a ``/`` or
    ends in ``Systemfile``. Raises what the loader and the expansion raise.
    """
    from arkes_build.plan.graph import BuildGraph

    family, arch = options.family or family_here(), options.arch or machine_arch()
    loaded = load_project(find_project(options.project or Path()))
    paths = dict.fromkeys([*(Path(t) for t in targets if is_path(t)), *files])
    systems = {path: load_systemfile(path, loaded.project) for path in paths}
    parts = {path: part for path, (part, _) in systems.items()}
    expansion = expand(
        loaded.project,
        family=family,
        arch=arch,
        systems=[part for part in parts.values() if part.kind is NodeKind.SYSTEM],
    )
    names = (parts[Path(t)].name if is_path(t) else t for t in targets)
    found = (loaded.warnings, *(warnings for _, warnings in systems.values()))
    return Blueprint(
        project=loaded.project,
        expansion=expansion,
        graph=BuildGraph.of(expansion.nodes),
        targets=tuple(dict.fromkeys(names)),
        warnings=tuple(warning for warnings in found for warning in warnings),
        family=family,
        arch=arch,
    )


def is_path(target: str) -> bool:
    """Tell whether a target means a Systemfile on disk rather than a node."""
    return "/" in target or target.endswith("Systemfile")


def family_here() -> Family:
    """Return the family of the machine that this runs on."""
    for path in OS_RELEASE:
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        pairs = (line.partition("=") for line in text.splitlines() if "=" in line)
        return machine_family({name.strip(): value.strip(" \"'") for name, _, value in pairs})
    return Family.DEBIAN
