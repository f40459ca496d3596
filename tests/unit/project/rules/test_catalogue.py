import ast
from itertools import chain
from pathlib import Path

import pytest

from arkes_build.core.diagnostics import Severity
from arkes_build.project.rules import catalogue

PACKAGE = Path(__file__).parents[4] / "arkes_build"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "code" in path.read_text())


def codes_of(path):
    """Find ``code=`` of calls, and what stands where a function of the module takes a code."""
    tree = ast.parse(path.read_text())
    takers = {"RefusedEntry"} | {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.args.args and node.args.args[0].arg == "code"
    }
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = getattr(call.func, "id", "")
        named = [keyword.value for keyword in call.keywords if keyword.arg == "code"]
        for value in (*named, *(call.args[:1] if name in takers else ())):
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield value.value


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_code_of_the_source_is_in_the_catalogue(path):
    assert sorted(set(codes_of(path)) - set(catalogue.RULES)) == []


def test_no_code_is_given_to_two_rules():
    codes = [rule.code for rule in chain(*catalogue._OF_ONE_FILE, *catalogue._TABLES)]
    assert sorted(codes) == sorted(set(codes))


def test_every_title_is_a_sentence():
    assert [r.code for r in catalogue.RULES.values() if not r.title.endswith(".")] == []


def test_an_error_cannot_be_skipped():
    assert all(
        rule.is_skippable == (rule.severity is not Severity.ERROR)
        for rule in catalogue.RULES.values()
    )


def test_every_module_with_rules_is_registered():
    modules = {
        path.stem
        for path in (PACKAGE / "project/rules").glob("*.py")
        if "\nRULES = (" in path.read_text()
    }
    text = (PACKAGE / "project/rules/catalogue.py").read_text()
    assert sorted(name for name in modules if f"{name}.RULES" not in text) == []
