"""Say why a run that was asked for cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.errors import ArkesError, ExitCode

if TYPE_CHECKING:
    from arkes_build.core.names import Family
    from arkes_build.project.model import LeftOut


class TargetLeftOut(ArkesError):
    """Report that a node was asked for which this family or architecture does not have."""

    exit_code = ExitCode.SOURCE

    def __init__(self, left_out: LeftOut, *, family: Family) -> None:
        super().__init__(
            f"{left_out.name} is not built for {family.value}",
            details=left_out.reason,
            resolution="--family or --arch choose another family or architecture",
            where=left_out.span,
        )
