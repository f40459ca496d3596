"""Find out for a command whether a store, or any repository, is whole, and make it so."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from arkes_build.core.errors import ArkesError
from arkes_build.core.events import Notice, silent
from arkes_build.core.names import machine_arch
from arkes_build.pipeline.machine import cores, family_here
from arkes_build.pipeline.opening import store_of
from arkes_build.pipeline.pipeline import ENGINE_MEMORY
from arkes_build.project.errors import ProjectNotFound
from arkes_build.project.loader import find_project, load_config
from arkes_build.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from arkes_build.core.events import Sink
    from arkes_build.delivery.soundness.damage import Findings
    from arkes_build.delivery.soundness.scan import Progress
    from arkes_build.engine.protocol import Engine
    from arkes_build.pipeline.options import Options
    from arkes_build.store.model import Holder, LayerDiff
    from arkes_build.store.trust import Keyrings


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
    from arkes_build.delivery.soundness.fsck import fsck

    with ExitStack() as stack:
        return fsck(
            place.repository,
            store=place.store,
            keyrings=_keyrings(options, stack),
            jobs=options.jobs or cores(),
            progress=progress,
        )[0]


def mend(
    options: Options,
    place: Place,
    progress: Progress,
    sink: Sink = silent,
    *,
    donor: str = "",
    start_engine: Callable[[], Engine] | None = None,
) -> Findings:
    """Look at everything, repair what can be repaired, and tell of both.

    A store is repaired from the engine's layers and, as any repository, from ``donor``, the
    folder or address of another one. The engine is started only when something is damaged
    that it may have. Holds the store's lock, or the repository's. Raises what ``look``
    raises, and ``DonorUnusable``.
    """
    from arkes_build.delivery.keeping.prune import locked
    from arkes_build.delivery.publishing.destination import LOCK, STATE
    from arkes_build.delivery.soundness import donor as donors
    from arkes_build.delivery.soundness.aftermath import aftermath
    from arkes_build.delivery.soundness.fsck import fsck, open_repository
    from arkes_build.delivery.soundness.repair import Repairer
    from arkes_build.store.lock import held
    from arkes_build.store.repository import Repository

    with ExitStack() as stack:
        repo = open_repository(place.repository)
        if place.store is not None:
            # A store whose store.json is damaged cannot be opened, but it can be locked.
            stack.enter_context(held(place.store / "lock", on_wait=_say_who(sink)))
        else:
            if (place.repository / STATE).exists():
                stack.enter_context(held(place.repository / LOCK, on_wait=_say_who(sink)))
            stack.enter_context(locked(repo, place.repository))
        before, world = fsck(
            place.repository,
            store=place.store,
            keyrings=_keyrings(options, stack),
            repo=repo,
            jobs=options.jobs or cores(),
            progress=progress,
        )
        if not before.damages:
            return before
        other = stack.enter_context(donors.donor(donor, place.repository)) if donor else None
        repairer = Repairer(world=world, donor=other, note=lambda text: sink(Notice(message=text)))
        if place.store is not None:
            repairer.repository = Repository.open(place.repository, create=False)
            engine = _Engine(place.store, sink, start_engine)
            stack.callback(engine.close)
            repairer.images = engine.layers
        repairer.repair()
        return aftermath(before, world, repairer.how)


def _keyrings(options: Options, stack: ExitStack) -> Keyrings | None:
    """Open the keyrings that the project trusts; None without a project, or without any."""
    from arkes_build.store.signing import trusted_keyrings
    from arkes_build.store.trust import Keyrings

    try:
        paths = trusted_keyrings(find_project(options.project or Path()))
    except ProjectNotFound:
        return None
    return stack.enter_context(Keyrings(paths)) if paths else None


class _Engine:
    """Give the layers of images; the engine is started when it is first asked, if it can be."""

    def __init__(self, store: Path, sink: Sink, start: Callable[[], Engine] | None) -> None:
        self._start = start or (lambda: _podman(store, sink))
        self._sink = sink
        self._engine: Engine | None = None

    def layers(self, wanted: Iterable[str]) -> Iterator[tuple[LayerDiff, ...]]:
        """Give the layers of those of the wanted images that are at hand, lowest first."""
        from arkes_build.pipeline.builder import layer_diffs

        try:
            self._engine = self._engine or self._start()
            found = [self._engine.image(one) for one in wanted]
        except ArkesError as error:
            self._sink(Notice(message=f"the engine cannot help: {error.brief}"))
            return
        for image in found:
            if image is not None:
                yield layer_diffs(image)

    def close(self) -> None:
        """End the engine, if it was started."""
        if self._engine is not None:
            self._engine.close()


def _podman(store: Path, sink: Sink) -> Engine:
    from arkes_build.engine.podman import PodmanEngine

    return PodmanEngine(memory=store / ENGINE_MEMORY, sink=sink)


def _say_who(sink: Sink) -> Callable[[Holder | None], None]:
    return lambda holder: sink(
        Notice(message=f"waiting for the store: {holder or 'another run'} holds it")
    )


def _of_project(options: Options) -> Path:
    root = find_project(options.project or Path())
    return store_of(root, load_config(root))
