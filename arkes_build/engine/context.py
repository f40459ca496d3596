"""Pack a build context: exactly the planned files, as one tar that never varies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core import tape

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from arkes_build.render.model import Rendered

CONTAINERFILE = ".arkes/Containerfile"
"""Where the rendered text stands in the context, out of the way of people's own files."""


def pack(rendered: Rendered, folder: Path | None) -> Iterator[bytes]:
    """Yield the context's tar piece by piece, names sorted.

    Raises ``ContentChanged`` as soon as a file is not what the plan has seen. buildah
    honours extended attributes in ``user.*`` and ``security.capability``.
    """
    inline = {**rendered.inline, CONTAINERFILE: rendered.text.encode("utf-8", "surrogateescape")}
    planned = {item.path: item for item in rendered.files}
    for path in sorted({*tape.parents([*planned, *inline]), *planned, *inline}):
        if path in inline:
            yield tape.content(path, inline[path])
        elif path in planned and (root := planned[path].root or folder) is not None:
            item = planned[path]
            yield from tape.from_disk(
                path,
                root / path,
                kind=item.type,
                mode=item.mode,
                digest=item.digest,
                target=item.target,
                xattrs=item.xattrs,
            )
        else:
            yield tape.folder(path)
    yield tape.END
