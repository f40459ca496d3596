"""Know which node stands on which, and every order that follows from it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import networkx as nx

from arkes_build.plan.errors import BrokenEdge, DependencyCycle, UnknownNode

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from arkes_build.project.model import ResolvedVariant


class BuildGraph:
    """Hold the nodes of one expansion; an edge leads from what is needed to who needs it.

    All answers are sorted, or in the one topological order in which ties go by name,
    so they do not depend on the order in which the nodes came.
    """

    def __init__(self, graph: nx.DiGraph[str], nodes: Mapping[str, ResolvedVariant]) -> None:
        """Take a graph that is known to be sound; everybody else calls ``of``."""
        self._graph = graph
        self._nodes = nodes

    @classmethod
    def of(cls, nodes: Iterable[ResolvedVariant]) -> BuildGraph:
        """Return the graph of some nodes.

        Raises ``BrokenEdge`` when one names a node that is not there, ``DependencyCycle``
        when they stand on each other. The project finds both first, with all places;
        this is the last line of defence.
        """
        known = {node.name: node for node in nodes}
        graph: nx.DiGraph[str] = nx.DiGraph()
        graph.add_nodes_from(sorted(known))
        for name in sorted(known):
            for dependency in sorted(known[name].dependencies, key=lambda d: d.node):
                if dependency.node not in known:
                    raise BrokenEdge(dependency.node, known, wanted_by=name, where=dependency.span)
                graph.add_edge(dependency.node, name)
        if not nx.is_directed_acyclic_graph(graph):
            raise _cycle(graph, known)
        return cls(graph, known)

    @cached_property
    def _order(self) -> tuple[str, ...]:
        return tuple(nx.lexicographical_topological_sort(self._graph))

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
        self.node(name)
        return tuple(sorted(self._graph.predecessors(name)))

    def children(self, name: str) -> tuple[str, ...]:
        """Return who names the node directly, sorted."""
        self.node(name)
        return tuple(sorted(self._graph.successors(name)))

    def edges(self) -> tuple[tuple[str, str], ...]:
        """Return all pairs (needed, needing), sorted."""
        return tuple(sorted(self._graph.edges))

    def needs(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the named nodes and everything they stand on, in the graph's order."""
        open_names = [self.node(name).name for name in names]
        wanted: set[str] = set()
        while open_names:
            name = open_names.pop()
            if name not in wanted:
                wanted.add(name)
                open_names.extend(self._graph.predecessors(name))
        return tuple(name for name in self._order if name in wanted)

    def only(self, names: Collection[str]) -> BuildGraph:
        """Return the graph of the named nodes and everything they stand on."""
        kept = self.needs(names)
        return BuildGraph(
            nx.DiGraph(self._graph.subgraph(kept)), {name: self._nodes[name] for name in kept}
        )

    def generations(self) -> tuple[tuple[str, ...], ...]:
        """Return the nodes by the length of the longest way down; each row sorted."""
        return tuple(tuple(sorted(row)) for row in nx.topological_generations(self._graph))

    def urgency(self, seconds: Mapping[str, float]) -> dict[str, float]:
        """Return, per node, the seconds of the longest chain of work that begins with it.

        A node without an entry in ``seconds`` takes none.
        """
        total: dict[str, float] = {}
        for name in reversed(self._order):
            above = max((total[child] for child in self._graph.successors(name)), default=0.0)
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
            choice = self._graph.successors(path[-1])


def _cycle(graph: nx.DiGraph[str], nodes: Mapping[str, ResolvedVariant]) -> DependencyCycle:
    edges = nx.find_cycle(graph)
    path = [edge[0] for edge in reversed(edges)]
    first = path.index(min(path))
    path = [*path[first:], *path[:first], path[first]]
    where = next(d.span for d in nodes[path[0]].dependencies if d.node == path[1])
    return DependencyCycle(path, where=where)
