"""Every command has a manual page, made of what its help says."""

import shutil
import subprocess

import click
import pytest

from arkes_build.core.errors import ExitCode
from arkes_build.front.command import Command
from arkes_build.front.group import Program
from arkes_build.system.group import COMMANDS, PROGRAM
from arkes_build.system.main import main
from arkes_build.system.manual import roff
from arkes_build.system.manual.pages import ENDS, command_page, pages

COMMAND = Command(
    "greet",
    params=[
        click.Argument(["name"], metavar="[NAME]", required=False),
        click.Option(["--loud/--soft"], help="Say it so that all hear it."),
        click.Option(["-n", "--times"], metavar="N", help="Say it so often."),
        click.Option(["--tone"], type=click.Choice(["high", "low"]), help="How `it` sounds."),
        click.Option(["--secret"], hidden=True),
    ],
    help="""Say a word to somebody.

    Whoever is greeted hears \\ and `hello-there`.

    .SH is no heading here.""",
    examples=(("my greet --loud", "so that all hear it"),),
)

PAGE = r"""'\" -*- coding: utf-8 -*-
.TH "MY\-GREET" "1" "" "Arkes 0.1.0" "Arkes"
.SH NAME
my\-greet \- say a word to somebody
.SH SYNOPSIS
\fBmy greet\fR [OPTIONS] [NAME]
.SH DESCRIPTION
.PP
Say a word to somebody.
.PP
Whoever is greeted hears \e and \fBhello\-there\fR.
.PP
\&.SH is no heading here.
.SH OPTIONS
.TP
\fB\-\-loud\fR, \fB\-\-soft\fR
Say it so that all hear it.
.TP
\fB\-n\fR, \fB\-\-times\fR \fIN\fR
Say it so often.
.TP
\fB\-\-tone\fR \fIhigh|low\fR
How \fBit\fR sounds.
.TP
\fB\-h, \-\-help\fR
Show the help and end.
.SH EXAMPLES
.PP
So that all hear it:
.PP
.RS 4
.nf
\fBmy greet \-\-loud\fR
.fi
.RE
.SH SEE ALSO
\fBmy\fR(1)
"""


def test_a_page_is_made_of_the_help():
    program = Program(name="my", help="Be mine.", package="nowhere", commands={})
    assert command_page(program, COMMAND, click.Context(click.Group("my"), info_name="my")) == PAGE


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param(".so /etc/shadow", "\\&.so /etc/shadow", id="a request"),
        pytest.param("'ig", "\\&'ig", id="the other kind of request"),
        pytest.param("a\n.b", "a\n\\&.b", id="a request on a later line"),
        pytest.param("\\fB", "\\efB", id="an escape"),
    ],
)
def test_no_text_is_a_request(text, shown):
    assert roff.plain(text) == shown


def test_the_files_of_an_image(tmp_path, capsys):
    assert main(["manual", str(tmp_path)]) == ExitCode.OK
    listed = capsys.readouterr().out.splitlines()
    there = sorted(str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file())
    assert listed == there
    assert {
        "share/bash-completion/completions/os",
        "share/fish/vendor_completions.d/os.fish",
        "share/man/man1/os.1",
        "share/zsh/site-functions/_os",
        "share/zsh/vendor-completions/_os",
    } <= set(there)


def test_every_command_has_a_page_and_the_program_names_it():
    made = dict(pages(PROGRAM))
    (first, *others) = made
    assert first == "os.1"
    assert others == [f"os-{name}.1" for name in COMMANDS]
    assert all(roff.bold(f"os-{name}") in made["os.1"] for name in COMMANDS)


def test_groff_has_no_complaint(tmp_path):
    main(["manual", str(tmp_path), "--quiet"])
    pages_made = sorted(map(str, (tmp_path / "share/man/man1").iterdir()))
    assert shutil.which("groff")
    argv = ["groff", "-man", "-Kutf8", "-Tascii", "-ww", "-z", *pages_made]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_codes_of_the_running_system_are_all_told():
    new = {ExitCode.BOOT, ExitCode.SYSTEM, ExitCode.DENIED, ExitCode.FALLEN}
    assert new <= set(ENDS)
