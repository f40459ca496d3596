"""Write a node's commit, and read it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from arkes_build.store import metadata as said
from arkes_build.store.binding import binding
from arkes_build.store.deployable import Deployable
from arkes_build.store.model import Commit, RefInfo
from arkes_build.store.objects import Objects

if TYPE_CHECKING:
    from arkes_build.store.deployable import Made
    from arkes_build.store.model import Forecaster, LayerCommit, NodeMetadata


class NodeCommitter:
    """Commit nodes within the open transaction of ``repo``; the refs are the caller's to set."""

    def __init__(self, repo: Any) -> None:
        self._repo = repo
        self._ostree = binding().ostree

    def commit(
        self,
        ref: str,
        layer: LayerCommit,
        about: NodeMetadata,
        *,
        parent: str | None,
        epoch: int,
        forecast: Forecaster,
    ) -> Commit:
        """Write the commit of a node, unless its parent already has this very content."""
        root, made = self.tree(layer)
        before = self._load(parent) if parent else None
        if parent and _is_same(before, root):
            checksum = parent
        else:
            # Later than the parent and never the clock's: same input, same commit.
            time = max(epoch, self._time(before) + 1) if parent else epoch
            told = forecast(
                root.tree_get_contents_checksum(), root.tree_get_metadata_checksum(), parent or ""
            )
            variant = said.metadata_variant(about, ref=ref, kernel=made.kernel, forecast=told)
            checksum = self._write(parent, about, variant, root, time)
        loaded = self._load(checksum)
        return Commit(
            ref=ref,
            checksum=checksum,
            content=str(self._ostree.commit_get_content_checksum(loaded)),
            parent=self._ostree.commit_get_parent(loaded),
            version=said.text(loaded, "version"),
            timestamp=self._time(loaded),
            kernel=made.kernel,
            is_unchanged=checksum == parent,
            warnings=made.warnings,
        )

    def tree(self, layer: LayerCommit) -> tuple[Any, Made]:
        """Write the tree of a node whose last layer this is; return its root (``OSTree.RepoFile``).

        Also returns what the surgery found.
        """
        tree = self._ostree.MutableTree.new_from_commit(self._repo, layer.commit)
        made = Deployable(self._repo, Objects(self._repo), tree).make()
        return self._repo.write_mtree(tree, None)[1], made

    def info(self, ref: str, commit: str) -> RefInfo:
        """Return what the commit that a ref names says of itself."""
        loaded = self._load(commit)
        return RefInfo(
            ref=ref,
            commit=commit,
            parent=self._ostree.commit_get_parent(loaded),
            timestamp=self._time(loaded),
            version=said.text(loaded, "version"),
            node=said.text(loaded, "arkes.node"),
            key=said.text(loaded, "arkes.key"),
            kernel=said.text(loaded, "arkes.kernel"),
            packages=said.length(loaded, "arkes.packages"),
        )

    def _write(
        self, parent: str | None, about: NodeMetadata, variant: Any, root: Any, time: int
    ) -> str:
        subject = f"{about.node} {about.version}".rstrip()
        write = self._repo.write_commit_with_time
        return str(write(parent, subject, None, variant, root, time, None)[1])

    def _load(self, checksum: str) -> Any:
        return self._repo.load_commit(checksum)[1]

    def _time(self, loaded: Any) -> int:
        return int(self._ostree.commit_get_timestamp(loaded))


def _is_same(before: Any, root: Any) -> bool:
    """Tell whether a commit (``(a{sv}aya(say)sstayay)``) already has this very root."""
    held = tuple(bytes(before.get_child_value(at).get_data_as_bytes().get_data()) for at in (6, 7))
    new = (root.tree_get_contents_checksum(), root.tree_get_metadata_checksum())
    return held == tuple(bytes.fromhex(checksum) for checksum in new)
