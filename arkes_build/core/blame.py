"""Read the last lines of a package manager or builder, and say whose fault it was."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

WINDOW = 60
"""How many lines before the end are read, counted from the last one."""


class Cause(Enum):
    """Name what can be told from the output alone."""

    PACKAGE = "package"
    NETWORK = "network"
    DISK = "disk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Blame:
    """Hold what went wrong; ``subject`` is a package's or a host's name, may be empty.

    ``evidence`` holds the program's own lines, in their order.
    """

    cause: Cause
    subject: str
    evidence: tuple[str, ...]

    @property
    def brief(self) -> str:
        """Return one line that says what happened."""
        if self.cause is Cause.PACKAGE:
            return f"there is no package {self.subject}"
        if self.cause is Cause.NETWORK:
            return f"no network: {self.subject or 'a server'} cannot be reached"
        return "no space left on the device"

    @property
    def resolution(self) -> str:
        """Return what to do about it."""
        return _RESOLUTIONS[self.cause]


_RESOLUTIONS = {
    Cause.PACKAGE: "check the name against the family's package lists, and whether the suite or "
    "snapshot in arkes.toml has it; --family=… on the instruction limits it to one family",
    Cause.NETWORK: "check the connection and the mirrors (arkes.toml, or this machine's package "
    "manager), then run again: what was finished is kept",
    Cause.DISK: "free some space (old images: `podman image prune`), then run again: "
    "what was finished is kept",
}

# The lists are in the order of trust. pacman says "target not found" only after it got its
# databases, whatever mirror failed before; apt says "Unable to locate" also when the lists
# could not be fetched, so the network is asked first there.
_DISK = (re.compile(r"No space left on device|Disk quota exceeded|not enough free disk space"),)
_PACMAN_PACKAGE = (re.compile(r"error: target not found: (?P<subject>\S+)"),)
_NETWORK = (
    re.compile(r"Could not resolve(?: host:?| ')\s*'?(?P<subject>[^\s')]+)"),
    re.compile(r"Temporary failure (?:resolving|in name resolution)(?: '(?P<subject>[^']+)')?"),
    re.compile(r"dial tcp: lookup (?P<subject>\S+?)(?: on \S+)?: "),
    re.compile(r"(?:C|c)ould not connect to (?P<subject>[^\s(]+)"),
    re.compile(r"Failed to connect to (?P<subject>\S+)"),
    re.compile(r"failed retrieving file '[^']*' from (?P<subject>\S+)"),
    re.compile(
        r"(?:connection|operation) timed out|connection refused|i/o timeout"
        r"|network is unreachable|no route to host",
        re.IGNORECASE,
    ),
)
_APT_PACKAGE = (
    re.compile(r"E: Unable to locate package (?P<subject>\S+)"),
    re.compile(r"E: Package '(?P<subject>[^']+)' has no installation candidate"),
    re.compile(r"E: Version '(?P<version>[^']+)' for '(?P<subject>[^']+)' was not found"),
    re.compile(r"E: Couldn't find any package by (?:regex|glob) '(?P<subject>[^']+)'"),
)
_ORDER = (
    (Cause.DISK, _DISK),
    (Cause.PACKAGE, _PACMAN_PACKAGE),
    (Cause.NETWORK, _NETWORK),
    (Cause.PACKAGE, _APT_PACKAGE),
)
_USERINFO = re.compile(r"(?<=://)[^/\s@]+@")


def blame(lines: Sequence[str]) -> Blame | None:
    """Return what the last lines tell, or None when they tell nothing that we know."""
    window = lines[-WINDOW:]
    for cause, patterns in _ORDER:
        hits = [(line, hit) for line in window if (hit := _first(patterns, line))]
        if hits:
            return Blame(
                cause=cause,
                subject=_subject(hit for _, hit in hits),
                evidence=tuple(dict.fromkeys(line.strip() for line, _ in hits)),
            )
    return None


def without_credentials(text: str) -> str:
    """Return the text with the user information of its URLs replaced by ``***``."""
    return _USERINFO.sub("***@", text)


def _first(patterns: Iterable[re.Pattern[str]], line: str) -> re.Match[str] | None:
    return next((hit for pattern in patterns if (hit := pattern.search(line))), None)


def _subject(hits: Iterable[re.Match[str]]) -> str:
    """Return the names at fault, each once, with the version where one was asked for."""
    names = []
    for hit in hits:
        groups = hit.groupdict()
        name = groups.get("subject") or ""
        names.append(f"{name}={groups['version']}" if groups.get("version") else name)
    return ", ".join(dict.fromkeys(without_credentials(name) for name in names if name))
