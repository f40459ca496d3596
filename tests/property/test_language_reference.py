"""Split random texts, and hold flags, arguments, documents and lines against BuildKit."""

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from arkes_build.core.diagnostics import SourceError
from arkes_build.core.source import Source
from arkes_build.language.reference import descriptor, read
from arkes_build.language.scanner import scan

dockerfile = pytest.importorskip("dockerfile")

FRAGMENTS = st.sampled_from(
    [
        *("FROM x\n", "RUN ", "COPY ", "ENV ", "ARG ", "LABEL ", "CMD ", "ONBUILD ", "ADD "),
        *("HEALTHCHECK CMD ", "WORKDIR ", "EXPOSE ", "VOLUME ", "SHELL ", "USER ", "run ", "FOO "),
        *("HEALTHCHECK --interval=3s ", "NONE", "STOPSIGNAL ", "MAINTAINER ", "ENTRYPOINT "),
        *("a", "b=c", "--x=y", "--from=z", "--", " ", "  ", "\t", "\n", "\n", "\\\n", "\\", "`"),
        *('"', "'", "=", "[", "]", ",", '"a"', '["a", "b"]', "# c\n", "#", "<<E", "<<-E", "E\n"),
        *("$A", "${A:-b}", "\r\n", "\\ ", "\\\\", "\f", "\v", "<<'E'", " \\\n  ", "\n\n", "\tE\n"),
        *("3<<E", '<<"E F"', "E F\n", "--x='a b'", '--y="a', "[1]", "null", "\\\n# c\n", "`\n"),
        *("# escape=`\n", "# syntax=a\n", "\\\n\n", "<<<w", "é "),
    ]
)


def told(text):
    try:
        commands = dockerfile.parse_string(text)
    except dockerfile.GoParseError:
        return None
    return [
        (
            (command.cmd.upper(), (command.sub_cmd or "").upper(), command.original),
            (command.flags, command.value, command.json),
            tuple((h.name, h.file_descriptor, h.content) for h in command.heredocs),
            (command.start_line, command.end_line),
        )
        for command in commands
        if command.cmd
    ]


def seen(text):
    source = Source("f", text)
    readings = read(source)
    if scan(source).findings or any(each.split.is_refused for each in readings):
        return None
    return [
        (
            (each.split.name, each.split.inner.name if each.split.inner else "", each.original),
            (each.split.flags, each.split.arguments, each.split.is_json),
            tuple(
                (h.delimiter, descriptor(h), h.body_span.text)
                for h in (() if each.split.inner else each.heredocs)
            ),
            (each.span.line, source.position(each.span.end)[0]),
        )
        for each in readings
    ]


@settings(max_examples=500, deadline=None)
@given(parts=st.lists(FRAGMENTS, max_size=14), is_windows=st.booleans())
@example(parts=["RUN [1]", "<<E"], is_windows=False)
@example(parts=["ARG <<<w'\\\\"], is_windows=False)
@example(parts=["\\\n", "\tCMD a \\\n", "# c\n"], is_windows=False)
@example(parts=["RUN --"], is_windows=False)
def test_any_text_is_split_as_buildkit_splits_it(parts, is_windows):
    text = ("# escape=`\n" if is_windows else "") + "FROM x\n" + "".join(parts)
    try:
        ours = seen(text)
    except SourceError:
        return
    flags = [flag for each in ours or () for flag in each[1][0]]
    assume(all(flag.isascii() for flag in flags))  # BuildKit takes a flag's bytes for characters
    assert ours == told(text)
