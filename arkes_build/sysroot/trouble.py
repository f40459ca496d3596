"""Say libostree's troubles with a sysroot in our own words."""

from __future__ import annotations

import errno
from contextlib import contextmanager
from typing import TYPE_CHECKING

from arkes_build.core.errors import DiskFull
from arkes_build.store.binding import binding
from arkes_build.sysroot.errors import SysrootError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def told(path: Path, *, doing: str) -> Iterator[None]:
    """Turn libostree's errors and the system's inside the block into ours.

    ``doing`` goes on "while …". Raises ``DiskFull``, ``SysrootError``.
    """
    modules = binding()
    glib_error: type[Exception] = modules.glib.Error
    try:
        yield
    except glib_error as error:
        text = str(getattr(error, "message", error))
        quark, codes = modules.gio.io_error_quark(), modules.gio.IOErrorEnum
        full = "min-free-space" in text or error.matches(quark, codes.NO_SPACE)  # type: ignore[attr-defined] # GLib.Error's own, which no stub has
        if full:
            raise DiskFull(str(path), doing=doing) from error
        raise SysrootError(f"libostree refused while {doing}", details=text) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(str(path), doing=doing) from error
        raise SysrootError(f"{error.strerror} while {doing}", details=str(error)) from error
