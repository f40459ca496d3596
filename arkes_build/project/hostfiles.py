"""Find the files of this machine that a bootstrap of ``tool = "files"`` is made of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from arkes_build.project.entries import RefusedEntry, describe
from arkes_build.project.errors import ProjectError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from arkes_build.project.model import ContextFile

_PACKAGES = {"busybox": "busybox-static (Debian) or busybox (Arch)"}
"""File name → the package that brings it, for the files that people start with."""


class HostFileMissing(ProjectError):
    """Report that a host file of the bootstrap is not there, or is no file."""

    def __init__(self, path: str, *, why: str) -> None:
        package = _PACKAGES.get(Path(path).name, "the package that brings it")
        super().__init__(
            f"the bootstrap needs {path} of this machine, but {why}",
            details="arkes.toml names it in the list files of [bootstrap.…]",
            resolution=f"install {package}, or name another file in arkes.toml",
        )
        self.path = path


def host_files(paths: Iterable[str], *, root: Path = Path("/")) -> tuple[ContextFile, ...]:
    """Return the files, sorted, each under the path as it was written, without its slash.

    Links on the way, such as ``/bin`` on a machine with a merged ``/usr``, and at the end
    are followed for the content only: the result depends on what ``arkes.toml`` says, not
    on the machine's layout. Raises ``HostFileMissing``.
    """
    return tuple(_host_file(path, root) for path in sorted(set(paths)))


def _host_file(path: str, root: Path) -> ContextFile:
    try:
        found = describe((root / path.lstrip("/")).resolve(strict=True), path.lstrip("/"))
    except FileNotFoundError:
        raise HostFileMissing(path, why="it is not there") from None
    except (OSError, RuntimeError) as error:
        raise HostFileMissing(path, why=f"it cannot be read: {error}") from None
    except RefusedEntry:
        raise HostFileMissing(path, why="it is no file") from None
    if found.type != "file":
        raise HostFileMissing(path, why="it is a folder")
    return found
