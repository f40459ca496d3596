"""Give every value its JSON shape; ``docs/commands.md`` describes them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from arkes_build.core import events
from arkes_build.core.diagnostics import SourceError
from arkes_build.ui.phrases import place

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.core.errors import ArkesError
    from arkes_build.core.source import Span
    from arkes_build.plan.actions import Estimate, Plan, Reason
    from arkes_build.project.model import LeftOut
    from arkes_build.render.model import Rendered
    from arkes_build.ui.values import KnownRef, NodeEnd, RunEnd

SCHEMA = 1
"""Version of all shapes: it rises when a field goes or changes its meaning, not when one comes."""

Shape = dict[str, Any]

_REF = ("ref", "commit", "parent", "timestamp", "version", "node", "key", "kernel", "packages")

_TYPES: dict[type, str] = {
    events.Notice: "notice",
    events.RunPlanned: "run-planned",
    events.NodeStarted: "node-started",
    events.StepStarted: "step-started",
    events.OutputLine: "output",
    events.NodeFinished: "node-finished",
}


def line(shape: Shape) -> str:
    """Return a shape as one line of JSON; what is not ASCII is escaped."""
    return json.dumps(shape, separators=(", ", ": "))


def document(shape: Shape) -> str:
    """Return a shape as indented JSON."""
    return json.dumps(shape, indent=2)


def event_shape(event: events.Event) -> Shape:
    """Return an event: its fields under their own names, its kind as ``type``."""
    shape = {name: getattr(event, name) for name in type(event).__slots__}
    if isinstance(event, events.NodeFinished):
        shape |= {"outcome": event.outcome.value, "seconds": round(event.seconds, 3)}
    return _typed(_TYPES[type(event)]) | shape


def report_shape(report: RunEnd, exit_code: int) -> Shape:
    """Return how a run ended."""
    return _typed("report") | {
        "exit_code": exit_code,
        "seconds": round(report.seconds, 3),
        "nodes": [_node_shape(node) for node in report.nodes],
        "left_out": _left_out(report.left_out),
    }


def _node_shape(node: NodeEnd) -> Shape:
    return {
        "node": node.node,
        "outcome": node.outcome.value,
        "reasons": _reasons(node.reasons),
        "seconds": round(node.seconds, 3),
        "size": node.size,
        "ref": node.ref,
        "commit": node.commit,
        "error": None if node.error is None else _error(node.error),
    }


def plan_shape(plan: Plan) -> Shape:
    """Return a plan with its reasons."""
    return _typed("plan") | {
        "is_empty": plan.is_empty,
        "actions": [
            {
                "node": action.node,
                "action": action.type.value,
                "reasons": _reasons(action.reasons),
                "key": action.key,
                "seconds": None if action.seconds is None else round(action.seconds, 3),
            }
            for action in plan.actions
        ],
        "estimate": _estimate(plan.estimate),
        "left_out": _left_out(plan.left_out),
    }


def _estimate(estimate: Estimate | None) -> Shape | None:
    if estimate is None:
        return None
    return {
        "seconds": round(estimate.seconds, 3),
        "work": round(estimate.work, 3),
        "path": list(estimate.path),
        "path_seconds": round(estimate.path_seconds, 3),
        "unknown": list(estimate.unknown),
    }


def refs_shape(refs: Iterable[KnownRef]) -> Shape:
    """Return the refs of the store."""
    return _typed("refs") | {"refs": [{f: getattr(ref, f) for f in _REF} for ref in refs]}


def rendered_shape(rendered: Rendered) -> Shape:
    r"""Return a rendered node; inline files as text, bytes that are not UTF-8 as ``\udcNN``."""
    return _typed("rendered") | {
        "node": rendered.node,
        "text": rendered.text,
        "files": [file.path for file in rendered.files],
        "inline": {
            path: data.decode("utf-8", "surrogateescape")
            for path, data in sorted(rendered.inline.items())
        },
    }


def check_shape(found: Sequence[Diagnostic], exit_code: int) -> Shape:
    """Return the findings of a check."""
    return _typed("check") | {
        "exit_code": exit_code,
        "diagnostics": [_diagnostic(diagnostic) for diagnostic in found],
    }


def error_shape(error: ArkesError) -> Shape:
    """Return an error that ended a command."""
    return _typed("error") | _error(error)


def _error(error: ArkesError) -> Shape:
    found = error.diagnostics if isinstance(error, SourceError) else ()
    return {
        "exit_code": int(error.exit_code),
        "kind": error.exit_code.name.lower().replace("_", "-"),
        "brief": error.brief,
        "details": error.details,
        "resolution": error.resolution,
        "where": _where(error.where),
        "diagnostics": [_diagnostic(diagnostic) for diagnostic in found],
    }


def _diagnostic(diagnostic: Diagnostic) -> Shape:
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        "where": _where(diagnostic.span),
        "remedy": diagnostic.remedy,
        "related": [
            {"text": label.text, "where": _where(label.span)} for label in diagnostic.related
        ],
    }


def _where(span: Span | None) -> Shape | None:
    if span is None:
        return None
    end_line, end_column = span.source.position(span.end)
    return {
        "file": span.source.name,
        "line": span.line,
        "column": span.column,
        "end_line": end_line,
        "end_column": end_column,
    }


def _reasons(reasons: Iterable[Reason]) -> list[Shape]:
    return [{"text": reason.text, "where": reason.where} for reason in reasons]


def _left_out(left_out: Iterable[LeftOut]) -> list[Shape]:
    return [
        {"node": item.name, "reason": item.reason, "where": place(item.span)} for item in left_out
    ]


def _typed(name: str) -> Shape:
    return {"schema": SCHEMA, "type": name}
