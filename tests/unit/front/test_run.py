"""Streams that are closed or know few letters end no program; a wrong word is told as such."""

import io
import os
import subprocess
import sys

import pytest

from arkes_build.core.errors import ExitCode
from arkes_build.front.printing import print_lines
from arkes_build.front.run import PIPE_CLOSED, never_refuse, run
from arkes_build.system.group import PROGRAM


def test_standard_output_that_is_closed_is_quiet():
    script = "from arkes_build.cli.main import main; import sys; sys.exit(main(['--help']))"
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer) as stream:
        done = subprocess.run(
            [sys.executable, "-c", script], stdout=stream, stderr=subprocess.PIPE, check=False
        )
    assert (done.returncode, done.stderr) == (PIPE_CLOSED, b"")


def test_an_encoding_that_lacks_a_character_gets_an_escape(monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii", write_through=True)
    monkeypatch.setattr(sys, "stdout", stream)
    never_refuse(sys.stdout)
    print_lines(["naïve"])
    assert stream.buffer.getvalue() == b"na\\xefve\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        pytest.param(["kargs", "--append"], "os kargs --help", id="an option without its value"),
        pytest.param(["kargs", "--apend", "x"], "os kargs --help", id="no such option"),
        pytest.param(["nosuch", "--append"], "os --help", id="no such command"),
    ],
)
def test_the_help_that_is_named_is_the_commands(capsys, words, told):
    assert run(PROGRAM, words) == ExitCode.USAGE
    assert f"= help: `{told}` shows what it takes" in capsys.readouterr().err
