"""Describe a rule: what every finding with its code has in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import Diagnostic, Fix, Label, Severity

if TYPE_CHECKING:
    from arkes_build.core.source import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule. Its page is ``docs/rules/CODE.md``, with a bad and a good example.

    ``title`` says in one short sentence what is wrong; it is the page's second line.
    """

    code: str
    title: str
    severity: Severity = Severity.ERROR

    @property
    def is_skippable(self) -> bool:
        """Tell whether ``# check=skip=CODE`` may silence it: an error stands."""
        return self.severity is not Severity.ERROR

    def finding(
        self,
        message: str,
        span: Span,
        *,
        remedy: str,
        related: tuple[Label, ...] = (),
        fix: Fix | None = None,
    ) -> Diagnostic:
        """Return a finding of this rule."""
        return Diagnostic(
            code=self.code,
            severity=self.severity,
            message=message,
            span=span,
            remedy=remedy,
            related=related,
            fix=fix,
        )
