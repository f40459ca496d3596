"""Hold which commands are seen in a RUN, and where."""

import pytest

from arkes_build.core.source import Source
from arkes_build.language.parser import attempt
from arkes_build.project.rules.commands import LONGEST_SCRIPT, commands
from arkes_build.project.rules.shell_reader import MOST_COMMANDS


def read(text):
    """Return the commands of the last instruction of a file."""
    file, _ = attempt(Source("test", f"FROM arkes:base\n{text}\n"))
    return commands(file.instructions[-1])


def shown(command):
    """Return a command as one text: assignments, words, redirects."""
    words = [*command.assignments, *command.words]
    texts = [word.text if word.is_fixed else f"{word.text}?" for word in words]
    return " ".join([*texts, *(f"{each.operator}{each.target.text}" for each in command.redirects)])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("RUN make all", ["make all"], id="a command and its arguments"),
        pytest.param(
            "RUN a && b || c; d | e & f", [*"abcdef"], id="operators part commands from each other"
        ),
        pytest.param(
            "RUN a \\\n  # a comment\n\n  b \\\n  && c",
            ["a b", "c"],
            id="comments and blank lines inside mean nothing",
        ),
        pytest.param(
            "RUN A=1 sudo -u root env -i B=2 exec make", ["A=1 B=2 make"], id="wrappers go"
        ),
        pytest.param("RUN command -v apt-get", ["command -v apt-get"], id="a question is no call"),
        pytest.param(
            "RUN if test -e /a; then b; else c; fi",
            ["test -e /a", "b", "c"],
            id="keywords of the shell go",
        ),
        pytest.param(
            "RUN case $x in reboot) a ;; b|c) d ;; esac",
            ["a", "b", "d"],
            id="patterns of case are no commands",
        ),
        pytest.param("RUN f() { a; }; f", ["a", "f"], id="a function's name is no call"),
        pytest.param(
            "RUN a 'b c' \"d $e\" f\\ g", ["a b c d $e? f g"], id="quotes hold words together"
        ),
        pytest.param("RUN a>b 2>>c <d", ["a >b >>c <d"], id="redirects are no arguments"),
        pytest.param("RUN > /b", [">/b"], id="a redirect alone"),
        pytest.param(
            'RUN echo "$(date) `uuidgen` x"', ["date", "uuidgen", "echo $(…) $(…) x?"], id="inner"
        ),
        pytest.param("RUN (a; b) && { c; }", ["a", "b", "c"], id="groups"),
        pytest.param("RUN echo $((1 + 2)) # x", ["echo $((1 + 2))?"], id="sums and comments"),
        pytest.param(
            'RUN ["/usr/bin/busybox", "sh", "-ec", "a; b"]',
            ["sh -ec a; b", "a", "b"],
            id="a script in exec form",
        ),
        pytest.param("RUN bash -c 'a && b c'", ["bash -c a && b c", "a", "b c"], id="sh -c"),
        pytest.param(
            "RUN <<EOT\nset -e\na # no\nb \\\n c\nEOT",
            ["<<EOT", "set -e", "a", "b c"],
            id="a here-document that the shell reads",
        ),
        pytest.param(
            "RUN <<EOT\n#!/usr/bin/env python3\nprint()\nEOT",
            ["<<EOT"],
            id="a here-document for another interpreter",
        ),
        pytest.param(
            "RUN cat <<EOT > /a\nreboot\nEOT", ["cat <<EOT >/a"], id="a here-document as content"
        ),
        pytest.param(
            "RUN <<-A bash <<B && c\n\ta\nA\nd\nB",
            ["bash <<-A <<B", "a", "d", "c"],
            id="several here-documents",
        ),
        pytest.param(
            "RUN <<A\ncat <<B\nreboot\nB\nc\nA",
            ["<<A", "cat <<B", "c"],
            id="a here-document inside one",
        ),
        pytest.param("ENV A=1", [], id="other instructions have none"),
    ],
)
def test_commands(text, expected):
    assert [shown(command) for command in read(text)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "RUN a && \\\n  # no\n  b c", [("a", "3:5"), ("b c", "5:3")], id="continued lines"
        ),
        pytest.param(
            "RUN <<-EOT\n\ta\n\t\tb c\n\tEOT",
            [("<<-EOT", "3:5"), ("a", "4:2"), ("b c", "5:3")],
            id="here-documents without their tabs",
        ),
        pytest.param("RUN sudo a b # c", [("sudo a b", "3:5")], id="what was taken off counts"),
    ],
)
def test_spans(text, expected):
    file, _ = attempt(Source("test", f"# x-name=A\nFROM arkes:base\n{text}\n"))
    found = commands(file.instructions[-1])
    assert [(c.span.text, f"{c.span.line}:{c.span.column}") for c in found] == expected


@pytest.mark.parametrize(
    "piece",
    ["$(", '"', "'", "`", "<<A ", "(", ")", "$((", "${", '"$(', "\\", "a\\ ", "sh -c '", "\u00a0"],
)
def test_any_text_gives_commands(piece):
    assert isinstance(read(f"RUN {piece * (60_000 // len(piece))}"), tuple)


@pytest.mark.parametrize(
    ("text", "names", "expected"),
    [
        ("RUN useradd -mr a", ("-r", "--system"), True),
        ("RUN useradd --system a", ("-r", "--system"), True),
        ("RUN useradd --root=/a b", ("-r", "--system"), False),
    ],
)
def test_options(text, names, expected):
    assert read(text)[0].has_option(*names) is expected


def test_a_script_is_read_up_to_a_limit():
    body = "true\n" * (LONGEST_SCRIPT // 5)
    found = read(f"RUN <<EOT\n{body}curl https://example.org\nEOT")
    assert {command.name for command in found} == {"", "true"}


def test_of_very_many_commands_the_first_are_read():
    assert len(read("RUN " + "$(" * 10_000)) == MOST_COMMANDS - 1
    assert len(read("RUN " + "a;" * 10_000)) == MOST_COMMANDS - 1
