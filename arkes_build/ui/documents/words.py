"""Name what many documents have in common: places, enumerations, the version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict

from arkes_build.core.diagnostics import Severity
from arkes_build.core.events import Outcome
from arkes_build.core.names import Arch, Family
from arkes_build.plan.actions import ActionType
from arkes_build.project.model import NodeKind

if TYPE_CHECKING:
    from enum import Enum


def _of(kind: type[Enum]) -> Any:
    """Say that a text is one of an enumeration's values."""
    return Field(json_schema_extra={"enum": [each.value for each in kind]})


SeverityName = Annotated[str, _of(Severity)]
OutcomeName = Annotated[str, _of(Outcome)]
ActionName = Annotated[str, _of(ActionType)]
KindName = Annotated[str, _of(NodeKind)]
FamilyName = Annotated[str, _of(Family)]
ArchName = Annotated[str, _of(Arch)]
Schema = Literal[1]

described = with_config(ConfigDict(use_attribute_docstrings=True))
"""Take the lines under a class's fields into its schema."""


@described
class Where(TypedDict):
    """A place in a file. Lines and columns count from 1, columns in characters."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    """The column behind the last character."""
