"""Ask systemd how long the boot took and which units failed.

The marks are those of systemd's manager (org.freedesktop.systemd1(5)), in microseconds since
the kernel began; those before it count backwards. The sums are those of systemd-analyze(1).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from arkes_build.core.errors import ArkesError, ExitCode
from arkes_build.core.process import run_bounded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from arkes_build.core.process import Ended

TIMEOUT = 20.0
"""Seconds that systemd gets to answer."""
_LARGEST = 1 << 20
"""Bytes of an answer."""
_LINE = 200
_MICRO = 1_000_000
_MARKS = ("Firmware", "Loader", "InitRD", "Userspace", "Finish")
_ENDING = "TimestampMonotonic"
_COUNT = "NFailedUnits"
_UNITS = ("list-units", "--failed", "--all", "--output=json", "--no-pager")


class SystemdSilent(ArkesError):
    """Report that systemd does not say what was asked."""

    exit_code = ExitCode.SYSTEM

    def __init__(self, why: str) -> None:
        super().__init__(f"systemd does not answer: {why}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Systemd:
    """What systemd says: seconds of the boot's phases (only those it had), failed units.

    ``phases`` is empty while the machine still boots.
    """

    phases: Mapping[str, float]
    failed: tuple[str, ...]


def ask(run: Callable[..., Ended] = run_bounded) -> Systemd:
    """Return what systemd says; raises ``SystemdSilent``."""
    names = [f"--property={mark}{_ENDING}" for mark in _MARKS]
    said = _said(run, ["systemctl", "show", f"--property={_COUNT}", *names])
    pairs = (line.partition("=") for line in said.splitlines())
    found = {name: int(value) for name, _, value in pairs if value.isdigit()}
    if _COUNT not in found:
        raise SystemdSilent("it does not count its failed units")
    marks = {mark: found.get(f"{mark}{_ENDING}", 0) for mark in _MARKS}
    return Systemd(phases=phases(marks), failed=_failed(run) if found[_COUNT] else ())


def phases(marks: Mapping[str, int]) -> dict[str, float]:
    """Return the seconds of each phase and their sum (``total``) out of systemd's marks.

    1. Without a mark for userspace there is nothing to reckon with.
    2. A firmware that tells nothing has no phase, nor has a boot without an initrd.
    3. While the boot is not finished, there is no sum and nothing of userspace.
    """
    userspace, finish, initrd = marks["Userspace"], marks["Finish"], marks["InitRD"]
    if not userspace:
        return {}
    found = {"kernel": initrd or userspace}
    if initrd:
        found["initrd"] = userspace - initrd
    if marks["Loader"]:
        found["loader"] = marks["Loader"]
        found["firmware"] = marks["Firmware"] - marks["Loader"]
    if finish:
        found["userspace"] = finish - userspace
        found["total"] = finish + marks["Firmware"]
    return {name: value / _MICRO for name, value in found.items() if value > 0}


def _failed(run: Callable[..., Ended]) -> tuple[str, ...]:
    try:
        units = json.loads(_said(run, ["systemctl", *_UNITS]))
        return tuple(sorted(str(unit["unit"]) for unit in units))
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise SystemdSilent("its list of failed units is none") from error


def _said(run: Callable[..., Ended], argv: Sequence[str]) -> str:
    try:
        ended = run(argv, timeout=TIMEOUT, limit=_LARGEST)
    except OSError as error:
        raise SystemdSilent(error.strerror or str(error)) from error
    if ended.code is None:
        raise SystemdSilent(f"nothing within {TIMEOUT:.0f} s")
    if ended.code:
        raise SystemdSilent(ended.tail.strip()[:_LINE])
    return ended.tail
