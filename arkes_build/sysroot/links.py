"""Keep a name for each deployment that no later deployment takes away.

libostree writes ``ostree=/ostree/boot.1/STATEROOT/BOOTCHECKSUM/0`` for its own entries and
deletes that path with the next deployment: after a power cut before our entries follow, nothing
would boot. So ours say ``/ostree/boot-0/STATEROOT/CHECKSUM/SERIAL``, a link that stays as long
as its deployment.

The form is what libostree accepts there (``_ostree_sysroot_parse_bootlink`` in
``ostree-sysroot.c``: ``^/ostree/boot.[01]/([^/]+)/([^/]+)/([0-9]+)$``, where the first dot
stands for any character), because its systemd generator takes the stateroot for ``/var`` from
it. Its cleanup looks only at names beginning with ``boot.``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.atomic import link_atomically, remove_durably

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from arkes_build.sysroot.model import Deployment

LINKS = "ostree/boot-0"
ARGUMENT = "ostree="


def link_name(deployment: Deployment) -> str:
    """Return the link's path below the sysroot."""
    return f"{LINKS}/{deployment.stateroot}/{deployment.checksum}/{deployment.serial}"


def kernel_argument(deployment: Deployment) -> str:
    """Return the argument that tells the initramfs which deployment to start."""
    return f"{ARGUMENT}/{link_name(deployment)}"


def read_argument(command_line: str) -> tuple[str, int] | None:
    """Return checksum and serial of the deployment that a kernel command line starts by our link.

    None when it starts none, or one by another name.
    """
    for word in command_line.split():
        parts = word.removeprefix(f"{ARGUMENT}/{LINKS}/").split("/")
        if word.startswith(f"{ARGUMENT}/{LINKS}/") and len(parts) == 3 and parts[2].isdigit():  # noqa: PLR2004 - STATEROOT/CHECKSUM/SERIAL
            return parts[1], int(parts[2])
    return None


def ensure_link(root: Path, deployment: Deployment) -> bool:
    """Make the link of a deployment, unless it is there; tell whether it was made."""
    place = root / link_name(deployment)
    target = f"../../../deploy/{deployment.stateroot}/deploy/{deployment.name}"
    if place.is_symlink() and str(place.readlink()) == target:
        return False
    link_atomically(place, target)
    return True


def drop_links(root: Path, keep: Collection[str]) -> tuple[str, ...]:
    """Remove all links but those of ``keep`` (paths below the sysroot); return what went."""
    gone = []
    for place in sorted((root / LINKS).glob("*/*/*")):
        name = str(place.relative_to(root))
        if name not in keep:
            remove_durably(place)
            gone.append(name)
    for folder in sorted((root / LINKS).glob("*/*")):
        if not any(folder.iterdir()):
            folder.rmdir()
    return tuple(gone)
