"""Physical lines become logical ones."""

import pytest

from arkes_build.core.source import Source
from arkes_build.language.scanner import scan

CASES = {
    "blank lines and comments say nothing": ("\n  \n# a\n\t# b\nA\n", ["A"]),
    "a continuation keeps the white space around it": ("A \\\n  b\n", ["A   b"]),
    "blanks behind the continuation character are cut": ("A \\  \t\nb\n", ["A b"]),
    "comments and blank lines inside are gone": ("A \\\n# c\n\n \t\n  # d \\\n b\n", ["A  b"]),
    "a word may be parted": ("A fo\\\no\n", ["A foo"]),
    "two escape characters continue nothing": ("A \\\\\nB\n", ["A \\\\", "B"]),
    "an escape character alone continues": ("A \\\n\\\nb\n", ["A b"]),
    "the end of the file ends all": ("A b \\", ["A b"]),
    "a lone continuation is nothing": ("\\\n\\\n", []),
    "what a lone continuation leads to begins there": ("\\\n  A\n", ["A"]),
    "the other escape character": ("# escape=`\nA `\n b\\\nC\n", ["A  b\\", "C"]),
    "an escape directive below a comment is a comment": ("# a\n# escape=`\nA `\n", ["A `"]),
    "an escape directive below an unknown one is too": ("# a=b\n# escape=`\nA `\n", ["A `"]),
    "CRLF": ("A \\\r\n b\r\nC\r\n", ["A  b", "C"]),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES.keys())
def test_lines(text, expected):
    assert [line.text for line in scan(Source("f", text)).lines] == expected


def test_every_character_knows_where_it_stood():
    text = "# c\n  RUN ab \\\n# x\n\n   cd\\\nef \\\n g\n"
    (line,) = scan(Source("f", text)).lines
    assert line.text == "RUN ab    cdef  g"
    assert "".join(text[line.at(offset)] for offset in range(len(line.text))) == line.text


def test_a_span_goes_from_its_first_to_its_last_character():
    source = Source("f", "RUN a\\\n  b c\n")
    (line,) = scan(source).lines
    span = line.span(source, 4, 8)
    assert (str(span), span.text) == ("f:1:5", "a\\\n  b")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("# syntax=a/b:1\n", [("syntax", "a/b:1")], id="plain"),
        pytest.param(
            "#Check = skip=all \n#\tESCAPE\t=\t`\n",
            [("check", "skip=all"), ("escape", "`")],
            id="blanks and case",
        ),
        pytest.param("# x-name=a\n# syntax=b\n", [], id="a header ends them"),
        pytest.param("\n# syntax=b\n", [], id="a blank line ends them"),
        pytest.param("# hello=b\n# syntax=b\n", [], id="an unknown one ends them"),
        pytest.param("# syntax=\n", [], id="an empty one is none"),
    ],
)
def test_directives(text, expected):
    found = scan(Source("f", text)).directives
    assert [(directive.name, directive.value) for directive in found] == expected


def test_comments_inside_a_continuation_are_kept():
    cut = scan(Source("f", "# a\nRUN b \\\n  # c\n  d\n# e\n"))
    assert [(str(c.span), c.text) for c in cut.comments] == [
        ("f:1:1", "# a"),
        ("f:3:3", "# c"),
        ("f:5:1", "# e"),
    ]


def test_the_line_ends_where_its_here_documents_end():
    text = "RUN <<A <<B\na\nA\nB\nCMD c\n"
    lines = scan(Source("f", text)).lines
    assert [text[line.places[0] : line.end] for line in lines] == ["RUN <<A <<B\na\nA\nB", "CMD c"]
