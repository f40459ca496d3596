"""Tell which nodes a family or an architecture does not have, and why."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from arkes_build.project.model import LeftOut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from arkes_build.core.names import Arch, Family
    from arkes_build.project.combine import Combination
    from arkes_build.project.edges import Edge
    from arkes_build.project.headers import Headers, Item
    from arkes_build.project.model import Part


def unsupported(
    combinations: Iterable[Combination],
    headers: Callable[[Part], Headers],
    *,
    family: Family,
    arch: Arch,
) -> dict[str, LeftOut]:
    """Return the nodes that a part of their chain does not support, by its own header."""
    absent = {}
    for combination in combinations:
        for part in combination.chain:
            found = headers(part)
            limits = [
                limit
                for limit, here in ((found.families, family.value), (found.arch, arch.value))
                if limit is not None and here not in {item.text for item in limit}
            ]
            if limits:
                absent[combination.name] = _left_out(combination.name, part, limits[0])
                break
    return absent


def in_want(
    edges: Mapping[str, Iterable[Edge]], absent: Mapping[str, LeftOut]
) -> dict[str, LeftOut]:
    """Return the nodes that need an absent one, however far away; reasons make a chain."""
    users: dict[str, list[tuple[str, Edge]]] = {}
    for name in sorted(edges):
        for edge in edges[name]:
            users.setdefault(edge.node, []).append((name, edge))
    found: dict[str, LeftOut] = {}
    waiting = deque(sorted(absent.values(), key=lambda each: each.name))
    while waiting:
        missing = waiting.popleft()
        for name, edge in users.get(missing.name, ()):
            if name not in absent and name not in found:
                reason = f"needs {missing.name}: {missing.reason}"
                found[name] = LeftOut(name=name, reason=reason, span=edge.span)
                waiting.append(found[name])
    return found


def _left_out(name: str, part: Part, limit: tuple[Item, ...]) -> LeftOut:
    only = ", ".join(sorted({item.text for item in limit})) or "nothing"
    return LeftOut(
        name=name,
        reason=f"{part.kind.value} {part.name} is only for {only}",
        span=limit[0].span if limit else None,
    )
