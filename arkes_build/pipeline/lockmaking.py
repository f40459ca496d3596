"""Write `arkes.lock` of what was built: what each tree notes, and what it took from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from arkes_build.core.errors import ArkesError, ExitCode
from arkes_build.core.names import Family
from arkes_build.history.versions import dpkg_order, pacman_order
from arkes_build.pipeline.blueprint import read
from arkes_build.pipeline.locking import asked_of
from arkes_build.pipeline.outside import fetch, outside_images, urls
from arkes_build.plan.actions import ActionType
from arkes_build.plan.planner import plan
from arkes_build.project.lock_text import LockMissing, read_lock, write_lock
from arkes_build.project.lockfile import LOCK_FILE, LockFile, NodeLock, TargetLock, resolve
from arkes_build.project.lockmoves import LockMade, NodeMade, moves

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from arkes_build.pipeline.blueprint import Blueprint
    from arkes_build.pipeline.options import Options
    from arkes_build.plan.state import Record, State
    from arkes_build.project.lockfile import PackageFile
    from arkes_build.store.repository import Repository

_SHOWN = 10


class NotBuilt(ArkesError):
    """Report that a node is not there as its files say, so nobody knows what it is made of."""

    exit_code = ExitCode.LOCKED

    def __init__(self, node: str, why: str) -> None:
        super().__init__(
            f"{node} is not built as its files say: {why}",
            resolution=f"build it first: `arkes-build build {node}`",
        )


class FilesUnknown(ArkesError):
    """Report packages whose file nobody noted."""

    exit_code = ExitCode.LOCKED

    def __init__(self, node: str, packages: Sequence[str]) -> None:
        shown = ", ".join(packages[:_SHOWN])
        more = f" and {len(packages) - _SHOWN} more" if len(packages) > _SHOWN else ""
        super().__init__(
            f"{node}: nobody noted the file of {shown}{more}",
            resolution="a layer from before files were noted is built anew with "
            f"`arkes-build build --rebuild {node}`; a package that a RUN installs itself wants "
            "PACKAGES or /usr/lib/system/package_layer instead",
        )


class ImageUnknown(ArkesError):
    """Report an image of elsewhere that the engine does not have, or knows no digest of."""

    exit_code = ExitCode.LOCKED

    def __init__(self, node: str, image: str) -> None:
        super().__init__(
            f"{node}: the engine has no digest of {image}",
            resolution=f"fetch it (`podman pull {image}`), build the node, then lock it",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where a lock is made from: what is known, the trees, and the engine's images."""

    blueprint: Blueprint
    state: State
    repository: Repository
    digest: Callable[[str], str]

    @property
    def names(self) -> tuple[str, ...]:
        """Return the nodes that are asked for, and all they stand on, lowest first."""
        graph = self.blueprint.graph
        return tuple(graph.needs(self.blueprint.targets or graph.order()))

    @property
    def key(self) -> tuple[str, str]:
        """Return which part of the lock it is."""
        return self.blueprint.family.value, self.blueprint.arch.value

    def require_built(self) -> None:
        """Raise ``NotBuilt`` for the first node that is not what its files say."""
        made = plan(self.blueprint.graph, self.blueprint.targets, self.state)
        for action in made.actions:
            if action.type is not ActionType.REUSE:
                raise NotBuilt(action.node, str(action.reasons[0]))

    def locked(self, name: str) -> NodeLock:
        """Return what a node is made of; raises ``FilesUnknown`` and what ``fetch`` raises."""
        node = self.blueprint.graph.node(name)
        record = self.state.records[name]
        found, missing = resolve(record.packages, self.noted(name), self.noted(node.parent or ""))
        if missing:
            raise FilesUnknown(name, missing)
        return replace(
            found,
            on=node.parent or "",
            asked=tuple(sorted(asked_of(node))),
            images={image: self._digest(name, image) for image in outside_images(node)},
            downloads=tuple(fetch(url) for url in urls(node)),
        )

    def noted(self, name: str) -> tuple[PackageFile, ...]:
        """Return every file that was installed in a node; nothing for one of elsewhere."""
        record: Record | None = self.state.records.get(name)
        return self.repository.package_files(record.commit) if record is not None else ()

    def _digest(self, node: str, image: str) -> str:
        digest = self.digest(image)
        if not digest:
            raise ImageUnknown(node, image)
        return digest


def lock(
    options: Options,
    nodes: Sequence[str] = (),
    *,
    digest: Callable[[str], str],
) -> LockMade:
    """Write the lock of the named nodes and of all they stand on; of everything without any.

    What the lock has of other nodes, families and architectures stays. With ``dry_run``
    nothing is written. ``digest`` asks the engine for an image's.
    """
    sources = open_sources(options, nodes, digest=digest)
    sources.require_built()
    made = {name: sources.locked(name) for name in sources.names}
    return finish(sources, made, is_dry=options.dry_run)


def finish(
    sources: Sources,
    made: Mapping[str, NodeLock],
    *,
    is_dry: bool,
    security: Collection[str] = (),
) -> LockMade:
    """Write a lock unless it is only tried, and tell what changes in it.

    ``security`` names the packages whose new version comes from a security archive.
    """
    blueprint = sources.blueprint
    before = lock_of(blueprint)
    old = before.target(*sources.key)
    suite, snapshot = _day_of(sources)
    new = TargetLock(suite=suite, snapshot=snapshot, nodes={**old.nodes, **made})
    after = before.with_target(*sources.key, new)
    is_changed = before != after
    if not is_dry:
        is_changed = write_lock(blueprint.project.root, after)
    order = dpkg_order if blueprint.family is Family.DEBIAN else pacman_order
    return LockMade(
        path=str(blueprint.project.root / LOCK_FILE),
        is_dry=is_dry,
        is_changed=is_changed,
        nodes=tuple(
            NodeMade(
                node=name,
                packages=len(made[name].packages),
                size=sum(one.size for one in made[name].packages),
                moves=moves(old, new, name, order, security),
            )
            for name in sources.names
        ),
    )


def open_sources(
    options: Options, nodes: Sequence[str], *, digest: Callable[[str], str]
) -> Sources:
    """Open what a lock is made from. Raises what reading a project and its store raises."""
    from arkes_build.core.events import silent
    from arkes_build.pipeline.blueprint import ref_of
    from arkes_build.pipeline.opening import open_store

    blueprint = read(options, nodes)
    options = replace(options, family=blueprint.family, arch=blueprint.arch)
    store = open_store(options).store
    state = store.state(blueprint.graph.order(), silent)
    refs = {n: ref_of(blueprint.project, blueprint.graph.node(n)) for n in state.records}
    known = {name: r for name, r in state.records.items() if r.ref == refs[name]}
    if not known:
        raise NotBuilt(blueprint.graph.order()[0], "never built")
    return Sources(
        blueprint=blueprint,
        state=replace(state, records=known),
        repository=store.repository(),
        digest=digest,
    )


def lock_of(blueprint: Blueprint) -> LockFile:
    """Return the lock that is there; an empty one when there is none."""
    try:
        return read_lock(blueprint.project.root)
    except LockMissing:
        return LockFile()


def _day_of(sources: Sources) -> tuple[str, str]:
    """Return the suite and the snapshot that the project is of."""
    for name in sources.names:
        node = sources.blueprint.graph.node(name)
        if node.bootstrap is not None:
            return node.bootstrap.suite, node.bootstrap.snapshot
    return "", ""
