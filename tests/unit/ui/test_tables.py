"""The tables, character by character."""

from dataclasses import replace

import pytest

from arkes_build.core.events import Outcome
from arkes_build.plan.actions import Action, ActionType, Estimate, Plan, Reason
from arkes_build.project.model import LeftOut
from arkes_build.ui.tables import (
    nothing_to_do,
    plan_lines,
    plan_summary,
    refs_lines,
    report_lines,
)
from arkes_build.ui.text import width


@pytest.mark.parametrize(
    ("columns", "name"),
    [
        pytest.param(None, "report-pipe.txt", id="in a pipe no line is broken"),
        pytest.param(120, "report-120.txt", id="on 120 columns the refs have a column"),
        pytest.param(80, "report-80.txt", id="on 80 columns the reasons go below"),
    ],
)
def test_report(report, screen, golden, columns, name):
    lines = report_lines(report, screen(columns))
    golden(name, lines)
    assert columns is None or max(map(width, lines)) <= columns


def test_report_in_colour(report, screen, golden):
    golden("report-colour.txt", report_lines(report, screen(120, colour=True)))


def test_verbose_shows_every_reason(report, screen):
    lines = report_lines(report, screen(), verbose=True)
    assert sum("(" in line for line in lines) == 6
    assert not any("more" in line for line in lines)


@pytest.mark.parametrize(
    ("columns", "name"),
    [(None, "plan-pipe.txt"), (80, "plan-80.txt")],
    ids=["a plan in a pipe", "a plan on 80 columns"],
)
def test_plan(plan, screen, golden, columns, name):
    lines = plan_lines(plan, screen(columns))
    golden(name, lines)
    assert columns is None or max(map(width, lines)) <= columns


def test_refs(refs, screen, golden):
    golden("refs.txt", refs_lines(refs, screen()))
    assert max(map(width, refs_lines(refs, screen(80)))) <= 80


def test_hostile_names_and_reasons_cannot_drive_the_terminal(report, plan, screen):
    evil = "\x1b]0;x\x07\x1b[2J\x9b\u202e\n\0"
    node = replace(report.nodes[1], node=evil, reasons=(Reason(text=evil, where=evil),))
    out = LeftOut(name=evil, reason=evil, span=None)
    run = replace(report, nodes=(node,), left_out=(out,))
    action = replace(plan.actions[1], node=evil, reasons=(Reason(text=evil, where=evil),))
    lines = report_lines(run, screen()) + plan_lines(
        Plan(actions=(action,), left_out=(out,)), screen()
    )
    assert all(line.isprintable() for line in lines)


def test_nothing_to_do_is_said_only_when_all_are_reused(report):
    reused = report.nodes[0]
    assert reused.outcome is Outcome.REUSED
    assert nothing_to_do(report) == ""
    three = replace(report, nodes=(reused,) * 3)
    assert nothing_to_do(three) == "Nothing to do: all 3 nodes are up to date."
    one = replace(report, nodes=(reused,))
    assert nothing_to_do(one) == "Nothing to do: the node is up to date."
    assert nothing_to_do(replace(report, nodes=())) == "Nothing to do: there are no nodes."


def action(kind, seconds):
    return Action(node="n", type=kind, reasons=(), key=None, seconds=seconds)


def estimate(actions):
    """Return the estimate of one worker for nodes that stand on nothing."""
    work = [each for each in actions if each.type is not ActionType.REUSE]
    seconds = sum(each.seconds or 0.0 for each in work)
    unknown = tuple(each.node for each in work if each.seconds is None)
    return Estimate(seconds=seconds, work=seconds, path=(), path_seconds=0.0, unknown=unknown)


@pytest.mark.parametrize(
    ("actions", "text"),
    [
        pytest.param([], "Nothing to do: every node is up to date.", id="empty"),
        pytest.param(
            [action(ActionType.REUSE, 5.0)],
            "Nothing to do: every node is up to date.",
            id="all reused",
        ),
        pytest.param(
            [action(ActionType.BUILD, None)],
            "1 to build; none of them was ever built here, so the time is unknown",
            id="never built",
        ),
        pytest.param(
            [action(ActionType.BUILD, 60.0), action(ActionType.WAIT, 30.0)] * 2,
            "2 to build, 2 wait for what they stand on; about 3m 00s as the last builds went",
            id="all built before",
        ),
        pytest.param(
            [action(ActionType.BUILD, 60.0), action(ActionType.BUILD, None)],
            "2 to build; about 1m 00s as the last builds went, and 1 was never built here",
            id="one is new",
        ),
    ],
)
def test_plan_summary(actions, text):
    plan = Plan(actions=tuple(actions), estimate=estimate(actions))
    assert plan_summary(plan) == text


def test_a_plan_that_nobody_priced_names_no_time():
    assert plan_summary(Plan(actions=(action(ActionType.BUILD, 5.0),))) == "1 to build"
