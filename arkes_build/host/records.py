"""Keep a line for each thing that was done to the machine, and read them back.

One line of JSON each, in ``updates.jsonl``; when the file has grown large it becomes
``updates.old.jsonl``, so there are never more than two. A line that a power cut tore, or that
somebody wrote by hand, costs itself only.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from arkes_build.host.machine import Host

LARGEST = 256 * 1024
"""Bytes of the file at which it is put aside: about a thousand actions."""
_TEXT = 2000
"""Characters of a text that are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One action.

    ``when`` is in seconds since 1970, ``seconds`` what it took, ``size`` the bytes that were
    downloaded; ``before`` and ``after`` are commits, ``version`` is that of ``after``.
    ``result`` is ``ok``, or the kind of error (``disk-full``) that ``detail`` tells of.
    """

    action: str
    when: int
    result: str = "ok"
    before: str = ""
    after: str = ""
    version: str = ""
    ref: str = ""
    seconds: float = 0.0
    size: int = 0
    detail: str = ""


_NAMES = {"before": "from", "after": "to", "when": "time", "size": "bytes"}
"""Fields whose name in the file is another one."""


def append(  # noqa: PLR0913 - the fields of a record
    host: Host,
    *,
    action: str,
    result: str = "ok",
    before: str = "",
    after: str = "",
    version: str = "",
    ref: str = "",
    seconds: float = 0.0,
    size: int = 0,
    detail: str = "",
) -> Record:
    """Write down what was done, on the disk when this returns.

    What was done stands, whether there is room to write it down or not.
    """
    record = Record(
        action=action,
        when=int(host.clock()),
        result=result,
        before=before,
        after=after,
        version=version,
        ref=ref,
        seconds=round(seconds, 3),
        size=size,
        detail=detail[:_TEXT],
    )
    with suppress(OSError):
        write(host, shape(record))
    return record


def shape(record: Record) -> dict[str, Any]:
    """Return a record as it stands in the file: without the fields that say nothing."""
    values = {name: getattr(record, name) for name in Record.__slots__}
    return {_NAMES.get(name, name): value for name, value in values.items() if value not in ("", 0)}


def path_of(host: Host) -> Path:
    """Return the file of the newest actions."""
    return host.var / "updates.jsonl"


def write(host: Host, line: Mapping[str, Any]) -> None:
    """Add one line to the file; what was torn before it is ended first. Raises ``OSError``."""
    path = path_of(host)
    path.parent.mkdir(parents=True, exist_ok=True)
    _put_aside(path)
    data = json.dumps(line, separators=(",", ":")).encode() + b"\n"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
    try:
        end = os.fstat(descriptor).st_size
        torn = end and os.pread(descriptor, 1, end - 1) != b"\n"
        os.write(descriptor, b"\n" + data if torn else data)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _put_aside(path: Path) -> None:
    try:
        if path.stat().st_size > LARGEST:
            path.replace(path.with_name("updates.old.jsonl"))
    except FileNotFoundError:
        return


def read(host: Host) -> tuple[Record, ...]:
    """Return all actions that are known, the oldest first; none when there is no file."""
    path = path_of(host)
    files = (path.with_name("updates.old.jsonl"), path)
    return tuple(record for file in files for record in _records(file))


def _records(path: Path) -> Iterator[Record]:
    try:
        with path.open("rb") as stream:
            lines = stream.read(4 * LARGEST).splitlines()
    except OSError:
        return
    for line in lines:
        record = _record(line)
        if record is not None:
            yield record


def _record(line: bytes) -> Record | None:
    """Return what a line says; None when it is none of ours."""
    try:
        told = json.loads(line)
        return Record(
            action=str(told["action"]),
            when=int(told["time"]),
            result=str(told.get("result", "ok")),
            before=str(told.get("from", "")),
            after=str(told.get("to", "")),
            version=str(told.get("version", "")),
            ref=str(told.get("ref", "")),
            seconds=float(told.get("seconds", 0)),
            size=int(told.get("bytes", 0)),
            detail=str(told.get("detail", "")),
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError):
        return None
