"""Type the lines that a build prints as it goes."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from arkes_build.ui.documents.findings import (
    ErrorDocument,
    ErrorFields,
)
from arkes_build.ui.documents.nodes import (
    LeftOut,
    Reason,
)
from arkes_build.ui.documents.words import (
    OutcomeName,
    Schema,
)


class NodeReport(TypedDict):
    """How one node ended. ``size`` is in bytes, 0 when unknown."""

    node: str
    outcome: OutcomeName
    reasons: list[Reason]
    seconds: float
    size: int
    ref: str
    commit: str
    error: ErrorFields | None


class ReportDocument(TypedDict):
    """The last line of a build: how all of it ended."""

    schema: Schema
    type: Literal["report"]
    exit_code: int
    seconds: float
    nodes: list[NodeReport]
    left_out: list[LeftOut]


class NoticeEvent(TypedDict):
    """Something that concerns the whole run."""

    schema: Schema
    type: Literal["notice"]
    message: str


class RunPlannedEvent(TypedDict):
    """The nodes that will each end with a ``node-finished``."""

    schema: Schema
    type: Literal["run-planned"]
    nodes: list[str]


class NodeStartedEvent(TypedDict):
    """A node's work begins."""

    schema: Schema
    type: Literal["node-started"]
    node: str
    reason: str


class StepStartedEvent(TypedDict):
    """A step begins; ``index`` counts from 1, 0 for work that is no numbered step."""

    schema: Schema
    type: Literal["step-started"]
    node: str
    index: int
    total: int
    text: str


class OutputEvent(TypedDict):
    """A program that works for the node printed a line."""

    schema: Schema
    type: Literal["output"]
    node: str
    text: str


class NodeFinishedEvent(TypedDict):
    """A node's work ended."""

    schema: Schema
    type: Literal["node-finished"]
    node: str
    outcome: OutcomeName
    seconds: float
    size: int
    ref: str
    commit: str
    message: str


EventLine = (
    NoticeEvent
    | RunPlannedEvent
    | NodeStartedEvent
    | StepStartedEvent
    | OutputEvent
    | NodeFinishedEvent
    | ReportDocument
    | ErrorDocument
)
"""One line of ``build --json`` and ``all --json``."""
