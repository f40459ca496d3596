"""Publish, and pull with OSTree's own client over HTTP."""

from __future__ import annotations

import json
import os
import random
import subprocess

import pytest

from arkes_build.core.errors import ExitCode
from arkes_build.core.events import Notice
from arkes_build.delivery.publishing.destination import NotPublishable
from arkes_build.pipeline.publishing import SummaryUnsigned
from arkes_build.store.signed import Distrusted
from arkes_build.store.signing import trusted_folder
from arkes_build.store.trust import NobodyTrusted

pytestmark = pytest.mark.engine


def noise(seed, size):
    return random.Random(seed).randbytes(size)  # noqa: S311 - content, no secrets


def tree(number):
    """Return the files of a release: much that stays, one file of text that changes."""
    files = {f"usr/lib/{at}": noise(at, 4000) for at in range(20)}
    text = b"".join(b"line %d of the file\n" % at for at in range(3000))
    return files | {"usr/share/text": b"release %d\n" % number + text}


def by_delta(server):
    """Return the bytes that a client fetched of deltas.

    libostree also begins to fetch objects while it still takes the delta in, more of them
    the slower that is; they are not counted.
    """
    ours = (each for each in server.sent if each[0].startswith("/deltas"))
    return sum(size for path, size in (*ours, *said(server)))


def said(server):
    """Return the signatures of commits that a client fetched."""
    return {each for each in server.sent if each[0].endswith(".commitmeta")}


def test_a_fresh_client_gets_it_by_a_delta(signed_site, serving, client):
    commit = signed_site.release("base", tree(1))
    published = signed_site.publish()
    with serving(signed_site.published) as server:
        machine = client(server.url, signed_site.published / "site.gpg")
        machine.pull("--require-static-deltas", signed_site.ref("base"))
        assert machine.commit(signed_site.ref("base")) == commit
        told = published.refs[0].downloads[0]
        assert by_delta(server) == told.delta < told.objects
    signed_site.fsck()


def test_a_second_publish_and_pull_cost_what_changed(signed_site, serving, client):
    for node in ("base", "other"):
        signed_site.release(node, tree(1) | {"usr/node": node.encode()})
    signed_site.publish()
    before = signed_site.objects()
    with serving(signed_site.published) as server:
        machine = client(server.url, signed_site.published / "site.gpg")
        machine.pull(signed_site.ref("base"))
        commit = signed_site.release("base", tree(2) | {"usr/node": b"base"})
        published = signed_site.publish()
        new = {path.suffix for path in signed_site.objects() - before}
        assert new == {".commit", ".commitmeta", ".dirtree", ".filez"}
        # The file, two folders above it and the root, the commit; signatures are beside.
        assert published.objects == len(signed_site.objects() - before) - 1 <= 6
        assert {one.node: one.is_new for one in published.refs} == {"base": True, "other": False}
        server.sent.clear()
        machine.pull("--require-static-deltas", signed_site.ref("base"))
        assert machine.commit(signed_site.ref("base")) == commit
        step = published.refs[0].downloads[0]
        assert by_delta(server) == step.delta < step.objects


def test_what_is_told_of_objects_is_what_a_client_fetches(site, serving, client):
    site.configure(from_last=0, from_scratch="false")
    site.release("base", tree(1))
    site.publish(is_unsigned=True)
    with serving(site.published) as server:
        machine = client(server.url)
        machine.pull(site.ref("base"))
        site.configure()
        site.release("base", tree(2))
        published = site.publish(is_unsigned=True)
        server.sent.clear()
        machine.pull("--disable-static-deltas", site.ref("base"))
        fetched = [size for path, size in server.sent if path.startswith("/objects")]
        assert sum(fetched) == published.refs[0].downloads[0].objects


def test_nothing_new_changes_no_file(signed_site):
    signed_site.release("base", tree(1))
    signed_site.publish()

    def state():
        return {
            path: (path.stat().st_mtime_ns, path.read_bytes())
            for path in signed_site.published.rglob("*")
            if path.is_file() and path.name not in ("arkes.json", "arkes.lock", ".lock")
        }

    before = state()
    published = signed_site.publish()
    assert state() == before
    assert (published.objects, published.deltas) == (0, 0)
    assert [one.is_new for one in published.refs] == [False]


def test_old_deltas_and_commits_stay_for_one_publish_more(site):
    site.configure(from_last=1, keep=2)
    commits = []
    for number in range(5):
        commits.append(site.release("base", tree(number)))
        site.publish(is_unsigned=True)
    there = [
        commit
        for commit in commits
        if (site.published / f"objects/{commit[:2]}/{commit[2:]}.commit").exists()
    ]
    # Two are kept; the one before them was kept by the publish before.
    assert there == commits[-3:]
    assert len(site.deltas()) == 4
    site.publish(is_unsigned=True)
    assert len(site.deltas()) == 2
    published = site.publish(is_unsigned=True)
    assert [one.commit for one in published.refs[0].releases] == commits[:-3:-1]
    site.fsck()


def test_an_unsigned_commit_is_refused(signed_site, tmp_path):
    site = signed_site
    site.release("base", tree(1))
    site.publish()
    keys = os.environ["ARKES_KEYS"]
    os.environ["ARKES_KEYS"] = str(tmp_path / "nothing")
    site.release("base", tree(2))
    os.environ["ARKES_KEYS"] = keys
    with pytest.raises(Distrusted) as caught:
        site.publish()
    assert caught.value.exit_code is ExitCode.SIGNATURE
    assert "of base is not signed" in caught.value.brief


def test_an_older_release_that_is_not_signed_stays_at_home(site):
    site.release("base", tree(1))
    site.trust()
    newest = site.release("base", tree(2))
    said = []
    published = site.publish(sink=said.append)
    assert [one.commit for one in published.refs[0].releases] == [newest]
    assert any(isinstance(one, Notice) and "not published" in one.message for one in said)


def test_without_a_trusted_key_nothing_is_published(site):
    site.release("base", tree(1))
    with pytest.raises(NobodyTrusted):
        site.publish()


def test_without_a_secret_key_nothing_is_published(signed_site, monkeypatch, tmp_path):
    signed_site.release("base", tree(1))
    monkeypatch.setenv("ARKES_KEYS", str(tmp_path / "nothing"))
    with pytest.raises(SummaryUnsigned):
        signed_site.publish()


def test_new_signatures_reach_clients_and_the_deltas(signed_site, serving, client):
    site = signed_site
    site.release("base", tree(1))
    site.publish()
    old = site.published / "site.gpg"
    first = old.read_bytes()
    site.trust("Second")
    site.release("base", tree(1))  # the same content: the commit gets the second signature
    site.publish()
    assert len(old.read_bytes()) > len(first)
    # The delta that clients knew had the old signatures: it is left out, then made anew.
    assert not json.loads((site.published / "arkes.json").read_text())["leaving"]
    site.publish()
    site.publish()
    with serving(site.published) as server:
        machine = client(server.url, trusted_folder(site.root) / "second.gpg")
        machine.pull("--require-static-deltas", site.ref("base"))


def test_named_nodes_are_published_alone(site):
    for node in ("base", "other"):
        site.release(node, tree(1) | {"usr/node": node.encode()})
    assert [one.node for one in site.publish("other", is_unsigned=True).refs] == ["other"]
    assert [one.node for one in site.publish("base", is_unsigned=True).refs] == ["base", "other"]


@pytest.mark.parametrize(
    ("make", "why"),
    [
        pytest.param(
            lambda path: (path / "notes.txt").write_text("mine"),
            "it is not empty: it has 'notes.txt'",
            id="a folder with other people's files",
        ),
        pytest.param(
            lambda path: subprocess.run(
                ["ostree", "init", f"--repo={path}", "--mode=archive"], check=True
            ),
            "it is an OSTree repository that somebody else made",
            id="somebody else's repository",
        ),
        pytest.param(
            lambda path: (path / "arkes.json").write_text('{"project": "nobody", "version": 1}'),
            "it holds the project 'nobody', not 'site'",
            id="another project",
        ),
        pytest.param(
            lambda path: (path / "arkes.json").write_text("[]"),
            "its arkes.json is not what was written there",
            id="a state that is none",
        ),
        pytest.param(
            lambda path: (path / "arkes.json").write_text('{"version": 2, "more": []}'),
            "a newer version made it",
            id="a newer version's",
        ),
    ],
)
def test_what_is_not_ours_is_left_alone(site, make, why):
    site.release("base", tree(1))
    site.published.mkdir()
    make(site.published)
    before = sorted(site.published.rglob("*"))
    with pytest.raises(NotPublishable) as caught:
        site.publish(is_unsigned=True)
    assert caught.value.brief == f"{site.published} cannot be published to: {why}"
    assert sorted(site.published.rglob("*")) == before


def test_two_publishers_take_turns(signed_site, serving, client):
    for node in ("base", "other"):
        signed_site.release(node, tree(1) | {"usr/node": node.encode()})
    both = [subprocess.Popen(signed_site.command()) for _ in range(2)]
    assert [one.wait() for one in both] == [0, 0]
    signed_site.fsck()
    assert signed_site.rubbish() == []
    with serving(signed_site.published) as server:
        client(server.url, signed_site.published / "site.gpg").pull(signed_site.ref("base"))


def test_a_damaged_object_is_not_published(site):
    site.release("base", tree(1))
    path = sorted((site.store / "repo/objects").glob("??/*.file"))[3]
    path.write_bytes(b"X" + path.read_bytes()[1:])
    with pytest.raises(Exception, match="libostree refused while publishing") as caught:
        site.publish(is_unsigned=True)
    assert path.parent.name + path.stem in caught.value.details
    assert not (site.published / "summary").exists()
