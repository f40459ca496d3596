"""Know which node stands on which, and every order that follows from it.

Each run asks for neighbours and for the order: plain tables answer. What only a picture or
an error asks for is left to networkx, because to import it alone takes longer than a whole
run that has nothing to do.
"""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from arkes_build.plan.errors import BrokenEdge, DependencyCycle, UnknownNode

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    import networkx as nx

    from arkes_build.project.model import ResolvedVariant

    Neighbours = Mapping[str, tuple[str, ...]]


class BuildGraph:
    """Hold the nodes of one expansion; an edge leads from what is needed to who needs it.

    All answers are sorted, or in the one topological order in which ties go by name,
    so they do not depend on the order in which the nodes came.
    """

    def __init__(
        self, nodes: Mapping[str, ResolvedVariant], parents: Neighbours, order: tuple[str, ...]
    ) -> None:
        """Take a graph that is known to be sound; everybody else calls ``of``."""
        self._nodes = nodes
        self._parents = parents
        self._children = _turned(parents)
        self._order = order

    @classmethod
    def of(cls, nodes: Iterable[ResolvedVariant]) -> BuildGraph:
        """Return the graph of some nodes.

        Raises ``BrokenEdge`` when one names a node that is not there, ``DependencyCycle``
        when they stand on each other. The project finds both first, with all places;
        this is the last line of defence.
        """
        known = {node.name: node for node in nodes}
        parents = {name: _parents(known, name) for name in sorted(known)}
        try:
            order = _ordered(parents)
        except CycleError:
            raise _cycle(parents, known) from None
        return cls(known, parents, order)

    def __len__(self) -> int:
        """Return the number of nodes."""
        return len(self._nodes)

    def __contains__(self, name: object) -> bool:
        """Tell whether there is a node of this name."""
        return name in self._nodes

    def order(self) -> tuple[str, ...]:
        """Return all names, each after everything it needs."""
        return self._order

    def node(self, name: str) -> ResolvedVariant:
        """Return a node, or raise ``UnknownNode``."""
        try:
            return self._nodes[name]
        except KeyError:
            raise UnknownNode(name, self._nodes) from None

    def parents(self, name: str) -> tuple[str, ...]:
        """Return what a node names directly, sorted."""
        return self._parents[self.node(name).name]

    def children(self, name: str) -> tuple[str, ...]:
        """Return who names the node directly, sorted."""
        return self._children[self.node(name).name]

    def edges(self) -> tuple[tuple[str, str], ...]:
        """Return all pairs (needed, needing), sorted."""
        return tuple((name, child) for name in sorted(self._nodes) for child in self.children(name))

    def needs(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the named nodes and everything they stand on, in the graph's order."""
        open_names = [self.node(name).name for name in names]
        wanted: set[str] = set()
        while open_names:
            name = open_names.pop()
            if name not in wanted:
                wanted.add(name)
                open_names.extend(self._parents[name])
        return tuple(name for name in self._order if name in wanted)

    def only(self, names: Collection[str]) -> BuildGraph:
        """Return the graph of the named nodes and everything they stand on."""
        return BuildGraph.of(self._nodes[name] for name in self.needs(names))

    def generations(self) -> tuple[tuple[str, ...], ...]:
        """Return the nodes by the length of the longest way down; each row sorted."""
        import networkx as nx

        rows = nx.topological_generations(_digraph(self._parents))
        return tuple(tuple(sorted(row)) for row in rows)

    def urgency(self, seconds: Mapping[str, float]) -> dict[str, float]:
        """Return, per node, the seconds of the longest chain of work that begins with it.

        A node without an entry in ``seconds`` takes none.
        """
        total: dict[str, float] = {}
        for name in reversed(self._order):
            above = max((total[child] for child in self._children[name]), default=0.0)
            total[name] = seconds.get(name, 0.0) + above
        return total

    def critical_path(self, seconds: Mapping[str, float]) -> tuple[str, ...]:
        """Return the chain of nodes that takes longest; ties go by name.

        Nodes at its ends that take no time are left out.
        """
        total = self.urgency(seconds)

        def rank(name: str) -> tuple[float, bool, str]:
            return -total[name], not seconds.get(name), name

        path: list[str] = []
        choice: Iterable[str] = self._order
        while True:
            following = [name for name in choice if total[name] > 0]
            if not following:
                return tuple(path)
            path.append(min(following, key=rank))
            choice = self._children[path[-1]]


def _parents(nodes: Mapping[str, ResolvedVariant], name: str) -> tuple[str, ...]:
    parents = {each.node: each for each in nodes[name].dependencies}
    for parent in sorted(parents):
        if parent not in nodes:
            raise BrokenEdge(parent, nodes, wanted_by=name, where=parents[parent].span)
    return tuple(sorted(parents))


def _turned(parents: Neighbours) -> Neighbours:
    """Return the children of each node, sorted as the nodes are."""
    children: dict[str, list[str]] = {name: [] for name in parents}
    for name in sorted(parents):
        for parent in parents[name]:
            children[parent].append(name)
    return {name: tuple(found) for name, found in children.items()}


def _ordered(parents: Neighbours) -> tuple[str, ...]:
    """Return each node behind its parents, by name where that leaves a choice.

    Raises ``CycleError``.
    """
    sorter = TopologicalSorter(parents)
    sorter.prepare()
    order: list[str] = []
    ready = sorted(sorter.get_ready())
    while ready:
        name = heappop(ready)
        order.append(name)
        sorter.done(name)
        for following in sorter.get_ready():
            heappush(ready, following)
    return tuple(order)


def _digraph(parents: Neighbours) -> nx.DiGraph[str]:
    import networkx as nx

    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(parents)
    graph.add_edges_from((parent, name) for name in parents for parent in parents[name])
    return graph


def _cycle(parents: Neighbours, nodes: Mapping[str, ResolvedVariant]) -> DependencyCycle:
    import networkx as nx

    edges = nx.find_cycle(_digraph(parents))
    path = [edge[0] for edge in reversed(edges)]
    first = path.index(min(path))
    path = [*path[first:], *path[:first], path[first]]
    where = next(d.span for d in nodes[path[0]].dependencies if d.node == path[1])
    return DependencyCycle(path, where=where)
