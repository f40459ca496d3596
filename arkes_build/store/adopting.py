"""Take a deployable commit as a layer, and commit a node's tree under another name.

This is what a machine needs that builds on a commit it has: no file's content is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from arkes_build.store import metadata as said
from arkes_build.store.binding import binding
from arkes_build.store.layers import subtree
from arkes_build.store.trees import CommittedTree

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_OWN = ("version", "ostree.ref-binding")
"""What is said of a commit and not of its tree."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a commit says of itself, and the text of one file; None when it has no such file."""

    words: Mapping[str, str]
    timestamp: int
    text: str | None


def tell(repo: Any, commit: str, words: Iterable[str], path: str) -> Told:
    """Return the texts of these names in a commit's metadata (empty for none), and the rest.

    Without a ``path`` the tree is not looked at.
    """
    loaded = repo.load_commit(commit)[1]
    data = CommittedTree(repo, commit).read(path) if path else None
    return Told(
        words={name: said.text(loaded, name) for name in words},
        timestamp=int(binding().ostree.commit_get_timestamp(loaded)),
        text=None if data is None else data.decode("utf-8", "replace"),
    )


def image_root(repo: Any, commit: str) -> Any:
    """Return the root (``OSTree.RepoFile``) of a commit's tree with `/etc` in its place.

    Within an open transaction. It costs the same for any tree: names move, nothing is read.
    """
    tree = binding().ostree.MutableTree.new_from_commit(repo, commit)
    usr = subtree(tree, "usr")
    etc = subtree(usr, "etc") if usr is not None else None
    if etc is not None and subtree(tree, "etc") is None:
        checksums = etc.get_contents_checksum(), etc.get_metadata_checksum()
        tree.ensure_dir("etc")[1].fill_empty_from_dirtree(repo, *checksums)
        usr.remove("etc", True)
    return repo.write_mtree(tree, None)[1]


def restate(
    repo: Any, commit: str, *, ref: str, version: str, parent: str | None, words: Mapping[str, str]
) -> str:
    """Write a commit of the same tree that says other things of itself; return its checksum.

    ``words`` are texts of its metadata. It is one second later than the parent, or as old as
    ``commit``. Within an open transaction.
    """
    modules = binding()
    loaded = repo.load_commit(commit)[1]
    variant = modules.glib.Variant
    values = {
        name: value for name, value in _metadata(loaded).items() if name not in (*_OWN, *words)
    }
    values |= {name: variant("s", text) for name, text in words.items()}
    values["version"] = variant("s", version)
    values["ostree.ref-binding"] = variant("as", [ref])
    time = int(modules.ostree.commit_get_timestamp(loaded))
    if parent:
        before = repo.load_commit(parent)[1]
        time = max(time, int(modules.ostree.commit_get_timestamp(before)) + 1)
    subject = f"{said.text(loaded, 'arkes.node')} {version}".strip()
    about = variant("a{sv}", {name: values[name] for name in sorted(values)})
    root = repo.read_commit(commit, None)[1]
    return str(repo.write_commit_with_time(parent, subject, None, about, root, time, None)[1])


def _metadata(loaded: Any) -> dict[str, Any]:
    """Return the values of a commit's metadata as variants, by name."""
    found = loaded.get_child_value(0)
    pairs = (found.get_child_value(at) for at in range(found.n_children()))
    return {
        pair.get_child_value(0).get_string(): pair.get_child_value(1).get_variant()
        for pair in pairs
    }
