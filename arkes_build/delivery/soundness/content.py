"""Hold one object against the checksum that is its name."""

from __future__ import annotations

import hashlib
import os
import stat
import threading
import zlib
from typing import TYPE_CHECKING, Any

from arkes_build.delivery.soundness.damage import Kind, Thing
from arkes_build.delivery.soundness.variants import items, raw, table, variant
from arkes_build.store.binding import binding, is_not_found
from arkes_build.store.signed import ObjectTampered, blobs_in
from arkes_build.store.trust import State, commit_signatures

if TYPE_CHECKING:
    from pathlib import Path

    from arkes_build.store.trust import Keyrings

_PIECE = 1 << 20
_HEAD = 8
"""Bytes before a header: its length, big-endian, and zeros up to a multiple of eight."""
_LONGEST_HEAD = 1 << 20
WRONG = "its content is not what its name says"
EMPTY = "it is empty"
MISFIT = "a signature does not fit"
_KINDS = {
    Kind.FOLDER: "(a(say)a(sayay))",
    Kind.METADATA: "(uuua(ayay))",
    Kind.COMMIT: "(a{sv}aya(say)sstayay)",
}
"""What each object is (ostree-core.h)."""
_ARCHIVED = "(tuuuusa(ayay))"
_SIGNATURES = frozenset(
    {"ostree.gpgsigs", "ostree.sign.ed25519", "ostree.sign.spki", "ostree.sign.dummy"}
)
"""What libostree 2022–2025 keeps beside a commit (ostree-sign-*.c, ostree-repo-gpg.c)."""


class Checker:
    """Look at objects of one repository. May be called from several threads."""

    def __init__(self, repository: Path, repo: Any, keyrings: Keyrings | None = None) -> None:
        self._objects = str(repository / "objects")
        self._repo = repo
        self._keyrings = keyrings
        self._one_at_a_time = threading.Lock()
        modules = binding()
        self._ostree, self._glib = modules.ostree, modules.glib
        self.is_archive = repo.get_mode() == modules.ostree.RepoMode.ARCHIVE

    def path(self, thing: Thing) -> str:
        """Return where the object is, or would be."""
        ending = "filez" if self.is_archive and thing.kind is Kind.FILE else thing.kind.value
        return f"{self._objects}/{thing.checksum[:2]}/{thing.checksum[2:]}.{ending}"

    def is_there(self, thing: Thing) -> bool:
        """Tell whether the object is there now."""
        return os.path.lexists(self.path(thing))

    def trouble(self, thing: Thing) -> str:
        """Return what is wrong with an object that is there; empty when nothing is.

        Files are read piece by piece, whatever their size.
        """
        try:
            if thing.kind is not Kind.FILE:
                return self._metadata(thing)
            if self.is_archive:
                return self._archived(thing)
            self._repo.fsck_object(self._ostree.ObjectType.FILE, thing.checksum, None)
        except OSError as error:
            return f"it cannot be read: {error.strerror}"
        except self._glib.Error as error:
            if "orrupted" in error.message:
                return WRONG
            return "" if is_not_found(error) else f"it cannot be read: {error.message}"
        return ""

    def _metadata(self, thing: Thing) -> str:
        with open(self.path(thing), "rb") as stream:  # noqa: PTH123 - many: no Path for each
            data = stream.read()
        if thing.kind is Kind.SIGNATURE:
            return self._structure(data) or self._signatures(thing.checksum)
        if hashlib.sha256(data).hexdigest() != thing.checksum:
            return WRONG if data else EMPTY
        # Whoever made the repository may have named nonsense rightly.
        return "" if variant(_KINDS[thing.kind], data) is not None else "it is no such object"

    def _archived(self, thing: Thing) -> str:
        """Do by hand what libostree does, and hold the size in the header against the content."""
        with open(self.path(thing), "rb") as stream:  # noqa: PTH123 - many: no Path for each
            head = stream.read(_HEAD)
            length = int.from_bytes(head[:4], "big")
            if len(head) < _HEAD or head[4:] != b"\0\0\0\0" or length > _LONGEST_HEAD:
                return WRONG if head else EMPTY
            data = stream.read(length)
            about = variant(_ARCHIVED, data)
            if about is None or len(data) != length:
                return WRONG
            digest = hashlib.sha256(self._plain_head(about))
            size = 0
            try:
                for piece in _inflated(stream):
                    size += len(piece)
                    digest.update(piece)
            except zlib.error:
                return WRONG
        # Numbers are big-endian in this header.
        said, mode = (int.from_bytes(raw(items(about)[at]), "big") for at in (0, 3))
        # A link has no content, and libostree leaves some number there.
        is_right = said == size or (stat.S_ISLNK(mode) and not size)
        return "" if digest.hexdigest() == thing.checksum and is_right else WRONG

    def _plain_head(self, about: Any) -> bytes:
        """Return what stands before a file's content where the checksum is made."""
        head = raw(self._glib.Variant.new_tuple(*items(about)[1:]))
        return len(head).to_bytes(4, "big") + b"\0\0\0\0" + head

    def _structure(self, data: bytes) -> str:
        """Say what can be told without keys: is this a table with signatures in it."""
        value = variant("a{sv}", data)
        if value is None:
            return "it cannot be parsed"
        return "" if holds_signatures(value) else "it holds no signature of a kind that is known"

    def _signatures(self, commit: str) -> str:
        """Say whether a signature does not fit; one by a key that nobody knows may be good."""
        if self._keyrings is None:
            return ""
        try:
            with self._one_at_a_time:
                found = commit_signatures(self._repo, commit, self._keyrings)
        except (ObjectTampered, self._glib.Error):
            return ""  # the commit is damaged or gone, and that is told of itself
        return MISFIT if any(one.state is State.BAD for one in found) else ""

    def summary_trouble(self, summary: bytes, signatures: bytes) -> str:
        """Say whether no signature of a summary fits it.

        Some may not: during a publish those of the summary before stay beside it.
        """
        value = variant("a{sv}", signatures)
        if self._keyrings is None or value is None:
            return ""
        states = {
            one.state for one in self._keyrings.signatures(self._repo, summary, blobs_in(value))
        }
        return MISFIT if State.BAD in states and State.GOOD not in states else ""


def _inflated(stream: Any) -> Any:
    """Give what a raw deflate stream holds, in pieces; raises ``zlib.error``, also at a cut end."""
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    has_any = False
    while data := stream.read(_PIECE):
        has_any = True
        while data:
            yield inflate.decompress(data, _PIECE)
            data = inflate.unconsumed_tail
    yield inflate.flush()
    if has_any and (not inflate.eof or inflate.unused_data):
        raise zlib.error("it ends too early or too late")


def holds_signatures(value: Any) -> bool:
    """Tell whether an ``a{sv}`` has signatures, and all that it has are lists of bytes."""
    known = [each for name, each in table(value).items() if name in _SIGNATURES]
    return bool(known) and all(
        each.get_type_string() == "aay" and each.n_children() for each in known
    )


def size_of(path: str) -> int:
    """Return the bytes that an object takes, 0 when it is gone."""
    try:
        return os.lstat(path).st_size
    except OSError:
        return 0
