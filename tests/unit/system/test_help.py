"""Every command of `os` explains itself, and starts at once."""

import subprocess
import sys

import click
import pytest

from arkes_build.front.group import Group
from arkes_build.system.command import shared_parameters
from arkes_build.system.group import COMMANDS, PROGRAM
from arkes_build.system.main import main

GROUP = Group(PROGRAM)
CONTEXT = click.Context(GROUP)
SHARED = {option for p in shared_parameters() for option in p.opts}


def loaded(name):
    return GROUP.get_command(CONTEXT, name)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_ends_with_examples_that_call_it(name, capsys):
    assert main([name, "--help"]) == 0
    shown, _, examples = capsys.readouterr().out.partition("\nExamples:\n")
    assert f"Usage: os {name} " in shown
    assert examples.splitlines()
    assert all(f"os {name}" in line for line in examples.splitlines())


@pytest.mark.parametrize("name", COMMANDS)
def test_the_summary_begins_the_help(name):
    assert " ".join(loaded(name).help.split()).startswith(COMMANDS[name][1].rstrip("."))
    assert loaded(name).name == name


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_speaks_json(name):
    assert {option for p in loaded(name).params for option in p.opts} >= SHARED


def test_the_list_of_commands_fits_its_lines(capsys):
    assert main(["--help"]) == 0
    lines = capsys.readouterr().out.partition("Commands:\n")[2].partition("\n\n")[0].splitlines()
    assert [line.split()[0] for line in lines] == list(COMMANDS)


def test_help_imports_nothing_heavy():
    script = (
        "import sys\n"
        "from arkes_build.system.main import main\n"
        "main(['--help'])\n"
        "heavy = {'rich', 'pydantic', 'networkx', 'jinja2', 'lark', 'podman', 'gi'}\n"
        "sys.exit(' '.join(sorted(heavy & set(sys.modules))) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
