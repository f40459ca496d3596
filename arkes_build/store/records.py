"""Turn a node's record into JSON and back, fast enough for a thousand of them."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from arkes_build.plan.state import Inputs, InstructionInput, Origin, Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FORMAT = 1


class RecordUnreadable(ValueError):
    """Report that a record's file does not hold a record."""


def to_json(record: Record) -> bytes:
    """Return a record as one JSON text with sorted keys, ended by a line end."""
    value = {"format": FORMAT, **_plain(record)}
    # ASCII, because paths that are not UTF-8 have lone surrogates in them.
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode("ascii") + b"\n"


def from_json(data: bytes) -> Record:
    """Return the record that ``to_json`` wrote; raises ``RecordUnreadable`` for all else."""
    try:
        value = json.loads(data)
        return _record(value)
    except RecordUnreadable:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise RecordUnreadable(f"it is no record ({type(error).__name__})") from error


def _plain(record: Record) -> dict[str, Any]:
    inputs = record.inputs
    apart = {"inputs", "origins"}
    fields = {name: getattr(record, name) for name in Record.__slots__ if name not in apart}
    return {
        **fields,
        "origins": [asdict(one) for one in record.origins],
        "inputs": {
            "settings": dict(inputs.settings),
            "instructions": [asdict(one) for one in inputs.instructions],
            "files": dict(inputs.files),
            "file_details": {path: dict(found) for path, found in inputs.file_details.items()},
            "parents": dict(inputs.parents),
        },
    }


def _record(value: dict[str, Any]) -> Record:
    if value.pop("format") != FORMAT:
        raise RecordUnreadable("it has another format")
    inputs = _inputs(value.pop("inputs"))
    size, seconds = int(value.pop("size")), float(value.pop("seconds"))
    packages, mirrors = _texts(value.pop("packages")), _texts(value.pop("mirrors"))
    # The first records had none; without them a layer is committed once more, no worse.
    layers = _texts(value.pop("layers", []))
    origins = tuple(Origin(**_table(one)) for one in value.pop("origins", []))
    tree_bytes = int(value.pop("tree_bytes", 0))
    return Record(
        **_table(value),
        size=size,
        seconds=seconds,
        packages=packages,
        mirrors=mirrors,
        layers=layers,
        origins=origins,
        tree_bytes=tree_bytes,
        inputs=inputs,
    )


def _inputs(value: dict[str, Any]) -> Inputs:
    details = value["file_details"]
    for found in details.values():
        _table(found)
    return Inputs(
        settings=_table(value["settings"]),
        instructions=tuple(InstructionInput(**one) for one in value["instructions"]),
        files=_table(value["files"]),
        file_details=details,
        parents=_table(value["parents"]),
    )


def _table(value: Mapping[str, Any]) -> Mapping[str, str]:
    _must_be_texts(value.values())
    return value


def _texts(value: list[Any]) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise RecordUnreadable("a list is something else")
    _must_be_texts(value)
    return tuple(value)


def _must_be_texts(values: Iterable[object]) -> None:
    # A record names each package of a system: one look at the types of them all.
    if not set(map(type, values)) <= {str}:
        raise RecordUnreadable("a text is something else")
