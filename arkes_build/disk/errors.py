"""Name the ways in which a disk cannot be made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.amounts import size
from arkes_build.core.errors import ArkesError, ExitCode

if TYPE_CHECKING:
    from pathlib import Path


class DiskTooSmall(ArkesError):
    """Report a size into which the system does not fit; sizes are in bytes.

    What is needed is told in whole MiB, so that it is enough when it is taken at its word.
    """

    exit_code = ExitCode.USAGE

    def __init__(self, *, what: str, wanted: int, needed: int) -> None:
        super().__init__(
            f"{size(wanted)} is too small for {what}: it needs at least {-(-needed >> 20)} MiB",
            resolution="name a larger size, or none: then it is chosen",
        )


class NotBootable(ArkesError):
    """Report a node that no machine can boot."""

    exit_code = ExitCode.USAGE

    def __init__(self, node: str) -> None:
        super().__init__(
            f"{node} has no kernel, so that no machine can boot it",
            resolution="make a disk of a node with a kernel and an initramfs in "
            "/usr/lib/modules/VERSION, such as base",
        )


class NotAFile(ArkesError):
    """Report a place where no disk image can be written."""

    exit_code = ExitCode.USAGE

    def __init__(self, path: Path, *, why: str) -> None:
        super().__init__(
            f"{path} cannot become a disk image: {why}",
            resolution="name a file with --output; to write on a real disk, make a raw image "
            "and copy it there, as docs/disk.md shows",
        )


class FileSystemFailed(ArkesError):
    """Report that a file system could not be made, in its tool's own words."""

    exit_code = ExitCode.STORE

    def __init__(self, what: str, *, details: str) -> None:
        super().__init__(f"the disk could not be made: {what} failed", details=details)
