"""Write trees anew from the layers that the engine still has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from arkes_build.delivery.soundness.damage import Kind, Thing
from arkes_build.delivery.soundness.names import is_layer
from arkes_build.store.model import LayerCommit, LayerDiff

if TYPE_CHECKING:
    from arkes_build.delivery.soundness.closure import CommitObject
    from arkes_build.delivery.soundness.fsck import World
    from arkes_build.store.repository import Repository

Images = Callable[[Iterable[str]], Iterator[tuple[LayerDiff, ...]]]
"""Give the layers, lowest first, of those of the wanted images (IDs) that are at hand."""


def layers_of(world: World, commit: CommitObject) -> tuple[str, ...]:
    """Return the chain IDs that a node's commit was made from; none when nobody knows."""
    if commit.layers:
        return commit.layers
    known = (one.layers for one in world.records.values() if one.commit == commit.checksum)
    return next(known, ())


def write_anew(world: World, repository: Repository, images: Images) -> None:
    """Commit the layers again that what is broken needs, and make those nodes' trees again.

    Only objects that are not there are written, so the damaged ones must be out of the way.
    Raises ``StoreError`` and its kinds when a layer cannot be committed.
    """
    broken = world.broken()
    whole = _layers(world, lambda commit: commit in world.commits and commit not in broken)
    lost = _layers(world, lambda commit: commit not in world.commits or commit in broken)
    chains = [layers_of(world, commit) for commit in broken.values()]
    tops = [_digits(chain[-1]) for chain in chains if chain]
    wanted = {*lost, *tops}
    made = {
        chain: LayerCommit(chain_id=f"sha256:{chain}", commit=commit, content="", is_new=False)
        for chain, commit in whole.items()
    }
    ids = {
        commit.image
        for commit in world.commits.values()
        if wanted & set(map(_digits, commit.layers))
    }
    ids |= {record.image for record in world.records.values()}
    for layers in images(sorted(filter(None, ids))):
        needed = _up_to(layers, wanted - made.keys())
        if needed:
            known = frozenset(layer.chain_id for layer in needed if _digits(layer.chain_id) in made)
            for one in repository.commit_layers(needed, whole=known):
                made[_digits(one.chain_id)] = one
    for top in tops:
        if top in made:
            repository.write_node_tree(made[top])


def _layers(world: World, fits: Callable[[str], bool]) -> dict[str, str]:
    """Return chain ID (digits) → commit of the refs of layers whose commit fits."""
    refs = ((path, commit) for path, commit in world.refs.items() if is_layer(path))
    return {path.rpartition("/")[2]: commit for path, commit in refs if fits(commit)}


def _up_to(layers: tuple[LayerDiff, ...], wanted: Iterable[str]) -> tuple[LayerDiff, ...]:
    """Return the layers up to the highest that is wanted."""
    chains = set(wanted)
    found = [at for at, layer in enumerate(layers) if _digits(layer.chain_id) in chains]
    return layers[: found[-1] + 1] if found else ()


def _digits(chain_id: str) -> str:
    return chain_id.removeprefix("sha256:")


def from_layers(things: Iterable[Thing]) -> list[Thing]:
    """Return the objects that layers can bring back."""
    kinds = {Kind.FILE, Kind.FOLDER, Kind.METADATA}
    return [thing for thing in things if thing.kind in kinds]
