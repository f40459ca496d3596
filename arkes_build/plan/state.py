"""Know what was built before: the records that a plan is made against."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class InstructionInput:
    """One instruction as a key sees it; ``where`` and ``brief`` are for people only."""

    digest: str
    where: str = field(compare=False)
    brief: str = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """The named inputs of one node. Their canonical JSON, hashed, is its key."""

    settings: Mapping[str, str]
    """Family, architecture, snapshot, renderer, arguments (``argument NAME``), identity."""
    instructions: tuple[InstructionInput, ...]
    files: Mapping[str, str]
    """Path → digest of type, mode, content, target and xattrs."""
    file_details: Mapping[str, Mapping[str, str]] = field(compare=False)
    """Path → the named properties, so that a plan can say which of them changed."""
    parents: Mapping[str, str]
    """Node → its result."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a layer comes from: the node and the instruction that made it.

    ``where`` is ``variants/base.Containerfile:13``. ``node``, ``where`` and ``brief`` are
    empty when nobody knows, as in an image that was built elsewhere.
    """

    chain_id: str
    node: str = ""
    where: str = ""
    brief: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What is known of a node's last finished build."""

    node: str
    family: str
    arch: str
    key: str
    inputs: Inputs
    result: str
    """Digest of what children build on: content without the identity layer, and config."""
    image: str
    """Image ID: 64 hexadecimal digits."""
    ref: str
    commit: str
    """OSTree commit checksum."""
    size: int
    """Bytes of the image."""
    seconds: float
    """How long the build and the commit took."""
    packages: tuple[str, ...] = ()
    """``name=version``, sorted."""
    mirrors: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    """Chain IDs of the image's layers, from the lowest."""
    made_of: str = ""
    """Digest of its package files and downloads; empty when one of them is not known."""
    tree_bytes: int = 0
    """Bytes of the deployed tree; 0 in a record from before it was kept."""
    origins: tuple[Origin, ...] = ()
    """The same layers with what made them; empty in a record from before it was kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What the planner may know of the world: records, intact refs, images at hand."""

    records: Mapping[str, Record] = field(default_factory=dict)
    commits: Mapping[str, str] = field(default_factory=dict)
    """Ref → commit checksum, as the repository has it now."""
    images: frozenset[str] | None = None
    """IDs of the images that the engine has; None when it was not asked."""
