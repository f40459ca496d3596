"""Find out for a command whether a store, or any repository, is whole."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from arkes_build.core.names import machine_arch
from arkes_build.pipeline.blueprint import family_here
from arkes_build.pipeline.pipeline import cores, store_of
from arkes_build.project.loader import find_project, load_config
from arkes_build.store.store import Store

if TYPE_CHECKING:
    from arkes_build.delivery.damage import Findings
    from arkes_build.delivery.scan import Progress
    from arkes_build.pipeline.options import Options


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What is looked at: a repository, and the store that it belongs to, if any."""

    repository: Path
    store: Path | None


def place(options: Options, repository: Path | None) -> Place | None:
    """Return what is meant; None when nothing was built yet.

    A repository of its own needs no project. A damaged ``store.json`` stops nobody here.
    Raises what ``Store.open`` raises else, ``ProjectNotFound`` and ``ConfigError``.
    """
    if repository is not None:
        return Place(repository=repository, store=None)
    store = options.store or _of_project(options)
    if (store / "repo" / "config").exists():
        held = Store.identity(store)
        if held is not None:
            Store.open(store, family=held[0], arch=held[1], read_only=True)
        return Place(repository=store / "repo", store=store)
    Store.open(store, family=family_here(), arch=machine_arch(), read_only=True)
    return None


def look(options: Options, place: Place, progress: Progress) -> Findings:
    """Look at everything, and change nothing. Raises ``NoRepository``, ``ToolMissing``."""
    from arkes_build.delivery.fsck import fsck

    jobs = options.jobs or cores()
    return fsck(place.repository, store=place.store, jobs=jobs, progress=progress)[0]


def _of_project(options: Options) -> Path:
    root = find_project(options.project or Path())
    return store_of(root, load_config(root))
