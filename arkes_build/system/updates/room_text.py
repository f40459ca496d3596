"""Draw what deployments take on the disk, and what was cleared away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.amounts import size
from arkes_build.host.naming import title
from arkes_build.host.status import role_of
from arkes_build.ui.grid import Grid, Row
from arkes_build.ui.shapes import SCHEMA
from arkes_build.ui.text import counted, safe, wrap

if TYPE_CHECKING:
    from arkes_build.host.updates.pruning import Clearing
    from arkes_build.host.updates.usage import Usage
    from arkes_build.ui.documents import updates as documents
    from arkes_build.ui.screen import Screen

_COLUMNS = ("OWN", "SHARED", "/ETC", "ROLE")


def usage_lines(usage: Usage, screen: Screen) -> list[str]:
    """Return a line for each deployment, then the sums."""
    found = [one.deployment for one in usage.deployments]
    rows = [
        Row(
            cells=(
                size(one.own),
                size(one.shared),
                size(one.etc),
                role_of(one.deployment, found).value,
            ),
            telling=(safe(title(one.deployment)),),
        )
        for one in usage.deployments
    ]
    grid = Grid(titles=_COLUMNS, right=frozenset(_COLUMNS[:3]), telling="DEPLOYMENT")
    lines = grid.draw(rows, screen)
    sums = [
        (
            "repository",
            f"{size(usage.repository)}, of which no deployment has {size(usage.unneeded)}",
        ),
        ("free", f"{size(usage.free)} of {size(usage.total)}"),
    ]
    if usage.var is not None:
        sums.insert(1, ("/var", size(usage.var)))
    drawn = [Row(cells=(name,), telling=(told,)) for name, told in sums]
    return [*lines, "", *Grid(titles=("",), telling="").draw(drawn, screen)[1:]]


def usage_shape(usage: Usage) -> documents.UsageDocument:
    """Return the same for a program."""
    found = [one.deployment for one in usage.deployments]
    return {
        "schema": SCHEMA,
        "type": "usage",
        "deployments": [
            {
                "commit": one.deployment.checksum,
                "serial": one.deployment.serial,
                "version": one.deployment.version,
                "role": role_of(one.deployment, found).value,
                "own": one.own,
                "shared": one.shared,
                "etc": one.etc,
            }
            for one in usage.deployments
        ],
        "repository": usage.repository,
        "unneeded": usage.unneeded,
        "var": usage.var,
        "free": usage.free,
        "total": usage.total,
    }


def clearing_lines(clearing: Clearing, screen: Screen, *, is_done: bool) -> list[str]:
    """Say what went, or would go."""
    if clearing.is_empty:
        return ["Nothing to remove: all that is here is needed."]
    verb = "removed" if is_done else "would be removed"
    lines = [f"- {safe(title(each))}" for each in clearing.deployments]
    lines += [f"- the ref {safe(name)}, which nothing follows any more" for name in clearing.refs]
    count = counted(clearing.objects, "object")
    told = f"{count} of {size(clearing.size)} {verb}"
    if clearing.deployments:
        told = f"{counted(len(clearing.deployments), 'deployment')} and {told}"
    return [*lines, *([told] if screen.width is None else wrap(told, screen.width))]


def clearing_shape(clearing: Clearing, *, is_done: bool) -> documents.ClearedDocument:
    """Return the same for a program."""
    return {
        "schema": SCHEMA,
        "type": "cleared",
        "is_done": is_done,
        "deployments": [
            {"commit": each.checksum, "serial": each.serial, "version": each.version}
            for each in clearing.deployments
        ],
        "refs": list(clearing.refs),
        "objects": clearing.objects,
        "bytes": clearing.size,
    }
