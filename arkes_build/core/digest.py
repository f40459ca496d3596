"""Give content its name: sha256 over canonical bytes."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def canonical_json(value: Any) -> bytes:
    """Return the one JSON text of a value: sorted keys, no spaces, UTF-8.

    Takes what JSON has (dict with text keys, list or tuple, text, int, bool, None).
    Floats are refused with ``TypeError``: their text is not the same everywhere.
    """
    _refuse_floats(value)
    return _ENCODER.encode(value).encode("utf-8", "surrogateescape")


def digest(value: Any) -> str:
    """Return the sha256 of the value's canonical JSON, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def bytes_digest(data: bytes) -> str:
    """Return the sha256 of some bytes, as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def file_digest(path: Path) -> str:
    """Return the sha256 of a file's content, as 64 hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        message = "a float has no canonical text"
        raise TypeError(message)
    if isinstance(value, (dict, list, tuple)):
        for item in value.values() if isinstance(value, dict) else value:
            # nearly all of a key's inputs are texts: spare them the call
            if not isinstance(item, str):
                _refuse_floats(item)
