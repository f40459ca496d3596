"""Say in words why a node's key is not the one it had."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from arkes_build.plan.actions import Reason
from arkes_build.plan.keys import short

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from arkes_build.plan.state import Inputs, InstructionInput


def changes(old: Inputs, new: Inputs) -> tuple[Reason, ...]:
    """Return what differs, nearest to what people wrote first; empty when the keys agree.

    Order: instructions, files, settings, parents.
    """
    return (
        *_instruction_changes(old.instructions, new.instructions),
        *_file_changes(old, new),
        *_setting_changes(old.settings, new.settings),
        *_parent_changes(old.parents, new.parents),
    )


@dataclass(frozen=True, slots=True)
class _Step:
    """One run of a sequence diff: ``old[i1:i2]`` became ``new[j1:j2]``."""

    i1: int
    i2: int
    j1: int
    j2: int


def _differences(old: Sequence[str], new: Sequence[str]) -> Iterator[_Step]:
    """Yield where two sequences differ; the equal ends are cut first, they cost nothing."""
    shortest = min(len(old), len(new))
    start = next((i for i in range(shortest) if old[i] != new[i]), shortest)
    end = next((i for i in range(shortest - start) if old[-1 - i] != new[-1 - i]), shortest - start)
    middle = SequenceMatcher(
        a=old[start : len(old) - end], b=new[start : len(new) - end], autojunk=False
    )
    for tag, i1, i2, j1, j2 in middle.get_opcodes():
        if tag != "equal":
            yield _Step(i1 + start, i2 + start, j1 + start, j2 + start)


def _instruction_changes(
    old: Sequence[InstructionInput], new: Sequence[InstructionInput]
) -> Iterator[Reason]:
    for step in _differences([each.digest for each in old], [each.digest for each in new]):
        gone, came = list(old[step.i1 : step.i2]), list(new[step.j1 : step.j2])
        while gone and came and _keyword(gone[0]) == _keyword(came[0]):
            yield Reason(text=f"{came[0].brief} changed", where=came[0].where)
            del gone[0], came[0]
        yield from (Reason(text=f"{each.brief} added", where=each.where) for each in came)
        yield from (Reason(text=f"{each.brief} removed", where=each.where) for each in gone)


def _keyword(given: InstructionInput) -> str:
    return given.brief.partition(" ")[0]


def _file_changes(old: Inputs, new: Inputs) -> Iterator[Reason]:
    for path in sorted(old.files.keys() | new.files.keys()):
        if old.files.get(path) == new.files.get(path):
            continue
        if path not in old.files:
            yield Reason(text="added", where=path)
        elif path not in new.files:
            yield Reason(text="removed", where=path)
        else:
            before, after = old.file_details.get(path, {}), new.file_details.get(path, {})
            yield Reason(text=_property_changes(before, after), where=path)


def _property_changes(old: Mapping[str, str], new: Mapping[str, str]) -> str:
    changed = [n for n in sorted(old.keys() | new.keys()) if old.get(n) != new.get(n)]
    if "type" in changed:
        return f"type: {old.get('type', '?')} → {new.get('type', '?')}"
    shown = ("mode", "link target")
    texts = [
        f"{name}: {old.get(name, 'none')} → {new.get(name, 'none')}"
        if name in shown
        else f"{name} {_verb(name, old, new)}"
        for name in changed
    ]
    return ", ".join(texts) or "changed"


def _verb(name: str, old: Mapping[str, str], new: Mapping[str, str]) -> str:
    if name not in old:
        return "added"
    return "changed" if name in new else "removed"


def _setting_changes(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Reason]:
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name), new.get(name)
        if before != after:
            yield Reason(text=f"{name}: {_value(before)} → {_value(after)}")


def _value(value: str | None) -> str:
    return "none" if value is None else short(value)


def _parent_changes(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Reason]:
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            verb = "content changed" if name in old and name in new else _verb(name, old, new)
            yield Reason(text=f"parent {name}: {verb}")
