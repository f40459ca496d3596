"""Find the project that a run is about; a Systemfile outside any is one of its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from arkes_build.project.errors import ProjectNotFound
from arkes_build.project.loader import find_project

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """The folder of a project; an implicit one has no ``arkes.toml``, and no variants."""

    root: Path
    is_implicit: bool = False


def find_home(given: Path | None, systemfiles: Sequence[Path] = ()) -> Home:
    """Return the project of a run.

    1. The one that was ``given``, or the nearest from the working directory upwards.
    2. The nearest from the first Systemfile upwards.
    3. The folder of that Systemfile, without an ``arkes.toml``.

    Raises ``ProjectNotFound`` when there is no Systemfile either.
    """
    try:
        return Home(root=find_project(given or Path()))
    except ProjectNotFound:
        if given is not None or not systemfiles:
            raise
    first = systemfiles[0]
    folder = (first if first.is_dir() else first.parent).resolve()
    try:
        return Home(root=find_project(folder))
    except ProjectNotFound:
        return Home(root=folder, is_implicit=True)
