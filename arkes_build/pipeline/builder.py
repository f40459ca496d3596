"""Make one node: render, build, commit, and write down what came out."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from arkes_build.core.digest import digest
from arkes_build.core.events import Notice, OutputLine, StepStarted
from arkes_build.engine.errors import BuildStepFailed
from arkes_build.engine.protocol import BuildRequest
from arkes_build.pipeline.blueprint import ref_of
from arkes_build.pipeline.locate import locate
from arkes_build.plan.state import Record
from arkes_build.project.model import NodeKind
from arkes_build.store.model import LayerDiff, NodeMetadata

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from arkes_build.core.events import Sink
    from arkes_build.engine.protocol import Engine, Image
    from arkes_build.plan.state import Inputs
    from arkes_build.project.model import Project, ResolvedVariant
    from arkes_build.store.model import Commit, LayerCommit
    from arkes_build.store.repository import Repository
    from arkes_build.store.store import Store

IDENTITY_LAYERS = 1
"""Layers that the renderer adds on top of what people wrote: the one with os-release."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One node to make: its key and inputs, and the records of the nodes it names."""

    node: ResolvedVariant
    key: str
    inputs: Inputs
    parents: Mapping[str, Record]
    before: Record | None
    """What was built last time, None the first time."""
    no_cache: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """An image, its last layer as committed, and what was read from that."""

    image: Image
    layer: LayerCommit
    result: str
    packages: tuple[str, ...]
    mirrors: tuple[str, ...]


class Builder:
    """Make nodes with one engine, into one store. Safe to call from several threads."""

    def __init__(
        self,
        project: Project,
        *,
        engine: Engine,
        store: Store,
        repository: Repository,
        sink: Sink,
    ) -> None:
        self._project = project
        self._engine = engine
        self._store = store
        self._repository = repository
        self._sink = sink

    def make(self, order: Order) -> tuple[Record, bool]:
        """Build and commit a node; return its new record, and whether its content changed.

        The record is saved last: a run that is killed before leaves the old one, and
        the next run finds the layers in the engine's cache and in the repository.
        """
        begin = monotonic()
        node = order.node
        made = self._bootstrap(order) if node.kind is NodeKind.BOOTSTRAP else self._build(order)
        commit = self._commit(order, made)
        record = Record(
            node=node.name,
            family=node.family.value,
            arch=node.arch.value,
            key=order.key,
            inputs=order.inputs,
            result=made.result,
            image=made.image.id,
            ref=commit.ref,
            commit=commit.checksum,
            size=made.image.size,
            seconds=round(monotonic() - begin, 3),
            packages=made.packages,
            mirrors=made.mirrors,
            layers=tuple(layer.chain_id for layer in made.image.layers),
        )
        self._store.save(record)
        return record, not commit.is_unchanged

    def _commit(self, order: Order, made: Made) -> Commit:
        node = order.node
        ref = ref_of(self._project, node)
        self._sink(StepStarted(node=node.name, index=0, total=0, text=f"commit {ref}"))
        commit = self._repository.commit_node(
            ref,
            made.layer,
            NodeMetadata(
                node=node.name,
                version=node.identity.version,
                key=order.key,
                image=f"sha256:{made.image.id}",
                packages=made.packages,
            ),
            epoch=self._epoch,
        )
        for warning in commit.warnings:
            self._note(node)(warning)
        return commit

    def _bootstrap(self, order: Order) -> Made:
        from arkes_build.bootstrap.make import make

        node = order.node
        if node.bootstrap is None:
            raise AssertionError(f"{node.name} has no bootstrap")
        with tempfile.TemporaryDirectory(prefix="arkes-bootstrap-") as work:
            archive = make(
                node.bootstrap,
                family=node.family,
                arch=node.arch,
                work=Path(work),
                cache=self._store.cache,
                epoch=self._epoch,
                on_line=lambda line: self._sink(OutputLine(node=node.name, text=line)),
            )
            self._sink(StepStarted(node=node.name, index=0, total=0, text="load the image"))
            image = self._engine.load(
                archive, tag=self._tag(node), arch=node.arch, epoch=self._epoch
            )
        return self._read(node, image, identity_layers=0)

    def _build(self, order: Order) -> Made:
        """Build with the packages that we expect; when others came out, name those instead.

        The labels list the packages, which are known only afterwards. The second call
        finds all steps but the last in the engine's cache. The log holds both.
        """
        self._log(order).unlink(missing_ok=True)
        expected = _expected(order)
        made = self._read(
            order.node, self._call_engine(order, expected), identity_layers=IDENTITY_LAYERS
        )
        found = (made.packages, made.mirrors)
        if found == expected:
            return made
        image = self._call_engine(order, found, again=True)
        return self._read(order.node, image, identity_layers=IDENTITY_LAYERS)

    def _call_engine(
        self,
        order: Order,
        content: tuple[tuple[str, ...], tuple[str, ...]],
        *,
        again: bool = False,
    ) -> Image:
        from arkes_build.render.renderer import render

        node = order.node
        packages, mirrors = content
        rendered = render(
            node,
            key=order.key,
            parents={name: record.image for name, record in order.parents.items()},
            capabilities=self._engine.capabilities(),
            packages=packages,
            mirrors=mirrors,
        )
        request = BuildRequest(
            rendered=rendered,
            arguments=rendered.arguments,
            context=node.context,
            tag=self._tag(node),
            arch=node.arch,
            epoch=self._epoch,
            log=self._log(order),
            no_cache=order.no_cache and not again,
        )
        try:
            return self._engine.build(request, self._sink)
        except BuildStepFailed as error:
            error.where = locate(node, error.step, word=error.subject)
            raise

    def _read(self, node: ResolvedVariant, image: Image, *, identity_layers: int) -> Made:
        """Commit the image's layers and read from them what the next steps need to know."""
        self._sink(StepStarted(node=node.name, index=0, total=0, text="commit the layers"))
        layers = self._repository.commit_layers(layer_diffs(image), note=self._note(node))
        top = layers[-1 - identity_layers]
        config = {name: value for name, value in image.config.items() if name != "Labels"}
        return Made(
            image=image,
            layer=layers[-1],
            result=digest({"content": top.content, "config": config}),
            packages=self._repository.packages(top.commit),
            mirrors=self._repository.mirrors(top.commit),
        )

    def _log(self, order: Order) -> Path:
        return self._store.log_path(order.node.name, order.key)

    def _note(self, node: ResolvedVariant) -> Callable[[str], None]:
        return lambda text: self._sink(Notice(message=f"{node.name}: {text}"))

    def _tag(self, node: ResolvedVariant) -> str:
        return f"localhost/{self._project.config.project.name}:{node.name}"

    @property
    def _epoch(self) -> int:
        return self._project.config.project.epoch


def layer_diffs(image: Image) -> tuple[LayerDiff, ...]:
    """Return the image's layers as the store takes them."""
    return tuple(LayerDiff(chain_id=layer.chain_id, path=layer.path) for layer in image.layers)


def _expected(order: Order) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the packages and mirrors that the image will most likely have."""
    likely = order.before or order.parents.get(order.node.parent or "")
    return (likely.packages, likely.mirrors) if likely else ((), ())
