"""The shapes of JSON are stable, and documented."""

import json
import re
from pathlib import Path

import pytest

from arkes_build.core import events
from arkes_build.core.diagnostics import Diagnostic, Label, Severity, SourceError
from arkes_build.core.source import Source
from arkes_build.render.model import Rendered
from arkes_build.ui import shapes

PAGE = (Path(__file__).parents[3] / "docs" / "commands.md").read_text()
EXAMPLES = (
    events.Notice(message="m"),
    events.RunPlanned(nodes=("a",)),
    events.NodeStarted(node="a", reason="r"),
    events.StepStarted(node="a", index=1, total=2, text="t"),
    events.OutputLine(node="a", text="t"),
    events.NodeFinished(node="a", outcome=events.Outcome.BUILT, seconds=1.0),
)


def test_every_kind_of_event_has_a_shape():
    assert {type(event) for event in EXAMPLES} == set(events.Event.__args__)
    assert set(shapes._TYPES) == set(events.Event.__args__)


@pytest.mark.parametrize("event", EXAMPLES, ids=lambda event: type(event).__name__)
def test_every_event_is_documented_with_its_fields(event):
    shape = shapes.event_shape(event)
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{shape['type']}` |"))
    assert re.findall(r"`(\w+)`", row.split("|")[2]) == [
        name for name in shape if name not in {"schema", "type"}
    ]
    json.loads(shapes.line(shape))


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda get: shapes.report_shape(get("report"), 14), id="report"),
        pytest.param(lambda get: shapes.plan_shape(get("plan")), id="plan"),
        pytest.param(lambda get: shapes.refs_shape(get("refs")), id="refs"),
        pytest.param(lambda get: shapes.error_shape(get("no_package")), id="error"),
    ],
)
def test_shape(make, request, golden):
    shape = make(request.getfixturevalue)
    golden(f"{shape['type']}.json", [shapes.document(shape)])
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{shape['type']}` |"))
    assert all(f"`{name}`" in row for name in shape if name not in {"schema", "type"})


def test_source_errors_carry_all_findings():
    source = Source("variants/a.Containerfile", "FROM arkes:b\nRUM x\n")
    found = (
        Diagnostic(
            code="unknown-instruction",
            message="unknown instruction RUM",
            span=source.span(13, 16),
            remedy="did you mean 'RUN'?",
            related=(Label(span=source.span(0, 4), text="the stage begins here"),),
        ),
        Diagnostic(code="no-place", message="m", severity=Severity.NOTE),
    )
    shape = shapes.error_shape(SourceError(found))
    assert (shape["exit_code"], shape["kind"], shape["brief"]) == (
        3,
        "source",
        "1 error in the project's files",
    )
    assert shapes.check_shape(found, 3) == {
        "schema": 1,
        "type": "check",
        "exit_code": 3,
        "diagnostics": [
            {
                "code": "unknown-instruction",
                "severity": "error",
                "message": "unknown instruction RUM",
                "where": {
                    "file": "variants/a.Containerfile",
                    "line": 2,
                    "column": 1,
                    "end_line": 2,
                    "end_column": 4,
                },
                "remedy": "did you mean 'RUN'?",
                "related": [
                    {
                        "text": "the stage begins here",
                        "where": {
                            "file": "variants/a.Containerfile",
                            "line": 1,
                            "column": 1,
                            "end_line": 1,
                            "end_column": 5,
                        },
                    }
                ],
                "fix": None,
            },
            {
                "code": "no-place",
                "severity": "note",
                "message": "m",
                "where": None,
                "remedy": "",
                "related": [],
                "fix": None,
            },
        ],
    }


def test_rendered_keeps_bytes_that_are_not_text():
    rendered = Rendered(
        node="base", text="FROM x\n", inline={".arkes/b": b"\xff", ".arkes/a": b"a"}
    )
    assert shapes.rendered_shape(rendered) == {
        "schema": 1,
        "type": "rendered",
        "node": "base",
        "text": "FROM x\n",
        "files": [],
        "inline": {".arkes/a": "a", ".arkes/b": "\udcff"},
    }
