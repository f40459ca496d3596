"""What an update brings, on a screen, character by character."""

from dataclasses import replace

import pytest

from arkes_build.history.model import Kind, PackageChange
from arkes_build.host.updates.outlook import Cost, State
from arkes_build.host.updates.upgrading import Taken
from arkes_build.system.updates.text import (
    check_lines,
    download,
    nothing,
    outlook_lines,
    taken_lines,
)
from arkes_build.ui.text import width

SHORT = {"packages": (), "units": (), "users": (), "kernel_arguments": (), "defaults": ()}


@pytest.mark.parametrize("columns", [None, 80], ids=["in a pipe", "on 80 columns"])
def test_a_plan(outlook, screen, golden, columns):
    lines = outlook_lines(outlook, screen(columns))
    golden(f"plan-{columns or 'pipe'}.txt", lines)
    assert not any("\x1b" in line for line in lines)
    assert columns is None or max(map(width, lines)) <= columns


@pytest.mark.parametrize("state", [State.FALLEN, State.OLDER, State.REBUILD, State.STAGED])
def test_a_plan_in_another_state(outlook, screen, golden, state):
    found = replace(outlook, **SHORT, effects=(), state=state, fallen_because="no network")
    lines = [*outlook_lines(found, screen(80)), "--- checkupdates", *check_lines(found, screen(80))]
    golden(f"plan-{state.value}.txt", lines)


def test_nothing_to_do(outlook):
    said = nothing(replace(outlook, state=State.CURRENT))
    assert said == "Nothing to do: arkes/x86_64/base is at 2026.11 (abababababab), which runs."


def test_a_long_list_is_cut(outlook, screen):
    many = tuple(
        PackageChange(name=f"p{at:03}", before="", after="1", kind=Kind.ADDED) for at in range(60)
    )
    lines = outlook_lines(replace(outlook, packages=many), screen())
    assert "and 40 more lines (--json has them all)" in lines
    assert not any("p059" in line for line in lines)


@pytest.mark.parametrize(
    ("cost", "said"),
    [
        pytest.param(
            Cost(download=None, disk=None, at_most=1 << 30),
            "size of the download not known, at most 1.0 GiB",
            id="not known",
        ),
        pytest.param(
            Cost(download=1 << 20, disk=2 << 20, is_estimate=True),
            "about 1.0 MiB to download (2.0 MiB on disk)",
            id="estimated",
        ),
    ],
)
def test_what_it_costs(outlook, cost, said):
    assert download(replace(outlook, cost=cost)) == said
    assert download(replace(outlook, cost=cost, is_here=True)) == "downloaded already"


@pytest.mark.parametrize(
    ("deployed", "reboots", "said"),
    [
        pytest.param(
            True,
            False,
            "2026.12 (cdcdcdcdcdcd) is ready: reboot to finish (`systemctl reboot`). "
            "`os revert` undoes it.",
            id="ready",
        ),
        pytest.param(
            True,
            True,
            "2026.12 (cdcdcdcdcdcd) is ready: rebooting now. `os revert` undoes it.",
            id="and reboots",
        ),
        pytest.param(
            False,
            False,
            "2026.12 (cdcdcdcdcdcd) is downloaded; `os upgrade` puts it in place.",
            id="downloaded only",
        ),
    ],
)
def test_what_was_done(screen, deployed, reboots, said):
    taken = Taken(
        commit="cd" * 32, version="2026.12", seconds=1, is_deployed=deployed, is_staged=deployed
    )
    assert taken_lines(taken, screen(), reboots=reboots) == [said]
