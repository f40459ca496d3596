"""Say what is larger than is allowed, where that stands, and what spent the bytes."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from arkes_build.core.errors import ExitCode
from arkes_build.core.source import Source
from arkes_build.history.cost import Weight
from arkes_build.history.forecast import Cost
from arkes_build.history.model import Share
from arkes_build.pipeline import spending
from arkes_build.pipeline.budgets import (
    IMAGE,
    UPDATE,
    BudgetExceeded,
    Judge,
    over_budget,
    place,
)
from arkes_build.project.config import parse_config
from arkes_build.project.model import Project

TEXT = """\
[project]
name = "x"

[budgets.base]
image = "1 GB"
update = "100 MiB"

[budgets."*"]
image = "2 GiB"
"""


@pytest.fixture
def root(tmp_path):
    (tmp_path / "arkes.toml").write_text(TEXT)
    return tmp_path


CONFIG = parse_config(Source("arkes.toml", TEXT))


@pytest.mark.parametrize(
    ("node", "what", "line"),
    [("base", IMAGE, 5), ("base", UPDATE, 6), ("leaf", IMAGE, 9), ("leaf", UPDATE, None)],
)
def test_a_budget_has_a_place(root, node, what, line):
    found = place(root, node, what)
    assert (found and found.line) == line


def test_a_file_that_is_gone_has_no_places(tmp_path):
    assert place(tmp_path, "base", IMAGE) is None


def test_the_error_says_what_how_much_and_who(root):
    error = BudgetExceeded(
        "base",
        what=IMAGE,
        allowed=1_000_000_000,
        actual=1_250_000_000,
        spent=[("largest packages:", [Share(name="libllvm19", files=10, size=129_721_537)])],
        where=place(root, "base", IMAGE),
    )
    assert error.brief == ("base takes 1.25 GB, 250.00 MB (25.0 %) more than its budget of 1.00 GB")
    assert error.details == "largest packages:\n  129.72 MB  libllvm19"
    assert error.resolution == (
        "spend less, or raise the budget in arkes.toml; `arkes-build size base` shows what the "
        "last release spent"
    )
    assert str(error.where) == "arkes.toml:5:1"
    assert error.exit_code is ExitCode.BUDGET


class Coster:
    def __init__(self, taken):
        self.taken = taken

    def cost(self, before, after):
        return Cost(objects=1, content_bytes=self.taken * 2, object_bytes=self.taken)


def look(root, monkeypatch, *, weight, update, before=True, node="base"):
    for name in ("of_tree", "grown", "of_update"):
        monkeypatch.setattr(spending, name, lambda *_: [])
    release = SimpleNamespace(root=None) if before else None
    made = SimpleNamespace(root=None)
    Judge(CONFIG, root, node).look(
        None, None, made, release, Weight(files=1, bytes=weight), Coster(update)
    )


@pytest.mark.parametrize(
    ("weight", "update", "before"),
    [
        pytest.param(10**9, 100 << 20, True, id="just as much as is allowed"),
        pytest.param(1, 1 << 40, False, id="a first release has no update"),
    ],
)
def test_what_is_within_its_budget_goes_on(root, monkeypatch, weight, update, before):
    look(root, monkeypatch, weight=weight, update=update, before=before)


@pytest.mark.parametrize(
    ("weight", "update", "said"),
    [
        (10**9 + 1, 0, "base takes 1.00 GB, 1 B (0.0 %) more than its budget of 1.00 GB"),
        (
            1,
            150 << 20,
            (
                "an update of base takes 150.00 MiB, 50.00 MiB (50.0 %) more than its budget of "
                "100.00 MiB"
            ),
        ),
    ],
)
def test_what_is_over_its_budget_fails(root, monkeypatch, weight, update, said):
    with pytest.raises(BudgetExceeded) as caught:
        look(root, monkeypatch, weight=weight, update=update)
    assert caught.value.brief == said


def test_a_node_that_was_built_is_held_against_today_s_budget(
    root, monkeypatch, make_node, make_record
):
    project = Project(root=root, config=CONFIG, variants={}, templates={})
    record = make_record(make_node("base"), tree_bytes=5 * 10**9)
    monkeypatch.setattr("arkes_build.pipeline.budgets._spent", lambda *_: ())
    error = over_budget(project, Path("repo"), record)
    assert error.brief == "base takes 5.00 GB, 4.00 GB (400.0 %) more than its budget of 1.00 GB"
    small = make_record(make_node("base"), tree_bytes=5)
    assert over_budget(project, Path("repo"), small) is None
