"""Make one node: render, build, commit, and write down what came out."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from arkes_build.core.digest import canonical_json, digest
from arkes_build.core.events import Notice, OutputLine, StepStarted
from arkes_build.engine.errors import BuildStepFailed
from arkes_build.engine.protocol import BuildRequest
from arkes_build.pipeline.blueprint import ref_of
from arkes_build.pipeline.budgets import Judge, over_budget
from arkes_build.pipeline.foresight import Foresight
from arkes_build.pipeline.ingredients import ingredients
from arkes_build.pipeline.locate import locate
from arkes_build.pipeline.locking import as_deviation
from arkes_build.pipeline.origins import origins, with_identity
from arkes_build.plan.keys import named
from arkes_build.plan.state import Record
from arkes_build.project.model import NodeKind
from arkes_build.store.index import is_indexed, write_index
from arkes_build.store.model import LayerDiff, NodeMetadata

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from arkes_build.core.events import Sink
    from arkes_build.engine.protocol import Engine, Image
    from arkes_build.pipeline.budgets import BudgetExceeded
    from arkes_build.pipeline.locking import Lockdown
    from arkes_build.plan.state import Inputs, Origin
    from arkes_build.project.model import Project, ResolvedVariant
    from arkes_build.render.model import Rendered
    from arkes_build.store.model import Commit, CommitSigner, LayerCommit
    from arkes_build.store.repository import Repository
    from arkes_build.store.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One node to make: its key and inputs, and the records of the nodes it names."""

    node: ResolvedVariant
    key: str
    inputs: Inputs
    parents: Mapping[str, Record]
    no_cache: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """An image, its layers as committed (lowest first), and what was read from the last."""

    image: Image
    layers: tuple[LayerCommit, ...]
    result: str
    packages: tuple[str, ...]
    mirrors: tuple[str, ...]
    origins: tuple[Origin, ...]
    made_of: str = ""


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
        signer: CommitSigner | None = None,
        lockdown: Lockdown | None = None,
        near: tuple[str, ...] = (),
    ) -> None:
        """Take also commits whose trees are much like those to come: ``near``."""
        self._near = near
        self._project = project
        self._engine = engine
        self._store = store
        self._repository = repository
        self._sink = sink
        self._signer = signer
        self._lockdown = lockdown

    def make(self, order: Order) -> tuple[Record, bool]:
        """Build and commit a node; return its new record, and whether its content changed.

        The record is saved last: a run that is killed before leaves the old one, and
        the next run finds the layers in the engine's cache and in the repository.
        """
        begin = monotonic()
        node = order.node
        made = self._bootstrap(order) if node.kind is NodeKind.BOOTSTRAP else self._build(order)
        commit, tree_bytes = self._commit(order, made)
        self.index(node.name, commit.checksum, made.packages)
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
            origins=made.origins,
            made_of=made.made_of,
            tree_bytes=tree_bytes,
        )
        self._store.save(record)
        return record, not commit.is_unchanged

    def over_budget(self, record: Record) -> BudgetExceeded | None:
        """Return the error for a node that is as it was, and larger than is allowed now."""
        return over_budget(self._project, self._repository.path, record)

    def index(self, node: str, commit: str, packages: Sequence[str]) -> None:
        """Write down what checks may know of a node."""
        write_index(self._store.path, node, self._repository.known(commit, packages))

    def index_what_is_not(self, records: Iterable[Record]) -> None:
        """Do it for nodes that a store from before there was an index has."""
        for record in records:
            if not is_indexed(self._store.path, record.node):
                self.index(record.node, record.commit, record.packages)

    def _commit(self, order: Order, made: Made) -> tuple[Commit, int]:
        """Commit a node; return also what its tree weighs. Raises ``BudgetExceeded``."""
        node = order.node
        foresight = self._foresight(order, made)
        ref = ref_of(self._project, node)
        self._sink(StepStarted(node=node.name, index=0, total=0, text=f"commit {ref}"))
        commit = self._repository.commit_node(
            ref,
            made.layers[-1],
            NodeMetadata(
                node=node.name,
                version=node.identity.version,
                key=order.key,
                image=f"sha256:{made.image.id}",
                packages=made.packages,
                inputs=canonical_json(named(order.inputs)),
                layers=made.origins,
            ),
            epoch=self._epoch,
            forecast=foresight,
            signer=self._signer,
        )
        for warning in commit.warnings:
            self._note(node)(warning)
        if commit.is_unchanged:
            foresight.settle(commit.checksum)
        return commit, foresight.tree_bytes

    def _foresight(self, order: Order, made: Made) -> Foresight:
        config, name = self._project.config, order.node.name
        return Foresight(
            self._repository.path,
            from_last=config.updates.from_last,
            near=[*self._near, *(record.commit for record in order.parents.values())],
            packages=made.packages,
            layers=made.origins,
            judge=Judge(config, self._project.root, name),
            note=self._note(order.node),
        )

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
                locked=self._lockdown.bootstrap(node.name) if self._lockdown else None,
            )
            self._sink(StepStarted(node=node.name, index=0, total=0, text="load the image"))
            image = self._engine.load(
                archive, tag=self._tag(node), arch=node.arch, epoch=self._epoch
            )
        return self._read(order, image)

    def _build(self, order: Order) -> Made:
        """Build what people wrote, look what is in it, and give the image its identity.

        The labels list the packages, which are known only when they are installed. The
        identity is one commit of the engine, and nothing of it is kept for a cache. The
        log holds both.
        """
        from arkes_build.render.renderer import render, render_identity

        node = order.node
        self._log(order).unlink(missing_ok=True)
        rendered = render(
            node,
            key=order.key,
            parents={
                **node.images,
                **{name: record.image for name, record in order.parents.items()},
            },
            capabilities=self._engine.capabilities(),
            locked=self._lockdown.locked(node) if self._lockdown else None,
        )
        own = replace(rendered, text=rendered.own)
        made = self._read(order, self._call_engine(order, own, no_cache=order.no_cache))
        identity = render_identity(
            node,
            key=order.key,
            image=made.image.id,
            packages=made.packages,
            mirrors=made.mirrors,
        )
        image = self._call_engine(order, identity, tag=self._tag(node), keeps_steps=False)
        return replace(
            made,
            image=image,
            layers=self._commit_layers(node, image),
            origins=with_identity(node, made.origins, image),
        )

    def _call_engine(self, order: Order, rendered: Rendered, **options: Any) -> Image:
        node = order.node
        request = BuildRequest(
            rendered=rendered,
            arguments=rendered.arguments,
            context=node.context,
            arch=node.arch,
            epoch=self._epoch,
            log=self._log(order),
            **options,
        )
        try:
            return self._engine.build(request, self._sink)
        except BuildStepFailed as error:
            error.where = locate(node, error.step, word=error.subject)
            if self._lockdown is not None:
                raise as_deviation(error) from error
            raise

    def _read(self, order: Order, image: Image) -> Made:
        """Commit the image's layers and read from them what the next steps need to know."""
        node = order.node
        layers = self._commit_layers(node, image)
        # An image FROM scratch that only says something about itself has no layer at all.
        top = layers[-1] if layers else None
        config = {name: value for name, value in image.config.items() if name != "Labels"}
        packages = self._repository.packages(top.commit) if top else ()
        return Made(
            image=image,
            layers=layers,
            result=digest({"content": top.content if top else "", "config": config}),
            packages=packages,
            mirrors=self._repository.mirrors(top.commit) if top else (),
            origins=origins(node, image, order.parents.values()),
            made_of=self._made_of(order, top.commit if top else "", packages),
        )

    def _made_of(self, order: Order, commit: str, packages: Sequence[str]) -> str:
        """Return the digest of what a node is made of; raises ``LockDeviation``."""
        node, lockdown = order.node, self._lockdown
        parent = order.parents.get(node.parent or "")
        found = ingredients(
            node,
            commit,
            below=parent.commit if parent else "",
            packages=packages,
            repository=self._repository,
            engine=self._engine,
            locked=lockdown.target.nodes[node.name] if lockdown else None,
        )
        if lockdown is not None:
            lockdown.check(node.name, found.found, found.missing)
        return found.made_of

    def _commit_layers(self, node: ResolvedVariant, image: Image) -> tuple[LayerCommit, ...]:
        self._sink(StepStarted(node=node.name, index=0, total=0, text="commit the layers"))
        return self._repository.commit_layers(layer_diffs(image), note=self._note(node))

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
