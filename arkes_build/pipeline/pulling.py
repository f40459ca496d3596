"""Bring refs of a published repository into the store: what was released is the history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.events import Notice, Sink, silent
from arkes_build.delivery.trust.source import RefUnknown
from arkes_build.delivery.trust.verified import ALL, Pulled, pull
from arkes_build.pipeline.opening import open_store
from arkes_build.store.signing import trusted_keyrings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from arkes_build.pipeline.opening import Opened
    from arkes_build.pipeline.options import Options
    from arkes_build.store.model import Holder


def bring(
    options: Options,
    location: str,
    names: Sequence[str] = (),
    *,
    depth: int | None = None,
    keyrings: Sequence[Path] = (),
    on_progress: Callable[[str], None] = lambda _text: None,
    sink: Sink = silent,
) -> tuple[Pulled, ...]:
    """Pull refs into the store; without names those of this project and architecture.

    A name is a ref or a node. ``depth`` is how many commits before each come too: None for
    as many as updates are made from, ``ALL`` for every one. What is trusted are
    ``keyrings``, without any those of the project. Raises ``RefUnknown``, ``StoreBusy`` and
    what ``delivery.verified.pull`` raises.
    """
    opened = open_store(options, read_only=False)
    repository = opened.store.repository()

    def on_wait(holder: Holder | None) -> None:
        sink(Notice(message=f"waiting for the store: {holder or 'another run'} holds it"))

    with opened.store.lock(on_wait):
        return pull(
            repository.path,
            location,
            lambda known: _chosen(opened, location, names, known),
            keyrings=tuple(keyrings) or trusted_keyrings(opened.root),
            depth=opened.config.updates.from_last if depth is None else depth,
            on_progress=on_progress,
        )


def _chosen(
    opened: Opened, location: str, names: Sequence[str], known: Sequence[str]
) -> tuple[str, ...]:
    """Return the refs that the names mean, each once, sorted."""
    if names:
        return tuple(sorted({_one(opened, location, name, known) for name in names}))
    own = opened.ref("")
    found = tuple(ref for ref in known if ref.startswith(own))
    if not found:
        raise RefUnknown(f"{own}*", source=location, known=tuple(known))
    return found


def _one(opened: Opened, location: str, name: str, known: Sequence[str]) -> str:
    for ref in (name, opened.ref(name)):
        if ref in known:
            return ref
    raise RefUnknown(name, source=location, known=tuple(known))


__all__ = ["ALL", "bring"]
