"""Hold what a boot came to, as the guest's agent says it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from arkes_build.vm.errors import GuestSpeaksNonsense

_LONGEST = 4096
_MOST_UNITS = 1000
_LONGEST_UPTIME = 1e9
"""Seconds. What is beyond, or no number at all (JSON's NaN), no machine of ours would say."""
_UNIT = re.compile(r"(?P<value>[0-9.]{1,15})(?P<unit>ms|min|h|s)")
_SECONDS = {"h": 3600.0, "min": 60.0, "s": 1.0, "ms": 0.001}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How one boot went.

    ``state`` is systemd's (``running``, ``degraded``, …); ``is_complete`` says whether
    boot-complete.target was reached; ``deployment`` is ``CHECKSUM.SERIAL``; ``times`` are
    seconds by the name of the phase (``firmware``, ``loader``, ``kernel``, ``initrd``,
    ``userspace``, ``total``); ``boot`` is the kernel's id of the boot; ``uptime`` is in
    seconds.
    """

    state: str
    is_complete: bool
    failed: tuple[str, ...]
    deployment: str
    kernel: str
    times: dict[str, float]
    boot: str
    uptime: float

    @property
    def is_good(self) -> bool:
        """Tell whether the system came up whole."""
        return self.state == "running" and self.is_complete and not self.failed

    @staticmethod
    def from_json(value: dict[str, Any]) -> Verdict:
        """Return a verdict of a guest's message; raises ``GuestSpeaksNonsense``."""
        failed, uptime = value.get("failed"), value.get("uptime")
        if (
            not isinstance(failed, list)
            or not isinstance(uptime, int | float)
            or not 0 <= uptime <= _LONGEST_UPTIME
        ):
            raise GuestSpeaksNonsense(f"a verdict without units or time: {str(value)[:200]}")
        return Verdict(
            state=_text(value, "state"),
            is_complete=value.get("complete") is True,
            failed=tuple(str(unit)[:256] for unit in failed[:_MOST_UNITS]),
            deployment=_text(value, "deployment"),
            kernel=_text(value, "kernel"),
            times=parse_times(_text(value, "times")),
            boot=_text(value, "boot"),
            uptime=float(uptime),
        )


def parse_times(text: str) -> dict[str, float]:
    """Return seconds by phase of the first line of systemd-analyze(1): ``1min 2.5s (kernel)``."""
    first = text.partition("\n")[0].partition("=")
    parts = [*first[0].split("+"), f"{first[2]} (total)"]
    times = {}
    for part in parts:
        name = part.rpartition("(")[2].rstrip(") ")
        found = _UNIT.findall(part.partition("(")[0])
        if name and found:
            times[name] = round(sum(_seconds(value) * _SECONDS[unit] for value, unit in found), 3)
    return times


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def _text(value: dict[str, Any], key: str) -> str:
    text = value.get(key)
    if not isinstance(text, str):
        raise GuestSpeaksNonsense(f"a verdict without {key}")
    return text[:_LONGEST]
