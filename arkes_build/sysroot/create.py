"""Make a sysroot with one deployment in plain folders, for a disk image.

What is made is the content of two file systems: ``root`` and ``esp``. No mount, no device.
"""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from arkes_build.store.binding import binding
from arkes_build.sysroot.model import Origin
from arkes_build.sysroot.sysroot import Sysroot
from arkes_build.sysroot.trouble import told

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

REMOTE = "arkes"
_DEBUG = "OSTREE_SYSROOT_DEBUG"


@dataclass(frozen=True, slots=True, kw_only=True)
class Created:
    """The two folders: what goes on the root file system, and what goes on the ESP."""

    root: Path
    esp: Path


def create(
    folder: Path,
    *,
    repo: Path,
    commit: str,
    ref: str,
    stateroot: str,
    kargs: Sequence[str],
    remote_url: str | None,
) -> Created:
    """Deploy a commit of ``repo`` below ``folder``; files are hard links where that can be.

    ``kargs`` come after those of every machine and before those that the image asks for.
    The repository is of mode bare, and ``ref`` in it is that of the remote ``arkes``.
    Raises ``KernelMissing``, ``DiskFull``, ``SysrootError``.
    """
    root, esp = folder / "root", folder / "esp"
    for place in (root / "boot", root / "efi", esp / "loader/entries"):
        place.mkdir(parents=True)
    with told(root, doing="making a sysroot"), _mutable():
        _initialize(root, stateroot, remote_url)
        sysroot = Sysroot.open(root, esp=esp)
        _take(sysroot.repo, repo, commit, ref)
        _deploy(sysroot, commit, ref, stateroot, kargs)
    (root / f"ostree/deploy/{stateroot}/var/log/journal").mkdir(parents=True, exist_ok=True)
    _leave_no_scratch(root / "ostree/repo")
    return Created(root=root, esp=esp)


def _initialize(root: Path, stateroot: str, remote_url: str | None) -> None:
    modules = binding()
    sysroot = modules.ostree.Sysroot.new(modules.gio.File.new_for_path(str(root)))
    sysroot.ensure_initialized(None)
    sysroot.init_osname(stateroot, None)
    sysroot.load(None)
    repo = sysroot.repo()
    config = repo.copy_config()
    # Our own step writes the boot menu; libostree keeps its list in /boot/loader.
    config.set_string("sysroot", "bootloader", "none")
    config.set_boolean("sysroot", "readonly", True)  # noqa: FBT003 - GLib's way
    if remote_url is not None:
        section = f'remote "{REMOTE}"'
        config.set_string(section, "url", remote_url)
        config.set_boolean(section, "gpg-verify", True)  # noqa: FBT003 - GLib's way
    repo.write_config(config)


def _take(repo: Any, source: Path, commit: str, ref: str) -> None:
    """Bring the commit over from the builder's own store, which is trusted, and name it."""
    variant = binding().glib.Variant
    options = {
        "refs": variant("as", [commit]),
        "depth": variant("i", 0),
        "gpg-verify": variant("b", False),  # noqa: FBT003 - GLib's way
    }
    # An image that is not finished is thrown away; what writes it to a disk syncs it.
    repo.set_disable_fsync(True)
    location = f"file://{source.resolve()}"
    repo.pull_with_options(location, variant("a{sv}", options), None, None)
    repo.set_ref_immediate(REMOTE, ref, commit, None)


def _deploy(sysroot: Sysroot, commit: str, ref: str, stateroot: str, kargs: Sequence[str]) -> None:
    from arkes_build.sysroot import kargs as arguments

    asked = arguments.of_commit(sysroot.repo, commit)
    wanted = dict.fromkeys((*arguments.DEFAULT, *kargs, *asked))
    origin = Origin(refspec=f"{REMOTE}:{ref}")
    sysroot.deploy(commit, origin=origin, kargs=list(wanted), stateroot=stateroot)


@contextmanager
def _mutable() -> Iterator[None]:
    """Keep libostree from making the deployment immutable: the folder is to be thrown away."""
    before = os.environ.get(_DEBUG)
    os.environ[_DEBUG] = "mutable-deployments"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_DEBUG]
        else:
            os.environ[_DEBUG] = before


def _leave_no_scratch(repo: Path) -> None:
    for name in (".lock", "tmp/cache"):
        path = repo / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
