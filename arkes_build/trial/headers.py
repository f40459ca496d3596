"""Read what a file of checks says of itself in its first comments."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

TIMEOUT = 120.0
"""Seconds that a check may take when its file says nothing."""
LONGEST = 3600
_HEADER = re.compile(r"#\s*x-([a-z-]+)\s*=\s*(.*?)\s*")
_KNOWN = ("nodes", "timeout")


class BadHeader(ValueError):
    """Report a header that says nothing that can be followed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Headers:
    """For which nodes a file is, and how long each of its checks may take, in seconds."""

    nodes: tuple[str, ...] = ()
    timeout: float = TIMEOUT

    def concern(self, node: str) -> bool:
        """Tell whether the checks are for a node."""
        return not self.nodes or any(fnmatchcase(node, pattern) for pattern in self.nodes)


def headers(text: str) -> Headers:
    """Return the headers among the first comment lines; raises ``BadHeader``."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            break
        match = _HEADER.fullmatch(line)
        if match is None:
            continue
        name, value = match.groups()
        if name not in _KNOWN:
            raise BadHeader(f"x-{name} is no header; there are x-nodes and x-timeout")
        if name in found:
            raise BadHeader(f"x-{name} stands there twice")
        found[name] = value
    nodes = tuple(part.strip() for part in found.get("nodes", "").split(",") if part.strip())
    if "nodes" in found and not nodes:
        raise BadHeader("x-nodes names no node")
    return Headers(nodes=nodes, timeout=_seconds(found.get("timeout")))


def _seconds(text: str | None) -> float:
    if text is None:
        return TIMEOUT
    if not (text.isascii() and text.isdigit() and 0 < int(text[:9]) <= LONGEST):
        raise BadHeader(f"x-timeout is a number of seconds from 1 to {LONGEST}, not {text[:40]!r}")
    return float(text)
