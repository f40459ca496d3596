"""Find the keys that a run signs with, or say once that it signs with none."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from arkes_build.core.events import Notice
from arkes_build.store.gnupg import keys_home
from arkes_build.store.signing import for_project, trusted_keyrings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from arkes_build.core.events import Sink
    from arkes_build.store.signing import Signer


@contextmanager
def signer(root: Path, sink: Sink) -> Iterator[Signer | None]:
    """Open the signer of a project for as long as the block runs; None when it has no key."""
    with for_project(root) as found:
        if found is None:
            sink(Notice(message=_why_not(root)))
        yield found


def _why_not(root: Path) -> str:
    if not trusted_keyrings(root):
        return "commits are not signed: the project trusts no key (`arkes-build keys new` makes it)"
    return f"commits are not signed: {keys_home()} has no key that the project trusts"
