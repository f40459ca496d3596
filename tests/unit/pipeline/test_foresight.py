"""A commit says what it changes; what cannot be read for that stops no build."""

import pytest

from arkes_build.history import commits, foreseeing
from arkes_build.history.cost import Weight
from arkes_build.history.forecast import Forecast, Since, parse
from arkes_build.history.trees import Root
from arkes_build.pipeline import foresight as module
from arkes_build.pipeline.budgets import BudgetExceeded
from arkes_build.pipeline.foresight import Foresight, weight_of
from arkes_build.store.errors import StoreDamaged
from tests.unit.history.test_cost import META
from tests.unit.history.test_trees import dirtree

PARENT, OLDER = "a" * 64, "b" * 64
TREE = "1" * 64


class History:
    """Play two releases."""

    def __init__(self, path):
        self.path = path

    def releases(self, commit):
        return iter([Info(PARENT), Info(OLDER)])

    def has(self, commit):
        return False


class Info:
    def __init__(self, checksum):
        self.checksum = checksum
        self.forecast = ""


class Judge:
    """Let everything pass, or nothing."""

    def __init__(self, error=None):
        self.error = error
        self.seen = []

    def look(self, history, trees, made, before, weight, coster):
        self.seen.append((before and before.checksum, weight))
        if self.error:
            raise self.error


@pytest.fixture
def repository(tmp_path, monkeypatch):
    (tmp_path / "config").write_text("[core]\nmode=bare\n")
    staged = tmp_path / "tmp/staging-boot-1/11" / f"{TREE[2:]}.dirtree"
    staged.parent.mkdir(parents=True)
    staged.write_bytes(dirtree([("file", "c" * 64)]))
    file = tmp_path / "objects/cc" / f"{'c' * 62}.file"
    file.parent.mkdir(parents=True)
    file.write_text("12345")
    monkeypatch.setattr(commits, "History", History)
    return tmp_path


def make(repository, judge, *, from_last=2):
    notes = []
    made = Foresight(
        repository,
        from_last=from_last,
        near=(),
        packages=(),
        layers=(),
        judge=judge,
        note=notes.append,
    )
    return made, notes


def test_a_first_release_is_weighed_in_the_open_transaction(repository):
    judge = Judge()
    made, notes = make(repository, judge)
    assert parse(made(TREE, META, "")) == Forecast(files=1, bytes=5)
    assert (made.tree_bytes, judge.seen, notes) == (5, [(None, Weight(files=1, bytes=5))], [])


def test_it_looks_back_as_far_as_it_can_read(repository, monkeypatch):
    def since(trees, made, info, coster):
        if info.checksum == OLDER:
            raise StoreDamaged(repository, found="a hole")
        return Since(commit=info.checksum, version="1", timestamp=1, cost=foreseeing_cost())

    monkeypatch.setattr(foreseeing, "_since", since)
    judge = Judge()
    made, notes = make(repository, judge)
    assert [one.commit for one in parse(made(TREE, META, PARENT)).since] == [PARENT]
    assert judge.seen[0][0] == PARENT
    assert notes == [
        (
            f"its commit does not say what changed since bbbbbbbbbbbb: the store {repository} is "
            "damaged: a hole"
        )
    ]


def foreseeing_cost():
    from arkes_build.history.forecast import Cost

    return Cost(objects=1, content_bytes=1, object_bytes=1)


def test_without_releases_to_look_back_to_the_parent_still_counts_for_the_budget(repository):
    judge = Judge()
    made, _notes = make(repository, judge, from_last=0)
    assert parse(made(TREE, META, PARENT)).since == ()
    assert judge.seen[0][0] == PARENT


def test_a_damaged_store_stops_no_build(repository):
    made, notes = make(repository, Judge())
    assert made("9" * 64, META, "") == ""
    assert len(notes) == 1
    assert notes[0].startswith("its commit does not say what changed: the store ")


def test_a_budget_does(repository):
    error = BudgetExceeded("x", what="image", allowed=1, actual=5)
    made, _notes = make(repository, Judge(error))
    with pytest.raises(BudgetExceeded):
        made(TREE, META, "")


def test_a_tree_is_weighed_from_the_nearest_that_tells_its_weight():
    class Trees:
        def changes(self, before, after):
            self.asked = before
            return ()

    trees = Trees()
    silent, telling = Info(PARENT), Info(OLDER)
    telling.forecast = '{"format":1,"tree":{"files":7,"bytes":70},"from":[]}'
    telling.root = Root("2" * 64, META)
    found = weight_of(trees, Root(TREE, META), [silent, telling])
    assert (found, trees.asked) == (Weight(files=7, bytes=70), telling.root)
    assert module.weight_of(trees, Root(TREE, META), [silent]) == Weight(files=0, bytes=0)
