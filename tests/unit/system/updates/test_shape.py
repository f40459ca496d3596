"""What programs read is as the schemas say."""

from dataclasses import replace

import pytest
from jsonschema import Draft202012Validator

from arkes_build.host.updates.outlook import State
from arkes_build.host.updates.upgrading import Taken
from arkes_build.system.updates.etc_text import drift_shape
from arkes_build.system.updates.shape import checkupdates_shape, upgrade_shape
from arkes_build.ui.schemas import schema

TAKEN = Taken(commit="c" * 64, version="2", seconds=1.5, is_deployed=True, is_staged=True)


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("taken", [None, TAKEN], ids=["planned", "taken"])
def test_an_upgrade(outlook, state, taken):
    made = upgrade_shape(replace(outlook, state=state), taken)
    Draft202012Validator(schema("upgrade")).validate(made)
    assert made["has_something"] is (state not in {State.CURRENT, State.STAGED})
    assert len(made["effects"]) == 6


def test_a_check(outlook):
    Draft202012Validator(schema("checkupdates")).validate(checkupdates_shape(outlook))


def test_etc(drifts):
    Draft202012Validator(schema("etc-diff")).validate(drift_shape(drifts, None, "c" * 64))
