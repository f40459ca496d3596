"""Instructions as canonical text."""

import pytest

from arkes_build.language.writer import flag_text, write

MOUNT = "--mount=type=cache,target=/var/cache/number"

WRITTEN = {
    "the keyword in upper case": ("run a", "RUN a"),
    "lines with four spaces": ("RUN a \\\n  b && \\\n\t\tc", "RUN a \\\n    b && \\\n    c"),
    "comments inside are gone": ("RUN a \\\n # b\n c", "RUN a \\\n    c"),
    "the first line is joined": ("ARG \\\n  A=1 \\\n  B=2", "ARG A=1 \\\n    B=2"),
    "a quote over lines is joined": ("RUN 'a \\\n  b' \\\n c", "RUN 'a   b' \\\n    c"),
    "flags on the first line": ("COPY --from=x \\\n --chown=1 a b", "COPY --from=x --chown=1 a b"),
    "many flags on lines of their own": (
        f"RUN {MOUNT}1 {MOUNT}2 {MOUNT}3 a",
        " \\\n    ".join([f"RUN {MOUNT}1", f"{MOUNT}2", f"{MOUNT}3", "a"]),
    ),
    "text that looks like a flag": ("RUN -- --a", "RUN -- --a"),
    "a here-document": ("RUN <<-E\n\ta\n\tE", "RUN <<-E\na\nE"),
    "ONBUILD": ("onbuild run <<E\na\nE", "ONBUILD RUN <<E\na\nE"),
    "a last backslash": ("RUN a\\\f", "RUN a\\\f"),
    "no arguments": ("CMD", "CMD"),
}


@pytest.mark.parametrize(("text", "expected"), WRITTEN.values(), ids=WRITTEN.keys())
def test_write(first, text, expected):
    assert write(first(text)) == expected


def test_dropped_flags(first):
    drop = frozenset({"family", "arch"})
    instruction = first("ONBUILD --family=arch RUN --arch=x86_64 --network=none a")
    assert write(instruction, drop=drop) == "ONBUILD RUN --network=none a"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("--mount=a,b", "--mount=a,b"),
        ("--mount='a b'", "--mount=a\\ b"),
        ("--mount=a\\\\b", "--mount=a\\\\b"),
    ],
)
def test_flag_text(first, text, expected):
    assert flag_text(first(f"RUN {text} x").flags[0]) == expected


OTHER_ESCAPE = {
    "a backslash is a plain character": ("WORKDIR C:\\x", "WORKDIR C:\\\\x"),
    "an escaped blank": ("ENV A=b` c", "ENV A=b\\ c"),
    "an escaped quote": ('ENV A="b`"c`d\\e"', 'ENV A="b\\"c`d\\\\e"'),
    "an escaped dollar sign": ("USER `$a", "USER \\$a"),
    "single quotes": ("ENV A='b`c\\d'", "ENV A='b`c\\d'"),
    "a command is the shell's": ("RUN a\\b `c` d", "RUN a\\b `c` d"),
    "a last backslash of a command": ("RUN dir C:\\", "RUN dir C:\\\f"),
    "a list": ('COPY ["a`$b", "C:\\\\x"]', 'COPY ["a\\\\$b", "C:\\\\\\\\x"]'),
    "ONBUILD": ("ONBUILD WORKDIR C:\\x", "ONBUILD WORKDIR C:\\\\x"),
}


@pytest.mark.parametrize(("text", "expected"), OTHER_ESCAPE.values(), ids=OTHER_ESCAPE.keys())
def test_the_other_escape_character(first, text, expected):
    assert write(first(text, top="# escape=`\n")) == expected
