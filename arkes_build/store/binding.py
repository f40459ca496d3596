"""Reach libostree, and say its troubles in our own words."""

from __future__ import annotations

import errno
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from arkes_build.core.errors import DiskFull, ToolMissing
from arkes_build.store.errors import StoreDamaged, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Binding(NamedTuple):
    """The modules that GObject introspection makes of libostree and what it stands on."""

    ostree: Any
    gio: Any
    glib: Any


@cache
def binding() -> Binding:
    """Return the modules; raises ``ToolMissing`` when they are not installed."""
    try:
        import gi

        gi.require_version("OSTree", "1.0")
        from gi.repository import Gio, GLib, OSTree
    except (ImportError, ValueError) as error:
        raise ToolMissing(
            "the Python binding of libostree (Debian: python3-gi and gir1.2-ostree-1.0)",
            wanted_for="committing",
        ) from error
    return Binding(OSTree, Gio, GLib)


@contextmanager
def told(store: Path, *, doing: str) -> Iterator[None]:
    """Turn errors of libostree and the system inside the block into errors of ours.

    ``store`` is the folder of the store; ``doing`` goes on "while …".
    """
    glib_error: type[Exception] = binding().glib.Error
    try:
        yield
    except glib_error as error:
        raise _translated(error, store, doing) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(str(store), doing=doing) from error
        raise StoreError(f"{error.strerror} while {doing}", details=str(error)) from error


def _translated(error: Any, store: Path, doing: str) -> Exception:
    gio = binding().gio
    text = str(error.message)
    # libostree keeps 3 % free (core.min-free-space-percent) and has no code of its own for it.
    if error.matches(gio.io_error_quark(), gio.IOErrorEnum.NO_SPACE) or "min-free-space" in text:
        return DiskFull(str(store), doing=doing)
    if error.matches(gio.io_error_quark(), gio.IOErrorEnum.NOT_FOUND):
        return StoreDamaged(store, found=f"{text} (while {doing})")
    return StoreError(f"libostree refused while {doing}", details=text)


def is_not_found(error: Any) -> bool:
    """Tell whether libostree says that something is not there."""
    gio = binding().gio
    return bool(error.matches(gio.io_error_quark(), gio.IOErrorEnum.NOT_FOUND))
