"""Say that a system did not boot, or is not what it should be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.errors import ArkesError, ExitCode

if TYPE_CHECKING:
    from pathlib import Path

    from arkes_build.trial.model import Check, Report


class BootTestFailed(ArkesError):
    """Report the first thing that was wrong with a node, and what to look at next."""

    exit_code = ExitCode.BOOT

    def __init__(self, report: Report) -> None:
        first = report.failures[0]
        more = len(report.failures) - 1
        also = f" (and {more} more)" if more else ""
        super().__init__(
            f"{report.subject.node}: {first.name}: {first.message or 'failed'}{also}",
            details=_details(report, first),
            resolution=_next(report),
        )
        self.report = report


class CheckUnusable(ArkesError):
    """Report a file of checks that cannot be used as it is."""

    exit_code = ExitCode.SOURCE

    def __init__(self, path: Path, *, why: str) -> None:
        super().__init__(
            f"{path.name} is no file of boot checks: {why}",
            details=str(path),
            resolution="docs/boot-tests.md says what such a file looks like",
        )


class NoSuchCheck(ArkesError):
    """Report that ``--only`` chose nothing."""

    exit_code = ExitCode.USAGE

    def __init__(self, patterns: tuple[str, ...], known: tuple[str, ...]) -> None:
        from arkes_build.core.diagnostics import did_you_mean

        hint = did_you_mean(patterns[0], known)
        names = dict.fromkeys(name.partition("::")[0] for name in known)
        listed = f"there are validate.d/* and {', '.join(names)}" if known else ""
        super().__init__(
            f"no check is called {' or '.join(patterns)}",
            resolution=hint or listed or "the project has no tests/boot",
        )


class CheckFailed(AssertionError):
    """End a check that found something wrong; the text is the reason."""

    def __init__(self, message: str, *, output: str = "") -> None:
        super().__init__(message)
        self.output = output


class NotApplicable(Exception):
    """End a check that says nothing about this machine; the text is why."""


def _details(report: Report, first: Check) -> str:
    lines = [*first.output.rstrip().splitlines()[-_TAIL:]]
    if report.suspects:
        lines += ["", "changed since the last commit that passed:", *report.suspects[:_TAIL]]
    return "\n".join(lines)


def _next(report: Report) -> str:
    names = [name for name in _TO_LOOK_AT if name in report.evidence]
    return f"look at {' and '.join(names) or 'what is'} in {report.folder}"


_TAIL = 20
_TO_LOOK_AT = ("console.log", "journal.txt", "screenshot.png")
