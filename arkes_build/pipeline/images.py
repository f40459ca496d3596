"""Bring an image of the engine into the store's repository, to be compared like a release.

An image that the last build of a node made is that node's commit. Any other is committed layer
by layer, as a build does it, and given the form that OSTree deploys, without a commit and a ref
of its own: the next run that builds forgets its layers again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from arkes_build.core.errors import ArkesError
from arkes_build.core.events import Notice, silent
from arkes_build.history.commits import CommitUnknown, History
from arkes_build.history.facts import TreeFacts, committed, installed, kernel_of
from arkes_build.history.trees import Root
from arkes_build.history.view import View
from arkes_build.pipeline.opening import open_store
from arkes_build.plan.state import Origin

if TYPE_CHECKING:
    from collections.abc import Callable

    from arkes_build.core.events import Sink
    from arkes_build.engine.protocol import Engine, Image
    from arkes_build.pipeline.opening import Opened
    from arkes_build.pipeline.options import Options
    from arkes_build.plan.state import Record

_ID = re.compile(r"(?:sha256:)?([0-9a-f]{6,64})")


class Images:
    """Find images by ID or name. The engine is started when it is first asked."""

    def __init__(
        self,
        options: Options,
        opened: Opened,
        history: History,
        sink: Sink = silent,
        *,
        start: Callable[[], Engine] | None = None,
    ) -> None:
        self._options = options
        self._opened = opened
        self._history = history
        self._sink = sink
        self._start = start or self._podman
        self._engine: Engine | None = None

    def close(self) -> None:
        """End the engine, if it was started."""
        if self._engine is not None:
            self._engine.close()

    def facts(self, name: str, unknown: CommitUnknown) -> TreeFacts:
        """Return what is known of an image; raises ``unknown`` when there is none."""
        match = _ID.fullmatch(name)
        found = self._recorded(match[1]) if match else None
        if found is not None:
            return self._committed(found, name)
        if match is None and ":" not in name and "/" not in name:
            raise unknown
        image = self._image(name, unknown)
        if image is None:
            raise unknown
        found = self._recorded(image.id)
        return self._committed(found, name) if found else self._brought(image, name)

    def _recorded(self, digits: str) -> Record | None:
        from arkes_build.store.leftovers import records

        recorded = records(self._opened.store)[0]
        found = [one for one in recorded.values() if one.image.startswith(digits)]
        return found[0] if found and self._history.has(found[0].commit) else None

    def _committed(self, record: Record, name: str) -> TreeFacts:
        return committed(self._history.trees, self._history.commit(record.commit), name)

    def _image(self, name: str, unknown: CommitUnknown) -> Image | None:
        try:
            self._engine = self._engine or self._start()
            return self._engine.image(name)
        except ArkesError as error:
            raise CommitUnknown(
                name, why=f"and the engine cannot be asked for an image: {error.brief}"
            ) from unknown

    def _brought(self, image: Image, name: str) -> TreeFacts:
        from arkes_build.pipeline.builder import layer_diffs

        if not image.layers:
            raise CommitUnknown(name, why="the image has no layers, so there is nothing in it")
        opened = open_store(self._options, read_only=False)
        with opened.store.lock(self._say_who):
            repository = opened.store.repository()
            layers = repository.commit_layers(layer_diffs(image), note=self._note)
            tree = repository.write_node_tree(layers[-1])
        whole = self._history.commit(layers[-1].commit).root
        root = Root(tree, whole.meta)
        view = View(self._history.trees, whole)
        return TreeFacts(
            root=root,
            whole=whole,
            packages=installed(view),
            kernel=kernel_of(view),
            layers=tuple(Origin(chain_id=one.chain_id) for one in image.layers),
            name=name,
        )

    def _note(self, text: str) -> None:
        self._sink(Notice(message=text))

    def _say_who(self, holder: object) -> None:
        self._note(f"waiting for the store: {holder or 'another run'} holds it")

    def _podman(self) -> Engine:
        from arkes_build.engine.podman import PodmanEngine
        from arkes_build.pipeline.pipeline import ENGINE_MEMORY

        return PodmanEngine(memory=self._opened.store.path / ENGINE_MEMORY, sink=self._sink)
