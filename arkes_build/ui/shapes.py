"""Give every value its JSON shape; ``docs/commands.md`` describes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from arkes_build.core import events
from arkes_build.core.diagnostics import SourceError
from arkes_build.language.writer import write
from arkes_build.ui.phrases import place

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from arkes_build.core.diagnostics import Diagnostic, Fix
    from arkes_build.core.errors import ArkesError
    from arkes_build.core.source import Span
    from arkes_build.plan.actions import Estimate, Plan, Reason
    from arkes_build.project.identity import Identity
    from arkes_build.project.model import ContextFile, LeftOut, ResolvedVariant
    from arkes_build.project.rules.rule import Rule
    from arkes_build.render.model import Rendered
    from arkes_build.ui import documents
    from arkes_build.ui.values import KnownRef, NodeEnd, RunEnd

SCHEMA: Final = 1
"""Version of all shapes: it rises when a field goes or changes its meaning, not when one comes."""

Shape = Mapping[str, Any]

_NO_PAGES: Mapping[str, str] = {}

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
    return {"schema": SCHEMA, "type": _TYPES[type(event)], **shape}


def report_shape(report: RunEnd, exit_code: int) -> documents.ReportDocument:
    """Return how a run ended."""
    return {
        "schema": SCHEMA,
        "type": "report",
        "exit_code": exit_code,
        "seconds": round(report.seconds, 3),
        "nodes": [_node_shape(node) for node in report.nodes],
        "left_out": _left_out(report.left_out),
    }


def _node_shape(node: NodeEnd) -> documents.NodeReport:
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


def plan_shape(plan: Plan) -> documents.PlanDocument:
    """Return a plan with its reasons."""
    return {
        "schema": SCHEMA,
        "type": "plan",
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


def _estimate(estimate: Estimate | None) -> documents.Estimate | None:
    if estimate is None:
        return None
    return {
        "seconds": round(estimate.seconds, 3),
        "work": round(estimate.work, 3),
        "path": list(estimate.path),
        "path_seconds": round(estimate.path_seconds, 3),
        "unknown": list(estimate.unknown),
    }


def refs_shape(refs: Iterable[KnownRef]) -> documents.RefsDocument:
    """Return the refs of the store."""
    return {"schema": SCHEMA, "type": "refs", "refs": [_ref(ref) for ref in refs]}


def _ref(ref: KnownRef) -> documents.KnownRef:
    return {
        "ref": ref.ref,
        "commit": ref.commit,
        "parent": ref.parent,
        "timestamp": ref.timestamp,
        "version": ref.version,
        "node": ref.node,
        "key": ref.key,
        "kernel": ref.kernel,
        "packages": ref.packages,
    }


def rendered_shape(rendered: Rendered) -> documents.RenderedDocument:
    r"""Return a rendered node; inline files as text, bytes that are not UTF-8 as ``\udcNN``."""
    return {
        "schema": SCHEMA,
        "type": "rendered",
        "node": rendered.node,
        "text": rendered.text,
        "files": [file.path for file in rendered.files],
        "inline": {
            path: data.decode("utf-8", "surrogateescape")
            for path, data in sorted(rendered.inline.items())
        },
    }


def model_shape(
    nodes: Iterable[ResolvedVariant], left_out: Iterable[LeftOut]
) -> documents.ModelDocument:
    """Return nodes as the compiler understood them, in the order given."""
    made = list(nodes)
    return {
        "schema": SCHEMA,
        "type": "model",
        "identity": _identity(made[0].identity) if made else None,
        "nodes": [_model_node(node) for node in made],
        "left_out": _left_out(left_out),
    }


def _identity(given: Identity) -> documents.Identity:
    return {
        "name": given.name,
        "id": given.id,
        "id_like": given.id_like,
        "version": given.version,
        "version_id": given.version_id,
        "home_url": given.home_url,
        "bug_report_url": given.bug_report_url,
    }


def _model_node(node: ResolvedVariant) -> documents.ModelNode:
    return {
        "node": node.name,
        "kind": node.kind.value,
        "title": node.display_name,
        "family": node.family.value,
        "arch": node.arch.value,
        "snapshot": node.snapshot,
        "parent": node.parent,
        "dependencies": [
            {"node": each.node, "where": _where(each.span)} for each in node.dependencies
        ],
        "file": None if node.file is None else node.file.source.name,
        "arguments": dict(sorted(node.arguments.items())),
        "instructions": [
            {"text": write(each), "where": place(each.span)} for each in node.instructions
        ],
        "files": [_model_file(file) for file in node.files],
        "clean": node.clean,
        "no_iso": node.no_iso,
    }


def _model_file(file: ContextFile) -> documents.ModelFile:
    return {
        "path": file.path,
        "type": file.type,
        "mode": f"{file.mode:04o}",
        "digest": file.digest,
        "target": file.target,
        "size": file.size,
    }


def check_shape(found: Sequence[Diagnostic], exit_code: int) -> documents.CheckDocument:
    """Return the findings of a check."""
    return {
        "schema": SCHEMA,
        "type": "check",
        "exit_code": exit_code,
        "diagnostics": [diagnostic_shape(diagnostic) for diagnostic in found],
    }


def rules_shape(
    rules: Iterable[Rule], pages: Mapping[str, str] = _NO_PAGES
) -> documents.RulesDocument:
    """Return rules, with their pages where they are given by code."""
    return {
        "schema": SCHEMA,
        "type": "rules",
        "rules": [
            {
                "code": rule.code,
                "severity": rule.severity.value,
                "title": rule.title,
                "page": pages.get(rule.code, ""),
            }
            for rule in rules
        ],
    }


def fmt_shape(
    changed: Mapping[str, str], found: Sequence[Diagnostic], exit_code: int
) -> documents.FmtDocument:
    """Return the files that a formatting changes, each with its diff, and what is wrong."""
    return {
        "schema": SCHEMA,
        "type": "fmt",
        "exit_code": exit_code,
        "changed": [{"file": name, "diff": text} for name, text in changed.items()],
        "diagnostics": [diagnostic_shape(diagnostic) for diagnostic in found],
    }


def error_shape(error: ArkesError) -> documents.ErrorDocument:
    """Return an error that ended a command."""
    return {"schema": SCHEMA, "type": "error", **_error(error)}


def _error(error: ArkesError) -> documents.ErrorFields:
    found = error.diagnostics if isinstance(error, SourceError) else ()
    return {
        "exit_code": int(error.exit_code),
        "kind": error.exit_code.name.lower().replace("_", "-"),
        "brief": error.brief,
        "details": error.details,
        "resolution": error.resolution,
        "where": _where(error.where),
        "diagnostics": [diagnostic_shape(diagnostic) for diagnostic in found],
    }


def diagnostic_shape(diagnostic: Diagnostic) -> documents.Diagnostic:
    """Return one finding."""
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        "where": _where(diagnostic.span),
        "remedy": diagnostic.remedy,
        "related": [
            {"text": label.text, "where": _where(label.span)} for label in diagnostic.related
        ],
        "fix": None if diagnostic.fix is None else _fix(diagnostic.fix),
    }


def _fix(fix: Fix) -> documents.Fix:
    return {
        "title": fix.title,
        "edits": [{"where": _where(edit.span), "text": edit.text} for edit in fix.edits],
    }


def _where(span: Span | None) -> documents.Where | None:
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


def _reasons(reasons: Iterable[Reason]) -> list[documents.Reason]:
    return [{"text": reason.text, "where": reason.where} for reason in reasons]


def _left_out(left_out: Iterable[LeftOut]) -> list[documents.LeftOut]:
    return [
        {"node": item.name, "reason": item.reason, "where": place(item.span)} for item in left_out
    ]
