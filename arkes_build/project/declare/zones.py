"""Know the time zones: the names of the tz database, the package's or the system's own."""

from __future__ import annotations

from functools import cache
from pathlib import Path

SYSTEM = Path("/usr/share/zoneinfo/tzdata.zi")
"""The database as one text, where the system has it: zic(8) says how it is written."""


@cache
def zones() -> frozenset[str]:
    """Return the names of all time zones, read once and only when somebody names one.

    They come from the package tzdata; a distribution's own Python does without that and
    reads the system's database, which has the same names.
    """
    from importlib.resources import files

    try:
        return frozenset(files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())
    except ModuleNotFoundError:
        return names_of(SYSTEM.read_text(encoding="utf-8"))


def names_of(database: str) -> frozenset[str]:
    """Return the names of the zones and links of a ``tzdata.zi``.

    A zone's line is ``Z NAME …``, a link's ``L TARGET NAME``.
    """
    words = [line.split() for line in database.splitlines()]
    zones = {line[1] for line in words if line[:1] == ["Z"]}
    return frozenset(zones | {line[2] for line in words if line[:1] == ["L"]})
