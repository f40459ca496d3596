"""Hold what changed between two trees, and what it costs to get from one to the other."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """Say how something differs."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    UPGRADED = "upgraded"
    DOWNGRADED = "downgraded"


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageChange:
    """A package whose version differs; ``before`` or ``after`` is empty when it is not there."""

    name: str
    before: str
    after: str
    kind: Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class PathChange:
    """A file, link or directory that differs.

    ``size`` is its bytes now, or what it had when it is gone. ``package`` owns it, and
    ``line`` (``variants/base.Containerfile:13``) wrote it last; empty when nobody is known.
    ``detail`` says what about a default of ``/etc`` is another: its content, mode, owner.
    """

    path: str
    kind: Kind
    size: int
    package: str = ""
    line: str = ""
    detail: str = ""
    is_folder: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NameChange:
    """A unit, user, group or kernel argument; ``detail`` says more (``enabled``)."""

    name: str
    kind: Kind
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one package, or one line, has of the changed files: how many, and their bytes.

    ``size`` is of what came or changed, ``removed`` of what is gone; ``detail`` says more of
    a line: the beginning of what stands there.
    """

    name: str
    files: int
    size: int
    removed: int = 0
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """What a machine with the first has to fetch for the second, in bytes.

    ``objects`` is how many; ``content_bytes`` what they take on disk; ``object_bytes`` what
    they take compressed, as a web server has them (``is_estimate``: not all of it was
    compressed to know). ``delta_bytes`` is None when there is no delta. ``layers`` of the
    image are others; ``layer_bytes`` is what their files take, ``layer_packed_bytes`` the
    same compressed. None where nobody knows, or nobody asked.
    """

    objects: int
    content_bytes: int
    object_bytes: int | None = None
    is_estimate: bool = False
    delta_bytes: int | None = None
    layers: int | None = None
    layer_bytes: int | None = None
    layer_packed_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two: its commit (empty for an image that is none), version, node, time."""

    name: str
    commit: str
    version: str
    node: str
    timestamp: int
    kernel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """All that differs between two trees; every tuple is sorted by name or path."""

    before: Side
    after: Side
    packages: tuple[PackageChange, ...]
    etc: tuple[PathChange, ...]
    """Defaults of ``/etc``, with their path there."""
    units: tuple[NameChange, ...]
    users: tuple[NameChange, ...]
    """Users and groups (``detail`` says which), also those that sysusers.d will make."""
    kernel_arguments: tuple[NameChange, ...]
    files: tuple[PathChange, ...]
    by_package: tuple[Share, ...]
    """Sorted by size, the largest first; the name is empty for what no package owns."""
    by_line: tuple[Share, ...]
    download: Download

    @property
    def kernel(self) -> tuple[str, str] | None:
        """Return both kernels when they differ."""
        pair = (self.before.kernel, self.after.kernel)
        return pair if pair[0] != pair[1] else None
