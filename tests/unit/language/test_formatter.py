"""Each kind of thing has its one layout; the golden files show them, input above expected."""

import re
from pathlib import Path

import pytest

from arkes_build.core.diagnostics import SourceError
from arkes_build.core.source import Source
from arkes_build.language import formatter
from arkes_build.language.decode import MOST_LINE_BYTES, decode
from arkes_build.language.formatter import format_text, is_same, lay_out_file
from arkes_build.language.parser import parse

ROOT = Path(__file__).parents[3]
GOLDEN = ROOT / "tests" / "golden" / "language" / "format"
SHOWN = {"<TAB>": "\t", "<CR>": "\r", "<BOM>": "\ufeff", "<NBSP>": "\u00a0", "<FF>": "\f"}


def cases(path):
    """Yield the parts of a golden file: title, input, expected."""
    text = path.read_text()
    for shown, character in SHOWN.items():
        text = text.replace(shown, character)
    for part in re.split(r"(?m)^=== ", text)[1:]:
        title, _, body = part.partition("\n")
        given, _, expected = body.partition("---\n")
        yield pytest.param(given, expected or given, id=f"{path.stem}: {title}")


def formatted(text):
    return format_text(decode("f", text.encode()))


@pytest.mark.parametrize(
    ("given", "expected"), [case for path in sorted(GOLDEN.iterdir()) for case in cases(path)]
)
def test_a_text_has_one_layout(given, expected):
    assert formatted(given) == expected
    assert formatted(expected) == expected
    assert lay_out_file(decode("f", given.encode())) == expected, "the safety net was needed"


SHIPPED = sorted(
    path
    for folder in ("variants", "templates", "examples", "tests/golden/language")
    for path in (ROOT / folder).rglob("*")
    if path.name.endswith(("Systemfile", "Containerfile")) and "broken" not in path.name
)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_of_ours_says_the_same_when_it_is_formatted(path):
    file = parse(decode("f", path.read_bytes()))
    text = lay_out_file(file.source)
    assert is_same(file, parse(Source("f", text)))
    assert formatted(text) == text


@pytest.mark.parametrize(
    "path", [p for p in SHIPPED if "tests" not in p.parts], ids=lambda p: str(p.relative_to(ROOT))
)
def test_a_file_that_ships_has_its_layout(path):
    assert formatted(path.read_text()) == path.read_text(), "run arkes-build fmt"


def test_a_file_with_errors_has_no_layout():
    with pytest.raises(SourceError):
        formatted("RUM x\n")


def test_a_file_that_would_have_too_long_a_line_stays_as_it_is():
    items = ",".join(['"a"'] * (MOST_LINE_BYTES // 4 - 3))
    text = f"from x\nCMD [{items}]\n"
    assert max(map(len, text.split("\n"))) <= MOST_LINE_BYTES
    assert formatted(text) == text


def test_an_instruction_that_would_read_differently_is_left_as_it_is(monkeypatch):
    """The net below the formatter, with a fault put into it."""
    lay_out = formatter.lay_out

    def faulty(line, source, comments):
        return lay_out(line, source, comments).replace("SECRET", "secret")

    monkeypatch.setattr(formatter, "lay_out", faulty)
    assert formatted("from  x\nrun  a\nrun  SECRET  \\\n#c\n a\nRUN  b\n") == (
        "FROM x\nRUN a\nrun  SECRET  \\\n#c\n a\nRUN b\n"
    )


def test_a_file_that_could_not_be_read_again_is_left_as_it_is(monkeypatch):
    monkeypatch.setattr(formatter, "lay_out", lambda *_: "RUM x")
    assert formatted("from  x\n") == "from  x\n"
