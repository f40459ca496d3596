"""`explain`: what a rule is about, and which rules there are."""

from __future__ import annotations

import sys

import click

from arkes_build.cli import front
from arkes_build.core.errors import ExitCode
from arkes_build.front.command import Command

LONGEST_CODE = 40
"""Longer words are not compared with the known codes."""


def _explain(code: str | None, *, as_json: bool) -> ExitCode:
    from arkes_build.project.rules.catalogue import RULES

    if code is None:
        _list(as_json=as_json)
        return ExitCode.OK
    name = code.strip("[]").lower()
    if name not in RULES:
        raise click.UsageError(_unknown(name))
    _print(name, as_json=as_json)
    return ExitCode.OK


def _print(code: str, *, as_json: bool) -> None:
    from arkes_build.core.resources import rule_page
    from arkes_build.project.rules.catalogue import RULES

    page = rule_page(code)
    text = page.read_text(encoding="utf-8") if page else f"# {code}\n\n{RULES[code].title}\n"
    if as_json:
        from arkes_build.ui.shapes import rules_shape

        front.print_shape(rules_shape((RULES[code],), {code: text}))
    else:
        sys.stdout.write(text)


def _list(*, as_json: bool) -> None:
    from arkes_build.project.rules.catalogue import RULES

    if as_json:
        from arkes_build.ui.shapes import rules_shape

        front.print_shape(rules_shape(RULES.values()))
        return
    width = max(len(code) for code in RULES)
    front.print_lines(
        f"{rule.code:{width}}  {rule.severity.value:7}  {rule.title}" for rule in RULES.values()
    )


def _unknown(name: str) -> str:
    from arkes_build.core.diagnostics import did_you_mean
    from arkes_build.project.rules.catalogue import RULES

    shown = name if len(name) <= LONGEST_CODE else name[:LONGEST_CODE] + "…"
    hint = did_you_mean(name, RULES) if len(name) <= LONGEST_CODE else ""
    return f"there is no rule {shown!r}; {hint or '`arkes-build explain` alone lists them'}"


command = Command(
    "explain",
    callback=_explain,
    params=[
        click.Argument(["code"], required=False, metavar="[CODE]"),
        click.Option(["--json", "as_json"], is_flag=True, help="Speak JSON, errors included."),
    ],
    help="""Say what a rule is about.

    CODE is what stands in brackets behind a finding. The page says why it matters and
    what to do, with a bad and a good example. Without a CODE, list all rules.""",
    examples=(
        ("arkes-build explain", "all rules: code, severity, title"),
        ("arkes-build explain unknown-variant", "the page of one"),
        ("arkes-build explain --json | jq -r '.rules[].code'", "for a program"),
    ),
)
