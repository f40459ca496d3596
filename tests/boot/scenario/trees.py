"""Make releases that differ in a few files from one that was built, in a second each."""

from __future__ import annotations

import stat
from dataclasses import dataclass

from arkes_build.store.binding import binding
from arkes_build.store.objects import Objects


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file of a release; ``target`` makes it a symbolic link."""

    data: bytes = b""
    mode: int = 0o644
    target: str = ""


def read(repo, commit, path):
    """Return the bytes of a file of a commit."""
    root = repo.read_commit(commit, None)[1]
    return bytes(root.resolve_relative_path(path).load_contents(None)[1])


def names(repo, commit, path):
    """Return the names in a folder of a commit."""
    gio = binding().gio
    folder = repo.read_commit(commit, None)[1].resolve_relative_path(path)
    listed = folder.enumerate_children("standard::name", gio.FileQueryInfoFlags.NONE, None)
    return sorted(info.get_name() for info in listed)


def commit(repository, parent, changes, *, ref, version, late=60):
    """Commit ``changes`` (path → File, or None to remove) upon a commit; return the new one.

    ``late`` is by how many seconds it is younger than its parent.
    """
    modules = binding()
    repo = repository._repo
    with repository.transaction():
        tree = modules.ostree.MutableTree.new_from_commit(repo, parent)
        objects = Objects(repo)
        for path, file in sorted(changes.items()):
            *folders, name = path.strip("/").split("/")
            place = tree
            for folder in folders:
                place = _enter(place, folder, objects)
            if file is None:
                place.remove(name, True)
                continue
            if file.target:
                checksum = objects.link(file.target)
            else:
                checksum = objects.text(file.data, mode=stat.S_IMODE(file.mode))
            place.replace_file(name, checksum)
        root = repo.write_mtree(tree, None)[1]
        loaded = repo.load_commit(parent)[1]
        time = modules.ostree.commit_get_timestamp(loaded) + late
        about = _about(loaded, version=version, ref=ref)
        made = repo.write_commit_with_time(parent, version, None, about, root, time, None)[1]
        repo.transaction_set_ref(None, ref, made)
    return str(made)


def _enter(place, folder, objects):
    inner = place.ensure_dir(folder)[1]
    if not inner.get_metadata_checksum():
        inner.set_metadata_checksum(objects.folder_metadata(0o755))
    return inner


def _about(loaded, *, version, ref):
    variant = binding().glib.Variant
    before = loaded.get_child_value(0)
    values = {}
    for index in range(before.n_children()):
        entry = before.get_child_value(index)
        values[entry.get_child_value(0).get_string()] = entry.get_child_value(1).get_variant()
    values["version"] = variant("s", version)
    values["ostree.ref-binding"] = variant("as", [ref])
    values.pop("arkes.forecast", None)  # it would be about another tree
    return variant("a{sv}", {name: values[name] for name in sorted(values)})
