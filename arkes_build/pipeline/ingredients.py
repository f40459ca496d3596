"""Tell what a node that was built is made of, to the byte."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from arkes_build.pipeline.outside import outside_images, urls
from arkes_build.project.lockfile import NodeLock, resolve

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arkes_build.engine.protocol import Engine
    from arkes_build.project.model import ResolvedVariant
    from arkes_build.store.repository import Repository


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingredients:
    """What was found: packages, tools, images; and what nobody noted a file of."""

    found: NodeLock
    missing: tuple[str, ...] = ()
    """Packages (``name=version``) that no helper script installed."""
    is_whole: bool = True
    """Whether that is all: what ADD fetched is only known in a locked build."""

    @property
    def made_of(self) -> str:
        """Return the digest for the record; empty when something is not known."""
        return self.found.fingerprint if self.is_whole and not self.missing else ""


def ingredients(
    node: ResolvedVariant,
    commit: str,
    *,
    below: str,
    packages: Sequence[str],
    repository: Repository,
    engine: Engine,
    locked: NodeLock | None = None,
) -> Ingredients:
    """Return what the tree of ``commit`` is made of.

    ``below`` is the commit of the node that it stands on, empty for none; ``packages`` is
    what is installed (``name=version``). In a locked build images and downloads are those of
    the lock: the text that was built names no others.
    """
    noted = repository.package_files(commit) if commit else ()
    beneath = repository.package_files(below) if below else ()
    found, missing = resolve(packages, noted, beneath)
    found = replace(found, on=node.parent or "")
    if locked is not None:
        return Ingredients(
            found=replace(found, images=locked.images, downloads=locked.downloads),
            missing=missing,
        )
    images = {name: engine.digest(name) for name in outside_images(node)}
    return Ingredients(
        found=replace(found, images=images), missing=missing, is_whole=not urls(node)
    )
