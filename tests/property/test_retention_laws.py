"""Whatever the rule and the times are, these hold of what stays."""

from dataclasses import dataclass, replace

from hypothesis import given
from hypothesis import strategies as st

from arkes_build.delivery.keeping.retention import judged
from arkes_build.project.settings import Retention


@dataclass(frozen=True)
class Commit:
    checksum: str
    timestamp: int
    version: str = ""
    node: str = "base"
    refs: tuple[str, ...] = ()


# Hostile times too: before 1970, from the future, not in order.
chains = st.lists(st.integers(-(10**10), 10**10), min_size=1, max_size=12).map(
    lambda times: [Commit(str(at), time) for at, time in enumerate(times)]
)
counts = st.none() | st.integers(1, 15)
rules = st.builds(Retention, keep=counts, days=st.none() | st.integers(0, 200_000))
pinned = st.sets(st.integers(0, 12).map(str))


def kept(chain, rule, pins=()):
    return {release.commit for release in judged(chain, rule, pins) if release.is_kept}


@given(chains, rules, pinned)
def test_the_newest_and_what_is_pinned_always_stay(chain, rule, pins):
    there = {commit.checksum for commit in chain}
    assert kept(chain, rule, pins) >= {chain[0].checksum} | (pins & there)


@given(chains, rules, pinned, st.integers(0, 5))
def test_to_keep_more_takes_nothing_away(chain, rule, pins, more):
    if rule.keep is not None:
        assert kept(chain, replace(rule, keep=rule.keep + more), pins) >= kept(chain, rule, pins)
    if rule.days is not None:
        assert kept(chain, replace(rule, days=rule.days + more), pins) >= kept(chain, rule, pins)


@given(chains, rules, pinned, pinned)
def test_a_pin_keeps_itself_and_lets_nothing_else_go(chain, rule, pins, others):
    alone, both = kept(chain, rule, pins), kept(chain, rule, pins | others)
    assert alone <= both
    assert both - alone <= others


@given(chains, rules, pinned)
def test_what_stays_stays_when_asked_again(chain, rule, pins):
    stays = kept(chain, rule, pins)
    left = [commit for commit in chain if commit.checksum in stays]
    assert kept(left, rule, pins) == stays


@given(chains, rules, pinned)
def test_nothing_stays_without_a_reason_and_the_order_is_kept(chain, rule, pins):
    told = judged(chain, rule, pins)
    assert [release.commit for release in told] == [commit.checksum for commit in chain]
    for at, release in enumerate(told):
        is_counted = rule.keep is None or at < rule.keep
        if not release.is_kept:
            assert not is_counted or rule.keep is None
            assert (rule.keep, rule.days) != (None, None)
