"""Headers, and comments that only look like one."""

import pytest

HEADERS = {
    "a value": ("# x-depends=base", [("x-depends", "base")]),
    "blanks around": ("#   x-depends =  base , b  ", [("x-depends", "base , b")]),
    "no blank": ("#x-name=A", [("x-name", "A")]),
    "a flag": ("# x-clean", [("x-clean", None)]),
    "an empty value": ("# x-name=", [("x-name", "")]),
    "any case": ("# X-No-ISO", [("x-no-iso", None)]),
    "more than one =": ("# x-name=a=b", [("x-name", "a=b")]),
    "indented": ("   # x-name=a", [("x-name", "a")]),
    "an unknown one": ("# x-foo=bar", [("x-foo", "bar")]),
    "words behind a flag": ("# x-clean please", []),
    "no header": ("# max-name=a", []),
}


@pytest.mark.parametrize(("text", "expected"), HEADERS.values(), ids=HEADERS.keys())
def test_headers(read, text, expected):
    file = read(f"{text}\nFROM x\n")
    assert [(header.key, header.value) for header in file.headers] == expected


def test_a_header_knows_where_its_value_stands(read):
    (header,) = read("\n#  x-depends = a, b \nFROM x\n").headers
    assert (str(header.span), header.span.text) == ("Containerfile:2:1", "#  x-depends = a, b")
    assert (str(header.value_span), header.value_span.text) == ("Containerfile:2:16", "a, b")
    assert header.items == ("a", "b")


def test_below_the_first_instruction_it_is_a_comment(read):
    file = read("ARG A\n# x-name=a\nFROM x\n")
    assert (file.headers, [comment.text for comment in file.comments]) == ((), ["# x-name=a"])
    assert [warning.code for warning in file.warnings] == ["header-misplaced"]


def test_headers_may_stand_between_other_comments(read):
    file = read("# syntax=a\n# words\n# x-name=a\n\n# x-clean\n# more\nFROM x\n")
    assert [header.key for header in file.headers] == ["x-name", "x-clean"]
    assert [comment.text for comment in file.comments] == ["# words", "# more"]
