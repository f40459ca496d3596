"""Test nodes with a tester that plays its part, and publish what passed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from arkes_build.core.errors import ExitCode
from arkes_build.core.events import NodeFinished
from arkes_build.core.names import Arch, Family
from arkes_build.history.commits import CommitUnknown
from arkes_build.pipeline.gating import NothingTested
from arkes_build.pipeline.trials import trials
from arkes_build.pipeline.trying import Request
from arkes_build.pipeline.ways import KeyNeeded, NoUpgrade
from arkes_build.plan.errors import UnknownNode
from arkes_build.project.settings import UpdateSettings
from arkes_build.store.signing import trusted_folder, trusted_keyrings
from arkes_build.store.store import Store
from arkes_build.trial import records
from arkes_build.trial.errors import NoSuchCheck
from arkes_build.trial.model import Check, Report, Status
from arkes_build.vm.verdict import Verdict

pytestmark = pytest.mark.engine

KERNEL = {"usr/lib/modules/6.1/vmlinuz": b"kernel"}
VARIANTS = {
    "base": "FROM scratch\n",
    "slim": "FROM arkes:base\n",
    "atomic": "FROM arkes:base\n",
    "server": "FROM arkes:atomic\n",
}
KEYS_INSIDE = "usr/share/ostree/trusted.gpg.d"
CHECK = "def test_it(guest):\n    pass\n"
DENIED = '[[deny]]\ncheck = "a.py*"\nwhy = "it moves"\nuntil = 2026-12-31\n'


class Player:
    """Boots nothing: nodes in ``broken`` fail a check."""

    def __init__(self, *broken):
        self.broken = broken
        self.orders = []
        self.comes_from = ""

    def __call__(self, order, commit):
        self.orders.append(order)
        subject = order.subject
        is_broken = subject.node in self.broken
        found = [Check(name=one.name, status=Status.PASSED) for one in order.found]
        if is_broken:
            found.append(Check(name="verdict", status=Status.FAILED, message="failed: a.service"))
        verdict = Verdict(
            state="running",
            is_complete=True,
            failed=(),
            deployment=f"{commit.checksum}.0",
            kernel="6.1",
            times={},
            boot="x",
            uptime=1.0,
        )
        return Report(
            subject=subject,
            accel="tcg",
            why_accel="",
            verdict=verdict,
            verdict_seconds=1.0,
            checks=tuple(found),
            seconds=2.0,
            folder=order.folder,
            is_partial=bool(order.only),
            upgraded_from=self.comes_from,
        )

    @property
    def nodes(self):
        return [order.subject.node for order in self.orders]


class House:
    """A project of four nodes, three of which have a kernel, and what was built of them."""

    def __init__(self, site, make_node, make_record):
        self.site = site
        self._make = (make_node, make_record)
        folder = site.root / "variants"
        folder.mkdir()
        for name, text in VARIANTS.items():
            (folder / f"{name}.Containerfile").write_text(text)
        checks = site.root / "tests" / "boot"
        checks.mkdir(parents=True)
        (checks / "a.py").write_text(CHECK)
        self.commits = {}
        for name in VARIANTS:
            self.build(name)

    def build(self, name, **files):
        make_node, make_record = self._make
        known = {} if name == "slim" else KERNEL
        trusted = trusted_keyrings(self.site.root)
        keys = {f"{KEYS_INSIDE}/{path.name}": path.read_bytes() for path in trusted}
        about = {"usr/share/name": f"{name}{len(self.commits)}".encode()}
        commit = self.site.release(name, known | keys | about | files)
        self.commits[name] = commit
        record = make_record(make_node(name, VARIANTS[name]), ref=self.site.ref(name))
        Store.open(self.site.store, family=Family.DEBIAN, arch=Arch.X86_64).save(
            replace(record, commit=commit)
        )

    def test(self, *nodes, player=None, sink=lambda _event: None, **how):
        player = player or Player()
        how = {"today": date(2026, 11, 22), **how}
        request = Request(nodes=nodes, now=lambda: 1e9, **how)
        return trials(self.site.options, request, sink, tester=player)

    def told(self, tested):
        return {
            one.node: one.why_not
            or (one.before and "before")
            or ("failed" if one.has_failed else "passed")
            for one in tested
        }


@pytest.fixture
def house(site, make_node, make_record):
    return House(site, make_node, make_record)


def test_parents_are_tested_first_and_what_has_no_kernel_is_not_booted(house):
    player = Player()
    assert house.told(house.test(player=player)) == {
        "base": "passed",
        "slim": "it has no kernel: there is nothing to boot",
        "atomic": "passed",
        "server": "passed",
    }
    assert player.nodes == ["base", "atomic", "server"]


def test_what_stands_on_a_node_that_failed_is_not_booted(house):
    player, ended = Player("atomic"), []
    tested = house.test(player=player, sink=ended.append)
    assert house.told(tested) == {
        "base": "passed",
        "slim": "it has no kernel: there is nothing to boot",
        "atomic": "failed",
        "server": "it stands on atomic, whose verdict failed",
    }
    assert player.nodes == ["base", "atomic"]
    finished = {one.node: one.outcome.value for one in ended if isinstance(one, NodeFinished)}
    assert finished == {
        "base": "passed",
        "slim": "skipped",
        "atomic": "failed",
        "server": "skipped",
    }


def test_a_pass_is_remembered_until_the_commit_or_a_check_changes(house):
    assert house.told(house.test("base")) == {"base": "passed"}
    assert house.told(house.test("base")) == {"base": "before"}
    assert house.told(house.test("base", is_again=True)) == {"base": "passed"}
    (house.site.root / "tests/boot/a.py").write_text(CHECK + "\n")
    assert house.told(house.test("base")) == {"base": "passed"}
    house.build("base", more=b"x")
    assert house.told(house.test("base")) == {"base": "passed"}


def test_a_pass_without_a_denied_check_counts_as_long_as_it_is_denied(house):
    (house.site.root / "tests/boot/denied.toml").write_text(DENIED)
    assert house.told(house.test("base")) == {"base": "passed"}
    assert house.told(house.test("base", today=date(2026, 12, 31))) == {"base": "before"}
    assert house.told(house.test("base", today=date(2027, 1, 1))) == {"base": "passed"}


def test_a_failure_is_tested_again(house):
    house.test("base", player=Player("base"))
    assert house.told(house.test("base")) == {"base": "passed"}


def test_a_part_of_a_test_is_no_proof(house):
    house.test("base", only=("a.py",))
    tests = house.site.store / "tests"
    assert records.read(tests, "base", house.commits["base"]) is None
    assert house.told(house.test("base")) == {"base": "passed"}


def test_a_check_that_nobody_has_is_named(house):
    with pytest.raises(NoSuchCheck) as raised:
        house.test("base", only=("b.py",))
    assert raised.value.brief == "no check is called b.py"


def test_a_node_that_the_project_does_not_have_is_an_error(house):
    with pytest.raises(UnknownNode, match="nosuch"):
        house.test("nosuch")


def test_a_node_that_was_not_built_says_what_to_do(house):
    (house.site.root / "variants/new.Containerfile").write_text("FROM arkes:base\n")
    with pytest.raises(CommitUnknown, match="build it first: arkes-build build new"):
        house.test("new")


def test_a_failure_names_what_came_in_since_the_last_pass(house):
    house.test("base")
    house.build("base", more=b"x")
    (tested,) = house.test("base", player=Player("base"))
    first = house.site.options
    assert first is not None
    (line,) = tested.report.suspects
    assert line.endswith("passed; no package differs: look at the project's own files")


def test_a_failing_subtree_is_held_back_and_the_rest_goes_out(house):
    house.test(player=Player("atomic"))
    published = house.site.publish(is_unsigned=True, is_tested=True)
    assert [one.node for one in published.refs] == ["base", "slim"]
    assert {one.node: one.why for one in published.held} == {
        "atomic": "verdict failed: failed: a.service",
        "server": "stands on atomic, whose verdict failed: failed: a.service",
    }


def test_who_lost_the_record_of_its_build_still_stands_on_what_failed(house):
    inputs = b'{"parents": {"base": "result"}}'
    house.commits["slim"] = house.site.release("slim", {"usr/share/name": b"slim"}, inputs=inputs)
    house.test("base", player=Player("base"))
    for path in house.site.store.rglob("slim.json"):
        path.unlink()
    with pytest.raises(NothingTested) as raised:
        house.site.publish("slim", is_unsigned=True, is_tested=True)
    why = "slim: stands on base, whose verdict failed: failed: a.service"
    assert raised.value.details == why


def test_what_was_not_tested_is_held_back_with_what_to_do(house):
    house.test("base")
    published = house.site.publish(is_unsigned=True, is_tested=True)
    assert {one.node: one.why for one in published.held} == {
        "atomic": "was not tested: arkes-build test atomic",
        "server": "was not tested: arkes-build test server",
    }


def test_when_nothing_may_go_out_it_is_an_error_that_names_all(house):
    house.test("base", player=Player("base"))
    with pytest.raises(NothingTested) as raised:
        house.site.publish("base", "slim", is_unsigned=True, is_tested=True)
    assert raised.value.exit_code is ExitCode.BOOT
    assert raised.value.details.splitlines() == [
        "base: verdict failed: failed: a.service",
        "slim: stands on base, whose verdict failed: failed: a.service",
    ]
    assert not house.site.published.joinpath("summary").exists()


def test_a_release_that_was_held_back_does_not_go_out_with_the_next_one(house):
    house.test("base", player=Player("base"))
    bad = house.commits["base"]
    house.build("base", more=b"x")
    house.test("base")
    published = house.site.publish("base", is_unsigned=True, is_tested=True)
    (ref,) = published.refs
    assert [one.commit for one in ref.releases] == [house.commits["base"]]
    assert bad not in {path.parent.name + path.stem for path in house.site.objects()}


def test_a_held_node_stays_as_it_was_published(house):
    house.test()
    house.site.publish(is_unsigned=True, is_tested=True)
    before = house.commits["atomic"]
    house.build("atomic", more=b"x")
    notices = []
    published = house.site.publish(is_unsigned=True, is_tested=True, sink=notices.append)
    assert {one.node for one in published.held} == {"atomic"}
    refs = (house.site.published / "refs/heads/site/x86_64/atomic").read_text().strip()
    assert refs == before
    assert not [one for one in notices if "not in the store" in getattr(one, "message", "")]


def test_without_the_gate_everything_goes_out(house):
    assert house.site.publish(is_unsigned=True).held == ()


@pytest.fixture
def trusting(site, make_node, make_record):
    """Return a project whose releases have the public half of its key, but for the first."""
    house = House(site, make_node, make_record)
    house.first = house.commits["base"]
    site.trust()
    house.old, house.new = (house.build("base", n=text) or house.commits["base"]
                            for text in (b"1", b"2"))  # fmt: skip
    return house


def test_an_upgrade_is_tested_once_for_each_release_that_it_comes_from(trusting):
    player = Player()
    player.comes_from = trusting.old
    for _ in range(2):
        trusting.test("base", player=player, upgrade_from="base^")
    assert len(player.orders) == 1
    assert trusting.told(trusting.test("base", upgrade_from="base^")) == {"base": "before"}
    newer = trusting.build("base", n=b"3") or trusting.commits["base"]
    player.comes_from = trusting.new
    trusting.test("base", player=player, upgrade_from="base^")
    assert [order.subject.commit for order in player.orders] == [trusting.new, newer]
    player.comes_from = trusting.old
    trusting.test("base", player=player, upgrade_from="base~2")
    assert len(player.orders) == 3


@pytest.mark.parametrize(
    ("node", "word", "why"),
    [
        pytest.param("base", "base", "that is the same release", id="the release itself"),
        pytest.param("base", "atomic", "it is a release of atomic", id="another node's release"),
    ],
)
def test_no_machine_upgrades_from(trusting, node, word, why):
    player = Player()
    with pytest.raises(NoUpgrade) as raised:
        trusting.test(node, player=player, upgrade_from=word)
    assert raised.value.brief.endswith(f": {why}")
    assert raised.value.exit_code is ExitCode.USAGE
    assert player.orders == []


def test_a_release_to_begin_at_that_nobody_has_is_named(trusting):
    with pytest.raises(CommitUnknown, match="there is no commit 'nosuch'"):
        trusting.test("base", upgrade_from="nosuch")


def _no_keyring(house, monkeypatch):
    for path in trusted_folder(house.site.root).iterdir():
        path.unlink()
    return "base^"


def _no_secret(house, monkeypatch):
    monkeypatch.setenv("ARKES_KEYS", str(house.site.folder / "nobody"))
    return "base^"


def _before_the_key(house, _monkeypatch):
    return house.first


@pytest.mark.parametrize(
    ("spoil", "why", "resolution"),
    [
        pytest.param(_no_keyring, "there is no signing key", "`arkes-build keys new`",
                     id="no key at all"),
        pytest.param(_no_secret, "the signing key is not here", "ARKES_KEYS",
                     id="a key whose secret half is elsewhere"),
        pytest.param(_before_the_key, "it trusts none of the keys that sign here",
                     "build once, change something, build again", id="a release before the key"),
    ],
)  # fmt: skip
def test_an_upgrade_that_no_machine_would_take_is_refused_before_anything_is_made(
    trusting, monkeypatch, spoil, why, resolution
):
    player, word = Player(), spoil(trusting, monkeypatch)
    with pytest.raises(KeyNeeded) as raised:
        trusting.test("base", player=player, upgrade_from=word)
    assert raised.value.brief.endswith(f"can be tested: {why}")
    assert resolution in raised.value.resolution
    assert player.orders == []
    assert not trusting.site.store.joinpath("cache").exists()


def test_a_publish_may_be_of_some_releases_and_their_delta_alone(trusting):
    trusting.build("base", n=b"3")
    wanted = (trusting.commits["base"], trusting.new)
    updates = UpdateSettings(from_last=1, from_scratch=False)
    trusting.site.publish("base", releases=wanted, updates=updates)
    (ref,) = trusting.site.publish("base", releases=wanted, updates=updates).refs
    assert tuple(one.commit for one in ref.releases) == wanted
    assert [one.before for one in ref.downloads] == [trusting.new]
