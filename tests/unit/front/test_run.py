"""Streams that are closed or know few letters do not end a program."""

import io
import os
import subprocess
import sys

from arkes_build.front.printing import print_lines
from arkes_build.front.run import PIPE_CLOSED, never_refuse


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
