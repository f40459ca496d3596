"""Make a root file system of a few files of this machine, such as a static busybox."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import TYPE_CHECKING

from arkes_build.bootstrap.errors import BootstrapDiskFull
from arkes_build.core import tape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arkes_build.project.model import Bootstrap

HOST = Path("/")
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})


def make(bootstrap: Bootstrap, *, work: Path, host: Path = HOST) -> Path:
    """Return a tar of exactly the listed files, the folders above them 0755 root.

    Raises ``ContentChanged`` when a file is not what the plan has seen.
    """
    target = work / "rootfs.tar"
    try:
        with target.open("wb") as stream:
            stream.writelines(_pieces(bootstrap, host))
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise BootstrapDiskFull("files", tail=[str(error)], brief="no space left") from error
        raise
    return target


def _pieces(bootstrap: Bootstrap, host: Path) -> Iterator[bytes]:
    items = {item.path: item for item in bootstrap.files}
    for path in sorted({*tape.parents(items), *items}):
        if path not in items:
            yield tape.folder(path)
            continue
        item = items[path]
        yield from tape.from_disk(
            path,
            host / path,
            kind=item.type,
            mode=item.mode,
            digest=item.digest,
            target=item.target,
            xattrs=item.xattrs,
        )
    yield tape.END
