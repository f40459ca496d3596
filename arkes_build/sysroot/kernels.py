"""Find the kernel and initramfs of a deployed tree, and bring them to the ESP."""

from __future__ import annotations

import io
import re
import shutil
import stat
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, BinaryIO

from arkes_build.core.atomic import copy_atomically
from arkes_build.sysroot.errors import KernelMissing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from arkes_build.store.trees import Tree

FOLDER = "arkes"
"""Where kernels are on the ESP: ``arkes/RELEASE-CHECKSUM12/{linux,initrd}``."""
_MODULES = "usr/lib/modules"
_LINUX, _INITRD = "vmlinuz", "initramfs.img"
_OURS = re.compile(r"[\w.+~-]+-[0-9a-f]{12}")
_DIGITS = 12
_PE_AT = 0x3C
_NO_PROGRAM = "its kernel /{path} is no EFI program"
"""The boot loader would return to the firmware, and nothing would start again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kernel:
    """The kernel of a tree: ``release`` as in ``uname -r``, and libostree's checksum of both."""

    release: str
    linux: Path
    initrd: Path
    checksum: str

    @property
    def folder(self) -> str:
        """Return the folder that it has on the ESP: the same for the same bytes."""
        return f"{FOLDER}/{self.release}-{self.checksum[:_DIGITS]}"

    @property
    def bytes(self) -> int:
        """Return how much room both take."""
        return self.linux.stat().st_size + self.initrd.stat().st_size


def must_boot(tree: Tree, *, commit: str) -> None:
    """Raise ``KernelMissing`` when a committed tree has no kernel that firmware can start.

    This is known before anything of it is put in place; ``kernel_of`` looks at what was.
    """
    files = {name: tree.names(f"{_MODULES}/{name}") for name in tree.names(_MODULES)}
    release = _only([name for name in sorted(files) if _LINUX in files[name]], commit)
    if _INITRD not in files[release]:
        raise KernelMissing(commit, why=f"/{_MODULES}/{release}/{_INITRD} is missing or empty")
    path = f"{_MODULES}/{release}/{_LINUX}"
    if not _is_efi_program(io.BytesIO(tree.read(path) or b"")):
        raise KernelMissing(commit, why=_NO_PROGRAM.format(path=path))


def kernel_of(tree: Path, *, commit: str, checksum: str) -> Kernel:
    """Return the kernel of a deployed tree; raises ``KernelMissing``.

    ``checksum`` is what libostree has for it (``ostree_deployment_get_bootcsum``).
    """
    found = sorted(path.parent.name for path in (tree / _MODULES).glob(f"*/{_LINUX}"))
    folder = tree / _MODULES / _only(found, commit)
    linux, initrd = folder / _LINUX, folder / _INITRD
    for path in (linux, initrd):
        if not _is_filled(path):
            raise KernelMissing(commit, why=f"/{path.relative_to(tree)} is missing or empty")
    with linux.open("rb") as stream:
        if not _is_efi_program(stream):
            raise KernelMissing(commit, why=_NO_PROGRAM.format(path=linux.relative_to(tree)))
    return Kernel(release=folder.name, linux=linux, initrd=initrd, checksum=checksum)


def is_there(kernel: Kernel, esp: Path) -> bool:
    """Tell whether the ESP has both files in full length.

    They get their names after their bytes are on the disk, so length is enough.
    """
    return all(
        place.is_file() and place.stat().st_size == source.stat().st_size
        for source, place in _both(kernel, esp)
    )


def bring(kernel: Kernel, esp: Path, *, commit: str) -> None:
    """Copy both files to the ESP; raises ``KernelMissing`` when they are not what was deployed.

    Raises ``DiskFull`` with nothing left behind.
    """
    digest = sha256()
    try:
        for source, place in _both(kernel, esp):
            copy_atomically(source, place, note=digest.update)
    except BaseException:
        forget(esp, kernel.folder)
        raise
    has_more = any((kernel.linux.parent / name).exists() for name in ("devicetree", "dtb"))
    if digest.hexdigest() != kernel.checksum and not has_more:
        forget(esp, kernel.folder)
        raise KernelMissing(commit, why="its kernel or initramfs is damaged")


def on_esp(esp: Path) -> tuple[str, ...]:
    """Return the folders of kernels on the ESP, as entries name them."""
    folder = esp / FOLDER
    if not folder.is_dir():
        return ()
    return tuple(
        sorted(f"{FOLDER}/{path.name}" for path in folder.iterdir() if _OURS.fullmatch(path.name))
    )


def forget(esp: Path, folder: str) -> None:
    """Remove a folder of kernels from the ESP."""
    place = esp / folder
    if place.is_dir():
        shutil.rmtree(place)


def _both(kernel: Kernel, esp: Path) -> tuple[tuple[Path, Path], ...]:
    place = esp / kernel.folder
    return (kernel.linux, place / "linux"), (kernel.initrd, place / "initrd")


def _is_filled(path: Path) -> bool:
    try:
        state = path.lstat()
    except OSError:
        return False
    return stat.S_ISREG(state.st_mode) and state.st_size > 0


def _only(releases: Sequence[str], commit: str) -> str:
    if len(releases) != 1:
        why = "more than one kernel is" if releases else "no kernel is"
        raise KernelMissing(commit, why=f"{why} in /{_MODULES}")
    return releases[0]


def _is_efi_program(stream: BinaryIO) -> bool:
    """Tell whether a file begins as the PE format has it: ``MZ``, and the header it points to."""
    start = stream.read(_PE_AT + 4)
    stream.seek(int.from_bytes(start[_PE_AT:], "little"))
    return start[:2] == b"MZ" and stream.read(4) == b"PE\0\0"
