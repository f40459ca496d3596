"""Write the bill of materials of a release: what is installed, from where, who needs whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from arkes_build.history.bill import Bill, bill_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from arkes_build.history.commits import History

Format = Literal["cyclonedx", "spdx"]
FORMATS: tuple[Format, ...] = ("cyclonedx", "spdx")


def write(history: History, commit: str, form: Format) -> bytes:
    """Return the bill of materials of a commit as JSON text.

    CycloneDX 1.6 or SPDX 2.3. Raises ``CommitUnknown``, ``StoreDamaged`` and
    ``ContentUnreadable``.
    """
    bill = bill_of(history, history.commit(commit))
    return _writer(form)(bill)


def _writer(form: Format) -> Callable[[Bill], bytes]:
    # Each loads its library, and nobody needs both.
    if form == "spdx":
        from arkes_build.history.sbom_spdx import text
    else:
        from arkes_build.history.sbom_cyclonedx import text
    return text
