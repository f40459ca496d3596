"""Hold what ``arkes.toml`` says: frozen values, checked and complete."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from arkes_build.project.identity import Identity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from arkes_build.core.names import Family


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectSettings:
    """``[project]``; None for what is not said."""

    name: str
    title: str | None
    id: str | None
    version: str
    epoch: int
    home_url: str | None
    bug_report_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BootstrapSettings:
    """``[bootstrap.FAMILY]``; None for what is not said."""

    tool: str
    suite: str | None
    components: tuple[str, ...]
    snapshot: str | None
    packages: tuple[str, ...]
    mirrors: tuple[str, ...]
    files: tuple[str, ...]

    @property
    def packages_date(self) -> str:
        """Return suite and snapshot in one text: what a node's key knows of them."""
        return " ".join(filter(None, (self.suite, self.snapshot)))


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildSettings:
    """``[build]``; None for what is not said."""

    jobs: int | None
    store: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AurSettings:
    """``[aur]``; None for what is not said."""

    base: str | None = None


ADDRESS = r"""(?:https?|file)://[!#$%&()*+,./0-9:=?@A-Z\[\]_a-z~-]+"""
"""What may be the address of a repository (a whole match): nothing that ends a line or a word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateSettings:
    """``[updates]``."""

    from_last: int = 3
    from_scratch: bool = True
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """``[retention.NODE]``; None for what is not said. Without either, every release stays."""

    keep: int | None = None
    days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """``[budgets.NODE]`` in bytes; None for what is not said."""

    image: int | None = None
    update: int | None = None


_EVERY = "*"
"""The table of all nodes that have none of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The whole of ``arkes.toml``, defaults filled in."""

    project: ProjectSettings
    bootstrap: Mapping[str, BootstrapSettings]
    """By the family's name; only the tables that are there."""
    build: BuildSettings
    aur: AurSettings = AurSettings()
    updates: UpdateSettings = UpdateSettings()
    retention: Mapping[str, Retention] = field(default_factory=dict)
    """By the node's name, or ``*``."""
    budgets: Mapping[str, Budget] = field(default_factory=dict)

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Config:
        """Return the configuration of the checked values, one mapping for each table.

        Lists may stand for tuples, as in JSON, and None for a table that is not there.
        """
        return cls(
            project=ProjectSettings(**values["project"]),
            bootstrap={
                family: BootstrapSettings(**{name: _frozen(v) for name, v in table.items()})
                for family, table in values["bootstrap"].items()
                if table is not None
            },
            build=BuildSettings(**values["build"]),
            aur=AurSettings(**values["aur"]),
            updates=UpdateSettings(**values["updates"]),
            retention={n: Retention(**t) for n, t in values["retention"].items()},
            budgets={
                name: Budget(**{what: size(text) for what, text in table.items()})
                for name, table in values["budgets"].items()
            },
        )

    def values(self) -> dict[str, Any]:
        """Return what ``of`` takes."""
        return asdict(self)

    def retention_of(self, node: str) -> Retention:
        """Return which releases of a node stay."""
        return self.retention.get(node) or self.retention.get(_EVERY) or Retention()

    def budget_of(self, node: str) -> Budget:
        """Return how large a node may be."""
        return self.budgets.get(node) or self.budgets.get(_EVERY) or Budget()

    def bootstrap_for(self, family: Family) -> BootstrapSettings | None:
        """Return ``[bootstrap.FAMILY]``, or None when it is not there."""
        return self.bootstrap.get(family.value)

    def identity(self, family: Family) -> Identity:
        """Return the project's os-release fields (os-release(5)).

        ``VERSION_ID`` is the version as far as os-release allows its characters:
        lower case, and ``-`` for each run of others.
        """
        table = self.project
        own_id = table.id or table.name
        version_id = re.sub(r"[^a-z0-9._-]+", "-", table.version.lower()).strip("-")
        return Identity(
            name=table.title or table.name,
            id=own_id,
            id_like="" if own_id == family.value else family.value,
            version=table.version,
            version_id=version_id,
            home_url=table.home_url or "",
            bug_report_url=table.bug_report_url or "",
        )


def size(text: str | int | None) -> int | None:
    """Return the bytes of a size: ``1.5 GB`` is 1,500,000,000, ``1 MiB`` 1,048,576."""
    if text is None or isinstance(text, int):
        return text
    number, unit = text.rstrip("B"), 1.0
    base = 1024 if number.endswith("i") else 1000
    number = number.removesuffix("i").strip()
    if number[-1:] in _UNITS:
        unit = base ** (_UNITS.index(number[-1]) + 1)
        number = number[:-1]
    return round(float(number) * unit)


_UNITS = "KMGT"


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
