"""Say of each damage what became of it, and what people can do about what is left."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from arkes_build.delivery.soundness.aside import Aside
from arkes_build.delivery.soundness.damage import OBJECTS, Damage, Findings, Kind, State, Thing
from arkes_build.delivery.soundness.fsck import NOBODY, examine
from arkes_build.store.refs import LAYERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from arkes_build.delivery.soundness.fsck import World

_FROM = "`--from` a repository that has it brings it back"
_PUBLISH = "`arkes-build publish` writes it anew"
_REMEDIES = {
    Kind.SIGNATURE: f"{_FROM}; so does the next build, which signs again",
    Kind.SUMMARY: f"{_FROM}; {_PUBLISH}",
    Kind.DELTA: f"{_FROM}; {_PUBLISH}",
    Kind.STORE: "the records do not say it either: name another folder with --store",
    Kind.RECORD: "the next build makes it anew",
    Kind.INDEX: "the next build makes it anew",
}


def aftermath(before: Findings, world: World, how: Mapping[str, str]) -> Findings:
    """Return what was found before a repair, with what became of it, and what came to light."""
    after = examine(world)
    left = {(damage.kind, damage.name): damage for damage in after.damages}
    told = []
    for damage in before.damages:
        same = left.pop((damage.kind, damage.name), None)
        told.append(_left(world, same, how) if same else _gone(world, damage, how))
    told += [_left(world, damage, how) for damage in left.values()]
    kinds = list(Kind)
    told.sort(key=lambda one: (kinds.index(one.kind), one.name))
    return replace(after, damages=tuple(told))


def _left(world: World, damage: Damage, how: Mapping[str, str]) -> Damage:
    told = how.get(damage.name) or _remedy(world, damage)
    return replace(damage, told=told + _waits(world, damage))


def _gone(world: World, damage: Damage, how: Mapping[str, str]) -> Damage:
    """Tell a damage that is none any more.

    It is repaired, or lost with the release that needed it. What only layers needed is no
    loss: they are committed again.
    """
    told = how.get(damage.name) or how.get(world.refs.get(damage.name, ""), "")
    is_there = damage.kind not in OBJECTS or world.seen.has(Thing(damage.kind, damage.name))
    if is_there:
        return replace(damage, state=State.REPAIRED, told=told)
    told = (told or "nothing needs it any more") + _waits(world, damage)
    is_lost = any(not name.startswith(f"{LAYERS}/") for name in damage.users if name != NOBODY)
    return replace(damage, state=State.LEFT if is_lost else State.REPAIRED, told=told)


def _waits(world: World, damage: Damage) -> str:
    """Say where a damaged object waits, if it was set aside."""
    if damage.kind not in OBJECTS:
        return ""
    path = Aside(world.repository, world.checker).path(Thing(damage.kind, damage.name))
    return f"; the damaged one is in {path}" if path.exists() else ""


def _remedy(world: World, damage: Damage) -> str:
    if damage.kind in _REMEDIES:
        return _REMEDIES[damage.kind]
    nodes = sorted(record.node for record in world.records.values() if record.ref in damage.users)
    if not nodes:
        return _FROM
    return f"{_FROM}; `arkes-build build {' '.join(nodes)} --rebuild` makes it anew"
