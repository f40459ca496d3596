"""Polkit knows each command that changes the system, and none that only looks."""

import xml.etree.ElementTree as ET
from pathlib import Path

import click
import pytest

from arkes_build.front.group import Group
from arkes_build.system.group import COMMANDS, PROGRAM

POLICY = Path(__file__).parents[3] / "overlay/base/usr/share/polkit-1/actions/org.arkes.os.policy"
ACTIONS = ET.parse(POLICY).getroot().findall("action")  # noqa: S314 - a file of ours
GROUP = Group(PROGRAM)


def changing():
    context = click.Context(GROUP)
    return {name for name in COMMANDS if GROUP.get_command(context, name).changes}


def annotations(action):
    prefix = "org.freedesktop.policykit.exec."
    return {each.get("key").removeprefix(prefix): each.text for each in action.findall("annotate")}


def test_there_is_an_action_for_each_command_that_changes():
    assert {action.get("id") for action in ACTIONS} == {f"org.arkes.os.{n}" for n in changing()}


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.get("id"))
def test_an_action_is_for_one_command_of_os_and_for_administrators(action):
    name = action.get("id").rpartition(".")[2]
    assert annotations(action) == {"path": "/usr/bin/os", "argv1": name}
    allowed = {each.tag: each.text for each in action.find("defaults")}
    assert set(allowed) == {"allow_any", "allow_inactive", "allow_active"}
    assert all(text.startswith("auth_admin") for text in allowed.values())
