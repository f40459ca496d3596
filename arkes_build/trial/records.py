"""Remember how a test of a commit ended: one small file each, old or new, never half."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from arkes_build.core.atomic import write_atomically
from arkes_build.trial.model import Status

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from arkes_build.trial.model import Report

FORMAT = 1
UPGRADE = "upgrade"
MOST_KEPT = 5
"""Commits of a node whose console logs and pictures stay."""
_LONGEST = 400
_CHECKSUM = re.compile(r"[0-9a-f]{64}")
_ACCELS = frozenset({"kvm", "tcg"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TestRecord:
    """How the last test of a commit ended.

    ``tests`` is the digest of the project's checks that ran; ``failed`` are names of
    checks, the first one's words are ``why``. ``when`` is in seconds since 1970.
    """

    __test__ = False

    node: str
    commit: str
    has_passed: bool
    tests: str
    accel: str
    seconds: float
    when: int
    verdict_seconds: float = 0.0
    checks: int = 0
    failed: tuple[str, ...] = ()
    why: str = ""
    upgraded_from: str = ""


def place(tests: Path, node: str, commit: str, *, is_upgrade: bool = False) -> Path:
    """Return the folder of a test's evidence; its record is beside it, ending in ``.json``.

    ``tests`` is the store's folder of tests; the name of a node was checked before.
    """
    return tests / node / (f"{commit}.{UPGRADE}" if is_upgrade else commit)


def record_of(report: Report, *, tests: str, when: int) -> TestRecord:
    """Return what is remembered of a report."""
    failures = report.failures
    return TestRecord(
        node=report.subject.node,
        commit=report.subject.commit,
        has_passed=report.has_passed,
        tests=tests,
        accel=report.accel,
        seconds=round(report.seconds, 3),
        when=when,
        verdict_seconds=round(report.verdict_seconds, 3),
        checks=sum(one.status is not Status.NOT_RUN for one in report.checks),
        failed=tuple(one.name for one in failures),
        why=failures[0].message[:_LONGEST] if failures else "",
        upgraded_from=report.upgraded_from,
    )


def write(tests: Path, record: TestRecord) -> Path:
    """Keep a record, and let the evidence of older commits of the node go."""
    folder = place(tests, record.node, record.commit, is_upgrade=bool(record.upgraded_from))
    path = folder.with_name(f"{folder.name}.json")
    value = {name: getattr(record, name) for name in TestRecord.__slots__}
    text = json.dumps({"format": FORMAT, **value}, sort_keys=True, indent=1)
    write_atomically(path, text.encode("ascii") + b"\n")
    _trim(path.parent)
    return path


def read(tests: Path, node: str, commit: str, *, is_upgrade: bool = False) -> TestRecord | None:
    """Return the record of a test; None when there is none that can be read."""
    folder = place(tests, node, commit, is_upgrade=is_upgrade)
    try:
        value = json.loads(folder.with_name(f"{folder.name}.json").read_bytes())
        found = _record(value)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return found if (found.node, found.commit) == (node, commit) else None


def _record(value: Mapping[str, Any]) -> TestRecord:
    if value["format"] != FORMAT or value["accel"] not in _ACCELS:
        raise ValueError("another format")
    if not isinstance(value["has_passed"], bool) or not _CHECKSUM.fullmatch(value["commit"]):
        raise ValueError("no record")
    failed = tuple(_text(one) for one in value["failed"])
    if value["has_passed"] and failed:
        raise ValueError("it says both")
    return TestRecord(
        node=_text(value["node"]),
        commit=value["commit"],
        has_passed=value["has_passed"],
        tests=_text(value["tests"]),
        accel=value["accel"],
        seconds=float(value["seconds"]),
        when=int(value["when"]),
        verdict_seconds=float(value["verdict_seconds"]),
        checks=int(value["checks"]),
        failed=failed,
        why=_text(value["why"]),
        upgraded_from=_text(value["upgraded_from"]),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a text is something else")
    return value


def _trim(folder: Path) -> None:
    """Remove the evidence of all but the newest tests; their records stay."""
    kept = [path for path in folder.iterdir() if path.is_dir()]
    kept.sort(key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for path in kept[MOST_KEPT:]:
        shutil.rmtree(path, ignore_errors=True)
