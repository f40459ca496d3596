"""Wrap a root file system's tar into an OCI archive that is the same every time.

`podman import` writes the time of day into the image; this does not, and a layer's tar
goes into the engine's storage as it is: owners, attributes, capabilities and all.
Layouts are those of the OCI image specification 1.0 (image-layout.md, config.md).
"""

from __future__ import annotations

import hashlib
import tarfile
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from arkes_build.core.digest import bytes_digest, canonical_json, file_digest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from arkes_build.core.names import Arch

_CHUNK = 1 << 20
PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""What programs of an image see when nobody says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """An OCI archive that is not written yet: ``pieces`` yields it.

    ``image`` is the ID that the image will have, 64 hexadecimal digits.
    """

    layer: Path
    layer_digest: str
    config: bytes
    manifest: bytes
    index: bytes

    @property
    def image(self) -> str:
        """Return the image's ID: the digest of its configuration."""
        return bytes_digest(self.config)

    def pieces(self) -> Iterator[bytes]:
        """Yield the archive's tar; raises ``OSError`` when the layer's tar is gone."""
        blobs = {bytes_digest(data): data for data in (self.config, self.manifest)}
        yield _member("oci-layout", b'{"imageLayoutVersion":"1.0.0"}')
        yield _member("index.json", self.index)
        for digest, data in sorted(blobs.items()):
            yield _member(f"blobs/sha256/{digest}", data)
        size = self.layer.stat().st_size
        yield _header(f"blobs/sha256/{self.layer_digest}", size)
        with self.layer.open("rb") as stream:
            while piece := stream.read(_CHUNK):
                yield piece
        yield b"\0" * (-size % tarfile.BLOCKSIZE + 2 * tarfile.BLOCKSIZE)


def wrap(layer: Path, *, arch: Arch, epoch: int) -> Archive:
    """Describe an image of one uncompressed layer, created at ``epoch`` seconds."""
    digest = file_digest(layer)
    created = datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    config = canonical_json(
        {
            "architecture": arch.oci,
            "config": {"Env": [PATH]},
            "created": created,
            "history": [{"created": created, "created_by": "arkes-build bootstrap"}],
            "os": "linux",
            "rootfs": {"diff_ids": [f"sha256:{digest}"], "type": "layers"},
        }
    )
    layer_type = "application/vnd.oci.image.layer.v1.tar"
    manifest = canonical_json(
        {
            "config": _descriptor("application/vnd.oci.image.config.v1+json", config),
            "layers": [
                {
                    "digest": f"sha256:{digest}",
                    "mediaType": layer_type,
                    "size": layer.stat().st_size,
                }
            ],
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "schemaVersion": 2,
        }
    )
    index = canonical_json(
        {
            "manifests": [_descriptor("application/vnd.oci.image.manifest.v1+json", manifest)],
            "schemaVersion": 2,
        }
    )
    return Archive(layer=layer, layer_digest=digest, config=config, manifest=manifest, index=index)


def chain_ids(diff_ids: list[str]) -> tuple[str, ...]:
    """Return the chain ID of each layer, from the lowest (image-spec config.md, ChainID)."""
    chain: list[str] = []
    for diff_id in diff_ids:
        below = f"{chain[-1]} {diff_id}".encode() if chain else b""
        chain.append(f"sha256:{hashlib.sha256(below).hexdigest()}" if below else diff_id)
    return tuple(chain)


def _descriptor(media_type: str, data: bytes) -> dict[str, object]:
    return {
        "digest": f"sha256:{bytes_digest(data)}",
        "mediaType": media_type,
        "size": len(data),
    }


def _header(name: str, size: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size = size
    return info.tobuf(tarfile.GNU_FORMAT)


def _member(name: str, data: bytes) -> bytes:
    return _header(name, len(data)) + data + b"\0" * (-len(data) % tarfile.BLOCKSIZE)
