"""Keep from one run to the next, in the user's cache folder, what takes long to work out.

A file holds the digest of its body, then the body, so that a torn one counts as none; so
does one that belongs to somebody else. Whatever cannot be kept costs time only.
"""

from __future__ import annotations

import os
from pathlib import Path

from arkes_build.core.atomic import write_atomically
from arkes_build.core.digest import bytes_digest
from arkes_build.core.errors import DiskFull


def folder() -> Path | None:
    """Return ``$XDG_CACHE_HOME/arkes`` or ``~/.cache/arkes``; None for a user without a home."""
    base = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if base.is_absolute():
        return base / "arkes"
    try:
        return Path.home() / ".cache" / "arkes"
    except RuntimeError:
        return None


def read(path: Path) -> bytes | None:
    """Return what ``write`` kept at ``path``, None when there is nothing to rely on."""
    try:
        with path.open("rb") as stream:
            is_ours = os.fstat(stream.fileno()).st_uid == os.geteuid()
            digest, _, body = stream.read().partition(b"\n") if is_ours else (b"", b"", b"")
    except OSError:
        return None
    return body if bytes_digest(body).encode() == digest else None


def write(path: Path, body: bytes) -> None:
    """Keep a body at ``path``, if that can be."""
    try:
        write_atomically(path, bytes_digest(body).encode() + b"\n" + body)
    except (OSError, DiskFull):
        return
