"""Take away whole folders that others may look into: what killed runs left, and deltas."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from arkes_build.delivery.keeping.objects import NOTHING, Weight, files_in, remove, sync, weigh

if TYPE_CHECKING:
    from collections.abc import Iterator

_GOING = "arkes-going"
"""Beginning of the names that staging folders get in ``tmp`` before they are removed."""
_STAGED = ("staging-*", "arkes-waiting", f"{_GOING}-*")


def files(repository: Path) -> Iterator[str]:
    """Give the files that killed runs left in ``tmp``."""
    for path in _staged(repository):
        yield from files_in(str(path)) if path.is_dir() else (str(path),)


def clear(repository: Path) -> Weight:
    """Remove what killed runs left; the repository's lock says that no transaction is open.

    Each folder gets another name first: half of one, taken up again by libostree, would
    be a folder without its files.
    """
    freed = weigh(files(repository))
    for path in _staged(repository):
        if not path.is_dir():
            path.unlink(missing_ok=True)
        elif path.name.startswith(_GOING):
            shutil.rmtree(path)
        else:
            shutil.rmtree(path.rename(path.with_name(f"{_GOING}-{path.name}")))
    return freed


def clear_delta(folder: str) -> Weight:
    """Remove a static delta: first what names its parts, so that nobody begins with it."""
    freed = NOTHING
    for path in sorted(files_in(folder), key=lambda path: not path.endswith("/superblock")):
        freed += remove(path)
    shutil.rmtree(folder, ignore_errors=True)
    sync(str(Path(folder).parent))
    return freed


def _staged(repository: Path) -> list[Path]:
    return sorted(path for name in _STAGED for path in (repository / "tmp").glob(name))
