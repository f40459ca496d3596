"""Laws of the formatter: nothing is said differently, nothing is lost, once is enough."""

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from arkes_build.core.diagnostics import SourceError
from arkes_build.core.source import Source
from arkes_build.language.formatter import format_file, is_same, lay_out_file
from arkes_build.language.meaning import meaning
from arkes_build.language.parser import parse

INSTRUCTIONS = st.sampled_from(
    [
        *("RUN make", "run a  &&  b", "RUN echo 'x  y' \"z", "RUN if a; then b; fi", "CMD a"),
        *('RUN ["a" ,  "b"]', 'CMD [ "a",\t"b c" ]', "ENTRYPOINT []", 'SHELL ["sh","-c"]'),
        *("from x  as\ty", "FROM --platform=a x", "COPY  a   b", "COPY --from=y --chmod=1  a b"),
        *('COPY ["a b" , "c"]', "ADD a b", "ENV A=1   B='2  3'", "ENV A  b  c ", "env A=b\\ c"),
        *("ARG A   B=c", "LABEL a=b   'c d'=e", "WORKDIR  /a  b", "USER  a", "EXPOSE 1   2"),
        *("VOLUME /a  /b", "MAINTAINER a  <b>", "STOPSIGNAL  9", "ONBUILD run  a  b"),
        *("ONBUILD COPY a   b", "HEALTHCHECK  NONE", "healthcheck --retries=2  CMD a  b"),
        *(
            'HEALTHCHECK CMD ["a",  "b"]',
            "PACKAGES a   b=1",
            "SYSCTL a=1   b=2",
            "ENABLE  --user a",
        ),
        *("PACKAGES " + "long-name " * 14, "ENV " + "A='b #c'  " * 16, "LABEL " + "a=b #c=d " * 20),
        *("RUN <<E\na\n\tb\nE", "RUN cat <<-'E F'  <<G\n\ta\r\n\tE F\nb\nG", "copy <<E  /x\n$a\nE"),
        *("COPY <<'a  b'  c   /x\na  b", "ONBUILD RUN <<E\n# b\nE", "ADD <<a <<b /x/\na\n\nb"),
    ]
)
REMARKS = st.sampled_from(
    [
        *(
            "# words",
            "#x-name = A b ",
            "# X-Clean",
            "#",
            "# syntax=a/b",
            "  # check=skip=A;error=b",
        ),
        *("# escape=\\", "#!shebang", "# ends in \\", "\\", " \\", "# escape=`", "# x-depends="),
    ]
)
BREAKS = st.sampled_from(
    [
        *(" \\\n", " \\\n      ", "\\\n", " \\\n\t# said \n\n  ", "\\ \n  \\\n ", "\\\n#a\n#b\n"),
        *(" \\\r\n\t\t", "  ", "\t", "\f\\\n ", " \\\n\u00a0", "\v", "\u00a0", "\\ ", " \\\n &&"),
    ]
)
ENDS = st.sampled_from(
    ["\n", "\n", "\n\n\n", "\r\n", " \t\n", "\f\n", "\\\f\n", " \\\n\n# c\n", ""]
)
SMALL = st.sampled_from(
    [
        *("RUN ", "COPY ", "ENV ", "ARG ", "LABEL ", "CMD ", "ONBUILD ", "ADD ", "PACKAGES "),
        *("HEALTHCHECK CMD ", "WORKDIR ", "EXPOSE ", "VOLUME ", "USER ", "run ", "FROM x as y"),
        *("a", "b=c", "--family=arch", "--mount='a b'", "--", " ", "  ", "\t", "\n", "\\\n", "\\"),
        *('"', "'", "=", "[", "]", ",", '"a"', '["a", "b"]', "# c\n", "#", "<<E", "<<-E", "E\n"),
        *("$A", "${A:-b}", "\r\n", "é", "\u00a0", "<<'E'", "\n\n", "\f", '"x  y"', "'x  y'"),
        *("\\ ", "\\\\", " \\\n  ", "`", "` ", "``", " `\n  ", "`\n", '`"', "`$", "# x-a=b\n"),
        *("$(", ")", "\x1c", "\x85", "\u2028", "\r", "FROM y\n", "\\\n\\\n", "E\r\n"),
    ]
)


@st.composite
def broken_up(draw):
    """Return an instruction with breaks put wherever."""
    text = draw(INSTRUCTIONS)
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(1, len(text)))
        text = text[:at] + draw(BREAKS) + text[at:]
    return text + draw(ENDS)


@st.composite
def files(draw):
    """Return a text that looks like a file, and often enough is one."""
    tops = draw(st.lists(st.tuples(REMARKS, ENDS).map("".join), max_size=3))
    chunks = [*tops, "FROM x\n", *draw(st.lists(chunk(), max_size=5))]
    text = "".join(chunks)
    return text.replace("\n", "\r\n") if draw(st.booleans()) and draw(st.booleans()) else text


def chunk():
    return st.one_of(
        broken_up(),
        broken_up(),
        st.tuples(REMARKS, ENDS).map("".join),
        st.lists(SMALL, max_size=12).map("".join),
        st.sampled_from(["\n", "\n\n", "  \n"]),
    )


def parsed(text):
    try:
        return parse(Source("f", text))
    except SourceError:
        assume(condition=False)
        raise


@settings(max_examples=600, deadline=None)
@given(text=files())
@example(text="\n# escape=`\nFROM x\n")
@example(text="# syntax=a\n\\\n# escape=`\nFROM x\n")
@example(text="FROM x\nRUN a\\\f\n")
@example(text='FROM x\nCMD ["a"] "b"  "c"\n')
def test_a_formatted_file_says_the_same_and_stays_as_it_is(text):
    """Without the safety net: it is never needed."""
    file = parsed(text)
    once = lay_out_file(file.source)
    again = parsed_or_fail(once)
    assert again.directives == file.directives
    assert again.headers == file.headers
    assert [meaning(each) for each in again.instructions] == [
        meaning(each) for each in file.instructions
    ]
    assert is_same(file, again)
    assert lay_out_file(Source("f", once)) == once
    assert format_file(file) == once


@settings(max_examples=300, deadline=None)
@given(text=files())
def test_a_formatted_file_has_no_waste(text):
    once = lay_out_file(parsed(text).source)
    assert once.endswith("\n")
    assert not once.endswith("\n\n")
    assert [c.text.rstrip() for c in parse(Source("f", once)).comments] == [
        c.text.rstrip() for c in parsed(text).comments
    ]


def parsed_or_fail(text):
    return parse(Source("f", text))


dockerfile = pytest.importorskip("dockerfile")


def told(text):
    """Return what BuildKit sees, runs of blanks taken for one, ``AS`` in any case."""
    return [
        (
            command.cmd.upper(),
            command.flags,
            command.json,
            tuple(" ".join(value.split()) for value in command.value if value.upper() != "AS"),
            tuple((each.name, each.content) for each in command.heredocs),
        )
        for command in dockerfile.parse_string(text)
        if command.cmd
    ]


@settings(max_examples=200, deadline=None)
@given(text=files())
def test_buildkit_reads_a_formatted_file_as_it_read_the_file(text):
    """The binding's way with the other escape character is not that of the engines."""
    assume("escape" not in text)
    once = format_file(parsed(text))
    try:
        before = told(text)
    except ValueError:
        assume(condition=False)
    assert told(once) == before
