"""Say of each layer of an image which line made it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.plan.keys import brief
from arkes_build.plan.state import Origin
from arkes_build.project.declare.lowered import origins as written

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from arkes_build.engine.protocol import Image, Layer
    from arkes_build.language.nodes import Instruction
    from arkes_build.plan.state import Record
    from arkes_build.project.model import ResolvedVariant

_MAKES_A_LAYER = frozenset({"RUN", "COPY", "ADD"})
_COPY = "#(nop) "
"""Before a COPY or ADD in the history of an image, as docker and buildah write it."""
IDENTITY = "identity"
"""What the layer above all that people wrote is called."""
BOOTSTRAP = "bootstrap"


def origins(node: ResolvedVariant, image: Image, parents: Iterable[Record]) -> tuple[Origin, ...]:
    """Return where each layer of ``image`` comes from, from the lowest.

    Layers of a parent are what its record says they are. The node's own are told by the
    order of its instructions: each RUN, COPY and ADD of the last stage makes one. Where
    the engine made more or fewer, nobody knows which is whose.
    """
    known = {one.chain_id: one for parent in parents for one in parent.origins}
    own = [layer for layer in image.layers if layer.chain_id not in known]
    made = _last_stage(node.instructions)
    if node.bootstrap is not None:
        told = [Origin(chain_id=one.chain_id, node=node.name, brief=BOOTSTRAP) for one in own]
    elif len(made) <= len(own) and _fits(own, made):
        # The first ones may belong to an image that was built elsewhere.
        outside = len(own) - len(made)
        told = [Origin(chain_id=layer.chain_id) for layer in own[:outside]]
        told += [_origin(node, *pair) for pair in zip(own[outside:], made, strict=True)]
    else:
        told = [Origin(chain_id=layer.chain_id, node=node.name) for layer in own]
    found = known | {one.chain_id: one for one in told}
    return tuple(found[layer.chain_id] for layer in image.layers)


def with_identity(
    node: ResolvedVariant, below: tuple[Origin, ...], image: Image
) -> tuple[Origin, ...]:
    """Return the origins of the image that has the identity on top of those ``below``."""
    above = image.layers[len(below) :]
    return below + tuple(
        Origin(chain_id=layer.chain_id, node=node.name, brief=IDENTITY) for layer in above
    )


def _last_stage(instructions: Sequence[Instruction]) -> list[Instruction]:
    made: list[Instruction] = []
    for instruction in instructions:
        if instruction.keyword == "FROM":
            made = []
        elif instruction.keyword in _MAKES_A_LAYER:
            made.append(instruction)
    return made


def _fits(own: Sequence[Layer], made: Sequence[Instruction]) -> bool:
    """Tell whether the highest layers are of the kinds of these instructions, in their order."""
    highest = own[len(own) - len(made) :]
    return all(
        not layer.made_by or (_COPY in layer.made_by) == (instruction.keyword != "RUN")
        for layer, instruction in zip(highest, made, strict=True)
    )


def _origin(node: ResolvedVariant, layer: Layer, instruction: Instruction) -> Origin:
    span = written(instruction)[0].span
    return Origin(
        chain_id=layer.chain_id,
        node=node.name,
        where=f"{span.source.name}:{span.line}",
        brief=brief(instruction),
    )
