"""Say that a graph cannot be followed: a name nobody knows, a circle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import did_you_mean
from arkes_build.core.errors import ArkesError, ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from arkes_build.core.source import Span


class UnknownNode(ArkesError):
    """Report a node's name that the graph does not have.

    A name that was typed is wrong usage; a name in a file (``where``) is a wrong source.
    """

    exit_code = ExitCode.USAGE

    def __init__(
        self, name: str, known: Iterable[str], *, wanted_by: str = "", where: Span | None = None
    ) -> None:
        names = sorted(known)
        reader = f" ({wanted_by} needs it)" if wanted_by else ""
        super().__init__(
            f"there is no node {name!r}{reader}",
            details=f"the nodes are: {', '.join(names)}" if names else "there are no nodes at all",
            resolution=did_you_mean(name, names) or "`arkes-build graph` shows all nodes",
            where=where,
        )
        self.name = name


class BrokenEdge(UnknownNode):
    """Report a node that names another one which is not there."""

    exit_code = ExitCode.SOURCE


class DependencyCycle(ArkesError):
    """Report nodes that stand on each other; ``path`` ends with the node it begins with."""

    exit_code = ExitCode.SOURCE

    def __init__(self, path: Sequence[str], *, where: Span | None = None) -> None:
        super().__init__(
            f"nodes depend on each other in a circle: {' → '.join(path)}",
            resolution="take one of these edges out: a node must stand on something finished",
            where=where,
        )
        self.path = tuple(path)
