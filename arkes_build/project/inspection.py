"""Look at a whole project and say everything about it, without stopping at the first error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import SourceError, in_order
from arkes_build.project.expand import expand
from arkes_build.project.loader import NO_TEXTS, load_system_if_it_can_be, load_what_can_be
from arkes_build.project.model import NodeKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.core.names import Arch, Family
    from arkes_build.project.known import Known
    from arkes_build.project.loader import Texts
    from arkes_build.project.model import Expansion, Part, Project

NOTHING_KNOWN: Mapping[str, Known] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What was read, as far as it can be used, and all findings by file and place."""

    project: Project
    expansion: Expansion | None
    """None while an error keeps the nodes from being made."""
    systems: Mapping[Path, Part]
    findings: tuple[Diagnostic, ...]


def inspect(
    root: Path,
    *,
    family: Family,
    arch: Arch,
    systemfiles: Iterable[Path] = (),
    texts: Texts = NO_TEXTS,
    known: Mapping[str, Known] = NOTHING_KNOWN,  # noqa: ARG001 - the rules to come ask for it
) -> Inspection:
    """Return the project in ``root`` with every finding about its files, rules included.

    ``texts`` stand for files that an editor holds; ``known`` is what earlier builds tell.
    Findings that a ``# check=skip=`` silences are left out. Raises ``ConfigError`` for
    ``arkes.toml``, ``ProjectNotFound``, and ``Unreadable`` for a Systemfile that is not there.
    """
    loaded = load_what_can_be(root, texts)
    findings, broken = list(loaded.findings), set(loaded.broken)
    systems: dict[Path, Part] = {}
    for path in systemfiles:
        part, found = load_system_if_it_can_be(path, loaded.project, texts)
        findings += found
        if part is not None:
            systems[path] = part
    expansion = None
    try:
        expansion = expand(
            loaded.project,
            family=family,
            arch=arch,
            systems=[part for part in systems.values() if part.kind is NodeKind.SYSTEM],
            findings=findings,
            broken=broken,
        )
    except SourceError as error:
        findings = list(error.diagnostics)
    return Inspection(
        project=loaded.project, expansion=expansion, systems=systems, findings=in_order(findings)
    )
