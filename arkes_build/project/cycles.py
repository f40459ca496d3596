"""Find the rings in a set of edges, without a graph library: this runs before any plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


def find_cycles(needs: Mapping[str, Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    """Return rings of nodes, each once, beginning with its first name by the alphabet.

    ``needs`` maps a node to those it needs; names outside it are ignored. A ring
    ``(a, b, c)`` reads: a needs b, b needs c, c needs a. Not every ring of a tangle is
    listed, but at least one of each tangle is; none exactly when there is no ring.
    """
    rings: dict[tuple[str, ...], None] = {}
    finished: set[str] = set()
    for start in sorted(needs):
        if start not in finished:
            for ring in _walk(start, needs, finished):
                rings.setdefault(ring)
    return tuple(sorted(rings))


def _walk(
    start: str, needs: Mapping[str, Sequence[str]], finished: set[str]
) -> Iterator[tuple[str, ...]]:
    """Go depth first, with a list for a stack: chains may be longer than Python's."""
    path = [start]
    depth = {start: 0}
    ahead = [iter(sorted(needs[start]))]
    while path:
        following = next(ahead[-1], None)
        if following is None:
            finished.add(path[-1])
            del depth[path.pop()]
            ahead.pop()
        elif following in depth:
            yield _turned(path[depth[following] :])
        elif following in needs and following not in finished:
            depth[following] = len(path)
            path.append(following)
            ahead.append(iter(sorted(needs[following])))


def _turned(ring: list[str]) -> tuple[str, ...]:
    first = ring.index(min(ring))
    return tuple(ring[first:] + ring[:first])
