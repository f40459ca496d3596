"""Read a console's bytes: lines for people, and those that no good boot has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from arkes_build.trial.model import Check, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_LINE = 500
MOST = 20
"""Bad lines that a report has: the rest is in the log."""
_SEQUENCE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b.?")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_KERNEL = r"(?:\[ *\d+\.\d+\]\s*)?"
_BAD: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("kernel panic", re.compile(r"Kernel panic - not syncing")),
    ("kernel bug", re.compile(rf"^{_KERNEL}(?:kernel )?BUG(?: at|:)|^{_KERNEL}Oops\b|\bOops: \d")),
    ("call trace", re.compile(rf"^{_KERNEL}Call Trace:")),
    ("general protection fault", re.compile(rf"^{_KERNEL}general protection fault")),
    ("out of memory", re.compile(r"Out of memory: Killed process")),
    (
        "file system error",
        re.compile(r"EXT4-fs error|XFS .*: Corruption|BTRFS(?: error| critical)"),
    ),
    ("unit failed", re.compile(r"^\s*(?:\[FAILED\]|.*systemd\[1\]: Failed to start)")),
    ("dependency failed", re.compile(r"^\s*\[DEPEND\]")),
    ("emergency mode", re.compile(r"You are in (?:emergency|rescue) mode|Entering emergency mode")),
)


def lines(text: str) -> Iterator[str]:
    """Give the lines of a console without what drives a terminal, none of them endless."""
    for raw in text.replace("\r\n", "\n").split("\n"):
        # What came before a carriage return was overwritten.
        shown = _SEQUENCE.sub("", raw).rstrip("\r").rpartition("\r")[2]
        line = _CONTROL.sub("", shown).rstrip()
        if line:
            yield line[:LONGEST_LINE]


def last_line(text: str) -> str:
    """Return the last line that says something, of the end of a console; else nothing."""
    return next(reversed(list(lines(text[-4 * LONGEST_LINE :]))), "")


def scanned(text: str) -> Check:
    """Return the check of a console: the known-bad lines, each with what it means."""
    found = [(meaning, line) for line in lines(text) for meaning, bad in _BAD if bad.search(line)]
    return Check(
        name="console",
        title="nothing on the console that no good boot has",
        status=Status.FAILED if found else Status.PASSED,
        message=f"{found[0][0]}: {found[0][1].strip()}" if found else "",
        output="\n".join(line for _, line in found[:MOST]),
    )
