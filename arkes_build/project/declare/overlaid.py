"""Find the overlays that a file's instructions lay, stage by stage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import did_you_mean
from arkes_build.project.declare.declaration import read
from arkes_build.project.declare.priority import Laid
from arkes_build.project.declare.rules import OVERLAY_MISSING
from arkes_build.project.overlays import FOLDER

if TYPE_CHECKING:
    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.project.declare.declaration import Declaration
    from arkes_build.project.overlays import Overlays
    from arkes_build.project.scope import Walked


def overlays_of(walked: Walked, overlays: Overlays) -> list[list[Laid]]:
    """Return, per stage, the overlays that it and the stages below it lay, in their order."""
    found: list[list[Laid]] = []
    for stage in walked.stages:
        found.append([] if stage.base_stage is None else list(found[stage.base_stage]))
    own: list[list[Laid]] = [[] for _ in walked.stages]
    for step in walked.steps:
        if step.instruction.keyword == "OVERLAY" and step.stage >= 0:
            laid = laid_by(read(step, []), overlays, [])
            if laid is not None:
                own[step.stage].append(laid)
    for number, stage in enumerate(walked.stages):
        below = [] if stage.base_stage is None else found[stage.base_stage]
        found[number] = [*below, *own[number]]
    return found


def laid_by(given: Declaration, overlays: Overlays, findings: list[Diagnostic]) -> Laid | None:
    """Return the overlay that an OVERLAY names; None, and a finding, when there is none."""
    name = given.values[0].text if given.values else ""
    span = given.values[0].span if given.values else given.instruction.span
    overlay = overlays.find(name)
    if overlay is not None:
        return Laid(overlay=overlay, span=span)
    known = overlays.names()
    if not given.is_clear:
        return None
    near = did_you_mean(name[:60], known)
    own = name.removeprefix(f"{FOLDER}/").strip("/")
    if own != name and own in known:
        near = f"did you mean '{own}'? The folder {FOLDER}/ goes without saying"
    listed = f"overlays: {', '.join(known[:10])}" if known else ""
    findings.append(
        OVERLAY_MISSING.finding(
            f"there is no overlay {name[:60]!r}",
            span,
            remedy=near or listed or f"make the folder {FOLDER}/{name[:60]}",
        )
    )
    return None
