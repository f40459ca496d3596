"""Choose which static deltas are made, and which of those that are there clients are told of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from arkes_build.core.amounts import size
from arkes_build.core.events import StepStarted
from arkes_build.delivery.publishing import deltas, making

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from arkes_build.core.events import Sink
    from arkes_build.delivery.publishing.deltas import Delta, Pair
    from arkes_build.delivery.publishing.weights import Scales

_SHORT = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What came of it: the deltas that clients are told of by name, and what was made.

    ``weights`` are, for each delta that is wanted, its size (0: not made) and that of the
    objects that it stands for, in bytes.
    """

    deltas: Mapping[str, Delta]
    weights: Mapping[str, tuple[int, int]]
    made: int
    useless: int
    """Made and thrown away, because the objects are smaller."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """The deltas that are wanted, each with the node it is for.

    ``known`` are weights of earlier runs; ``in_use`` names those that clients know of.
    """

    pairs: Mapping[Pair, str]
    known: Mapping[str, Sequence[int]]
    in_use: Collection[str]


def choose(repository: Path, wishes: Wishes, scales: Scales, *, jobs: int, sink: Sink) -> Chosen:
    """Make what is missing and pays, and return what there is.

    A delta has the signatures of its commit in it. When they have changed, one that clients
    may be fetching is not touched: they are not told of it any more, and the next publish
    makes it anew. Raises ``DiskFull``, ``StoreDamaged``, ``StoreError``.
    """
    weights = _weights(wishes, scales)
    orders = []
    for pair in wishes.pairs:
        delta = deltas.read(repository, pair)
        size, objects = weights[pair.name]
        is_old = delta is not None and not deltas.is_up_to_date(repository, delta)
        if (delta is None and size < objects) or (is_old and pair.name not in wishes.in_use):
            orders.append(making.Order(pair=pair, objects=objects))
    made = _make(repository, orders, wishes.pairs, jobs=jobs, sink=sink)
    weights |= made
    kept = {pair.name: deltas.read(repository, pair) for pair in wishes.pairs}
    found = {
        name: delta
        for name, delta in kept.items()
        if delta is not None and deltas.is_up_to_date(repository, delta)
    }
    useless = sum(size >= objects for size, objects in made.values())
    weights |= {name: (delta.size, weights[name][1]) for name, delta in found.items()}
    return Chosen(deltas=found, weights=weights, made=len(made) - useless, useless=useless)


def _weights(wishes: Wishes, scales: Scales) -> dict[str, tuple[int, int]]:
    weights = {}
    for pair in wishes.pairs:
        known = wishes.known.get(pair.name)
        weights[pair.name] = (
            (known[0], known[1]) if known else (0, scales.pull(pair.before, pair.after))
        )
    return weights


def _make(
    repository: Path,
    orders: Sequence[making.Order],
    nodes: Mapping[Pair, str],
    *,
    jobs: int,
    sink: Sink,
) -> dict[str, tuple[int, int]]:
    """Make deltas, say so, and return the weights of each."""
    made: dict[str, tuple[int, int]] = {}

    def on_made(order: making.Order, weight: int) -> None:
        made[order.pair.name] = (weight, order.objects)
        text = _text(order, weight)
        node = nodes[order.pair]
        sink(StepStarted(node=node, index=len(made), total=len(orders), text=text))

    making.make(repository, orders, jobs=jobs, on_made=on_made)
    return made


def _text(order: making.Order, weight: int) -> str:
    objects = size(order.objects)
    origin = f"from {order.pair.before[:_SHORT]}" if order.pair.before else "from scratch"
    if weight >= order.objects:
        return f"the delta {origin} is not kept: it has {size(weight)}, its objects {objects}"
    return f"delta {origin}: {size(weight)}, its objects have {objects}"
