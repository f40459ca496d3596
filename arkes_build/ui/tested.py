"""Show how tests ended: a table and the failures for people, JSON for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

from arkes_build.trial.model import Status
from arkes_build.ui.grid import Grid, Row
from arkes_build.ui.screen import Style
from arkes_build.ui.shapes import SCHEMA
from arkes_build.ui.text import counted, duration, safe, safe_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from arkes_build.trial.model import Check, Report
    from arkes_build.trial.records import TestRecord
    from arkes_build.ui import documents
    from arkes_build.ui.screen import Screen

Outcome = Literal["passed", "failed", "passed before", "held back", "nothing to boot"]
NONE = "-"
OUTPUT_LINES = 12
"""Lines of a failed check's output that are shown; the JSON and JUnit documents have more."""
_STYLES: dict[Outcome, Style] = {
    "passed": Style.GOOD,
    "failed": Style.BAD,
    "passed before": Style.CALM,
    "held back": Style.CARE,
    "nothing to boot": Style.CALM,
}
_MARKS = {
    Status.PASSED: ("ok", Style.GOOD),
    Status.FAILED: ("FAILED", Style.BAD),
    Status.NOT_APPLICABLE: ("n/a", Style.CALM),
    Status.DENIED: ("denied", Style.CARE),
    Status.NOT_RUN: ("not run", Style.CARE),
}


class NodeTested(Protocol):
    """How one node did: a report, or the record of an earlier pass, or why it was not booted."""

    @property
    def node(self) -> str:
        """Return the name of the node."""

    @property
    def commit(self) -> str:
        """Return the whole checksum of the commit."""

    @property
    def report(self) -> Report | None:
        """Return what was found, None when it was not booted."""

    @property
    def before(self) -> TestRecord | None:
        """Return the record of an earlier pass, for which it was not booted."""

    @property
    def why_not(self) -> str:
        """Return why it was not booted."""

    @property
    def is_held(self) -> bool:
        """Tell whether what it stands on failed."""


def outcome(one: NodeTested) -> Outcome:
    """Return in a word or two how a node did."""
    if one.report is not None:
        return "passed" if one.report.has_passed else "failed"
    if one.is_held:
        return "held back"
    return "passed before" if one.before is not None else "nothing to boot"


def trial_lines(tested: Sequence[NodeTested], screen: Screen, *, verbose: bool) -> list[str]:
    """Return each report with its checks, then a table of all nodes."""
    lines: list[str] = []
    for one in tested:
        if one.report is not None:
            lines += [*_report_lines(one.report, screen, verbose=verbose), ""]
    grid = Grid(
        titles=("NODE", "OUTCOME", "TIME", "VERDICT", "CHECKS", "COMMIT"),
        right=frozenset({"TIME", "VERDICT", "CHECKS"}),
        telling="WHY",
    )
    return [*lines, *grid.draw([_row(one) for one in tested], screen)]


def _row(one: NodeTested) -> Row:
    word, report = outcome(one), one.report
    why = one.why_not
    if one.before is not None:
        why = "the same commit and checks; --again tests it once more"
    elif report is not None and report.failures:
        first = report.failures[0]
        why = f"{first.name}: {first.message}"
    return Row(
        cells=(
            safe(one.node),
            word,
            duration(report.seconds) if report else NONE,
            duration(report.verdict_seconds) if report and report.verdict else NONE,
            f"{report.counted(Status.PASSED)} of {len(report.checks)}" if report else NONE,
            one.commit[:12],
        ),
        telling=(safe(why),) if why else (),
        styles=(None, _STYLES[word]),
    )


def _report_lines(report: Report, screen: Screen, *, verbose: bool) -> Iterator[str]:
    subject = report.subject
    how = f"{report.accel} ({report.why_accel})" if report.why_accel else report.accel
    version = f" {subject.version}" if subject.version else ""
    yield screen.paint(safe(f"{subject.node}{version} {subject.commit[:12]}"), Style.STRONG)
    yield safe(f"  runs by {how}")
    if report.upgraded_from:
        yield safe(f"  upgraded from {report.upgraded_from[:12]}")
    if report.verdict is not None:
        yield safe(f"  {_boot(report)}")
    width = max(len(_MARKS[one.status][0]) for one in report.checks)
    for check in report.checks:
        yield from _check_lines(check, screen, width=width, verbose=verbose)
    if report.suspects:
        yield "  changed since the last commit that passed:"
        yield from (f"    {safe(one)}" for one in report.suspects)
    yield safe(f"  {report.folder}: {', '.join(report.evidence) or 'nothing'}")


def _boot(report: Report) -> str:
    verdict = report.verdict
    if verdict is None:
        return ""
    phases = " + ".join(
        f"{duration(seconds)} {name}" for name, seconds in verdict.times.items() if name != "total"
    )
    began = "seen up before" if report.is_resumed else "last up" if report.upgraded_from else "up"
    told = f"{began} after {duration(report.verdict_seconds)}, kernel {verdict.kernel}"
    return f"{told} ({phases})" if phases else told


def _check_lines(check: Check, screen: Screen, *, width: int, verbose: bool) -> Iterator[str]:
    word, style = _MARKS[check.status]
    mark = screen.paint(word, style) + " " * (width - len(word))
    spent = f" {duration(check.seconds)}" if check.seconds else ""
    why = f": {safe(check.message)}" if check.message else ""
    where = f" ({safe(check.where)})" if check.where else ""
    yield f"  {mark}  {safe(check.name)}{spent}{why}{where}"
    if verbose or check.status is Status.FAILED:
        shown = safe_lines(check.output.rstrip())
        left = len(shown) - OUTPUT_LINES
        if left > 0 and not verbose:
            yield f"  {' ' * width}  | … {counted(left, 'line')} before"
            shown = shown[-OUTPUT_LINES:]
        yield from (f"  {' ' * width}  | {line}".rstrip() for line in shown)


def trial_shape(tested: Sequence[NodeTested], exit_code: int) -> documents.TestedDocument:
    """Return the JSON shape of how tests ended."""
    return {
        "schema": SCHEMA,
        "type": "test",
        "exit_code": exit_code,
        "nodes": [_node_shape(one) for one in tested],
    }


def _node_shape(one: NodeTested) -> documents.TestedNode:
    report = one.report
    return {
        "node": one.node,
        "commit": one.commit,
        "outcome": outcome(one),
        "why": one.why_not,
        "accel": report.accel if report else "",
        "why_accel": report.why_accel if report else "",
        "is_resumed": report is not None and report.is_resumed,
        "is_partial": report is not None and report.is_partial,
        "upgraded_from": report.upgraded_from if report else "",
        "seconds": round(report.seconds, 3) if report else 0.0,
        "verdict": _verdict_shape(report) if report else None,
        "checks": [_check_shape(check) for check in report.checks] if report else [],
        "folder": str(report.folder) if report else "",
        "evidence": list(report.evidence) if report else [],
        "suspects": list(report.suspects) if report else [],
    }


def _verdict_shape(report: Report) -> documents.TestedVerdict | None:
    verdict = report.verdict
    if verdict is None:
        return None
    return {
        "state": verdict.state,
        "is_complete": verdict.is_complete,
        "failed": list(verdict.failed),
        "deployment": verdict.deployment,
        "kernel": verdict.kernel,
        "times": dict(verdict.times),
        "seconds": round(report.verdict_seconds, 3),
    }


def _check_shape(check: Check) -> documents.TestedCheck:
    return {
        "name": check.name,
        "title": check.title,
        "status": check.status.value,
        "seconds": round(check.seconds, 3),
        "message": check.message,
        "output": check.output,
        "where": check.where,
    }
