"""Hold what goes into the repository and what comes out of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from arkes_build.plan.state import Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerDiff:
    """One layer as the engine's storage has it.

    ``chain_id`` is ``sha256:…`` of it and all below; ``path`` is the folder with its
    overlay diff, None when the storage keeps no such folder.
    """

    chain_id: str
    path: Path | None


Note = Callable[[str], None]
"""Hear of something that people should know and that stops nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerCommit:
    """A layer and all below it, in the repository under ``arkes-layers/…``.

    ``content`` is libostree's checksum of content and metadata without commit metadata.
    ``is_new`` is false when it was there before.
    """

    chain_id: str
    commit: str
    content: str
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeMetadata:
    """What a node's commit says of itself.

    ``image`` is an image digest; ``inputs`` is the canonical JSON that hashes to ``key``;
    ``layers`` are those of the image, from the lowest.
    """

    node: str
    version: str
    key: str
    image: str
    packages: tuple[str, ...] = ()
    inputs: bytes = b""
    layers: tuple[Origin, ...] = ()


Forecaster = Callable[[str, str, str], str]
"""Say what a commit that is about to be written changes for those who have earlier ones.

It is called with the checksums of the new tree's directory and of its metadata, and the
commit that becomes the parent; returns JSON. What it raises gives the commit up.
"""


class CommitSigner(Protocol):
    """Sign commits; ``store.signing.Signer`` does."""

    def sign_commit(self, repo: Any, checksum: str) -> object:
        """Sign one commit of ``repo`` (libostree's object) with each key that has not yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """A node's commit in deployable form.

    ``is_unchanged`` says that the ref already held this very content, so that nothing was
    written; ``warnings`` tell of content that a deployed system will not have or cannot change.
    """

    ref: str
    checksum: str
    content: str
    parent: str | None
    version: str
    timestamp: int
    kernel: str | None
    is_unchanged: bool
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RefInfo:
    """A node's ref; ``timestamp`` is in seconds since 1970, texts are empty when unknown."""

    ref: str
    commit: str
    parent: str | None
    timestamp: int
    version: str
    node: str
    key: str
    kernel: str
    packages: int
    """How many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who holds a lock; ``since`` is in seconds since 1970."""

    pid: int
    command: str
    since: int

    def __str__(self) -> str:
        """Return the holder in words."""
        began = time.strftime("%H:%M:%S", time.localtime(self.since))
        return f"process {self.pid} ({self.command}) since {began}"
