"""Say what the pipeline asks of a container engine; podman and the fake both answer it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from arkes_build.core.events import Sink
    from arkes_build.core.names import Arch
    from arkes_build.render.model import Capabilities, Rendered


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One layer of an image in the engine's storage.

    ``diff_id`` is the digest of the layer's tar, ``chain_id`` the OCI chain ID of it
    and all below (image-spec, config.md); ``path`` is the folder with its overlay
    diff, None when the storage driver keeps no such folder. ``made_by`` is what the
    image's history says of it, as the engine wrote it; empty when that is not told.
    """

    diff_id: str
    chain_id: str
    path: Path | None
    made_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A finished image."""

    id: str
    """64 hexadecimal digits: the digest of its configuration."""
    digest: str
    """Digest of its manifest, ``sha256:…``."""
    layers: tuple[Layer, ...]
    """From the lowest to the highest."""
    config: Mapping[str, object]
    """The OCI ``config`` object (Env, User, Labels, …)."""
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildRequest:
    """Everything one build needs."""

    rendered: Rendered
    context: Path | None
    """Folder that ``rendered.files`` are relative to."""
    tag: str = ""
    """Empty for an image that is only built upon."""
    arguments: Mapping[str, str] = field(default_factory=dict)
    arch: Arch
    epoch: int
    """Creation time to write, seconds since 1970."""
    log: Path
    no_cache: bool = False
    """Run every step, whatever the engine's layer cache has."""
    keeps_steps: bool = True
    """Put every step into the layer cache. Without, there is one commit, at the end."""


class Engine(Protocol):
    """Build and look at images. All methods may be called from several threads."""

    def capabilities(self) -> Capabilities:
        """Return what the engine's Containerfile reader understands."""

    def describe(self) -> str:
        """Return engine, version, isolation and runtime in one line for people."""

    def build(self, request: BuildRequest, sink: Sink) -> Image:
        """Build one image; steps and output go to ``sink``, everything to the log's end."""

    def load(self, archive: Path, *, tag: str, arch: Arch, epoch: int) -> Image:
        """Make an image of one layer from a tar of a root file system."""

    def images(self, wanted: Iterable[str]) -> frozenset[str]:
        """Return those of the wanted image IDs that are at hand."""

    def image(self, wanted: str) -> Image | None:
        """Return an image by its ID; None when it is not at hand."""

    def forget(self, tags: Iterable[str]) -> None:
        """Take these tags (or IDs) away, and images that have none and are under no other."""

    def digest(self, name: str) -> str:
        """Return the digest of an image's manifest, ``sha256:…``; empty when it is not here."""

    def close(self) -> None:
        """End what was started for us; calling it again does nothing."""
