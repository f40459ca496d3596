"""Judge what a guest says of its boot: whether it is the system that was meant, and well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.trial.model import Check, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arkes_build.vm.verdict import Verdict

NAME = "verdict"
TITLE = "the system came up, whole, and is the one that was meant"
SHORT = 12
_GOOD_STATE = "running"


def judged(verdict: Verdict, wanted: str, *, seconds: float, name: str = NAME) -> Check:
    """Return the check of a verdict that came ``seconds`` after power-on."""
    wrong = list(_wrong(verdict, wanted))
    return Check(
        name=name,
        title=TITLE,
        status=Status.FAILED if wrong else Status.PASSED,
        seconds=seconds,
        message="; ".join(wrong),
    )


def missing(why: str, *, seconds: float, output: str = "", name: str = NAME) -> Check:
    """Return the check of a guest that said nothing."""
    return Check(
        name=name,
        title=TITLE,
        status=Status.FAILED,
        seconds=seconds,
        message=why,
        output=output,
    )


def _wrong(verdict: Verdict, wanted: str) -> Iterator[str]:
    if verdict.failed:
        yield f"failed: {', '.join(verdict.failed)}"
    elif verdict.state != _GOOD_STATE:
        yield f"the system is {verdict.state or 'in no known state'}, not {_GOOD_STATE}"
    if not verdict.is_complete:
        yield "boot-complete.target was not reached"
    commit = verdict.deployment.partition(".")[0]
    if commit != wanted:
        runs = commit[:SHORT] or "nothing that OSTree deployed"
        yield f"{runs} runs, not {wanted[:SHORT]}"
