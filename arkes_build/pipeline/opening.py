"""Open what a project has built, for commands that look at it and read no variant."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from arkes_build.core.names import machine_arch
from arkes_build.pipeline.machine import family_here
from arkes_build.project.loader import find_project, load_config
from arkes_build.store.store import Store

if TYPE_CHECKING:
    from arkes_build.history.commits import History
    from arkes_build.pipeline.options import Options
    from arkes_build.project.settings import Config


STORE_FOLDER = ".arkes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A project and its store; ``ref`` gives a node's ref."""

    root: Path
    config: Config
    store: Store
    arch: str

    @property
    def repository(self) -> Path:
        """Return the folder of the OSTree repository, which need not be there yet."""
        return self.store.path / "repo"

    def history(self, wanted: str) -> History:
        """Open what was committed, to look for a name in it.

        Raises ``CommitUnknown`` when nothing was built yet.
        """
        from arkes_build.history.commits import CommitUnknown, History

        if not self.store.has_repository:
            raise CommitUnknown(wanted, why="nothing was built here yet")
        return History(self.repository)

    def ref(self, node: str) -> str:
        """Return the ref of a node: ``NAME/ARCH/NODE``."""
        return f"{self.config.project.name}/{self.arch}/{node}"


def open_store(options: Options, *, read_only: bool = True) -> Opened:
    """Open the store that the options mean; ``read_only`` makes nothing.

    Without ``--family`` and ``--arch`` the store is what it is, so that a store of another
    family can be looked at. Raises ``ProjectNotFound``, ``ConfigError`` and what
    ``Store.open`` raises.
    """
    root = find_project(options.project or Path())
    config = load_config(root)
    path = options.store or store_of(root, config)
    held = Store.identity(path)
    family = options.family or (held[0] if held else family_here())
    arch = options.arch or (held[1] if held else machine_arch())
    store = Store.open(path, family=family, arch=arch, read_only=read_only)
    return Opened(root=root, config=config, store=store, arch=arch.value)


def store_of(root: Path, config: Config) -> Path:
    """Return where a project keeps what it built."""
    return root / (config.build.store or STORE_FOLDER)
