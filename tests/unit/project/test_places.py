"""Check where keys are found in TOML, on texts that ``tomllib`` accepts."""

import tomllib

import pytest

from arkes_build.project.places import key_places, nearest_place

TEXTS = {
    "keys of tables": (
        '[a]\nb = 1\n[a.c]\nd = "x"\n',
        {("a",): "a", ("a", "b"): "b", ("a", "c"): "c", ("a", "c", "d"): "d"},
    ),
    "dotted and quoted keys": (
        "a.b . \"c d\" = 1\n'e'.f = 2\n",
        {
            ("a",): "a",
            ("a", "b"): "b",
            ("a", "b", "c d"): '"c d"',
            ("e",): "'e'",
            ("e", "f"): "f",
        },
    ),
    "inline tables and lists": (
        'a = { b = [1, "x]", { c = 2 }], d = "}" }\n',
        {
            ("a",): "a",
            ("a", "b"): "b",
            ("a", "b", 0): "1",
            ("a", "b", 1): '"x]"',
            ("a", "b", 2): "{ c = 2 }",
            ("a", "b", 2, "c"): "c",
            ("a", "d"): "d",
        },
    ),
    "lists over several lines with comments": (
        "a = [ # [\n  1, # one ]\n  2 ,\n]\nb = 3 # = 4\n",
        {("a",): "a", ("a", 0): "1", ("a", 1): "2", ("b",): "b"},
    ),
    "texts that look like keys": (
        'a = """\nx = 1\n\\"""" \nb = \'\'\'y = 2\'\'\'\'\nc = "\\"d = 1"\n',
        {("a",): "a", ("b",): "b", ("c",): "c"},
    ),
    "lists of tables": (
        "[[a]]\nb = 1\n[[a]]\nb = 2\n[a.c]\nd = 1\n",
        {
            ("a",): "a",
            ("a", 0, "b"): "b",
            ("a", 1, "b"): "b",
            ("a", "c"): "c",
            ("a", "c", "d"): "d",
        },
    ),
    "values of every kind": (
        "a = 1979-05-27T07:32:00Z\nb = -1.5e3\nc = true\nd = ''\ne = \"\"\nf = []\ng = {}\n",
        {(key,): key for key in "abcdefg"},
    ),
    "windows line ends": ("a = 1\r\nb = 2\r\n", {("a",): "a", ("b",): "b"}),
    "nothing": ("", {}),
    "only a comment": ("# a = 1", {}),
}


@pytest.mark.parametrize(("text", "expected"), TEXTS.values(), ids=TEXTS.keys())
def test_places(text, expected):
    tomllib.loads(text)
    found = key_places(text)
    assert {path: text[start:end] for path, (start, end) in found.items()} == expected


def test_the_second_table_of_a_list_has_its_own_place():
    assert key_places("[[a]]\nb = 1\n[[a]]\nb = 2\n")["a", 1, "b"] == (18, 19)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param(("a", "b"), (1, 2), id="a known path"),
        pytest.param(("a", "b", 3, "c"), (1, 2), id="the nearest above an unknown one"),
        pytest.param(("x",), (0, 0), id="the beginning when nothing fits"),
        pytest.param((), (0, 0), id="the beginning for the whole file"),
    ],
)
def test_nearest(path, expected):
    assert nearest_place({("a", "b"): (1, 2), ("a",): (5, 6)}, path) == expected
