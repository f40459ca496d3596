"""Read what a run is about: the project, its nodes, and those that were asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from arkes_build.core.names import Arch, Family, machine_arch
from arkes_build.pipeline.errors import TargetLeftOut
from arkes_build.pipeline.machine import family_here
from arkes_build.project.edges import SCHEME
from arkes_build.project.home import find_home
from arkes_build.project.reading import read_project

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.pipeline.options import Options
    from arkes_build.plan.graph import BuildGraph
    from arkes_build.project.model import Expansion, Outside, Project, ResolvedVariant

LOCAL = f"localhost/{SCHEME}"
"""What stands before a node's name in the tag of its image, where no project says otherwise."""


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
    ends in ``Systemfile`` or ``Containerfile``. Raises what the loader and the expansion raise, and
    ``ImageMissing`` for a Systemfile outside any project.
    """
    from arkes_build.plan.graph import BuildGraph

    family, arch = options.family or family_here(), options.arch or machine_arch()
    paths = [*(Path(t) for t in targets if is_path(t)), *files]
    home = find_home(options.project, paths)
    reading = read_project(
        home.root,
        family=family,
        arch=arch,
        systemfiles=dict.fromkeys(paths),
        is_implicit=home.is_implicit,
        look_up=_look_up,
    )
    tops = reading.expansion.tops
    systems = {path: tops.get(part.name, part.name) for path, part in reading.systems.items()}
    names = [systems[Path(t)] if is_path(t) else t for t in targets]
    for left_out in reading.expansion.left_out:
        if left_out.name in names:
            raise TargetLeftOut(left_out, family=family)
    _check_images(reading.expansion)
    return Blueprint(
        project=reading.project,
        expansion=reading.expansion,
        graph=BuildGraph.of(reading.expansion.nodes),
        targets=tuple(dict.fromkeys(names)),
        warnings=reading.warnings,
        family=family,
        arch=arch,
    )


def _look_up(name: str) -> Outside | None:
    from arkes_build.engine.tags import image_of

    return image_of(LOCAL + name)


def _check_images(expansion: Expansion) -> None:
    """Raise ``ImageMissing`` for the first image that a Systemfile needs and nobody has."""
    for node in expansion.nodes:
        for name, image in node.images.items():
            if not image:
                from arkes_build.engine.errors import ImageMissing

                raise ImageMissing(LOCAL + name)


def ref_of(project: Project, node: ResolvedVariant) -> str:
    """Return the OSTree ref of a node: ``NAME/ARCH/NODE``."""
    return f"{project.config.project.name}/{node.arch.value}/{node.name}"


def is_path(target: str) -> bool:
    """Tell whether a target means a Systemfile on disk rather than a node."""
    return "/" in target or target.endswith(("Systemfile", "Containerfile"))
