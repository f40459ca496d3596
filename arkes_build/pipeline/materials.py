"""Write the bill of materials of a release that the store has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.history.sbom import write
from arkes_build.pipeline.opening import open_store

if TYPE_CHECKING:
    from arkes_build.history.sbom import Format
    from arkes_build.pipeline.options import Options


def sbom(options: Options, release: str, form: Format) -> bytes:
    """Return the bill of materials of the release that a name means, as JSON text.

    Raises ``CommitUnknown``, ``StoreDamaged`` and ``ContentUnreadable``.
    """
    history = open_store(options).history(release)
    return write(history, history.resolve(release), form)
