"""Hold releases against rules."""

from dataclasses import dataclass

import pytest

from arkes_build.delivery.keeping.retention import (
    DAY,
    Line,
    Release,
    Why,
    judged,
    removed,
    retained,
)
from arkes_build.project.settings import BuildSettings, Config, ProjectSettings, Retention

NOW = 1_790_000_000


@dataclass(frozen=True)
class Commit:
    checksum: str
    timestamp: int = NOW
    version: str = ""
    node: str = "base"
    refs: tuple[str, ...] = ()


class Chronicle:
    """Refs and the commits behind them, the newest first."""

    def __init__(self, *others, **chains):
        self._others = {commit.checksum: commit for commit in others}
        self._chains = chains

    def commit(self, checksum):
        return self._others[checksum]

    def refs(self):
        return {f"test/x86_64/{name}": chain[0].checksum for name, chain in self._chains.items()}

    def releases(self, checksum):
        return iter(next(c for c in self._chains.values() if c[0].checksum == checksum))


def config(**retention):
    return Config(
        project=ProjectSettings(
            name="test",
            title=None,
            id=None,
            version="1",
            epoch=0,
            home_url=None,
            bug_report_url=None,
        ),
        bootstrap={},
        build=BuildSettings(jobs=None, store=None),
        retention=retention,
    )


CHAIN = [Commit(name, NOW - at * DAY) for at, name in enumerate("edcba")]


@pytest.mark.parametrize(
    ("rule", "pinned", "expected"),
    [
        pytest.param(
            Retention(),
            (),
            [(Why.NEWEST, Why.NO_RULE), *[(Why.NO_RULE,)] * 4],
            id="without a rule all stay",
        ),
        pytest.param(
            Retention(keep=2),
            (),
            [(Why.NEWEST, Why.COUNT), (Why.COUNT,), (), (), ()],
            id="so many of the newest stay",
        ),
        pytest.param(
            Retention(days=3),
            (),
            [(Why.NEWEST, Why.AGE), (Why.AGE,), (Why.AGE,), (Why.AGE,), ()],
            id="those so many days older than the newest stay",
        ),
        pytest.param(
            Retention(keep=1, days=1),
            (),
            [(Why.NEWEST, Why.COUNT, Why.AGE), (Why.AGE,), (), (), ()],
            id="one of the two is enough",
        ),
        pytest.param(
            Retention(keep=1),
            ("b",),
            [(Why.NEWEST, Why.COUNT), (), (), (Why.PINNED,), ()],
            id="what is pinned stays, and what is between goes",
        ),
        pytest.param(
            Retention(days=0),
            (),
            [(Why.NEWEST, Why.AGE), (), (), (), ()],
            id="no days leave the newest",
        ),
    ],
)
def test_a_rule_keeps(rule, pinned, expected):
    assert [release.why for release in judged(CHAIN, rule, pinned)] == expected


def test_each_node_has_its_rule():
    chronicle = Chronicle(
        server=[Commit("s2", node="server"), Commit("s1", NOW - DAY, "1.0", "server")],
        base=[Commit("b2"), Commit("b1")],
    )
    rules = config(server=Retention(keep=1), **{"*": Retention(keep=9)})
    assert retained(chronicle, rules) == (
        Line(
            ref="test/x86_64/base",
            node="base",
            rule=Retention(keep=9),
            releases=(
                Release(commit="b2", timestamp=NOW, version="", why=(Why.NEWEST, Why.COUNT)),
                Release(commit="b1", timestamp=NOW, version="", why=(Why.COUNT,)),
            ),
        ),
        Line(
            ref="test/x86_64/server",
            node="server",
            rule=Retention(keep=1),
            releases=(
                Release(commit="s2", timestamp=NOW, version="", why=(Why.NEWEST, Why.COUNT)),
                Release(commit="s1", timestamp=NOW - DAY, version="1.0", why=()),
            ),
        ),
    )


def test_what_another_ref_keeps_stays():
    shared = Commit("shared")
    chronicle = Chronicle(old=[shared], new=[Commit("new"), shared, Commit("gone")])
    lines = retained(chronicle, config(**{"*": Retention(keep=1)}))
    assert [(line.ref, line.kept, line.removed) for line in lines] == [
        ("test/x86_64/new", ("new", "shared"), ("gone",)),
        ("test/x86_64/old", ("shared",), ()),
    ]
    assert lines[0].releases[1].why == (Why.ELSEWHERE,)
    assert removed(lines) == {"gone"}


def test_a_pinned_release_that_the_ref_no_longer_leads_to_is_told_with_it():
    apart = Commit("apart", NOW - 9 * DAY, "0.1", "base", ("test/x86_64/base",))
    chronicle = Chronicle(apart, base=[Commit("new"), Commit("old")], other=[Commit("other")])
    lines = retained(chronicle, config(**{"*": Retention(keep=1)}), {"apart"})
    assert [(line.ref, line.kept, line.removed) for line in lines] == [
        ("test/x86_64/base", ("new", "apart"), ("old",)),
        ("test/x86_64/other", ("other",), ()),
    ]
    assert lines[0].releases[2].why == (Why.PINNED,)
