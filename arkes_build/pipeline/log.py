"""Open the store, and tell the releases of a ref."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.history.log import log
from arkes_build.pipeline.opening import open_store
from arkes_build.store import pins

if TYPE_CHECKING:
    from arkes_build.history.log import Log
    from arkes_build.pipeline.options import Options


def releases(options: Options, name: str, count: int) -> Log:
    """Return the last ``count`` releases of what a name means. Raises ``CommitUnknown``."""
    opened = open_store(options)
    history = opened.history(name)
    return log(history, name, count=count, pinned=pins.pins(opened.repository))
