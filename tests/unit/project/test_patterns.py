"""Check patterns against what Go and moby say of them."""

import pytest

from arkes_build.project.patterns import glob_pattern, normal, parse_ignore

GLOBS = [
    # from the tests of Go's path/filepath
    ("abc", "abc", True),
    ("*", "abc", True),
    ("*", ".hidden", True),
    ("*c", "abc", True),
    ("a*", "ab/c", False),
    ("a*b*c*d*e*", "axbxcxdxe", True),
    ("ab[c]", "abc", True),
    ("ab[b-d]", "abc", True),
    ("ab[e-g]", "abc", False),
    ("ab[^c]", "abc", False),
    ("ab[^e-g]", "abc", True),
    ("a\\*b", "a*b", True),
    ("a\\*b", "ab", False),
    ("a?b", "a☺b", True),
    ("a[^a]b", "a☺b", True),
    ("a???b", "a☺b", False),
    ("[a-ζ]*", "β", True),
    ("*[a-ζ]", "A", False),
    ("a?b", "a/b", False),
    ("[\\]a]", "]", True),
    ("[\\-x]", "x", True),
    ("[\\-x]", "z", False),
    ("[x\\-]", "-", True),
    ("[!a]", "!", True),
    ("[[a]", "[", True),
    ("[a&&b]", "&", True),
    ("[a", "a", False),
    ("[", "[", False),
    ("[z-a]", "b", False),
    ("a\nb*", "a\nbc", True),
    ("(x)+", "(x)+", True),
]


@pytest.mark.parametrize(("pattern", "name", "expected"), GLOBS)
def test_glob(pattern, name, expected):
    assert bool(glob_pattern(pattern).fullmatch(name)) is expected


IGNORES = {
    "a name at the top": ("file", ["file", "file/below"], ["a/file", "files"]),
    "a slash in front means nothing": ("/file", ["file"], ["a/file"]),
    "a slash behind means nothing": ("dir/", ["dir", "dir/x"], []),
    "two stars are any folders": ("**/x", ["x", "a/x", "a/b/x/y"], ["xa", "a/xb"]),
    "two stars in the middle": ("a/**/x", ["a/x", "a/b/c/x"], ["ax", "b/a/x"]),
    "two stars at the end": ("a/**", ["a/x", "a/b/c"], ["b"]),
    "one star stays in its folder": ("*/x", ["a/x", "a/x/y"], ["x", "a/b/x"]),
    "a dot is a dot": ("a.b", ["a.b"], ["axb"]),
    "the last rule counts": ("*\n!keep\nkeep/not", ["a", "keep/not"], ["keep", "keep/yes"]),
    "comments, blanks and the dot": ("# a\n\n  b  \n.\n./c\n", ["b", "c"], ["a", "d", "# a"]),
    "a space behind the mark": ("*\n! a", ["b"], ["a"]),
    "a wrong pattern hides nothing": ("[a\nb", ["b"], ["[a", "a"]),
    "a byte-order mark": ("\ufeffa", ["a"], []),
}


@pytest.mark.parametrize(("text", "hidden", "seen"), IGNORES.values(), ids=IGNORES.keys())
def test_ignore(text, hidden, seen):
    ignore = parse_ignore(".dockerignore", text)
    assert [path for path in hidden + seen if ignore.hides(path)] == hidden


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a/b", "a/b"),
        ("/a//b/", "a/b"),
        ("./a/./b/..", "a"),
        (".", ""),
        ("", ""),
        ("/", ""),
        ("a/..", ""),
        ("..", ".."),
        ("a/../../b", "../b"),
        ("../../a", "../../a"),
    ],
)
def test_normal(path, expected):
    assert normal(path) == expected
