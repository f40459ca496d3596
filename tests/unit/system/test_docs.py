"""The page of `os` has every command with an example, and every option of those it tells whole."""

import re
from pathlib import Path

import click
import pytest

from arkes_build.front.group import Group
from arkes_build.system.command import shared_parameters
from arkes_build.system.group import COMMANDS, PROGRAM

PAGE = (Path(__file__).parents[3] / "docs" / "os.md").read_text()
GROUP = Group(PROGRAM)
SHARED = {option for p in shared_parameters() for option in p.opts}
TOLD_HERE = (
    "deploy", "edit", "kargs", "pin", "rebase", "revert", "rollback", "unlock", "unpin", "validate",
)  # fmt: skip


def section(name):
    return re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)[1]


def test_the_sections_are_the_commands():
    sections = re.findall(r"^## ([a-z-]+)$", PAGE, re.MULTILINE)
    assert sorted(sections) == sorted(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_an_example(name):
    assert re.match(rf"    (sudo )?os {name}\b", section(name))


@pytest.mark.parametrize("name", TOLD_HERE)
def test_the_options_are_told(name):
    command = GROUP.get_command(click.Context(GROUP), name)
    options = {o for p in command.params if isinstance(p, click.Option) for o in p.opts}
    own = {option for option in options - SHARED if option.startswith("--")}
    assert [option for option in sorted(own) if option not in section(name)] == []


@pytest.mark.parametrize("option", sorted(SHARED - {"-q"}))
def test_what_all_take_is_told(option):
    assert f"`{option}`" in section_of_all()


def section_of_all():
    return section("What all commands have in common")
