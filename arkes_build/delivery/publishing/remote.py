"""Write what a machine needs to update from here: the trusted keys, and a remote's settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.atomic import write_atomically

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

PLACEHOLDER = "https://example.org/CHANGE-ME"
"""Stands for the address until somebody says it."""


def keys_file(project: str) -> str:
    """Return the name of the file with all trusted public keys."""
    return f"{project}.gpg"


def remote_file(project: str) -> str:
    """Return the name of the snippet for ``/etc/ostree/remotes.d``."""
    return f"{project}.conf"


def settings(project: str, url: str, *, is_signed: bool) -> str:
    """Return the snippet (ostree.repo-config(5)).

    Through ``mirrorlist``, summary and signature are always of one generation; all else
    comes from ``contenturl``.
    """
    where = url or PLACEHOLDER
    lines = [f'[remote "{project}"]']
    if is_signed and url:
        lines += [f"url=mirrorlist={where}/mirrorlist", f"contenturl={where}"]
    else:
        lines.append(f"url={where}")
    signed = "true" if is_signed else "false"
    lines += [f"gpg-verify={signed}", f"gpg-verify-summary={signed}"]
    return "\n".join(lines) + "\n"


def write(
    repository: Path, project: str, url: str, keyrings: Sequence[Path], *, is_signed: bool
) -> None:
    """Write both files where they differ from what is there."""
    _put(repository / remote_file(project), settings(project, url, is_signed=is_signed).encode())
    keys = b"".join(path.read_bytes() for path in keyrings)
    if keys:
        _put(repository / keys_file(project), keys)
    else:
        (repository / keys_file(project)).unlink(missing_ok=True)


def _put(path: Path, data: bytes) -> None:
    try:
        if path.read_bytes() == data:
            return
    except FileNotFoundError:
        pass
    write_atomically(path, data)
