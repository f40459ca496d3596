"""Draw what the checks of a system said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.host.validation import Result
from arkes_build.ui.screen import Style
from arkes_build.ui.shapes import SCHEMA
from arkes_build.ui.text import counted, duration, pad, safe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arkes_build.core.errors import ExitCode
    from arkes_build.host.validation import Check
    from arkes_build.ui.documents.machine import MachineChecksDocument
    from arkes_build.ui.screen import Screen

_STYLES = {Result.PASSED: Style.GOOD, Result.FAILED: Style.BAD, Result.NOT_APPLICABLE: Style.CALM}
_WORDS = {Result.PASSED: "passed", Result.FAILED: "failed", Result.NOT_APPLICABLE: "not here"}
_WIDEST = max(map(len, _WORDS.values()))


def check_lines(check: Check, screen: Screen) -> list[str]:
    """Return how one check ended, and of a failed one all that it said."""
    word = screen.paint(pad(_WORDS[check.result], _WIDEST), _STYLES[check.result])
    why = f": {safe(check.why)}" if check.why else ""
    lines = [f"{word}  {safe(check.name)} ({duration(check.seconds)}){why}"]
    if check.result is Result.FAILED and len(check.output) > 1:
        lines += [f"          {safe(line)}".rstrip() for line in check.output]
    return lines


def end_line(checks: Sequence[Check]) -> str:
    """Return the line that sums them up."""
    if not checks:
        return "This system brings no checks along."
    failed = sum(check.result is Result.FAILED for check in checks)
    passed = sum(check.result is Result.PASSED for check in checks)
    rest = len(checks) - failed - passed
    said = [f"{counted(passed, 'check')} passed"]
    said += [f"{failed} failed"] if failed else []
    said += [f"{rest} not for this machine"] if rest else []
    return ", ".join(said) + "."


def checks_shape(checks: Sequence[Check], code: ExitCode) -> MachineChecksDocument:
    """Return all checks as JSON."""
    return {
        "schema": SCHEMA,
        "type": "machine-checks",
        "exit_code": code,
        "checks": [
            {
                "name": check.name,
                "result": check.result.value,
                "seconds": check.seconds,
                "why": check.why,
            }
            for check in checks
        ],
    }
