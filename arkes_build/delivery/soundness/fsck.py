"""Tell whether a repository and its store are whole; name what is not, and whom it hurts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from arkes_build.core.errors import ArkesError, ExitCode
from arkes_build.delivery.soundness import books
from arkes_build.delivery.soundness.closure import Closure, CommitObject, paths_of, read_commit
from arkes_build.delivery.soundness.content import Checker
from arkes_build.delivery.soundness.damage import Damage, Findings, Kind, Thing, ordered
from arkes_build.delivery.soundness.delta_files import delta_damages, deltas
from arkes_build.delivery.soundness.names import is_layer, partial, ref_damages, refs, shown
from arkes_build.delivery.soundness.scan import Progress, Seen, look, look_again, silent
from arkes_build.delivery.soundness.summaries import digests_of, summary_damages
from arkes_build.store.binding import binding
from arkes_build.store.refs import CHECKSUM

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

    from arkes_build.plan.state import Record
    from arkes_build.store.trust import Keyrings

MISSING = "it is not there"
NOBODY = "no ref"


class NoRepository(ArkesError):
    """Report a folder that is no OSTree repository, or one that cannot be opened."""

    exit_code = ExitCode.STORE

    def __init__(self, path: Path, *, why: str) -> None:
        super().__init__(
            f"{path} cannot be opened as an OSTree repository",
            details=why,
            resolution="name the folder that has config and objects in it, such as "
            "--repo .arkes/repo",
        )


@dataclass(slots=True, kw_only=True)
class World:
    """All that was read of one repository; what a repair goes by."""

    repository: Path
    store: Path | None
    repo: Any
    """``OSTree.Repo``."""
    checker: Checker
    seen: Seen
    refs: dict[str, str] = field(default_factory=dict)
    """``refs/heads/NAME`` → what it holds."""
    commits: dict[str, CommitObject] = field(default_factory=dict)
    """The good ones."""
    missing: frozenset[Thing] = frozenset()
    partial: frozenset[str] = frozenset()
    records: dict[str, Record] = field(default_factory=dict)
    users: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Commit → the refs whose history it is in."""

    @property
    def bad(self) -> frozenset[Thing]:
        """Return the objects that are damaged or missing."""
        return self.missing | self.seen.troubles.keys()

    @property
    def whole(self) -> frozenset[str]:
        """Return the commits that have all of their trees."""
        return frozenset(self.commits.keys() - self.broken().keys() - self.partial)

    def broken(self) -> dict[str, CommitObject]:
        """Return the commits that can be read and whose trees are not whole."""
        closure = Closure(self.repository, self.seen)
        bad = self.bad
        return {
            name: commit
            for name, commit in self.commits.items()
            if bad and not closure.is_whole(commit, bad)
        }


def open_repository(path: Path) -> Any:
    """Return libostree's object of a repository. Raises ``NoRepository``, ``ToolMissing``."""
    modules = binding()
    repo = modules.ostree.Repo.new(modules.gio.File.new_for_path(str(path)))
    try:
        repo.open(None)
    except modules.glib.Error as error:
        raise NoRepository(path, why=error.message) from error
    return repo


def fsck(
    repository: Path,
    *,
    store: Path | None = None,
    keyrings: Keyrings | None = None,
    repo: Any = None,
    jobs: int = 1,
    progress: Progress = silent,
) -> tuple[Findings, World]:
    """Look at everything in a repository, and at the store around it if it is one's.

    Nothing is changed, and who writes meanwhile is not waited for: what a second look does
    not find damaged is not told. Signatures are verified with ``keyrings``. ``repo``
    is libostree's object where the caller has locked it. Raises ``NoRepository``,
    ``ToolMissing``.
    """
    repo = repo or open_repository(repository)
    checker = Checker(repository, repo, keyrings)
    world = World(
        repository=repository,
        store=store,
        repo=repo,
        checker=checker,
        # Refs before objects: who commits meanwhile writes them the other way round.
        refs=refs(repository),
        seen=Seen(),
    )
    world.seen = look(repository, checker, jobs=jobs, progress=progress)
    look_again(checker, world.seen)
    _read_commits(world)
    return examine(world), world


def examine(world: World) -> Findings:
    """Name all that is wrong, from what was seen of the objects."""
    damages = [*_of_objects(world), *ref_damages(world.refs, world.seen)]
    damages += delta_damages(world.repository, world.seen, digests_of(world.repository))
    damages += summary_damages(world.repository, world.refs, world.checker)
    if world.store is not None:
        damages += _of_store(world, world.store)
    return _findings(world, damages)


def refresh(world: World) -> None:
    """Look again at refs, at the objects that were bad, and at what commits need."""
    world.refs = refs(world.repository)
    named = {Thing(Kind.COMMIT, one) for one in world.refs.values() if CHECKSUM.fullmatch(one)}
    for thing in world.bad | {one for one in named if not world.seen.has(one)}:
        world.seen.troubles.pop(thing, None)
        if not world.checker.is_there(thing):
            world.seen.present[thing.kind].discard(thing.checksum)
            continue
        world.seen.present[thing.kind].add(thing.checksum)
        what = world.checker.trouble(thing)
        if what:
            world.seen.troubles[thing] = what
    world.commits = {}
    _read_commits(world)


def _read_commits(world: World) -> None:
    """Read the good commits, and find what their trees lack."""
    world.partial = partial(world.repository)
    for checksum in sorted(world.seen.present[Kind.COMMIT]):
        if world.seen.is_good(Thing(Kind.COMMIT, checksum)):
            commit = read_commit(world.repository, checksum)
            if commit is not None:
                world.commits[checksum] = commit
    closure = Closure(world.repository, world.seen)
    named = {Thing(Kind.COMMIT, one) for one in world.refs.values() if CHECKSUM.fullmatch(one)}
    missing = {thing for thing in named if not world.seen.has(thing)}
    for commit in world.commits.values():
        if commit.checksum not in world.partial:
            missing.update(closure.missing(commit))
    # What came or went while we looked is not missing.
    world.missing = frozenset(thing for thing in missing if not world.checker.is_there(thing))
    world.users = users(world.refs, world.commits)


def users(
    refs: Mapping[str, str], commits: Mapping[str, CommitObject]
) -> dict[str, tuple[str, ...]]:
    """Return commit → ``NAME``, ``NAME~1`` … of the refs whose history it is in.

    Refs of layers are named only for commits that no other ref has.
    """
    found: dict[str, list[str]] = {}
    for path, tip in refs.items():
        steps, following = 0, tip
        while following:
            found.setdefault(following, []).append(f"{path}~{steps}" if steps else path)
            commit = commits.get(following)
            following, steps = (commit.parent if commit else ""), steps + 1
    return {commit: _of_nodes(names) for commit, names in found.items()}


def _of_nodes(names: Iterable[str]) -> tuple[str, ...]:
    everything = sorted(names)
    nodes = [name for name in everything if not is_layer(name)]
    return tuple(shown(name) for name in nodes or everything)


def _of_objects(world: World) -> list[Damage]:
    bad = world.bad
    if not bad:
        return []
    closure = Closure(world.repository, world.seen)
    broken = world.broken().values()
    needed: dict[Thing, set[str]] = {}
    for commit in broken:
        names = world.users.get(commit.checksum, (NOBODY,))
        for thing, _path in closure.places(commit, bad):
            needed.setdefault(thing, set()).update(names)
    places = _places(world, closure, broken)
    # A commit that only a ref names is told with the ref.
    told = [
        thing for thing in ordered(bad) if thing.kind is not Kind.COMMIT or world.seen.has(thing)
    ]
    return [_damage(world, thing, needed.get(thing, set()), places) for thing in told]


def _places(
    world: World, closure: Closure, broken: Collection[CommitObject]
) -> Mapping[Thing, tuple[tuple[str, ...], int]]:
    """Return the paths of all that is bad: those in nodes if it is in any."""
    nodes = {tip for path, tip in world.refs.items() if not is_layer(path)}
    found = paths_of(closure, (one for one in broken if one.checksum in nodes), world.bad)
    if len(found) == len(world.bad):
        return found
    return {**paths_of(closure, broken, world.bad), **found}


def _damage(
    world: World,
    thing: Thing,
    names: set[str],
    places: Mapping[Thing, tuple[tuple[str, ...], int]],
) -> Damage:
    if thing.kind in {Kind.COMMIT, Kind.SIGNATURE}:
        names = set(world.users.get(thing.checksum, (NOBODY,)))
    paths, more = places.get(thing, ((), 0))
    nodes = {name for name in names if name != NOBODY and not name.startswith("arkes-layers/")}
    return Damage(
        kind=thing.kind,
        name=thing.checksum,
        what=world.seen.troubles.get(thing, MISSING),
        is_missing=thing in world.missing,
        users=tuple(sorted(nodes or names)),
        paths=paths,
        more_paths=more,
    )


def _of_store(world: World, store: Path) -> list[Damage]:
    wrong = books.identity_damage(store)
    world.records, damages = books.read_records(store)
    damages += books.record_damages(world.records, world.commits, world.seen)
    damages += books.index_damages(store, world.records, world.whole, world.repo)
    return [*([wrong] if wrong else []), *damages]


def _findings(world: World, damages: Iterable[Damage]) -> Findings:
    kinds = list(Kind)
    return Findings(
        repository=str(world.repository),
        objects=world.seen.count,
        size=world.seen.size,
        commits=len(world.seen.present[Kind.COMMIT]),
        refs=len(world.refs),
        deltas=len(deltas(world.repository)),
        records=len(world.records),
        partial=len(world.partial),
        damages=tuple(sorted(damages, key=lambda one: (kinds.index(one.kind), one.name))),
    )
