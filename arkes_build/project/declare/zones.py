"""Know the time zones: the names of the tz database that the package tzdata brings."""

from __future__ import annotations

from functools import cache


@cache
def zones() -> frozenset[str]:
    """Return the names of all time zones, read once and only when somebody names one."""
    from importlib.resources import files

    return frozenset(files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())
