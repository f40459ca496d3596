"""Laws that every graph keeps, whatever its shape."""

from itertools import pairwise

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arkes_build.plan.errors import DependencyCycle
from arkes_build.plan.graph import BuildGraph


@st.composite
def shapes(draw):
    """Draw name → names it needs, free of cycles: a node needs only earlier ones."""
    names = draw(st.lists(st.from_regex(r"[a-z]{1,3}", fullmatch=True), max_size=9, unique=True))
    return {
        name: draw(st.sets(st.sampled_from(names[:i]), max_size=3)) if i else set()
        for i, name in enumerate(names)
    }


@pytest.fixture(scope="session")
def nodes_of(make_node):
    def make(shape):
        lines = {
            n: [f"COPY --from=arkes:{p} /a /b\n" for p in sorted(ps)] for n, ps in shape.items()
        }
        return [make_node(name, "FROM scratch\n" + "".join(lines[name])) for name in shape]

    return make


@given(shape=shapes(), order=st.randoms(use_true_random=False))
def test_answers_do_not_depend_on_the_order_of_the_nodes(nodes_of, shape, order):
    nodes = nodes_of(shape)
    graph = BuildGraph.of(nodes)
    order.shuffle(nodes)
    other = BuildGraph.of(nodes)
    assert other.order() == graph.order()
    assert other.edges() == graph.edges()
    assert other.generations() == graph.generations()


@given(shape=shapes())
def test_the_order_holds_every_node_once_and_behind_its_needs(nodes_of, shape):
    order = BuildGraph.of(nodes_of(shape)).order()
    assert sorted(order) == sorted(shape)
    for name, parents in shape.items():
        assert all(order.index(parent) < order.index(name) for parent in parents)


@given(shape=shapes())
def test_the_order_is_the_one_that_networkx_makes(nodes_of, shape):
    graph = nx.DiGraph((parent, name) for name, parents in shape.items() for parent in parents)
    graph.add_nodes_from(shape)
    expected = tuple(nx.lexicographical_topological_sort(graph))
    assert BuildGraph.of(nodes_of(shape)).order() == expected


@given(shape=shapes(), data=st.data())
def test_needs_are_closed_and_nothing_in_them_is_needless(nodes_of, shape, data):
    graph = BuildGraph.of(nodes_of(shape))
    wanted = data.draw(st.sets(st.sampled_from(sorted(shape)))) if shape else set()
    found = set(graph.needs(wanted))
    assert wanted <= found
    assert all(shape[name] <= found for name in found)
    assert all(name in wanted or set(graph.children(name)) & found for name in found)
    assert graph.needs(found) == graph.needs(wanted)
    assert graph.only(wanted).order() == graph.needs(wanted)


@given(shape=shapes())
def test_generations_part_the_nodes_and_go_downward_only(nodes_of, shape):
    rows = BuildGraph.of(nodes_of(shape)).generations()
    place = {name: i for i, row in enumerate(rows) for name in row}
    assert sorted(place) == sorted(shape)
    for name, parents in shape.items():
        assert place[name] == max((place[p] + 1 for p in parents), default=0)


@given(shape=shapes(), data=st.data())
def test_the_critical_path_is_a_chain_and_none_is_longer(nodes_of, shape, data):
    graph = BuildGraph.of(nodes_of(shape))
    seconds = {name: data.draw(st.integers(0, 9)) for name in sorted(shape)}
    path = graph.critical_path(seconds)
    assert all(a in shape[b] for a, b in pairwise(path))
    longest = max(graph.urgency(seconds).values(), default=0)
    assert sum(seconds[name] for name in path) == longest


@given(shape=shapes(), data=st.data())
def test_an_edge_back_is_found_as_a_cycle(nodes_of, shape, data):
    edges = sorted((parent, name) for name, parents in shape.items() for parent in parents)
    if not edges:
        return
    parent, name = data.draw(st.sampled_from(edges))
    shape[parent].add(name)
    with pytest.raises(DependencyCycle) as caught:
        BuildGraph.of(nodes_of(shape))
    path = caught.value.path
    assert path[0] == path[-1]
    assert all(b in shape[a] for a, b in pairwise(path))
