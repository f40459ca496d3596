"""Say what is to be tested, and where a run of tests reads and writes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from arkes_build.trial.session import VERDICT_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from pathlib import Path

    from arkes_build.history.commits import History
    from arkes_build.pipeline.blueprint import Blueprint
    from arkes_build.store.store import Store

TESTS = "tests"
"""The store's folder of records and evidence."""
BOOTS = "boots"
"""The folder of machines that are kept, in the store's cache."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to test, and how. ``only`` are patterns of checks.

    ``is_again`` runs what passed at this commit before; ``is_fresh`` boots anew as well.
    ``upgrade_from`` is an older commit to come from, by what people call it.
    """

    nodes: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    is_again: bool = False
    is_fresh: bool = False
    verdict_seconds: float = VERDICT_SECONDS
    upgrade_from: str = ""
    today: date
    now: Callable[[], float] = time.time


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a run of tests reads and writes."""

    blueprint: Blueprint
    store: Store
    history: History

    @property
    def tests(self) -> Path:
        """Return the folder of records and evidence."""
        return self.store.path / TESTS
