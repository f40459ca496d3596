"""Find the kernel and initramfs of a deployed tree, and bring them to the ESP."""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from arkes_build.core.atomic import copy_atomically
from arkes_build.sysroot.errors import KernelMissing

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = "arkes"
"""Where kernels are on the ESP: ``arkes/RELEASE-CHECKSUM12/{linux,initrd}``."""
_OURS = re.compile(r"[\w.+~-]+-[0-9a-f]{12}")
_DIGITS = 12
_PE_AT = 0x3C


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


def kernel_of(tree: Path, *, commit: str, checksum: str) -> Kernel:
    """Return the kernel of a deployed tree; raises ``KernelMissing``.

    ``checksum`` is what libostree has for it (``ostree_deployment_get_bootcsum``).
    """
    modules = tree / "usr/lib/modules"
    found = sorted(modules.glob("*/vmlinuz"))
    if len(found) != 1:
        why = "more than one kernel is" if found else "no kernel is"
        raise KernelMissing(commit, why=f"{why} in /usr/lib/modules")
    linux, initrd = found[0], found[0].with_name("initramfs.img")
    for path in (linux, initrd):
        if not _is_filled(path):
            raise KernelMissing(commit, why=f"/{path.relative_to(tree)} is missing or empty")
    if not _is_efi_program(linux):
        # The boot loader would return to the firmware, and nothing would start again.
        raise KernelMissing(commit, why=f"/{linux.relative_to(tree)} is no EFI program")
    return Kernel(release=linux.parent.name, linux=linux, initrd=initrd, checksum=checksum)


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
    for path in sorted(place.glob("*")) + sorted(place.glob(".*")):
        path.unlink()
    if place.is_dir():
        place.rmdir()


def _both(kernel: Kernel, esp: Path) -> tuple[tuple[Path, Path], ...]:
    place = esp / kernel.folder
    return (kernel.linux, place / "linux"), (kernel.initrd, place / "initrd")


def _is_filled(path: Path) -> bool:
    try:
        state = path.lstat()
    except OSError:
        return False
    return stat.S_ISREG(state.st_mode) and state.st_size > 0


def _is_efi_program(path: Path) -> bool:
    """Tell whether a file begins as the PE format has it: ``MZ``, and the header it points to."""
    with path.open("rb") as stream:
        start = stream.read(_PE_AT + 4)
        stream.seek(int.from_bytes(start[_PE_AT:], "little"))
        return start[:2] == b"MZ" and stream.read(4) == b"PE\0\0"
