"""Show a parsed file."""

import io

import pytest

from arkes_build.core.source import Source
from arkes_build.language.parser import attempt
from arkes_build.language.reference import read
from arkes_build.ui.screen import screen_of
from arkes_build.ui.syntax import parse_lines, parse_shape

TEXT = """\
# syntax=docker/dockerfile:1
# x-clean
# x-depends=base
FROM a
ONBUILD RUN --network=none <<-"E"
\tb
E
CMD ["a", "\\u001b[31mb"]
"""
TREE = """\
1:1-1:29  directive syntax=docker/dockerfile:1
2:1-2:10  header x-clean
3:1-3:17  header x-depends=base
4:1-4:7   FROM
            argument  a
5:1-7:2   ONBUILD
            RUN
              flag      --network=none
              argument  <<-"E"
              document  E: 1 line, as it stands, leading tabs cut
8:1-8:25  CMD (a JSON list)
            argument  a
            argument  b
"""


@pytest.fixture
def parsed():
    source = Source("f", TEXT)
    return (*attempt(source), read(source))


def test_as_a_tree(parsed):
    file, _, readings = parsed
    lines = parse_lines(file, readings, screen_of(io.StringIO(), {}))
    assert "\n".join(lines) + "\n" == TREE


def test_as_json(parsed):
    file, found, readings = parsed
    shape = parse_shape(file, readings, found, 0)
    assert list(shape) == [
        *("schema", "type", "exit_code", "file"),
        *("directives", "headers", "comments", "instructions", "diagnostics"),
    ]
    assert shape["headers"][1] == {
        "key": "x-depends",
        "value": "base",
        "span": {"line": 3, "column": 1, "end_line": 3, "end_column": 17},
    }
    assert shape["instructions"][1] == {
        "name": "ONBUILD",
        "flags": [],
        "arguments": ['<<-"E"'],
        "json": False,
        "heredocs": [],
        "original": 'ONBUILD RUN --network=none <<-"E"',
        "span": {"line": 5, "column": 1, "end_line": 7, "end_column": 2},
        "inner": {
            "name": "RUN",
            "flags": ["--network=none"],
            "arguments": ['<<-"E"'],
            "json": False,
            "heredocs": [
                {
                    "delimiter": "E",
                    "expand": False,
                    "strip_tabs": True,
                    "file_descriptor": 0,
                    "content": "\tb\n",
                }
            ],
            "inner": None,
        },
    }
