"""Answer as an engine does, without one: the pipeline is tried on it.

Images are digests of what was asked, so the same request always gives the same image;
there is nothing of them on disk.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from arkes_build.core.digest import digest, file_digest
from arkes_build.core.events import StepStarted
from arkes_build.engine.archive import chain_ids
from arkes_build.engine.protocol import Image, Layer
from arkes_build.render.model import Capabilities

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from arkes_build.core.errors import ArkesError
    from arkes_build.core.events import Sink
    from arkes_build.core.names import Arch
    from arkes_build.engine.protocol import BuildRequest


class FakeEngine:
    """Keep images in memory, by ID.

    ``failures`` names nodes that fail, and with what. ``requests``, ``loaded``
    and ``forgotten`` hold what was asked, in order.
    """

    def __init__(
        self,
        *,
        capabilities: Capabilities | None = None,
        failures: Mapping[str, ArkesError] | None = None,
    ) -> None:
        self.requests: list[BuildRequest] = []
        self.loaded: list[str] = []
        self.forgotten: list[str] = []
        self._capabilities = capabilities or Capabilities()
        self._failures = dict(failures or {})
        self._images: dict[str, Image] = {}
        self._lock = threading.Lock()

    def start(self) -> None:
        """Have nothing to start."""

    def capabilities(self) -> Capabilities:
        """Return what was given at the beginning."""
        return self._capabilities

    def describe(self) -> str:
        """Return that this is no engine."""
        return "no engine"

    def build(self, request: BuildRequest, sink: Sink) -> Image:
        """Return the image that stands for the request; raises the node's failure."""
        node = request.rendered.node
        with self._lock:
            self.requests.append(request)
        if node in self._failures:
            raise self._failures[node]
        sink(StepStarted(node=node, index=1, total=1, text="(no engine)"))
        named = digest(
            {
                "arch": request.arch.value,
                "arguments": dict(request.arguments),
                "files": [_fields(item) for item in request.rendered.files],
                "inline": {path: data.hex() for path, data in request.rendered.inline.items()},
                "text": request.rendered.text,
            }
        )
        return self._keep(_image([named, digest([named, "identity"])]))

    def load(self, archive: Path, *, tag: str, arch: Arch, epoch: int) -> Image:
        """Return the image that stands for the tar, which need not exist."""
        content = file_digest(archive) if archive.is_file() else digest(archive.name)
        with self._lock:
            self.loaded.append(tag)
        return self._keep(_image([digest([content, arch.value, epoch])]))

    def images(self, wanted: Iterable[str]) -> frozenset[str]:
        """Return those of the wanted IDs that were made here."""
        with self._lock:
            return frozenset(wanted) & self._images.keys()

    def image(self, wanted: str) -> Image | None:
        """Return an image that was made here."""
        with self._lock:
            return self._images.get(wanted)

    def forget(self, tags: Iterable[str]) -> None:
        """Remember what was asked; images have no tags here."""
        with self._lock:
            self.forgotten += tags

    def digest(self, name: str) -> str:
        """Return a digest that stands for an image of elsewhere."""
        return f"sha256:{digest(name)}"

    def close(self) -> None:
        """Have nothing to end."""

    def _keep(self, image: Image) -> Image:
        with self._lock:
            self._images[image.id] = image
        return image


def _fields(item: object) -> list[object]:
    """Return a context file as JSON: every field that belongs to its identity."""
    names: Sequence[str] = ("path", "type", "mode", "digest", "target", "xattrs")
    return [getattr(item, name) for name in names]


def _image(contents: list[str]) -> Image:
    diff_ids = [f"sha256:{content}" for content in contents]
    layers = tuple(
        Layer(diff_id=diff_id, chain_id=chain_id, path=None)
        for diff_id, chain_id in zip(diff_ids, chain_ids(diff_ids), strict=True)
    )
    name = digest(diff_ids)
    return Image(id=name, digest=f"sha256:{digest([name])}", layers=layers, config={}, size=0)
