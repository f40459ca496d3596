"""Hold the parser against BuildKit's own, through the binding on PyPI."""

import re

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from arkes_build.core.diagnostics import SourceError
from arkes_build.core.source import Source
from arkes_build.language.arguments import quoted
from arkes_build.language.nodes import Form
from arkes_build.language.parser import parse
from arkes_build.language.scanner import scan

dockerfile = pytest.importorskip("dockerfile")

OLD_FORM = ("ENV", "LABEL")

TRICKY = {
    "a continuation with comments and blank lines inside": (
        "FROM x\nRUN a \\\n# gone\n\n   # gone too \\\n  b \\ \n\tc\n"
    ),
    "a continuation that parts a word": "FROM x\nRUN fo\\\no ba\\\n  r\n",
    "two backslashes continue nothing": "FROM x\nRUN a \\\\\nRUN b\n",
    "a file that ends in a continuation": "FROM x\nRUN a \\",
    "the backtick escapes": '# escape=`\nFROM x\nRUN dir C:\\ `\n   /b\nENV A=`"b B=c` d\n',
    "directives in odd cases": "#   Syntax = a/b:1 \n# ESCAPE=`\nFROM x\nRUN a `\n b\n",
    "a directive below a comment is one": "# hello\n# escape=`\nFROM x\nRUN a `\n",
    "a directive below a blank line is one": "\n# escape=`\nFROM x\nRUN a `\n",
    "CRLF everywhere": "FROM x\r\nRUN a \\\r\n  b\r\nRUN <<E\r\nc\r\nE\r\nCMD d\r\n",
    "a byte-order mark": "\ufeff# escape=`\nFROM x\nRUN a `\n  b\n",
    "keywords in any case": "from x aS Y\nrun a\nCopy b c\n",
    "tabs between everything": "FROM\tx\tAS\ty\nCOPY\t--from=y\t\ta\tb\n",
    "flags with quotes and escapes": "FROM x\nRUN --mount=a\\ b,\"c d\" --network='e f' g\n",
    "a dash dash ends the flags": "FROM x\nRUN --network=none -- --a b\n",
    "flags only in front": "FROM x\nCOPY a --chown=1 b\n",
    "JSON forms": 'FROM x\nCMD ["a", "b c" ,"\\u00e9\\"\\\\"]\nCOPY ["a b", "c"]\nENTRYPOINT []\n',
    "JSON over several lines": 'FROM x\nCMD [ "a", \\\n  "b  \\\n   c" ]\n',
    "JSON that is none": "FROM x\nCMD ['a']\nCMD [\"a\",]\nCOPY [a, b\nRUN [ -f a ] && b\n",
    "NaN is no JSON": "FROM x\nCMD [NaN]\n",
    "a lone surrogate": 'FROM x\nCMD ["\\ud800x"]\n',
    "pairs with quotes": 'FROM x\nENV A="b c" D=\'e "f\' G=h\\ i J=\nLABEL "a b"=c d.e="f"g\n',
    "pairs in the old form": "FROM x\nENV A b  c\nLABEL  d   e = f \nENV G=h i=j\n",
    "a pair in the old form over two lines": "FROM x\nENV A b \\\n   c\n",
    "arguments in all forms": 'ARG A\nARG B=c D "E"=f\nFROM x\nARG G="h i"\n',
    "a trailing escape character": "FROM x\nENV A=b\\\fxx\\\f\n",
    "text that is one argument": "FROM x\nWORKDIR  /a  b \nUSER a \\\n   b\nMAINTAINER  c  <d>\n",
    "health checks": (
        'FROM x\nHEALTHCHECK --interval=3s --retries=2 CMD ["a","b"]\n'
        "HEALTHCHECK CMD  a  b\nhealthcheck none\n"
    ),
    "a shell, a signal, ports, volumes": (
        'FROM x\nSHELL ["a","-c"]\nSTOPSIGNAL 9\nEXPOSE 8/tcp  9\nVOLUME /a  /b\nVOLUME ["/d e"]\n'
    ),
    "what happens on a build": 'FROM x\nONBUILD run --network=none a  b\nONBUILD COPY ["a", "b"]\n',
    "here-documents of all kinds": (
        "FROM x\nRUN <<EOT\na\n\n# b\nRUN c \\\nEOT\nRUN <<-'E F' sh -e\n\ta\n\t\tb\n\tE F\n"
        'RUN 3<<"A" <<B cat\nB\nA\nA\nB\nCOPY --chmod=1 <<f.txt <<-g /to/\n$a\nf.txt\n\tb\n\tg\n'
        "ADD <<E /e\nE\nRUN <<eo\\'f\na\neo'f\n"
    ),
    "a here-document behind ONBUILD": "FROM x\nONBUILD RUN <<E\nb\nE\nCMD c\n",
    "no here-documents in quotes, in JSON, in CMD": (
        'FROM x\nRUN echo "<<E"\nRUN ["<<E"]\nCMD <<E\nRUN a<<E\nRUN echo $((1<<2)) <<<w\n'
    ),
    "no here-document behind an unclosed quote": "FROM x\nRUN echo it's <<E\nCMD a\n",
    "a here-document over a continuation": "FROM x\nRUN cat <<A \\\n  <<B > c\na\nA\nb\nB\n",
    "a here-document that ends the file": "FROM x\nRUN <<E\na\nE",
    "spaces that are not blanks": "FROM x\u00a0\nENV A=b\u00a0C=d\nCOPY a\u00a0b c\n",
}


def told(text):
    """Return what BuildKit sees: one tuple for each instruction."""
    return [
        (
            command.cmd.upper(),
            command.flags,
            command.json,
            command.start_line,
            command.end_line,
            tuple(" ".join(value.split()) for value in command.value),
            tuple((h.name, h.content) for h in command.heredocs),
        )
        for command in dockerfile.parse_string(text)
        if command.cmd  # it makes an empty command of a lone continuation at the end
    ]


def seen(text):
    """Return what we see, in the same shape."""
    file = parse(Source("Containerfile", text.removeprefix("\ufeff")))
    return [
        (
            instruction.keyword,
            tuple(
                f"--{flag.name}" + ("" if flag.value is None else f"={flag.value}")
                for flag in instruction.flags
            ),
            (instruction.inner or instruction).form is Form.EXEC,
            instruction.span.line,
            last_line(instruction),
            tuple(" ".join(value.split()) for value in values(instruction)),
            tuple((h.delimiter, raw_body(h)) for h in heredocs(instruction)),
        )
        for instruction in file.instructions
    ]


def heredocs(instruction):
    """Return the here-documents; the binding does not tell of those behind ONBUILD."""
    return instruction.heredocs


def last_line(instruction):
    return instruction.span.source.position(instruction.span.end)[0]


def raw_body(heredoc):
    return heredoc.body_span.text


def values(instruction):
    if instruction.inner is not None:
        return values(instruction.inner)
    texts = [word.text for word in instruction.words]
    if instruction.keyword in OLD_FORM:
        if "=" not in quoted(instruction.text, "\\")[0].text:
            return re.split(r"[ \t\v\f\r]+", instruction.text, maxsplit=1)
        return [part for text in texts for part in text.split("=", 1)]
    return texts


@pytest.mark.parametrize("text", TRICKY.values(), ids=TRICKY.keys())
def test_a_tricky_file_reads_as_buildkit_reads_it(text):
    if "# escape" in text.lower():
        told_words, seen_words = told(text), seen(text)
        assert [w[:5] for w in seen_words] == [w[:5] for w in told_words]
    else:
        assert seen(text) == told(text)


@pytest.mark.parametrize("text", TRICKY.values(), ids=TRICKY.keys())
def test_logical_lines_are_joined_to_the_letter(text):
    ours = [line.text for line in scan(Source("f", text.removeprefix("\ufeff"))).lines]
    theirs = [
        (command.original if not command.heredocs else command.original.split("\n", 1)[0])
        for command in dockerfile.parse_string(text)
    ]
    assert ours == [text.strip() for text in theirs]


BEHIND_A_LIST = re.compile(r"\][^\]]*\S")
"""The binding's BuildKit still took a list with something behind it for JSON."""

FRAGMENTS = st.sampled_from(
    [
        *("FROM x\n", "RUN ", "COPY ", "ENV ", "ARG ", "LABEL ", "CMD ", "ONBUILD ", "ADD "),
        *("HEALTHCHECK CMD ", "WORKDIR ", "EXPOSE ", "VOLUME ", "SHELL ", "USER ", "run "),
        *("a", "b=c", "--x=y", "--from=z", "--", " ", "  ", "\t", "\n", "\n", "\\\n", "\\", "`"),
        *('"', "'", "=", "[", "]", ",", '"a"', '["a", "b"]', "# c\n", "#", "<<E", "<<-E", "E\n"),
        *("$A", "${A:-b}", "\r\n", "\\ ", "\\\\", "\f", "é", "\u00a0", "<<'E'", " \\\n  ", "\n\n"),
    ]
)


@settings(max_examples=300, deadline=None)
@given(parts=st.lists(FRAGMENTS, max_size=14))
@example(parts=["RUN ", "a", "\\\n", "\\\\", "\n"])
def test_whatever_we_take_buildkit_takes_and_reads_alike(parts):
    text = "FROM x\n" + "".join(parts)
    try:
        ours = seen(text)
    except SourceError:
        return
    assume(not any(BEHIND_A_LIST.search(line.text) for line in scan(Source("f", text)).lines))
    assert [without_lines(each) for each in ours] == [without_lines(each) for each in told(text)]


def without_lines(instruction):
    """BuildKit counts lone continuations above and below, we only what the instruction has."""
    return (*instruction[:3], *instruction[5:])
