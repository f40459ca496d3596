"""Read files out of a committed tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from arkes_build.store.binding import binding, is_not_found

if TYPE_CHECKING:
    from collections.abc import Iterable


class Tree(Protocol):
    """A tree of files, read only; paths are relative, with ``/``."""

    def read(self, path: str) -> bytes | None:
        """Return a regular file's content, None when there is no such file."""

    def names(self, path: str) -> tuple[str, ...]:
        """Return the sorted names in a directory; none when there is no such directory."""


class CommittedTree:
    """The tree of one commit. Links are not followed."""

    def __init__(self, repo: Any, commit: str) -> None:
        self._repo = repo
        self._root = repo.read_commit(commit, None)[1]

    def read(self, path: str) -> bytes | None:
        """Return a regular file's content, None when there is no such file."""
        file = self._root.resolve_relative_path(path)
        gio = binding().gio
        flags = gio.FileQueryInfoFlags.NOFOLLOW_SYMLINKS
        if file.query_file_type(flags, None) != gio.FileType.REGULAR:
            return None
        return contents(self._repo, file.get_checksum())

    def names(self, path: str) -> tuple[str, ...]:
        """Return the sorted names in a directory; none when there is no such directory."""
        modules = binding()
        file = self._root.resolve_relative_path(path)
        try:
            listing = file.enumerate_children(
                "standard::name", modules.gio.FileQueryInfoFlags.NOFOLLOW_SYMLINKS, None
            )
            # A missing directory is told by the first entry only.
            return tuple(sorted(info.get_name() for info in listing))
        except modules.glib.Error as error:
            if is_not_found(error) or error.matches(
                modules.gio.io_error_quark(), modules.gio.IOErrorEnum.NOT_DIRECTORY
            ):
                return ()
            raise


def contents(repo: Any, checksum: str) -> bytes:
    """Return the content of a file object."""
    stream = repo.load_file(checksum, None)[1]
    pieces = []
    while piece := stream.read_bytes(1 << 20, None).get_data():
        pieces.append(piece)
    stream.close(None)
    return b"".join(pieces)


def texts(tree: Tree, paths: Iterable[str]) -> tuple[str, ...]:
    """Return the text of those files that are there; undecodable bytes are replaced."""
    found = (tree.read(path) for path in paths)
    return tuple(data.decode("utf-8", "replace") for data in found if data is not None)
