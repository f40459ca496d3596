"""What each command prints, and to which stream."""

import io
import json
from pathlib import Path

import pytest

from arkes_build.cli.commands.graph import FORMATS
from arkes_build.cli.main import main
from arkes_build.core.diagnostics import Diagnostic, Severity
from arkes_build.core.errors import ArkesError, ExitCode
from arkes_build.core.events import NodeFinished, NodeStarted, Notice, Outcome, RunPlanned
from arkes_build.pipeline.report import NodeReport, Report
from arkes_build.plan.actions import Action, ActionType, Plan, Reason
from arkes_build.project.errors import ConfigError
from arkes_build.render.model import Rendered
from arkes_build.ui import drawing

COMMIT = "0123456789abcdef" * 4
REF = {"ref": "arkes/x86_64/base", "commit": COMMIT}
WHY = (Reason(text="RUN changed", where="base.Systemfile:2"),)
WARNING = Diagnostic(code="odd", message="odd", severity=Severity.WARNING)


class StepFailed(ArkesError):
    exit_code = ExitCode.BUILD_STEP


BUILT = Report(
    nodes=(NodeReport(node="base", outcome=Outcome.BUILT, reasons=WHY, seconds=2.0, **REF),),
    left_out=(),
    seconds=2.5,
)
REUSED = Report(
    nodes=(NodeReport(node="base", outcome=Outcome.REUSED, reasons=(), **REF),),
    left_out=(),
    seconds=0.01,
)
FAILED = Report(
    nodes=(
        NodeReport(
            node="base", outcome=Outcome.FAILED, reasons=WHY, error=StepFailed("RUN make failed")
        ),
        NodeReport(node="slim", outcome=Outcome.SKIPPED, reasons=(Reason(text="base failed"),)),
    ),
    left_out=(),
    seconds=1.0,
)
EVENTS = (
    Notice(message="podman 4.3.1"),
    RunPlanned(nodes=("base",)),
    NodeStarted(node="base", reason="RUN changed"),
    NodeFinished(node="base", outcome=Outcome.BUILT, seconds=2.0, **REF),
)
PLAN = Plan(
    actions=(Action(node="base", type=ActionType.BUILD, reasons=WHY, key="b" * 64, seconds=2.0),)
)
PLAN_TEXT = """\
NODE  ACTION  LAST TIME  KEY           WHY
base  build        2.0s  bbbbbbbbbbbb  RUN changed (base.Systemfile:2)

1 to build
"""


def test_all_in_a_pipe(fake, capsys):
    fake.events, fake.report = EVENTS, BUILT
    assert main(["all"]) == 0
    assert fake.asked == [("build", ())]
    assert capsys.readouterr() == (
        """\
podman 4.3.1
base: started: RUN changed
base: built in 2.0s, arkes/x86_64/base 0123456789ab

NODE  OUTCOME  TIME  SIZE  COMMIT        REF                WHY
base  built    2.0s     -  0123456789ab  arkes/x86_64/base  RUN changed (base.Systemfile:2)

1 node in 2.5s: 1 built
""",
        "",
    )


def test_nothing_to_do_is_said_first(fake, capsys):
    fake.report = REUSED
    assert main(["all"]) == 0
    assert (
        capsys.readouterr().out
        == """\
Nothing to do: the node is up to date.

NODE  OUTCOME  TIME  SIZE  COMMIT        REF                WHY
base  reused      -     -  0123456789ab  arkes/x86_64/base

1 node in 0.0s: 1 reused
"""
    )


def test_a_failed_node_is_drawn_and_gives_the_exit_code(fake, capsys):
    fake.report = FAILED
    assert main(["build", "base", "slim"]) == ExitCode.BUILD_STEP
    assert fake.asked == [("build", ("base", "slim"))]
    assert capsys.readouterr() == (
        """\

NODE  OUTCOME  TIME  SIZE  COMMIT  REF  WHY
base  failed      -     -  -       -    RUN make failed
slim  skipped     -     -  -       -    base failed

2 nodes in 1.0s: 1 failed, 1 skipped
""",
        "\nerror: RUN make failed\n",
    )


def test_json_lines_end_with_the_report(fake, capsys):
    fake.events, fake.report = EVENTS, FAILED
    assert main(["all", "--json"]) == ExitCode.BUILD_STEP
    out, err = capsys.readouterr()
    shapes = [json.loads(line) for line in out.splitlines()]
    assert [shape["type"] for shape in shapes] == [
        "notice",
        "run-planned",
        "node-started",
        "node-finished",
        "report",
    ]
    assert {shape["schema"] for shape in shapes} == {1}
    assert shapes[-1]["exit_code"] == ExitCode.BUILD_STEP
    assert shapes[-1]["nodes"][0]["error"]["brief"] == "RUN make failed"
    assert err == ""


def test_quiet_says_only_what_went_wrong(fake, capsys):
    fake.events, fake.report = EVENTS, BUILT
    assert main(["all", "-q"]) == 0
    assert capsys.readouterr() == ("", "")
    fake.report = FAILED
    assert main(["all", "-q"]) == ExitCode.BUILD_STEP
    assert capsys.readouterr() == ("", "\nerror: RUN make failed\n")


def test_on_a_terminal_it_moves(fake, capsys, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("sys.stdout", terminal)
    fake.events, fake.report = EVENTS, BUILT
    assert main(["all"]) == 0
    shown = terminal.getvalue()
    assert "base: built in 2.0s" in shown
    assert "\x1b[?25l" in shown
    assert shown.index("\x1b[?25h") < shown.index("NODE  OUTCOME")


def test_a_dry_run_prints_the_plan(fake, capsys):
    fake.the_plan = PLAN
    assert main(["all", "--dry-run"]) == 0
    assert main(["build", "base", "--dry-run"]) == 0
    assert main(["plan"]) == 0
    assert fake.asked == [("plan", ()), ("plan", ("base",)), ("plan", ())]
    assert capsys.readouterr() == (PLAN_TEXT * 3, "")


def test_plan_in_json(fake, capsys):
    fake.the_plan = PLAN
    assert main(["plan", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["actions"][0]["action"] == "build"


def test_render(fake, capsys):
    fake.rendered = Rendered(node="base", text="FROM x\nRUN y\n")
    assert main(["render", "base"]) == 0
    assert capsys.readouterr() == ("FROM x\nRUN y\n", "")
    assert main(["render", "base", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["text"] == "FROM x\nRUN y\n"


MORE = "`arkes-build explain odd` says more about a code\n"


def test_check_without_findings(fake, capsys):
    assert main(["check"]) == 0
    assert capsys.readouterr() == ("No findings.\n", "")


def test_check_with_warnings(fake, capsys):
    fake.findings = (WARNING,)
    assert main(["check", "a/Systemfile"]) == 0
    assert fake.asked == [("check", (Path("a/Systemfile"),))]
    assert capsys.readouterr() == (f"warning: odd [odd]\n\n1 warning\n{MORE}", "")


@pytest.mark.parametrize("quiet", [[], ["-q"]], ids=["loud", "quiet"])
def test_check_with_errors(fake, capsys, quiet):
    fake.findings = (Diagnostic(code="bad", message="bad"), WARNING)
    assert main(["check", *quiet]) == ExitCode.SOURCE
    counts = "" if quiet else f"\n1 error, 1 warning\n{MORE.replace('odd', 'bad')}"
    assert capsys.readouterr() == (f"error: bad [bad]\n\nwarning: odd [odd]\n{counts}", "")


def test_check_in_json(fake, capsys):
    fake.findings = (Diagnostic(code="bad", message="bad"),)
    assert main(["check", "--json"]) == ExitCode.SOURCE
    shape = json.loads(capsys.readouterr().out)
    assert (shape["type"], shape["exit_code"], len(shape["diagnostics"])) == ("check", 3, 1)


@pytest.mark.parametrize(
    ("severity", "options", "code"),
    [
        pytest.param(Severity.WARNING, [], 0, id="a warning is no failure"),
        pytest.param(Severity.WARNING, ["--error-on=warning"], 3, id="unless one says so"),
        pytest.param(Severity.ERROR, ["--error-on=warning"], 3, id="an error is worse"),
        pytest.param(Severity.NOTE, ["--error-on=warning"], 0, id="a note is less"),
        pytest.param(Severity.NOTE, ["--error-on=note"], 3, id="a note fails when asked for"),
    ],
)
@pytest.mark.parametrize("form", ["text", "json", "sarif", "github"])
def test_check_fails_from_a_weight_on(fake, capsys, severity, options, code, form):
    fake.findings = (Diagnostic(code="odd", message="odd", severity=severity),)
    assert main(["check", f"--format={form}", *options]) == code
    assert "odd" in capsys.readouterr().out


def test_check_writes_what_is_wrong_with_the_configuration_in_the_same_format(fake, capsys):
    fake.trouble = ConfigError([Diagnostic(code="config-value", message="bad")])
    assert main(["check", "--format=github"]) == ExitCode.PROJECT
    assert capsys.readouterr() == ("::error title=config-value::bad\n", "")


def test_check_in_two_formats_at_once(fake, capsys):
    assert main(["check", "--json", "--format=sarif"]) == ExitCode.USAGE
    assert "contradict" in capsys.readouterr().out


def test_refs_of_an_empty_store(fake, capsys):
    assert main(["refs"]) == 0
    assert capsys.readouterr() == ("No refs yet: `arkes-build all` makes them.\n", "")
    assert main(["refs", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"schema": 1, "type": "refs", "refs": []}


@pytest.mark.parametrize(
    ("silence", "text"),
    [([], "note: podman 4.3.1\n"), (["-q"], ""), (["--json"], "")],
    ids=["loud", "quiet", "for a program"],
)
def test_notices_of_a_look_go_to_standard_error(fake, capsys, silence, text):
    fake.the_plan, fake.events = PLAN, EVENTS[:1]
    assert main(["plan", *silence]) == 0
    assert capsys.readouterr().err == text


@pytest.fixture
def graph(fake, monkeypatch):
    """Let the fake have a graph, and remember how it was to be drawn."""
    drawn = []

    def draw(graph, name, *, plan, left_out):
        drawn.append((graph, name, plan, left_out))
        return "base\n└─ a line that is longer than forty columns are wide\n"

    monkeypatch.setattr("arkes_build.ui.drawing.draw", draw)
    fake.the_graph, fake.the_plan = "graph", PLAN
    return drawn


@pytest.mark.parametrize(
    ("arguments", "form", "plan"),
    [
        pytest.param([], "text", None, id="a tree"),
        pytest.param(["--format", "svg"], "svg", None, id="a picture"),
        pytest.param(["--json"], "json", None, id="for a program"),
        pytest.param(["--actions", "base"], "text", PLAN, id="with what would be done"),
    ],
)
def test_graph(fake, graph, capsys, arguments, form, plan):
    assert main(["graph", *arguments]) == 0
    assert graph == [("graph", form, plan, ())]
    assert [name for name, *_ in fake.asked] == (["graph", "plan"] if plan else ["graph"])
    assert capsys.readouterr().out.endswith("forty columns are wide\n")


def test_a_tree_is_cut_where_the_screen_ends(graph, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    assert main(["graph"]) == 0
    assert capsys.readouterr().out == "base\n└─ a line that is longer than forty col…\n"


def test_the_formats_are_those_that_can_be_drawn():
    assert FORMATS == drawing.FORMATS
