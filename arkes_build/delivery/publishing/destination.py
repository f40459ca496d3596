"""Open the folder that is published, be alone in it, and remember what it had last time.

It is an OSTree repository of mode archive with more files in it. ``arkes.json`` says whose
it is, and what the publish before this one had: what a client may still be fetching stays
until the one after.
"""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from arkes_build.core.atomic import write_atomically
from arkes_build.core.errors import ArkesError, ExitCode
from arkes_build.store.binding import binding, told
from arkes_build.store.lock import held
from arkes_build.store.refs import CHECKSUM, is_ref

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from arkes_build.store.model import Holder

VERSION = 1
STATE = "arkes.json"
LOCK = "arkes.lock"


class NotPublishable(ArkesError):
    """Report a folder that is somebody else's: nothing of it is touched."""

    exit_code = ExitCode.STORE

    def __init__(self, path: Path, *, why: str, resolution: str = "") -> None:
        super().__init__(
            f"{path} cannot be published to: {why}",
            resolution=resolution
            or "name an empty folder, one that is not there yet, or one that "
            "`arkes-build publish` made",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What the last publish left; sizes are in bytes.

    ``releases`` are the commits of each ref, the newest first. ``weights`` are, by a
    delta's name, its size and that of the objects that it stands for; a delta that was
    larger than its objects is only here. ``leaving`` are commits that the publish before
    it had: they go at the next one. ``is_finished`` is false while one runs.
    """

    project: str
    url: str = ""
    releases: dict[str, list[str]] = field(default_factory=dict)
    leaving: list[str] = field(default_factory=list)
    weights: dict[str, list[int]] = field(default_factory=dict)
    is_finished: bool = True
    version: int = VERSION


class Destination:
    """A folder to publish in; hold it with ``alone`` before anything is written."""

    def __init__(self, path: Path, remembered: Remembered) -> None:
        self.path = path
        self.remembered = remembered
        self._repo: Any = None

    @property
    def repo(self) -> Any:
        """Return libostree's own object of it (``OSTree.Repo``)."""
        return self._repo

    def remember(self, value: Remembered) -> None:
        """Keep what is known for the next publish."""
        if value != self.remembered or not (self.path / STATE).exists():
            text = json.dumps(asdict(value), indent=1, sort_keys=True)
            write_atomically(self.path / STATE, text.encode() + b"\n")
            self.remembered = value

    def open_repository(self) -> None:
        """Open the OSTree repository; make it on the first publish."""
        modules = binding()
        with told(self.path, doing="opening the published repository"):
            repo = modules.ostree.Repo.new(modules.gio.File.new_for_path(str(self.path)))
            if not (self.path / "config").exists():
                repo.create(modules.ostree.RepoMode.ARCHIVE, None)
            repo.open(None)
        if repo.get_mode() != modules.ostree.RepoMode.ARCHIVE:
            raise NotPublishable(self.path, why="it is an OSTree repository of another mode")
        self._repo = repo


@contextmanager
def alone(
    path: Path, project: str, on_wait: Callable[[Holder | None], None]
) -> Iterator[Destination]:
    """Hold the folder alone while the block runs; make it when it is not there.

    Waits for another publisher, who is told to ``on_wait``. Raises ``NotPublishable``
    before anything is written when the folder is not this project's.
    """
    _read(path, project)
    path.mkdir(parents=True, exist_ok=True)
    with held(path / LOCK, on_wait=on_wait):
        destination = Destination(path, _read(path, project))
        destination.remember(destination.remembered)
        destination.open_repository()
        yield destination


def look(path: Path, project: str) -> Remembered | None:
    """Return what the last publish left, None when nothing was published; writes nothing.

    Raises ``NotPublishable`` when the folder is not this project's.
    """
    return _read(path, project) if (path / STATE).exists() else None


def _read(path: Path, project: str) -> Remembered:
    try:
        value = json.loads((path / STATE).read_bytes())
        _must_be_known(path, value)
        found = Remembered(**value)
        _check_types(found)
    except FileNotFoundError:
        _must_be_empty(path)
        return Remembered(project=project)
    except NotADirectoryError as error:
        raise NotPublishable(path, why="it is no folder") from error
    except OSError as error:
        raise NotPublishable(path, why=f"{error.strerror} ({STATE})") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise NotPublishable(path, why=f"its {STATE} is not what was written there") from error
    if found.project != project:
        raise NotPublishable(
            path, why=f"it holds the project {found.project[:80]!r}, not {project!r}"
        )
    return found


def _must_be_known(path: Path, value: Any) -> None:
    """Refuse what a newer version wrote, whatever it has."""
    if value["version"] > VERSION:
        raise NotPublishable(
            path, why="a newer version made it", resolution="upgrade arkes-build, or name another"
        )


def _check_types(found: Remembered) -> None:
    """Raise ``TypeError`` for a file that somebody else's hands were in."""
    texts = (found.project, found.url, *found.weights)
    lists = (found.leaving, *found.releases.values(), *found.weights.values())
    commits = (*found.leaving, *(one for line in found.releases.values() for one in line))
    sizes = (size for held in found.weights.values() for size in held)
    if not (
        isinstance(found.is_finished, bool)
        and all(isinstance(one, list) for one in lists)
        and all(len(one) == len(("delta", "objects")) for one in found.weights.values())
        and all(isinstance(one, str) for one in texts)
        and all(CHECKSUM.fullmatch(one) for one in commits)
        and all(is_ref(one) for one in found.releases)
        and all(isinstance(one, int) for one in sizes)
    ):
        raise TypeError


def _must_be_empty(path: Path) -> None:
    try:
        names = sorted(os.listdir(path))  # noqa: PTH208 - names are all that is wanted
    except FileNotFoundError:
        return
    # A first publish that was killed at once leaves only the lock and a file of ours.
    strange = [name for name in names if name != LOCK and not name.startswith(f".{STATE}.")]
    if {"objects", "config"} <= set(strange):
        raise NotPublishable(path, why="it is an OSTree repository that somebody else made")
    if strange:
        raise NotPublishable(path, why=f"it is not empty: it has {strange[0]!r}")
