"""Say what the tables need to know of a run, whoever made it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arkes_build.core.errors import ArkesError
    from arkes_build.core.events import Outcome
    from arkes_build.plan.actions import Reason
    from arkes_build.project.model import LeftOut


class NodeEnd(Protocol):
    """How one node ended."""

    @property
    def node(self) -> str:
        """Return the name of the node."""

    @property
    def outcome(self) -> Outcome:
        """Return how it ended."""

    @property
    def reasons(self) -> Sequence[Reason]:
        """Return why it was built, or why not."""

    @property
    def seconds(self) -> float:
        """Return the wall time."""

    @property
    def size(self) -> int:
        """Return the size of the image in bytes, 0 when unknown."""

    @property
    def ref(self) -> str:
        """Return the OSTree ref."""

    @property
    def commit(self) -> str:
        """Return the whole checksum of the commit."""

    @property
    def error(self) -> ArkesError | None:
        """Return what went wrong, None when nothing did."""


class RunEnd(Protocol):
    """How a whole run ended."""

    @property
    def nodes(self) -> Sequence[NodeEnd]:
        """Return all nodes in the order of the plan."""

    @property
    def seconds(self) -> float:
        """Return the wall time."""

    @property
    def left_out(self) -> Sequence[LeftOut]:
        """Return the nodes that this family or architecture does not have."""


class KnownRef(Protocol):
    """A ref of the OSTree repository."""

    @property
    def ref(self) -> str:
        """Return the OSTree ref."""

    @property
    def commit(self) -> str:
        """Return the whole checksum of the commit."""

    @property
    def node(self) -> str:
        """Return the name of the node."""

    @property
    def version(self) -> str:
        """Return the version of the project at the commit."""

    @property
    def key(self) -> str:
        """Return the digest of the inputs it was made from."""

    @property
    def timestamp(self) -> int:
        """Return the time of the commit, in seconds since 1970."""

    @property
    def parent(self) -> str | None:
        """Return the commit before this one, None for the first."""

    @property
    def kernel(self) -> str:
        """Return the version of the kernel in the tree, empty without one."""

    @property
    def packages(self) -> int:
        """Return how many packages the tree has."""
