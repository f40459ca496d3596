"""A lock is shown as what changes, the weighty first, and as JSON without a word lost."""

import io

from arkes_build.project.lockmoves import Kind, LockMade, Move, NodeMade
from arkes_build.ui.lock import lock_lines, lock_shape, update_lines
from arkes_build.ui.screen import screen_of

KERNEL = Move(name="linux-image-amd64", kind=Kind.UP, before="6.1", after="6.2", is_kernel=True)
FIX = Move(name="openssl", kind=Kind.UP, before="3.0", after="3.1", is_security=True)
GONE = Move(name="old", kind=Kind.REMOVED, before="1", after="")


def made(*moves, is_dry=False, is_changed=True):
    return LockMade(
        path="/p/arkes.lock",
        is_dry=is_dry,
        is_changed=is_changed,
        nodes=(
            NodeMade(node="bootstrap", packages=2, size=2048, moves=(FIX,)),
            NodeMade(node="base", packages=3, size=4096, moves=tuple(moves)),
        ),
    )


def screen():
    return screen_of(io.StringIO())


def test_each_change_stands_once_at_the_lowest_node_and_the_kernel_first():
    lines = [" ".join(line.split()) for line in update_lines(made(KERNEL, FIX, GONE), screen())]
    assert lines == [
        "PACKAGE LOCKED NOW NODE WHY",
        "linux-image-amd64 up 6.1 6.2 base kernel",
        "openssl up 3.0 3.1 bootstrap security",
        "old gone 1 - base",
        "",
        "Changed 3 packages in /p/arkes.lock, 1 of them from a security archive.",
        "`arkes-build all --locked` builds that.",
    ]


def test_a_trial_says_what_would_change():
    lines = update_lines(made(KERNEL, is_dry=True), screen())
    assert lines[-1].startswith("Would change 2 packages in /p/arkes.lock")


def test_nothing_to_update_is_one_line():
    lines = update_lines(made(is_changed=False), screen())
    assert lines == ["Nothing to update: /p/arkes.lock has what there is."]


def test_a_lock_that_was_written_lists_its_nodes():
    lines = [" ".join(line.split()) for line in lock_lines(made(), screen())]
    assert "bootstrap 2 2.0 KiB 1" in lines
    assert lines[-1] == "/p/arkes.lock is written."
    assert lock_lines(made(is_changed=False), screen())[-1] == "/p/arkes.lock is up to date."


def test_json_has_every_change_of_every_node():
    shape = lock_shape(made(GONE, is_dry=True))
    assert (shape["type"], shape["dry_run"], shape["changed"]) == ("lock", True, True)
    assert shape["nodes"][1]["changes"] == [
        {
            "name": "old",
            "kind": "removed",
            "before": "1",
            "after": "",
            "kernel": False,
            "security": False,
        }
    ]
