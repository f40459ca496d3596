"""The extension knows the language as the parser knows it, and the notes are what editors read."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from arkes_build.language.keywords import DECLARATIVE, DIRECTIVES, HEADERS, KEYWORDS

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "editors" / "vscode"
PAGE = (ROOT / "docs" / "editors.md").read_text()
GRAMMAR = json.loads((FOLDER / "syntaxes" / "systemfile.tmLanguage.json").read_text())
PACKAGE = json.loads((FOLDER / "package.json").read_text())
PARTS = GRAMMAR["repository"]


def alternatives(expression):
    """Return the words of the groups that hold nothing but words."""
    groups = re.findall(r"\(([A-Za-z-]+(?:\|[A-Za-z-]+)*)\)", expression)
    return {word for group in groups for word in group.split("|")}


def expressions(value):
    """Yield every regular expression of the grammar."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in ("match", "begin", "end"):
                yield inner
            else:
                yield from expressions(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from expressions(inner)


def test_the_grammar_knows_every_instruction():
    parts = ("from", "run", "instruction")
    plain = set().union(*(alternatives(PARTS[part]["begin"]) for part in parts))
    assert plain == set(KEYWORDS) - DECLARATIVE
    assert alternatives(PARTS["declarative"]["begin"]) == DECLARATIVE


def test_the_grammar_knows_every_header_and_directive():
    assert alternatives(PARTS["header"]["match"]) == set(HEADERS)
    assert alternatives(PARTS["directive"]["match"]) == DIRECTIVES


def test_a_keyword_is_recognised_in_any_case_and_nothing_longer():
    begin = re.compile(PARTS["declarative"]["begin"])
    assert begin.match("  packages nginx")
    assert not begin.match("PACKAGESX nginx")
    assert re.match(PARTS["instruction"]["begin"], "onbuild copy a b")


@pytest.mark.parametrize("expression", sorted(set(expressions(GRAMMAR))))
def test_every_expression_can_be_read(expression):
    # what is compiled at an end may name a group of its beginning
    re.compile(re.sub(r"\\[1-9]", "x", expression))


def test_everything_included_is_there():
    text = json.dumps(GRAMMAR)
    assert set(re.findall(r'"include": "#([a-z-]+)"', text)) <= set(PARTS)


def test_the_extension_names_files_that_are_there():
    contributes = PACKAGE["contributes"]
    named = [
        PACKAGE["main"],
        *(each["configuration"] for each in contributes["languages"]),
        *(each["path"] for each in contributes["grammars"]),
    ]
    assert [name for name in named if not (FOLDER / name).is_file()] == []
    assert contributes["grammars"][0]["scopeName"] == GRAMMAR["scopeName"]


def test_the_extension_reads_the_settings_that_it_has():
    used = set(re.findall(r'settings\.get\("(\w+)"\)', (FOLDER / "extension.js").read_text()))
    known = {
        name.removeprefix("arkes.")
        for name in PACKAGE["contributes"]["configuration"]["properties"]
    }
    assert used == known
    page = (FOLDER / "README.md").read_text()
    assert [name for name in known if f"`arkes.{name}`" not in page] == []


def test_the_notes_are_what_editors_read():
    helix = tomllib.loads(re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)[1])
    assert helix["language-server"]["arkes"] == {"command": "arkes-build", "args": ["lsp"]}
    kate = json.loads(re.search(r"```json\n(.*?)```", PAGE, re.DOTALL)[1])
    assert kate["servers"]["dockerfile"]["command"] == ["arkes-build", "lsp"]
