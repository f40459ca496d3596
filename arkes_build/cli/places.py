"""Find the project and the names of its nodes quickly and quietly.

Shell completion and error messages want to know them at a keypress, so nothing is parsed
here: file names and the ``x-templates`` header are enough for a suggestion. What
counts is what the project's loader says.
"""

from __future__ import annotations

from itertools import accumulate
from pathlib import Path

PROJECT_FILE = "arkes.toml"
_SUFFIXES = frozenset({".Containerfile", ".Systemfile"})
_HEAD = 16384
"""Bytes of a file in which the headers are looked for."""
_TEMPLATES = "x-templates="


def project_root(start: Path | None) -> Path | None:
    """Return the folder given, or the nearest one upward from here that has a project."""
    if start is not None:
        return start if (start / PROJECT_FILE).is_file() else None
    here = Path.cwd()
    return next((p for p in (here, *here.parents) if (p / PROJECT_FILE).is_file()), None)


def known_nodes(project: Path | None) -> tuple[str, ...]:
    """Return names that nodes of the project probably have, sorted; none on any trouble."""
    try:
        root = project_root(project)
        if root is None:
            return ()
        names = {"bootstrap"}
        for file in (root / "variants").iterdir():
            if file.suffix in _SUFFIXES:
                names.add(file.stem)
                names.update(_combined(file))
    except OSError:
        return ()
    return tuple(sorted(name for name in names if name.isprintable()))


def _combined(file: Path) -> set[str]:
    """Return the nodes that the header makes: ``nvidia-slim`` makes the middle one as well."""
    with file.open("rb") as stream:
        head = stream.read(_HEAD).decode("utf-8", "replace")
    names: set[str] = set()
    for line in head.splitlines():
        if line.strip() and not line.startswith("#"):
            break
        header = line.lstrip("# \t")
        if header.startswith(_TEMPLATES):
            for chain in header.removeprefix(_TEMPLATES).split(","):
                steps = [file.stem, *chain.strip().split("-")]
                names.update(list(accumulate(steps, "{}-{}".format))[1:])
    return {name for name in names if not name.endswith("-")}
