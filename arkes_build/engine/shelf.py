"""Give podman an image of folders that are there already: a read-only store of its own kind.

An image that is imported is written as a tar, hashed and unpacked: each of its bytes is moved
three times. A store that podman only reads from (`additionalimagestores` of
containers-storage.conf(5)) needs none of that. Its layout is that of containers/storage:
`overlay/ID/diff` is a layer, `overlay-layers` and `overlay-images` list what there is.

The digests of such layers are no digests of tars, because nobody has made one: each is made
of a name that means exactly this content. So these images are for builds on this machine;
to push or save one would fail where its digest is looked at.
"""

from __future__ import annotations

import shutil
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from arkes_build.core.atomic import write_atomically
from arkes_build.core.digest import bytes_digest, canonical_json
from arkes_build.engine.archive import PATH, chain_ids

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from arkes_build.core.names import Arch

_CONFIG = "application/vnd.oci.image.config.v1+json"
_LAYER = "application/vnd.oci.image.layer.v1.tar"
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_LINK_LENGTH = 26
"""Characters of the short names that overlayfs is mounted by (containers/storage, overlay.go)."""
_UNKNOWN_SIZE = 1
"""What is said of a layer's size: that of a tar which was never made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Premade:
    """An image that is known before anything of it is there."""

    diff_ids: tuple[str, ...]
    """``sha256:…`` of each layer, from the lowest."""
    config: bytes
    manifest: bytes
    created: str

    @property
    def image(self) -> str:
        """Return the image's ID: the digest of its configuration."""
        return bytes_digest(self.config)

    @property
    def chain(self) -> tuple[str, ...]:
        """Return the chain ID of each layer, from the lowest."""
        return chain_ids(list(self.diff_ids))


def premade(names: Sequence[str], *, arch: Arch, epoch: int) -> Premade:
    """Return the image whose layers are what ``names`` mean, from the lowest.

    The same names, architecture and ``epoch`` (seconds since 1970) are the same image.
    """
    created = datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    diff_ids = tuple(f"sha256:{bytes_digest(name.encode())}" for name in names)
    config = canonical_json(
        {
            "architecture": arch.oci,
            "config": {"Env": [PATH]},
            "created": created,
            "history": [{"created": created, "created_by": name} for name in names],
            "os": "linux",
            "rootfs": {"diff_ids": list(diff_ids), "type": "layers"},
        }
    )
    described = {"digest": f"sha256:{bytes_digest(config)}", "mediaType": _CONFIG}
    manifest = canonical_json(
        {
            "config": {**described, "size": len(config)},
            "layers": [
                {"digest": one, "mediaType": _LAYER, "size": _UNKNOWN_SIZE} for one in diff_ids
            ],
            "mediaType": _MANIFEST,
            "schemaVersion": 2,
        }
    )
    return Premade(diff_ids=diff_ids, config=config, manifest=manifest, created=created)


def put(shelf: Path, image: Premade, folders: Sequence[Path], *, tag: str) -> None:
    """Make the store ``shelf`` of one image; its layers' folders are moved into it.

    ``shelf`` is on the folders' file system. What was there goes. When it is interrupted, no
    ``overlay-images/images.json`` is there: ``is_whole`` tells.
    """
    shutil.rmtree(shelf, ignore_errors=True)
    layers = []
    below: list[str] = []
    for diff_id, folder in zip(image.diff_ids, folders, strict=True):
        name = _layer_id(diff_id, below)
        _place(shelf / "overlay", name, folder, below)
        layers.append(_layer(name, diff_id, image.created, below))
        below.insert(0, name)
    for part in ("overlay-layers/layers.lock", "overlay-images/images.lock"):
        write_atomically(shelf / part, b"")
    write_atomically(shelf / "overlay-layers/layers.json", canonical_json(layers))
    _describe(shelf / "overlay-images", image, below[0], tag)


def is_whole(shelf: Path) -> bool:
    """Tell whether ``put`` came to its end there."""
    return (shelf / "overlay-images/images.json").exists()


def settings(shelf: Path, *, storage: Path, run: Path) -> str:
    """Return the storage.conf of a podman that builds on the shelf and keeps its own elsewhere.

    ``storage`` is for what lasts, ``run`` for what a restart may take.
    """
    lines = (
        "[storage]",
        'driver = "overlay"',
        f"graphroot = {_quoted(storage)}",
        f"runroot = {_quoted(run)}",
        "[storage.options]",
        f"additionalimagestores = [{_quoted(shelf)}]",
        # Else a mount stays behind, and the folder cannot be removed.
        "[storage.options.overlay]",
        'skip_mount_home = "true"',
    )
    return "".join(f"{line}\n" for line in lines)


def _quoted(path: Path) -> str:
    text = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def _layer_id(diff_id: str, below: Sequence[str]) -> str:
    """Return the ID that containers/image looks for when a layer stands on this one.

    (``storage_dest.go``, ``computeID``: otherwise it would want the layer's tar.)
    """
    digits = diff_id.removeprefix("sha256:")
    return bytes_digest(f"{below[0]}+{digits}".encode()) if below else digits


def _place(overlay: Path, name: str, folder: Path, below: Sequence[str]) -> None:
    place, links = overlay / name, overlay / "l"
    links.mkdir(parents=True, exist_ok=True)
    place.mkdir(mode=0o700)
    folder.replace(place / "diff")
    short = _short(name)
    write_atomically(place / "link", short.encode())
    (links / short).symlink_to(f"../{name}/diff")
    if below:
        lower = ":".join(f"l/{_short(each)}" for each in below)
        write_atomically(place / "lower", lower.encode())
        for empty in ("work", "empty", "merged"):
            (place / empty).mkdir(mode=0o700)


def _short(name: str) -> str:
    return name[:_LINK_LENGTH].upper()


def _layer(name: str, diff_id: str, created: str, below: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": name,
        "created": created,
        "diff-digest": diff_id,
        "diff-size": _UNKNOWN_SIZE,
        "compressed-diff-digest": diff_id,
        "compressed-size": _UNKNOWN_SIZE,
    }
    return found | ({"parent": below[0]} if below else {})


def _describe(folder: Path, image: Premade, top: str, tag: str) -> None:
    """Write the list of images last: with it everything is there."""
    manifest = bytes_digest(image.manifest)
    data = {
        f"sha256:{image.image}": image.config,
        f"manifest-sha256:{manifest}": image.manifest,
        "manifest": image.manifest,
    }
    for name, text in data.items():
        shown = name if name == "manifest" else "=" + b64encode(name.encode()).decode()
        write_atomically(folder / image.image / shown, text)
    listed = {
        "id": image.image,
        "digest": f"sha256:{manifest}",
        "names": [tag],
        "layer": top,
        "created": image.created,
        "big-data-names": list(data),
        "big-data-sizes": {name: len(text) for name, text in data.items()},
        "big-data-digests": {n: f"sha256:{bytes_digest(text)}" for n, text in data.items()},
    }
    write_atomically(folder / "images.json", canonical_json([listed]))
