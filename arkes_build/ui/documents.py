"""Type every JSON document that a program may read; the published schemas are made of these.

``schemas`` turns them into JSON Schema, ``shapes`` makes values of them. A class is one
object, its docstring and the lines under its fields are what the schema says to people.
The class syntax of ``typing_extensions`` is what pydantic reads on every Python; nothing
but ``schemas`` imports this module at run time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, with_config
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

described = with_config(use_attribute_docstrings=True)
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


class Related(TypedDict):
    """A second place that belongs to a finding."""

    text: str
    where: Where | None


class Edit(TypedDict):
    """Replace what ``where`` covers by ``text``."""

    where: Where | None
    text: str


class Fix(TypedDict):
    """What mends a finding without changing anything else."""

    title: str
    edits: list[Edit]


class Diagnostic(TypedDict):
    """One finding about a file. ``arkes-build explain CODE`` prints the rule's page."""

    code: str
    severity: SeverityName
    message: str
    where: Where | None
    remedy: str
    related: list[Related]
    fix: Fix | None


class CheckDocument(TypedDict):
    """What ``check --format=json`` prints."""

    schema: Schema
    type: Literal["check"]
    exit_code: int
    diagnostics: list[Diagnostic]


@described
class FormattedFile(TypedDict):
    """A file whose layout is not canonical."""

    file: str
    diff: str
    """A unified diff, with ``--diff``; else empty."""


@described
class FmtDocument(TypedDict):
    """What ``fmt --json`` prints."""

    schema: Schema
    type: Literal["fmt"]
    exit_code: int
    changed: list[FormattedFile]
    """The files that were written, or would be with ``--check`` or ``--diff``."""
    diagnostics: list[Diagnostic]
    """What is wrong in files that were left alone."""


@described
class ErrorFields(TypedDict):
    """An error: what happened, what is known, what to do next."""

    exit_code: int
    kind: str
    """The exit code's name, such as ``build-step``."""
    brief: str
    details: str
    resolution: str
    where: Where | None
    diagnostics: list[Diagnostic]


class ErrorDocument(ErrorFields):
    """What stands in the place of any other document when a command ended with an error."""

    schema: Schema
    type: Literal["error"]


class Reason(TypedDict):
    """Why something is done; ``where`` is ``file:line``, a path, or empty."""

    text: str
    where: str


class LeftOut(TypedDict):
    """A node that this family or architecture does not have."""

    node: str
    reason: str
    where: str


@described
class Action(TypedDict):
    """What would be done about one node."""

    node: str
    action: ActionName
    reasons: list[Reason]
    key: str | None
    """sha256 of the node's inputs; null while a parent's result is not known."""
    seconds: float | None
    """From the node's last build; null when there was none."""


@described
class Estimate(TypedDict):
    """How long the plan may take, from earlier builds, in seconds."""

    seconds: float
    work: float
    path: list[str]
    """The longest chain of nodes that have to wait for each other."""
    path_seconds: float
    unknown: list[str]
    """Nodes never built here: they are not counted."""


class PlanDocument(TypedDict):
    """What ``plan --json`` prints."""

    schema: Schema
    type: Literal["plan"]
    is_empty: bool
    actions: list[Action]
    estimate: Estimate | None
    left_out: list[LeftOut]


@described
class GraphNode(TypedDict):
    """One node of the graph, and with ``--actions`` what would be done about it."""

    node: str
    title: str
    kind: KindName
    generation: int
    """Length of the longest chain below it."""
    parent: str | None
    needs: list[str]
    action: str | None
    reason: str | None


class GraphLeftOut(TypedDict):
    """A node that this family or architecture does not have."""

    node: str
    reason: str


class GraphDocument(TypedDict):
    """What ``graph --json`` prints."""

    schema: Schema
    type: Literal["graph"]
    nodes: list[GraphNode]
    left_out: list[GraphLeftOut]


class ModelInstruction(TypedDict):
    """One instruction of a node: lowered, as it goes to the engine."""

    text: str
    where: str


@described
class ModelFile(TypedDict):
    """One entry of the build context that the node uses."""

    path: str
    type: str
    """``file``, ``dir`` or ``link``."""
    mode: str
    """Permission bits, four octal digits."""
    digest: str
    """sha256 of a file's content, else empty."""
    target: str
    """Text of a link, else empty."""
    size: int


class ModelDependency(TypedDict):
    """Another node that this one names."""

    node: str
    where: Where | None


@described
class ModelNode(TypedDict):
    """One node as the compiler understood it, for one family and architecture."""

    node: str
    kind: KindName
    title: str
    family: FamilyName
    arch: ArchName
    snapshot: str
    parent: str | None
    dependencies: list[ModelDependency]
    file: str | None
    """The file that it is made from; null for the bootstrap."""
    arguments: dict[str, str]
    """Build arguments that the compiler supplies, all but HASH."""
    instructions: list[ModelInstruction]
    files: list[ModelFile]
    clean: bool
    """``x-clean``: the runner's disk should be freed first."""
    no_iso: bool
    """``x-no-iso``: no installation medium is made of it."""


class Identity(TypedDict):
    """The fields of os-release that all nodes share."""

    name: str
    id: str
    id_like: str
    version: str
    version_id: str
    home_url: str
    bug_report_url: str


class ModelDocument(TypedDict):
    """What ``model`` prints."""

    schema: Schema
    type: Literal["model"]
    identity: Identity | None
    nodes: list[ModelNode]
    left_out: list[LeftOut]


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


@described
class KnownRef(TypedDict):
    """One commit that a ref names."""

    ref: str
    commit: str
    parent: str | None
    timestamp: int
    """Seconds since 1970: the project's epoch, not the clock."""
    version: str
    node: str
    key: str
    kernel: str
    packages: int


class RefsDocument(TypedDict):
    """What ``refs --json`` prints."""

    schema: Schema
    type: Literal["refs"]
    refs: list[KnownRef]


@described
class Rule(TypedDict):
    """What every finding of one code has in common."""

    code: str
    severity: SeverityName
    title: str
    page: str
    """Its page in Markdown; empty where all rules are listed."""


class RulesDocument(TypedDict):
    """What ``explain --json`` prints."""

    schema: Schema
    type: Literal["rules"]
    rules: list[Rule]


class RenderedDocument(TypedDict):
    """What ``render --json`` prints."""

    schema: Schema
    type: Literal["rendered"]
    node: str
    text: str
    files: list[str]
    inline: dict[str, str]


class Extent(TypedDict):
    """A place in the file that was parsed; counted as in ``Where``."""

    line: int
    column: int
    end_line: int
    end_column: int


class ParsedDirective(TypedDict):
    """A parser directive at the very top, such as ``# escape=``."""

    name: str
    value: str
    span: Extent


class ParsedHeader(TypedDict):
    """A ``# x-KEY=VALUE`` above the first instruction; the value of a flag is null."""

    key: str
    value: str | None
    span: Extent


class ParsedComment(TypedDict):
    """A comment line, with its ``#``."""

    text: str
    span: Extent


@described
class ParsedHeredoc(TypedDict):
    """A here-document."""

    delimiter: str
    expand: bool
    """False when the delimiter was quoted: variables stay as they are."""
    strip_tabs: bool
    """``<<-``: tabs in front of each line are taken off."""
    file_descriptor: int
    content: str
    """As written, tabs included."""


@described
class ParsedInner(TypedDict):
    """What ONBUILD wraps, split in the same way."""

    name: str
    flags: list[str]
    arguments: list[str]
    json: bool
    heredocs: list[ParsedHeredoc]
    inner: ParsedInner | None


@described
class ParsedInstruction(TypedDict):
    """One instruction, split as BuildKit's parser splits it."""

    name: str
    """Upper case."""
    flags: list[str]
    """As written: ``--mount=type=cache,target=/x``."""
    arguments: list[str]
    """Quotes and variables untouched; ENV and LABEL alternate names and values."""
    json: bool
    """Whether the arguments were a JSON list."""
    heredocs: list[ParsedHeredoc]
    original: str
    """The logical line, continuations joined."""
    span: Extent
    inner: ParsedInner | None


class ParseDocument(TypedDict):
    """What ``parse --json`` prints."""

    schema: Schema
    type: Literal["parse"]
    exit_code: int
    file: str
    directives: list[ParsedDirective]
    headers: list[ParsedHeader]
    comments: list[ParsedComment]
    instructions: list[ParsedInstruction]
    diagnostics: list[Diagnostic]


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
