"""The scheduler starts what is ready, the urgent first, and holds back what failed."""

import threading

import pytest

from arkes_build.pipeline.scheduler import run

DIAMOND = {"base": (), "slim": ("base",), "atomic": ("base",), "nvidia": ("atomic",)}
ORDER = ("base", "atomic", "nvidia", "slim")


def follow(work, *, jobs=1, order=ORDER, needs=DIAMOND, urgency=None):
    started, skipped = [], []

    def note(node):
        started.append(node)
        return work(node)

    run(
        order,
        needs,
        note,
        jobs=jobs,
        skip=skipped.append,
        interrupt=lambda: started.append("interrupt"),
        urgency=urgency,
    )
    return started, skipped


def test_one_hand_follows_the_order():
    assert follow(lambda node: True) == (["base", "atomic", "nvidia", "slim"], [])


def test_the_urgent_one_of_the_ready_starts_first():
    started, _ = follow(lambda node: True, urgency={"slim": 9.0, "atomic": 5.0})
    assert started == ["base", "slim", "atomic", "nvidia"]


def test_what_stands_on_a_failed_node_is_skipped_and_the_rest_goes_on():
    assert follow(lambda node: node != "atomic") == (["base", "atomic", "slim"], ["nvidia"])


def test_a_failed_root_skips_everything_above():
    assert follow(lambda node: False) == (["base"], ["atomic", "slim", "nvidia"])


def test_needs_outside_the_order_count_as_done():
    assert follow(lambda node: True, order=("atomic", "nvidia")) == (["atomic", "nvidia"], [])


def test_independent_nodes_run_at_the_same_time():
    both = threading.Barrier(2, timeout=10)

    def work(node):
        if node in ("slim", "atomic"):
            both.wait()
        return True

    started, _ = follow(work, jobs=2)
    assert set(started) == set(ORDER)


def test_an_exception_interrupts_the_running_work_and_goes_on():
    class BrokenError(Exception):
        pass

    def work(node):
        raise BrokenError

    with pytest.raises(BrokenError):
        follow(work)


def test_nothing_to_do_is_fine():
    assert follow(lambda node: True, order=(), needs={}) == ([], [])
