"""Write a node's commit, and read it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from arkes_build.store import metadata as said
from arkes_build.store.binding import binding
from arkes_build.store.deployable import Deployable
from arkes_build.store.model import Commit, RefInfo
from arkes_build.store.objects import Objects

if TYPE_CHECKING:
    from arkes_build.store.model import LayerCommit, NodeMetadata, Note


def commit_node(
    repo: Any, ref: str, layer: LayerCommit, about: NodeMetadata, *, epoch: int, note: Note
) -> Commit:
    """Write the commit of a node within the open transaction, and let the ref name it."""
    modules = binding()
    tree = modules.ostree.MutableTree.new_from_commit(repo, layer.commit)
    made = Deployable(repo, Objects(repo), tree).make()
    for warning in made.warnings:
        note(f"{about.node}: {warning}")
    root = repo.write_mtree(tree, None)[1]
    # Of the two answers the first only says that nothing went wrong.
    parent = repo.resolve_rev(ref, True)[1]  # noqa: FBT003 - the binding has no keywords
    before = repo.load_commit(parent)[1] if parent else None
    is_unchanged = before is not None and _is_same(before, root)
    if is_unchanged:
        loaded, checksum = before, parent
    else:
        time = _timestamp(before, epoch)
        variant = said.metadata_variant(about, ref=ref, kernel=made.kernel)
        subject = f"{about.node} {about.version}".rstrip()
        checksum = repo.write_commit_with_time(parent, subject, None, variant, root, time, None)[1]
        repo.transaction_set_ref(None, ref, checksum)
        loaded = repo.load_commit(checksum)[1]
    return Commit(
        ref=ref,
        checksum=checksum,
        content=modules.ostree.commit_get_content_checksum(loaded),
        parent=modules.ostree.commit_get_parent(loaded),
        version=said.text(loaded, "version"),
        timestamp=modules.ostree.commit_get_timestamp(loaded),
        kernel=made.kernel,
        is_unchanged=is_unchanged,
        warnings=made.warnings,
    )


def ref_info(repo: Any, ref: str, commit: str) -> RefInfo:
    """Return what the commit that a ref names says of itself."""
    ostree = binding().ostree
    loaded = repo.load_commit(commit)[1]
    return RefInfo(
        ref=ref,
        commit=commit,
        parent=ostree.commit_get_parent(loaded),
        timestamp=ostree.commit_get_timestamp(loaded),
        version=said.text(loaded, "version"),
        node=said.text(loaded, "arkes.node"),
        key=said.text(loaded, "arkes.key"),
        kernel=said.text(loaded, "arkes.kernel"),
        packages=said.length(loaded, "arkes.packages"),
    )


def _is_same(before: Any, root: Any) -> bool:
    """Tell whether a commit (``(a{sv}aya(say)sstayay)``) already has this very root."""
    held = tuple(bytes(before.get_child_value(at).get_data_as_bytes().get_data()) for at in (6, 7))
    new = (root.tree_get_contents_checksum(), root.tree_get_metadata_checksum())
    return held == tuple(bytes.fromhex(checksum) for checksum in new)


def _timestamp(before: Any, epoch: int) -> int:
    """Return a time later than the parent's, never the clock's: same input, same commit."""
    if before is None:
        return epoch
    return max(epoch, int(binding().ostree.commit_get_timestamp(before)) + 1)
