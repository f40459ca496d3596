"""Turn what is remembered of a build into JSON and back, and refuse what is damaged."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar

from arkes_build.plan.keys import key
from arkes_build.plan.state import Inputs, InstructionInput, Record

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMA = 1
"""Version of a record's shape: a record of another one is refused, and so its node rebuilt."""

_DIGEST = re.compile(r"[0-9a-f]{64}")

_T = TypeVar("_T")


def inputs_to_json(given: Inputs) -> dict[str, Any]:
    """Return the inputs as a JSON value, with what is for people."""
    return {
        "settings": dict(given.settings),
        "instructions": [
            {"digest": each.digest, "where": each.where, "brief": each.brief}
            for each in given.instructions
        ],
        "files": dict(given.files),
        "file_details": {path: dict(each) for path, each in given.file_details.items()},
        "parents": dict(given.parents),
    }


def inputs_from_json(value: object) -> Inputs:
    """Return the inputs that a JSON value holds; raises ``ValueError`` on any other shape."""
    fields = _object(value, "inputs")
    details = _object(_field(fields, "file_details"), "file_details")
    return Inputs(
        settings=_texts(_field(fields, "settings"), "settings"),
        instructions=tuple(
            _instruction(_object(each, "instruction"))
            for each in _list(_field(fields, "instructions"), "instructions")
        ),
        files=_texts(_field(fields, "files"), "files"),
        file_details={path: _texts(each, "file_details") for path, each in details.items()},
        parents=_texts(_field(fields, "parents"), "parents"),
    )


def record_to_json(record: Record) -> dict[str, Any]:
    """Return a record as a JSON value. Sizes are in bytes, times in seconds."""
    return {
        "schema": SCHEMA,
        "node": record.node,
        "family": record.family,
        "arch": record.arch,
        "key": record.key,
        "inputs": inputs_to_json(record.inputs),
        "result": record.result,
        "image": record.image,
        "ref": record.ref,
        "commit": record.commit,
        "size": record.size,
        "seconds": record.seconds,
        "packages": list(record.packages),
        "mirrors": list(record.mirrors),
    }


def record_from_json(value: object) -> Record:
    """Return the record that a JSON value holds.

    Raises ``ValueError``, which says what is wrong, when the shape is another one, a
    digest is no digest, or the key is not the key of the inputs.
    """
    fields = _object(value, "record")
    if _field(fields, "schema") != SCHEMA:
        message = f"schema is {fields['schema']!r}, not {SCHEMA}"
        raise ValueError(message)
    record = Record(
        node=_text(fields, "node"),
        family=_text(fields, "family"),
        arch=_text(fields, "arch"),
        key=_hexadecimal(fields, "key"),
        inputs=inputs_from_json(_field(fields, "inputs")),
        result=_text(fields, "result"),
        image=_hexadecimal(fields, "image"),
        ref=_text(fields, "ref"),
        commit=_hexadecimal(fields, "commit"),
        size=int(_number(fields, "size")),
        seconds=_number(fields, "seconds"),
        packages=_text_list(_field(fields, "packages"), "packages"),
        mirrors=_text_list(_field(fields, "mirrors"), "mirrors"),
    )
    if key(record.inputs) != record.key:
        message = "the key is not the key of the inputs"
        raise ValueError(message)
    return record


def _instruction(fields: Mapping[str, object]) -> InstructionInput:
    return InstructionInput(
        digest=_text(fields, "digest"), where=_text(fields, "where"), brief=_text(fields, "brief")
    )


def _field(fields: Mapping[str, object], name: str) -> object:
    if name not in fields:
        message = f"{name} is missing"
        raise ValueError(message)
    return fields[name]


def _is(value: object, kind: type[_T], name: str) -> _T:
    # True is an int to Python, and never one to us.
    if not isinstance(value, kind) or isinstance(value, bool):
        message = f"{name} is {type(value).__name__}, not {kind.__name__}"
        raise ValueError(message)  # noqa: TRY004 - damage of one kind, one class
    return value


def _object(value: object, name: str) -> dict[str, object]:
    return {_is(key, str, name): item for key, item in _is(value, dict, name).items()}


def _list(value: object, name: str) -> list[object]:
    return _is(value, list, name)


def _texts(value: object, name: str) -> dict[str, str]:
    return {key: _is(item, str, f"{name}: {key}") for key, item in _object(value, name).items()}


def _text_list(value: object, name: str) -> tuple[str, ...]:
    return tuple(_is(item, str, name) for item in _list(value, name))


def _text(fields: Mapping[str, object], name: str) -> str:
    return _is(_field(fields, name), str, name)


def _hexadecimal(fields: Mapping[str, object], name: str) -> str:
    text = _text(fields, name)
    if _DIGEST.fullmatch(text) is None:
        message = f"{name} is no digest: {text[:80]!r}"
        raise ValueError(message)
    return text


def _number(fields: Mapping[str, object], name: str) -> float:
    value = _field(fields, name)
    number = float(_is(value, int, name)) if isinstance(value, int) else _is(value, float, name)
    if not 0 <= number < float("inf"):
        message = f"{name} is {number}"
        raise ValueError(message)
    return number
