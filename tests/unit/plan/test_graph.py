"""The graph answers in one order, whatever order the nodes came in."""

import pytest

from arkes_build.core.errors import ExitCode
from arkes_build.plan.errors import BrokenEdge, DependencyCycle, UnknownNode
from arkes_build.plan.graph import BuildGraph


@pytest.fixture
def diamond(make_node):
    """rootfs ← base ← {left, right} ← top; tool stands alone and top copies from it."""
    return [
        make_node(
            "top", "FROM arkes:left\nCOPY --from=arkes:right /a /a\nCOPY --from=arkes:tool /b /\n"
        ),
        make_node("right", "FROM arkes:base\n"),
        make_node("left", "FROM arkes:base\n"),
        make_node("base", "FROM arkes:rootfs\n"),
        make_node("rootfs"),
        make_node("tool"),
    ]


def test_order_puts_needs_first_and_ties_by_name(diamond):
    assert BuildGraph.of(diamond).order() == ("rootfs", "base", "left", "right", "tool", "top")
    assert BuildGraph.of(reversed(diamond)).order() == BuildGraph.of(diamond).order()


def test_neighbours_edges_and_generations_are_sorted(diamond):
    graph = BuildGraph.of(diamond)
    assert graph.parents("top") == ("left", "right", "tool")
    assert graph.children("base") == ("left", "right")
    assert graph.edges() == (
        ("base", "left"), ("base", "right"), ("left", "top"),
        ("right", "top"), ("rootfs", "base"), ("tool", "top"),
    )  # fmt: skip
    assert graph.generations() == (("rootfs", "tool"), ("base",), ("left", "right"), ("top",))
    assert len(graph) == 6
    assert "top" in graph
    assert "other" not in graph


def test_needs_are_the_named_nodes_and_all_below_them(diamond):
    graph = BuildGraph.of(diamond)
    assert graph.needs(["left"]) == ("rootfs", "base", "left")
    assert graph.needs(["tool", "base"]) == ("rootfs", "base", "tool")
    assert graph.needs([]) == ()
    assert graph.only(["right"]).order() == ("rootfs", "base", "right")
    assert graph.only(["right"]).children("base") == ("right",)


def test_the_critical_path_is_the_slowest_chain(diamond):
    graph = BuildGraph.of(diamond)
    assert graph.critical_path({"left": 5, "right": 7, "base": 1, "tool": 7.5}) == (
        "base",
        "right",
    )
    assert graph.urgency({"left": 5, "right": 7, "base": 1}) == {
        "rootfs": 8, "base": 8, "left": 5, "right": 7, "tool": 0, "top": 0,
    }  # fmt: skip
    assert graph.critical_path({}) == ()


def test_a_name_nobody_has_is_wrong_usage_with_a_suggestion(diamond):
    with pytest.raises(UnknownNode) as caught:
        BuildGraph.of(diamond).needs(["rigth"])
    error = caught.value
    assert error.exit_code is ExitCode.USAGE
    assert error.brief == "there is no node 'rigth'"
    assert error.details == "the nodes are: base, left, right, rootfs, tool, top"
    assert error.resolution == "did you mean 'right'?"


def test_an_edge_to_nowhere_is_a_wrong_source(make_node):
    with pytest.raises(BrokenEdge) as caught:
        BuildGraph.of([make_node("base", "FROM arkes:rotfs\n"), make_node("rootfs")])
    error = caught.value
    assert error.exit_code is ExitCode.SOURCE
    assert error.brief == "there is no node 'rotfs' (base needs it)"
    assert str(error.where) == "variants/base.Containerfile:1:6"


def test_a_cycle_is_drawn_as_a_path(make_node):
    nodes = [
        make_node("c", "FROM arkes:b\n"),
        make_node("b", "FROM arkes:a\n"),
        make_node("a", "FROM arkes:c\n"),
    ]
    with pytest.raises(DependencyCycle) as caught:
        BuildGraph.of(nodes)
    error = caught.value
    assert error.path == ("a", "c", "b", "a")
    assert error.brief == "nodes depend on each other in a circle: a → c → b → a"
    assert str(error.where) == "variants/a.Containerfile:1:6"
