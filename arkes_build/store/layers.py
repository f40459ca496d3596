"""Apply what a layer changes to an OSTree tree, at a cost that follows the layer.

Files are hashed and written by a few threads; the tree is put together by one. A new
directory without markers is handed to libostree whole, which reads it without Python.
"""

from __future__ import annotations

import os
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from arkes_build.store.binding import binding, is_not_found
from arkes_build.store.objects import vanished

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from arkes_build.store.diff import Folder
    from arkes_build.store.objects import Objects

WHOLE = 3_000
"""Most entries of a directory that is handed over whole: more are shared among threads."""
BATCH = 64
"""Files that one thread takes at a time."""
ALONE = 200
"""A layer with fewer entries is not worth a thread."""
THREADS = 4


class LayerWriter:
    """Apply the folders of layers to trees, within one open transaction of ``repo``."""

    def __init__(self, repo: Any, objects: Objects) -> None:
        self._repo = repo
        self._objects = objects
        self._threads = min(THREADS, len(os.sched_getaffinity(0)))

    def apply(self, layer: Folder, tree: Any) -> Any:
        """Change ``tree`` (an ``OSTree.MutableTree``) as the layer says; return the tree.

        It is another one when the layer hides all that was there.
        """
        if layer.is_opaque:
            tree = binding().ostree.MutableTree.new()
        run = _Inline() if layer.count < ALONE else _Pool(self._threads)
        try:
            self._descend(layer, tree, run)
            run.finish()
        finally:
            run.close()
        return tree

    def _descend(self, layer: Folder, root: Any, run: _Inline | _Pool) -> None:
        waiting = [(layer, root)]
        while waiting:
            folder, tree = waiting.pop()
            tree.set_metadata_checksum(self._objects.folder(folder.path))
            for name in (*folder.removed, *(name for name, _kind in folder.skipped)):
                tree.remove(name, True)
            self._files(folder, tree, run)
            for name, inner in folder.folders.items():
                kept = None if inner.is_opaque else subtree(tree, name)
                if kept is None:
                    tree.remove(name, True)
                made = tree.ensure_dir(name)[1] if kept is None else kept
                if kept is None and inner.is_plain and inner.count <= WHOLE:
                    run.add(self._whole(inner), self._attach(made))
                else:
                    waiting.append((inner, made))

    def _files(self, folder: Folder, tree: Any, run: _Inline | _Pool) -> None:
        for start in range(0, len(folder.files), BATCH):
            names = folder.files[start : start + BATCH]
            run.add(self._batch(folder.path, names), _replace_all(tree, names))

    def _batch(self, path: str, names: Sequence[str]) -> Callable[[], Any]:
        return lambda: [self._objects.file(f"{path}/{name}") for name in names]

    def _whole(self, folder: Folder) -> Callable[[], tuple[str, str]]:
        """Return a task that writes a directory and all in it; its result names both parts."""

        def write() -> tuple[str, str]:
            modules = binding()
            tree = modules.ostree.MutableTree.new()
            try:
                self._repo.write_dfd_to_mtree(_AT_FDCWD, folder.path, tree, None, None)
            except modules.glib.Error as error:
                raise vanished(folder.path) if is_not_found(error) else error from error
            root = self._repo.write_mtree(tree, None)[1]
            return root.tree_get_contents_checksum(), root.tree_get_metadata_checksum()

        return write

    def _attach(self, made: Any) -> Callable[[tuple[str, str]], None]:
        def attach(checksums: tuple[str, str]) -> None:
            made.fill_empty_from_dirtree(self._repo, *checksums)

        return attach


_AT_FDCWD = -100
"""``fcntl.h``: the path is relative to the current directory (ours is absolute)."""


def subtree(tree: Any, name: str) -> Any:
    """Return the directory ``name`` of a tree, None when there is none of that name."""
    return lookup(tree, name)[1]


def lookup(tree: Any, name: str) -> tuple[str | None, Any]:
    """Return a file's checksum or a directory's tree, whichever ``name`` is; else None."""
    try:
        _found, checksum, inner = tree.lookup(name)
    except binding().glib.Error as error:
        if is_not_found(error):
            return None, None
        raise
    return checksum, inner


def replace(tree: Any, name: str, checksum: str) -> None:
    """Put a file in the tree, in place of whatever has the name."""
    if subtree(tree, name) is not None:
        tree.remove(name, True)
    tree.replace_file(name, checksum)


def _replace_all(tree: Any, names: Sequence[str]) -> Callable[[Sequence[str]], None]:
    def put(checksums: Sequence[str]) -> None:
        for name, checksum in zip(names, checksums, strict=True):
            replace(tree, name, checksum)

    return put


class _Inline:
    """Do each task at once, in this thread."""

    def add(self, task: Callable[[], Any], then: Callable[[Any], None]) -> None:
        then(task())

    def finish(self) -> None:
        """Wait for nothing: every task is done when ``add`` returns."""

    def close(self) -> None:
        """End nothing: there are no threads."""


class _Pool:
    """Do tasks in threads, and what follows on each in the thread that waits for all."""

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="commit")
        self._tasks: list[tuple[Future[Any], Callable[[Any], None]]] = []

    def add(self, task: Callable[[], Any], then: Callable[[Any], None]) -> None:
        self._tasks.append((self._pool.submit(task), then))

    def finish(self) -> None:
        for future, then in self._tasks:
            then(future.result())

    def close(self) -> None:
        # Before the transaction can be given up, nobody may write to it any more.
        self._pool.shutdown(wait=True, cancel_futures=True)
