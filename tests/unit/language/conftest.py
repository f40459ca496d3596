"""Parse texts, and hold what comes out against golden files."""

import json
import os
from pathlib import Path

import pytest

from arkes_build.core.diagnostics import SourceError
from arkes_build.core.source import Source
from arkes_build.language.parser import parse

GOLDEN = Path(__file__).parents[2] / "golden" / "language"


@pytest.fixture
def golden():
    """Return a check against a golden file; ``ARKES_WRITE_GOLDEN=1`` writes it anew."""

    def compare(name, text):
        path = GOLDEN / name
        if os.environ.get("ARKES_WRITE_GOLDEN") == "1":
            path.write_text(text)
        assert text == path.read_text()

    return compare


@pytest.fixture
def read():
    """Return a function from text to the parsed file."""
    return lambda text: parse(Source("Containerfile", text))


@pytest.fixture
def first(read):
    """Return a function from an instruction's text to the instruction."""
    return lambda text, top="": read(f"{top}FROM x\n{text}\n").instructions[1]


@pytest.fixture
def findings():
    """Return a function from text to the findings that keep it from parsing."""

    def report(text):
        with pytest.raises(SourceError) as caught:
            parse(Source("Containerfile", text))
        return caught.value.diagnostics

    return report


@pytest.fixture
def codes(findings):
    """Return a function from text to place and code of each finding."""
    return lambda text: [
        f"{finding.span.line}:{finding.span.column} {finding.code}" for finding in findings(text)
    ]


@pytest.fixture
def dumped():
    """Return a function from a node to JSON text, every node with its place."""
    return lambda file: json.dumps(_plain(file), indent=1, ensure_ascii=False) + "\n"


def _plain(value):
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    if hasattr(value, "__dataclass_fields__"):
        names = (n for n in value.__dataclass_fields__ if n != "source")
        return {
            name: _plain(getattr(value, name))
            for name in names
            if getattr(value, name) not in (None, ()) and "span" not in name
        } | ({"at": _place(value.span)} if hasattr(value, "span") else {})
    return value.value if hasattr(value, "value") else value


def _place(span):
    start, end = (span.source.position(at) for at in (span.start, span.end))
    return f"{start[0]}:{start[1]}-{end[0]}:{end[1]}"
