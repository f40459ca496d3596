"""The expected time follows the schedule that the nodes will really have."""

import pytest

from arkes_build.plan.actions import Action, ActionType, Plan, Reason
from arkes_build.plan.estimate import Estimate, expected
from arkes_build.plan.graph import BuildGraph


@pytest.fixture
def graph(make_node):
    return BuildGraph.of(
        [
            make_node("rootfs"),
            make_node("long", "FROM arkes:rootfs\n"),
            make_node("one", "FROM arkes:rootfs\n"),
            make_node("two", "FROM arkes:rootfs\n"),
        ]
    )


def a_plan(**seconds):
    why = (Reason(text="x"),)
    return Plan(
        actions=tuple(
            Action(
                node=name,
                type=ActionType.REUSE if value == "reuse" else ActionType.BUILD,
                reasons=why,
                key=None,
                seconds=None if value == "reuse" else value,
            )
            for name, value in seconds.items()
        )
    )


@pytest.mark.parametrize(("workers", "seconds"), [(1, 28.0), (2, 20.0), (9, 20.0)])
def test_two_workers_hide_short_nodes_behind_a_long_one(graph, workers, seconds):
    plan = a_plan(rootfs=10.0, long=10.0, one=4.0, two=4.0)
    assert expected(graph, plan, workers=workers) == Estimate(
        seconds=seconds, work=28.0, path=("rootfs", "long"), path_seconds=20.0, unknown=()
    )


def test_nodes_never_built_are_named_and_count_nothing(graph):
    assert expected(graph, a_plan(rootfs="reuse", long=None, one=4.0), workers=2) == Estimate(
        seconds=4.0, work=4.0, path=("one",), path_seconds=4.0, unknown=("long",)
    )


def test_an_empty_plan_takes_no_time(graph):
    assert expected(graph, a_plan(rootfs="reuse"), workers=2).seconds == 0
