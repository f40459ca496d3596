"""Hold a project as a value: its configuration, files, and the nodes they make."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from arkes_build.core.names import Arch, Family
    from arkes_build.core.source import Span
    from arkes_build.language.nodes import Instruction, Systemfile
    from arkes_build.project.identity import Identity
    from arkes_build.project.settings import Config


class NodeKind(Enum):
    """Say where a node comes from."""

    BOOTSTRAP = "bootstrap"
    VARIANT = "variant"
    TEMPLATE = "template"
    """A template applied to a variant or to another template's node."""
    SYSTEM = "system"
    """A Systemfile of a machine, anywhere on disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One file under ``variants/`` or ``templates/``, or a Systemfile, read and checked."""

    name: str
    kind: NodeKind
    file: Systemfile
    context: Path
    """The folder that COPY and ADD read from: the project, or the Systemfile's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """Everything that was read: nothing below this value touches the project's files."""

    root: Path
    config: Config
    variants: Mapping[str, Part]
    templates: Mapping[str, Part]
    is_implicit: bool = False
    """There is no ``arkes.toml``: a Systemfile stands alone, on images of the engine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """An image that no project makes, as far as nodes on it depend on it."""

    id: str
    """64 hexadecimal digits."""
    user: str
    """The USER that it leaves in effect; empty for root."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextFile:
    """One entry of the build context that a node really uses.

    ``mode`` holds the permission bits; ``digest`` is the sha256 of a file's content;
    ``target`` a link's text; ``xattrs`` pairs of name and sha256 of the value.
    Owner and times of the checkout are left out on purpose.
    """

    path: str
    """Relative to the context, ``/`` between the parts."""
    type: str
    """``file``, ``dir`` or ``link``."""
    mode: int
    digest: str = ""
    target: str = ""
    xattrs: tuple[tuple[str, str], ...] = ()
    size: int = field(default=0, compare=False)
    root: Path | None = field(default=None, compare=False, repr=False)
    """The folder that ``path`` is in, when it is not the node's own context."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """Another node that this one names, and the place that names it (None: implied)."""

    node: str
    span: Span | None = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bootstrap:
    """How the first root file system is made.

    ``tool`` is ``mmdebstrap``, ``pacstrap`` or ``files``. ``mirrors`` are URLs, empty
    for those of this machine; they are no part of a node's key: signatures say what a
    package is, wherever it comes from.
    """

    tool: str
    packages: tuple[str, ...] = ()
    suite: str = ""
    components: tuple[str, ...] = ()
    snapshot: str = ""
    mirrors: tuple[str, ...] = ()
    files: tuple[ContextFile, ...] = ()
    """Host files for ``files``, path without the leading slash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedVariant:
    """One node, for one family and architecture, ready to be planned.

    ``instructions`` are lowered: what counts elsewhere is gone, and so are the
    ``--family`` and ``--arch`` flags. ``arguments`` are the values that the compiler
    supplies (all but ``HASH``, which is the key).
    """

    name: str
    kind: NodeKind
    display_name: str
    family: Family
    arch: Arch
    snapshot: str
    parent: str | None
    dependencies: tuple[Dependency, ...]
    file: Systemfile | None
    """None for the bootstrap."""
    instructions: tuple[Instruction, ...] = ()
    arguments: Mapping[str, str] = field(default_factory=dict)
    files: tuple[ContextFile, ...] = ()
    context: Path | None = None
    images: Mapping[str, str] = field(default_factory=dict)
    """Nodes that it names and no project makes → the ID of their image, empty if unknown."""
    bootstrap: Bootstrap | None = None
    identity: Identity
    clean: bool = False
    no_iso: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A node that this family or architecture does not have, and why."""

    name: str
    reason: str
    span: Span | None = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expansion:
    """All nodes of a project for one family and architecture, sorted by name."""

    nodes: tuple[ResolvedVariant, ...]
    left_out: tuple[LeftOut, ...]
    tops: Mapping[str, str] = field(default_factory=dict)
    """Systemfile with a TEMPLATE → the node at the end of its chain: what it means."""
