"""Every command explains itself, and stands in the documentation."""

import re
from pathlib import Path

import click
import pytest

from arkes_build.cli.group import COMMANDS, PROGRAM
from arkes_build.cli.main import main
from arkes_build.cli.settings import shared_parameters
from arkes_build.front.group import Group

PAGE = (Path(__file__).parents[3] / "docs" / "commands.md").read_text()
GROUP = Group(PROGRAM)
CONTEXT = click.Context(GROUP)
LOADED = {name: GROUP.get_command(CONTEXT, name) for name in COMMANDS}
SHARED = {option for p in shared_parameters(builds=True) for option in p.opts}


def section(name):
    return re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)[1]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_ends_with_examples_that_call_it(name, capsys):
    assert main([name, "--help"]) == 0
    shown, _, examples = capsys.readouterr().out.partition("\nExamples:\n")
    assert f"Usage: arkes-build {name} " in shown
    assert len(examples.splitlines()) >= 2
    assert all(f"arkes-build {name}" in line for line in examples.splitlines())


@pytest.mark.parametrize("name", COMMANDS)
def test_the_summary_is_the_first_sentence_of_the_help(name):
    assert LOADED[name].help.split("\n\n")[0] == COMMANDS[name][1]
    assert LOADED[name].name == name


@pytest.mark.parametrize("name", COMMANDS)
def test_the_command_and_its_own_options_are_documented(name):
    text = section(name)
    options = {option for p in LOADED[name].params for option in getattr(p, "opts", [])}
    own = {option for option in options - SHARED if option.startswith("--")}
    assert f"arkes-build {name}" in text
    assert [option for option in sorted(own) if f"`{option}" not in text] == []
    assert f"| [`{name}`](#{name}) |" in PAGE


@pytest.mark.parametrize("option", sorted(SHARED))
def test_every_shared_option_is_documented(option):
    assert re.search(rf"^\| .*`{option}[ `]", section("Options of all commands"), re.MULTILINE)


WITHOUT_A_PROJECT = {"completion", "explain", "lsp", "schema"}


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in WITHOUT_A_PROJECT])
def test_every_command_on_a_project_takes_the_shared_options(name):
    assert {option for p in LOADED[name].params for option in p.opts} >= SHARED


def test_the_page_has_no_other_commands():
    rows = re.findall(r"^\| \[`([a-z]+)`\]", PAGE, re.MULTILINE)
    assert rows == list(COMMANDS)
