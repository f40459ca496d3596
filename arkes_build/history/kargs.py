"""Tell which kernel arguments changed, as bootc reads them from ``usr/lib/bootc/kargs.d``."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from arkes_build.history.model import Kind, NameChange

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from arkes_build.history.trees import Change
    from arkes_build.history.view import View

FOLDER = "usr/lib/bootc/kargs.d"


def karg_changes(changed: Iterable[Change], old: View, new: View) -> tuple[NameChange, ...]:
    """Return the kernel arguments that came and went; the detail names their file."""
    if not any(one.path.startswith(f"/{FOLDER}/") for one in changed):
        return ()
    before, after = dict(kernel_arguments(old)), dict(kernel_arguments(new))
    gone = ((name, Kind.REMOVED, before[name]) for name in {*before} - {*after})
    came = ((name, Kind.ADDED, after[name]) for name in {*after} - {*before})
    return tuple(
        NameChange(name=name, kind=kind, detail=file)
        for name, kind, file in sorted((*gone, *came), key=lambda one: (one[0], one[1].value))
    )


def kernel_arguments(view: View) -> Iterator[tuple[str, str]]:
    """Give each argument and its file; a file that is not as it should be has none."""
    for name in view.names(FOLDER):
        if not name.endswith(".toml"):
            continue
        try:
            found = tomllib.loads(view.text(f"{FOLDER}/{name}"))
        except (tomllib.TOMLDecodeError, RecursionError):
            continue
        kargs, archs = found.get("kargs"), found.get("match-architectures")
        only = f" ({', '.join(map(str, archs))} only)" if isinstance(archs, list) else ""
        for one in kargs if isinstance(kargs, list) else ():
            if isinstance(one, str):
                yield f"{one}{only}", name
