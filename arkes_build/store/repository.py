"""Commit layers and nodes to the OSTree repository of a store.

What a kill or a power cut leaves is told in ``durable``.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from arkes_build.store import diff, refs
from arkes_build.store.binding import binding, told
from arkes_build.store.durable import finish
from arkes_build.store.errors import LayerNeedsTree, StoreError
from arkes_build.store.model import LayerCommit

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from arkes_build.project.known import Known
    from arkes_build.project.lockfile import PackageFile
    from arkes_build.store.adopting import Told
    from arkes_build.store.model import (
        Commit,
        CommitSigner,
        Forecaster,
        LayerDiff,
        NodeMetadata,
        Note,
        RefInfo,
    )


def _silent(_text: str) -> None:
    pass


def _nothing_foreseen(_tree: str, _meta: str, _parent: str) -> str:
    return ""


class Repository:
    """An OSTree repository of mode bare. Its methods may be called from several threads."""

    def __init__(self, path: Path, repo: Any) -> None:
        self.path = path
        self._repo = repo
        self._writer = threading.RLock()
        self._is_open = False
        self._refs: dict[str, str] = {}

    @classmethod
    def open(cls, path: Path, *, create: bool = True) -> Repository:
        """Open the repository at ``path``; make it when it is not there, if ``create``.

        Raises ``ToolMissing`` without libostree's binding, ``StoreDamaged`` when it is not
        there or unreadable.
        """
        modules = binding()
        repo = modules.ostree.Repo.new(modules.gio.File.new_for_path(str(path)))
        with told(path.parent, doing="opening the repository"):
            if create and not (path / "config").exists():
                path.mkdir(parents=True, exist_ok=True)
                repo.create(modules.ostree.RepoMode.BARE, None)
            repo.open(None)
        return cls(path, repo)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make all commits inside the block durable together, at its end.

        Other threads wait; a block within a block belongs to the outer one. What was
        written is given up when the block raises.
        """
        with self._writer:
            if self._is_open:
                yield
                return
            with told(self.path.parent, doing="preparing a commit"):
                self._repo.prepare_transaction(None)
            self._is_open = True
            try:
                yield
                with told(self.path.parent, doing="finishing a commit"):
                    finish(self._repo, self.path, self._refs)
            except BaseException:
                self._repo.abort_transaction(None)
                raise
            finally:
                self._is_open = False
                self._refs.clear()

    def commit_layers(
        self,
        layers: Sequence[LayerDiff],
        *,
        note: Note = _silent,
        whole: Collection[str] | None = None,
    ) -> tuple[LayerCommit, ...]:
        """Commit each layer (lowest first) on what is below it, and return all of them.

        Starts from the highest layer that is in the repository already. ``note`` hears of
        device nodes, pipes and sockets, which OSTree cannot hold. Raises ``LayerNeedsTree``
        for a layer whose folder is missing or refers to others (redirect, metacopy).
        With ``whole`` only those chain IDs are taken as they are: the others are written
        anew, what is there of them stays.
        """
        with self._writer:
            known = self._known(layers, whole)
            if len(known) < len(layers):
                with self.transaction(), told(self.path.parent, doing="committing layers"):
                    known += self._new_layers(layers, known, note)
            return tuple(known)

    def commit_node(
        self,
        ref: str,
        layer: LayerCommit,
        metadata: NodeMetadata,
        *,
        epoch: int,
        forecast: Forecaster = _nothing_foreseen,
        signer: CommitSigner | None = None,
    ) -> Commit:
        """Commit a node: the tree of its last layer, in deployable form.

        The parent is what the ref holds; the time is the later of ``epoch`` and one second
        after the parent. When the content equals the parent's, nothing is written. What
        ``forecast`` returns becomes part of the commit; what it raises gives it up.
        The signatures of ``signer`` become durable with the commit.
        """
        from arkes_build.store.nodes import NodeCommitter

        if not refs.is_ref(ref):
            raise StoreError(f"{ref[:80]!r} cannot be a ref")
        with self.transaction(), told(self.path.parent, doing=f"committing {ref}"):
            parent = self._refs.get(ref) or refs.read(self.path, ref) or None
            nodes = NodeCommitter(self._repo)
            made = nodes.commit(ref, layer, metadata, parent=parent, epoch=epoch, forecast=forecast)
            if signer is not None:
                signer.sign_commit(self._repo, made.checksum)
            if not made.is_unchanged:
                self._refs[ref] = made.checksum
            return made

    def adopt(self, chain_id: str, commit: str) -> LayerCommit:
        """Let the tree of a commit in deployable form be that of a lowest layer.

        So whatever stands on such a layer costs only what it changes. A layer that is there
        stays. Raises ``StoreDamaged`` when the commit is not there.
        """
        from arkes_build.store.adopting import image_root

        ref = refs.layer_ref(chain_id)
        with self.transaction(), told(self.path.parent, doing="taking a commit as a layer"):
            known = self._refs.get(ref) or refs.read(self.path, ref)
            if not known:
                root = image_root(self._repo, commit)
                known = self._write_layer(root)
                self._refs[ref] = known
            return self._layer_commit(chain_id, known, is_new=False)

    def restate(self, ref: str, commit: str, *, version: str, words: Mapping[str, str]) -> str:
        """Commit a node's tree once more, under another ref and with other words about it.

        ``words`` are texts of its metadata, ``version`` is what people call it; the parent is
        what the ref holds. Returns the new commit.
        """
        from arkes_build.store.adopting import restate

        if not refs.is_ref(ref):
            raise StoreError(f"{ref[:80]!r} cannot be a ref")
        with self.transaction(), told(self.path.parent, doing=f"committing {ref}"):
            parent = self._refs.get(ref) or refs.read(self.path, ref) or None
            made = restate(self._repo, commit, ref=ref, version=version, parent=parent, words=words)
            self._refs[ref] = made
            return made

    def tell(self, commit: str, words: Iterable[str], path: str) -> Told:
        """Return texts of a commit's metadata, its time, and the text of one of its files."""
        from arkes_build.store.adopting import tell

        with told(self.path.parent, doing="reading a commit"):
            return tell(self._repo, commit, words, path)

    def head(self, ref: str) -> str:
        """Return the commit that a ref names; empty when there is none."""
        return self._refs.get(ref) or refs.read(self.path, ref)

    def forget_layers(self, kept: Collection[str]) -> int:
        """Remove the refs of all layers but those with the ``kept`` chain IDs; say how many.

        Their objects go with the next prune of the repository.
        """
        wanted = {refs.layer_ref(chain_id) for chain_id in kept}
        with self._writer, told(self.path.parent, doing="forgetting layers"):
            names = self._repo.list_refs(refs.LAYERS, None)[1]
            found = {name if "/" in name else f"{refs.LAYERS}/{name}" for name in names}
            gone = sorted(found - wanted)
            for ref in gone:
                self._repo.set_ref_immediate(None, ref, None, None)
            return len(gone)

    def write_node_tree(self, layer: LayerCommit) -> str:
        """Write all objects of a node's tree that are not there; return its content checksum.

        No commit is made: the one that says this checksum of itself has its tree again.
        """
        from arkes_build.store.nodes import NodeCommitter

        with self.transaction(), told(self.path.parent, doing="writing a tree anew"):
            root = NodeCommitter(self._repo).tree(layer)[0]
            return str(root.tree_get_contents_checksum())

    def content_checksum(self, commit: str) -> str:
        """Return the checksum of a commit's content: equal for equal trees, whenever made."""
        with told(self.path.parent, doing="reading a commit"):
            loaded = self._repo.load_commit(commit)[1]
            return str(binding().ostree.commit_get_content_checksum(loaded))

    def packages(self, commit: str) -> tuple[str, ...]:
        """Return what is installed in a committed tree, ``name=version``, sorted."""
        from arkes_build.store.packages import packages
        from arkes_build.store.trees import CommittedTree

        with told(self.path.parent, doing="reading the package database"):
            return packages(CommittedTree(self._repo, commit))

    def package_files(self, commit: str) -> tuple[PackageFile, ...]:
        """Return every package file that was noted as installed in a committed tree."""
        from arkes_build.store.package_files import package_files
        from arkes_build.store.trees import CommittedTree

        with told(self.path.parent, doing="reading which package files it has"):
            return package_files(CommittedTree(self._repo, commit))

    def known(self, commit: str, packages: Iterable[str]) -> Known:
        """Return what a check may rely on: a committed tree's units, and its ``packages``."""
        from arkes_build.store.index import known_in
        from arkes_build.store.trees import CommittedTree

        with told(self.path.parent, doing="reading the names of units"):
            return known_in(CommittedTree(self._repo, commit), packages)

    def mirrors(self, commit: str) -> tuple[str, ...]:
        """Return the package servers that a committed tree names, without credentials."""
        from arkes_build.store.mirrors import mirrors
        from arkes_build.store.trees import CommittedTree

        with told(self.path.parent, doing="reading the package servers"):
            return mirrors(CommittedTree(self._repo, commit))

    def refs(self) -> tuple[RefInfo, ...]:
        """Return the refs of nodes by name, without those of layers and pins."""
        from arkes_build.store.nodes import NodeCommitter

        with told(self.path.parent, doing="listing refs"):
            found = self._repo.list_refs(None, None)[1]
            names = sorted(name for name in found if refs.is_of_node(name))
            nodes = NodeCommitter(self._repo)
            return tuple(nodes.info(name, found[name]) for name in names)

    def _known(
        self, layers: Sequence[LayerDiff], whole: Collection[str] | None
    ) -> list[LayerCommit]:
        """Return the layers up to the first that the repository does not have (whole)."""
        known = []
        for layer in layers:
            if whole is not None and layer.chain_id not in whole:
                break
            ref = refs.layer_ref(layer.chain_id)
            commit = self._refs.get(ref) or refs.read(self.path, ref)
            if not commit:
                break
            known.append(self._layer_commit(layer.chain_id, commit, is_new=False))
        return known

    def _new_layers(
        self,
        layers: Sequence[LayerDiff],
        known: Sequence[LayerCommit],
        note: Note,
    ) -> list[LayerCommit]:
        from arkes_build.store.layers import LayerWriter
        from arkes_build.store.objects import Objects

        ostree = binding().ostree
        objects = Objects(self._repo)
        writer = LayerWriter(self._repo, objects)
        tree = (
            ostree.MutableTree.new_from_commit(self._repo, known[-1].commit)
            if known
            else ostree.MutableTree.new()
        )
        made = []
        for at in range(len(known), len(layers)):
            folder = _read(layers[at])
            for name, kind in skipped(folder):
                note(f"{name}: a {kind} is left out, OSTree cannot hold it")
            tree = writer.apply(folder, tree)
            commit = self._write_layer(self._repo.write_mtree(tree, None)[1])
            self._refs[refs.layer_ref(layers[at].chain_id)] = commit
            made.append(self._layer_commit(layers[at].chain_id, commit, is_new=True))
        return made

    def _write_layer(self, root: Any) -> str:
        """Write a layer's commit: same content, same commit, whatever the chain ID."""
        return str(self._repo.write_commit_with_time(None, "layer", None, None, root, 0, None)[1])

    def _layer_commit(self, chain_id: str, commit: str, *, is_new: bool) -> LayerCommit:
        content = self.content_checksum(commit)
        return LayerCommit(chain_id=chain_id, commit=commit, content=content, is_new=is_new)


def _read(layer: LayerDiff) -> diff.Folder:
    """Return what a layer says; raises ``LayerNeedsTree`` when its folder alone does not."""
    if layer.path is None:
        raise LayerNeedsTree(layer.chain_id, why="the storage keeps no folder for it")
    try:
        return diff.read(str(layer.path))
    except diff.NeedsTree as error:
        raise LayerNeedsTree(layer.chain_id, why=error.why) from error


def skipped(layer: diff.Folder) -> Iterator[tuple[str, str]]:
    """Give path and kind of everything in a layer that OSTree cannot hold."""
    start = len(layer.path)
    waiting = [layer]
    while waiting:
        folder = waiting.pop()
        if folder.is_plain:
            continue
        waiting.extend(folder.folders.values())
        for name, kind in folder.skipped:
            yield f"{folder.path[start:]}/{name}", kind
