"""Read a commit as it was signed, and the signatures beside it."""

from __future__ import annotations

import hashlib
from typing import Any

from arkes_build.core.errors import ArkesError, ExitCode
from arkes_build.store.binding import binding, is_not_found

SIGNATURES = "ostree.gpgsigs"
"""Name under which libostree keeps signatures of commits and summaries."""
_SHORT = 12


class Distrusted(ArkesError):
    """Report something that is not what somebody trusted has signed."""

    exit_code = ExitCode.SIGNATURE


class ObjectTampered(Distrusted):
    """Report an object whose content is not what its name says."""

    def __init__(self, what: str, *, where: str, said: str = "") -> None:
        super().__init__(
            f"{what} in {where} was tampered with, or is damaged: its content is not what its "
            "name says",
            details=said,
            resolution="take it from a source that has it whole",
        )


def commit_bytes(repo: Any, checksum: str) -> bytes:
    """Return a commit as it was signed; raises ``ObjectTampered`` when it is another."""
    ostree = binding().ostree
    loaded = repo.load_variant(ostree.ObjectType.COMMIT, checksum)[1]
    data = bytes(loaded.get_data_as_bytes().get_data())
    if hashlib.sha256(data).hexdigest() != checksum:
        raise ObjectTampered(f"the commit {checksum[:_SHORT]}", where=repo.get_path().get_path())
    return data


def commit_blobs(repo: Any, checksum: str) -> tuple[bytes, ...]:
    """Return the signatures beside a commit, as they are."""
    modules = binding()
    try:
        beside = repo.read_commit_detached_metadata(checksum, None)[1]
    except modules.glib.Error as error:
        if is_not_found(error):
            return ()
        raise
    return blobs_in(beside)


def blobs_in(beside: Any) -> tuple[bytes, ...]:
    """Return the signatures in what stands beside a commit or summary (``a{sv}``, or None)."""
    if beside is None:
        return ()
    found = beside.lookup_value(SIGNATURES, binding().glib.VariantType.new("aay"))
    if found is None:
        return ()
    each = (found.get_child_value(at) for at in range(found.n_children()))
    return tuple(bytes(one.get_data_as_bytes().get_data() or b"") for one in each)
