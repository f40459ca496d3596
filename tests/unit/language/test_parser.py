"""Whole files, node by node and finding by finding."""

import contextlib
import time
from pathlib import Path

import pytest

from arkes_build.core.diagnostics import SourceError, render
from arkes_build.core.source import Source
from arkes_build.language.decode import MOST_INSTRUCTIONS, decode
from arkes_build.language.parser import parse
from arkes_build.language.writer import write

GOLDEN = Path(__file__).parents[2] / "golden" / "language"
FILES = sorted(p.name for p in GOLDEN.glob("*.*file") if not p.name.startswith("broken"))


def golden_source(name):
    return decode(name, (GOLDEN / name).read_bytes())


@pytest.mark.parametrize("name", FILES)
def test_nodes(name, golden, dumped):
    golden(f"{name}.json", dumped(parse(golden_source(name))))


@pytest.mark.parametrize("name", FILES)
def test_what_is_written(name, golden):
    file = parse(golden_source(name))
    written = "".join(f"{write(instruction)}\n" for instruction in file.instructions)
    golden(f"{name}.written", written)
    assert parse(Source(name, written)).instructions == file.instructions


def test_every_finding_of_a_file_comes_at_once(golden):
    with pytest.raises(SourceError) as caught:
        parse(golden_source("broken.Containerfile"))
    golden("broken.txt", "\n".join([*map(render, caught.value.diagnostics), ""]))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", ["1:1 from-missing"], id="an empty file"),
        pytest.param("# only this\n\n", ["1:11 from-missing"], id="a file of comments"),
        pytest.param("ARG A\n", ["1:5 from-missing"], id="no FROM behind the arguments"),
        pytest.param("RUN a\n", ["1:1 from-first"], id="a file that begins with RUN"),
        pytest.param("FRM x\n", ["1:1 instruction-unknown"], id="only the typing error counts"),
        pytest.param(
            "FROM x\nRUN <<A\nFROM y\n", ["2:5 heredoc-unclosed"], id="an open here-document"
        ),
        pytest.param(
            "# escape=\\\n# escape=`\nFROM x\n", ["2:1 directive-duplicate"], id="two escapes"
        ),
        pytest.param(
            "FROM x\nRUN a\n\n  b\n", ["4:3 instruction-unknown"], id="a forgotten continuation"
        ),
        pytest.param(
            "FROM x\n" + "RUN <<E\nE\n" * 2 + "RUN " + "<<E " * 101 + "\n",
            ["6:1 too-many-heredocs"],
            id="more here-documents than anybody needs",
        ),
        pytest.param(
            "FROM x\nUSER " + "${a:-" * 500 + "}" * 500,
            ["2:6 substitution"],
            id="variables inside each other without end",
        ),
    ],
)
def test_findings(codes, text, expected):
    assert codes(text) == expected


def test_a_file_with_warnings_parses(read):
    file = read("# x-tempates=slim\nFROM x\nCMD ['a']\nFROM y AS a\nFROM z AS A\n")
    assert [(w.span.line, w.code, w.remedy) for w in file.warnings] == [
        (1, "header-unknown", "did you mean 'x-templates'?"),
        (
            3,
            "exec-form-invalid",
            'use double quotes and a comma between the items: ["sleep", "10"]',
        ),
        (5, "stage-duplicate", "give each stage a name of its own"),
    ]


def test_a_right_file_has_no_warnings():
    assert parse(golden_source("variant.Containerfile")).warnings == ()


def test_too_many_instructions_are_one_finding(codes):
    begin = time.process_time()
    text = "FROM x\n" + "RUNN a\n" * 10 * MOST_INSTRUCTIONS
    assert codes(text) == [f"{MOST_INSTRUCTIONS + 1}:1 too-many-instructions"]
    assert time.process_time() - begin < 1


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("FROM x\nRUN a \\\n" + " \\\n" * 100_000 + " b\n", id="empty continuations"),
        pytest.param("FROM x\nRUN " + "'\"" * 30_000, id="quotes inside quotes"),
        pytest.param("FROM x\nENV A=" + "\\" * 60_001, id="escapes of escapes"),
        pytest.param("FROM x\nCMD " + "[" * 60_000, id="lists inside lists"),
        pytest.param("FROM x\nRUN " + "--a" * 20_000, id="one flag of many dashes"),
        pytest.param("FROM x\nUSER " + "${a:-" * 12_000, id="open variables"),
        pytest.param("FROM x\nUSER ${a#" + "*a" * 12_000 + "}", id="a pattern of stars"),
        pytest.param("FROM x\n" + "ONBUILD " * 8_000 + "RUN a", id="ONBUILD inside ONBUILD"),
        pytest.param("FROM x\n" + "# x-a=b\n" * 20_000, id="comments that look like headers"),
        pytest.param("FROM x\n" + "".join(f"A{n}\n" for n in range(9_000)), id="unknown names"),
    ],
)
def test_hostile_text_is_read_or_refused_in_time(text):
    begin = time.process_time()
    with contextlib.suppress(SourceError):
        parse(Source("Containerfile", text))
    assert time.process_time() - begin < 2
