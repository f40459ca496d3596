"""Say libostree's troubles with a sysroot in our own words."""

from __future__ import annotations

import errno
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

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
    glib_error: type[Exception] = binding().glib.Error
    try:
        yield
    except glib_error as error:
        raise _translated(error, path, doing) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(str(path), doing=doing) from error
        raise SysrootError(f"{error.strerror} while {doing}", details=str(error)) from error


def _translated(error: Any, path: Path, doing: str) -> Exception:
    gio = binding().gio
    text = str(error.message)
    # libostree keeps 3 % free (core.min-free-space-percent) and has no code of its own for it.
    if "min-free-space" in text or error.matches(gio.io_error_quark(), gio.IOErrorEnum.NO_SPACE):
        return DiskFull(str(path), doing=doing)
    return SysrootError(f"libostree refused while {doing}", details=text)
