"""Split instructions as BuildKit's parser does, odd ones included."""

import pytest

from arkes_build.core.source import Source
from arkes_build.language.reference import Split, descriptor, read, split

CASES = {
    "a stage with a platform": (
        "FROM --platform=$BUILDPLATFORM a AS b",
        Split(name="FROM", flags=("--platform=$BUILDPLATFORM",), arguments=("a", "AS", "b")),
    ),
    "a command, its white space kept": (
        "run  a   b ",
        Split(name="RUN", arguments=("a   b",)),
    ),
    "a list": (
        'CMD ["a", "b c"]',
        Split(name="CMD", arguments=("a", "b c"), is_json=True),
    ),
    "a list with something behind it": (
        'COPY ["a", "b"] # why',
        Split(name="COPY", arguments=("a", "b"), is_json=True),
    ),
    "a list of something else": (
        "CMD [1]",
        Split(name="CMD", arguments=("[1]",), is_refused=True),
    ),
    "an empty list": ("ENTRYPOINT []", Split(name="ENTRYPOINT", is_json=True)),
    "pairs": (
        "ENV A=1 B='2 3' C=",
        Split(name="ENV", arguments=("A", "1", "B", "'2 3'", "C", "")),
    ),
    "a pair in the old form": ("LABEL a  b = c", Split(name="LABEL", arguments=("a", "b = c"))),
    "no pair": ("ENV a", Split(name="ENV", arguments=("a",), is_refused=True)),
    "one that is none among pairs": (
        "ENV a=b c",
        Split(name="ENV", arguments=("a=b c",), is_refused=True),
    ),
    "names with defaults": ("ARG A=1 B", Split(name="ARG", arguments=("A=1", "B"))),
    "a quote that is not closed": (
        'ENV A=b C="d e',
        Split(name="ENV", arguments=("A", "b", "C", '"d e')),
    ),
    "a quote that is not closed and an escape": (
        'ARG "d \\',
        Split(name="ARG", arguments=('"d ',)),
    ),
    "a flag whose quote is not closed": (
        'RUN --a="b c',
        Split(name="RUN", flags=("--a=b c",)),
    ),
    "the end of the flags": (
        "RUN --a -- --b c",
        Split(name="RUN", flags=("--a",), arguments=("--b c",)),
    ),
    "nothing but the end of the flags": ("RUN --", Split(name="RUN")),
    "a health check": (
        'HEALTHCHECK --interval=3s CMD ["a", "b"]',
        Split(
            name="HEALTHCHECK", flags=("--interval=3s",), arguments=("CMD", "a", "b"), is_json=True
        ),
    ),
    "a health check without a command": (
        "HEALTHCHECK none",
        Split(name="HEALTHCHECK", arguments=("none",)),
    ),
    "what waits for a child": (
        'ONBUILD COPY --from=x ["a", "b"]',
        Split(
            name="ONBUILD",
            arguments=("a", "b"),
            is_json=True,
            inner=Split(name="COPY", flags=("--from=x",), arguments=("a", "b"), is_json=True),
        ),
    ),
    "what waits for nothing": ("ONBUILD", Split(name="ONBUILD")),
    "one of our own": (
        "PACKAGES a 'b=1'",
        Split(name="PACKAGES", arguments=("a", "'b=1'")),
    ),
    "one that nobody knows": ("FOO a b", Split(name="FOO", arguments=("",))),
    "one without arguments": ("VOLUME", Split(name="VOLUME")),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES.keys())
def test_an_instruction_is_split(text, expected):
    assert split(text, "\\") == expected


def test_a_reading_knows_its_lines_and_documents():
    text = "FROM a\n\\\n  RUN cat 3<<-'E' \\\n\n# c\nb\n\tx\n\tE\nRUN c \\\n# end\n"
    one, two, three = read(Source("f", text))
    assert (one.original, one.span.line) == ("FROM a", 1)
    assert two.original == "  RUN cat 3<<-'E' b\n\tx\nE\n"
    assert (two.span.line, two.span.source.position(two.span.end)) == (2, (8, 3))
    assert [descriptor(document) for document in two.heredocs] == [3]
    assert three.original == "RUN c "
    assert (three.span.line, three.span.source.position(three.span.end)) == (9, (10, 6))
