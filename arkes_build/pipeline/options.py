"""Hold what the front asks of a run, whatever command it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from arkes_build.core.names import Arch, Family


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What people may choose on the command line; None means the default."""

    project: Path | None = None
    """The folder with ``arkes.toml``; by default the nearest one upward from here."""
    store: Path | None = None
    family: Family | None = None
    arch: Arch | None = None
    jobs: int | None = None
    """Nodes built at the same time, and workers of the estimate; default: the cores."""
    dry_run: bool = False
    rebuild: bool = False
    """Build the named nodes even when unchanged, without the engine's layer cache."""
    locked: bool = False
    """Take nothing but what ``arkes.lock`` has."""
