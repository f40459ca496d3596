"""Keep the list of the rules true.

``ARKES_WRITE_GOLDEN=1`` writes the rows anew: each rule stays in the section it is in, and
one that is in none comes into the last. Move it by hand to where a reader looks for it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from arkes_build.project.rules.catalogue import RULES

INDEX = Path(__file__).parents[4] / "docs/rules/README.md"
HEAD = "| rule | severity | |\n|---|---|---|\n"
TABLE = re.compile(re.escape(HEAD) + r"((?:\|.*\n)*)")
CODE = re.compile(r"^\| \[([a-z0-9-]+)\]", re.MULTILINE)


def row(code):
    rule = RULES[code]
    return f"| [{code}]({code}.md) | {rule.severity.value} | {rule.title} |\n"


def refreshed(text):
    """Return the page with a row for each rule, sorted within their sections."""
    tables = [set(CODE.findall(found[1])) & RULES.keys() for found in TABLE.finditer(text)]
    tables[-1] |= RULES.keys() - set().union(*tables)
    rest = iter(tables)
    return TABLE.sub(lambda _: HEAD + "".join(row(code) for code in sorted(next(rest))), text)


def test_the_index_has_every_rule_with_its_severity_and_title():
    text = INDEX.read_text()
    fresh = refreshed(text)
    if os.environ.get("ARKES_WRITE_GOLDEN"):
        INDEX.write_text(fresh)
        return
    assert fresh == text, "ARKES_WRITE_GOLDEN=1 writes the missing rows"


def test_no_rule_stands_in_two_sections():
    codes = CODE.findall(INDEX.read_text())
    assert sorted(codes) == sorted(set(codes))
