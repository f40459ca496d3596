"""Make the first root file system: one tar, by the tool that arkes.toml names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.bootstrap import arch as arch_linux
from arkes_build.bootstrap import debian, files
from arkes_build.bootstrap.errors import BootstrapFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from arkes_build.core.names import Arch, Family
    from arkes_build.project.lockfile import PackageFile
    from arkes_build.project.model import Bootstrap


def make(
    bootstrap: Bootstrap,
    *,
    family: Family,
    arch: Arch,
    work: Path,
    cache: Path,
    epoch: int,
    on_line: Callable[[str], None],
    locked: Collection[PackageFile] | None = None,
) -> Path:
    """Return the path of a tar under ``work``, the same bytes for the same packages.

    ``work`` is an empty folder for this run, which the caller removes; ``cache`` keeps
    downloads from run to run (a folder for each family is made in it); ``epoch`` is in
    seconds since 1970; ``on_line`` hears what the tool prints; with ``locked`` the tree
    has those package files and no others. Raises ``LockedFileDiffers``, ``LockedFileGone``,
    ``BootstrapFailed`` or one of its kinds, ``MirrorsWanted``, ``KeyringMissing``,
    ``ToolMissing`` and ``ContentChanged``.
    """
    work.mkdir(parents=True, exist_ok=True)
    kept = cache / f"bootstrap-{family.value}-{arch.value}"
    if bootstrap.tool == "files":
        return files.make(bootstrap, work=work)
    if bootstrap.tool == "mmdebstrap":
        return debian.make(
            bootstrap,
            arch=arch,
            work=work,
            cache=kept,
            epoch=epoch,
            on_line=on_line,
            locked=locked,
        )
    if bootstrap.tool == "pacstrap":
        return arch_linux.make(
            bootstrap,
            arch=arch,
            work=work,
            cache=kept,
            epoch=epoch,
            on_line=on_line,
            locked=locked,
        )
    raise BootstrapFailed(bootstrap.tool, tail=[], brief=f"{bootstrap.tool} is no known tool")
