"""Kill publishers, fill their disk, pull while they are at it."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest

from arkes_build.core.errors import DiskFull

pytestmark = pytest.mark.engine

KILLS = 30
FULL = 12


def tree(number, *, size=60_000):
    """Return the files of a release: some are new, some have a few bytes changed, some stay."""
    chance = random.Random(number)  # noqa: S311 - content, no secrets
    stays = random.Random(0)  # noqa: S311 - the same
    files = {f"usr/lib/{at}": stays.randbytes(size // 20) for at in range(20)}
    for at in range(5):
        files[f"usr/lib/{at}"] += b"%d" % number
    return files | {f"usr/share/{at}": chance.randbytes(size // 10) for at in range(3)}


def killed_after(seconds, argv):
    """Start a process, kill it with all it started after some time; tell whether it ran still."""
    with subprocess.Popen(argv, start_new_session=True, stderr=subprocess.DEVNULL) as child:
        time.sleep(seconds)
        os.killpg(child.pid, signal.SIGKILL)
        return child.wait() == -signal.SIGKILL


def refs(site):
    folder = site.published / "refs/heads/site/x86_64"
    return {path.name: path.read_text().strip() for path in folder.glob("*")}


def test_a_kill_at_any_moment_leaves_the_old_or_the_new(signed_site, serving, client):
    site = signed_site
    site.configure(from_last=2, keep=2)
    nodes = ("base", "other")
    commits = {node: site.release(node, tree(0) | {"usr/n": node.encode()}) for node in nodes}
    began = time.monotonic()
    assert subprocess.run(site.command(), check=False).returncode == 0
    usual = time.monotonic() - began
    chance = random.Random(4)  # noqa: S311 - moments, no secrets
    kills, shown = 0, commits["base"]
    with serving(site.published) as server:
        machine = client(server.url, site.published / "site.gpg")
        for number in range(1, KILLS + 1):
            before = refs(site)
            for node in nodes[: 1 + number % 2]:
                commits[node] = site.release(node, tree(number) | {"usr/n": node.encode()})
            # Not before it has begun: Python starts for half of the time.
            kills += killed_after(usual * chance.uniform(0.3, 1.1), site.command())
            for node, commit in refs(site).items():
                assert commit in (before[node], commits[node])
            site.fsck()
            machine.pull(site.ref(nodes[0]))
            # Killed twice between refs and summary, it still shows what it showed before.
            assert machine.commit(site.ref("base")) in (shown, before["base"], commits["base"])
            shown = machine.commit(site.ref("base"))
    site.publish()
    assert refs(site) == commits
    site.publish()
    site.publish()
    assert site.rubbish() == []
    assert reachable(site) == len(site.objects())
    site.fsck()
    assert kills > KILLS // 3


def reachable(site):
    """Return how many objects the kept releases need, signatures with them."""
    from arkes_build.delivery.publishing.transfer import Reader, needed
    from arkes_build.history.commits import History

    history = History(site.published)
    commits = [one for line in site.publish().refs for one in line.releases]
    found = None
    for one in commits:
        root = history.commit(one.commit).root
        found = needed(root, None, Reader(site.published), found)
    return len(found.names()) + 2 * len(commits)


@pytest.mark.parametrize("mirrors", [False, True], ids=["plain address", "mirror list"])
def test_a_client_that_pulls_all_the_time_gets_old_or_new(signed_site, serving, client, mirrors):
    site = signed_site
    site.configure(from_last=1, from_scratch="false", keep=3)
    commits = [site.release("base", tree(0, size=2000))]
    site.publish()
    done = threading.Event()
    seen = []
    with serving(site.published) as server:
        site.publish(url=server.url)
        machine = client(server.url, site.published / "site.gpg", mirrors=mirrors)
        machine.pull(site.ref("base"))

        def publish_often():
            for number in range(1, 9):
                commits.append(site.release("base", tree(number, size=2000)))
                subprocess.run(site.command(), check=True)
            done.set()

        thread = threading.Thread(target=publish_often)
        thread.start()
        while not done.is_set():
            machine.pull(site.ref("base"))
            seen.append(machine.commit(site.ref("base")))
        thread.join()
        machine.pull(site.ref("base"))
    seen.append(machine.commit(site.ref("base")))
    order = [commits.index(commit) for commit in seen]
    assert order == sorted(order)
    assert seen[-1] == commits[-1]
    assert len(set(seen)) > 3


def test_fresh_clients_with_the_mirror_list_never_mix_generations(signed_site, serving, client):
    """Ask for the list first, publish, then fetch both files: they are of one generation."""
    site = signed_site
    site.release("base", tree(0, size=2000))
    with serving(site.published) as server:
        site.publish(url=server.url)
        generation = (site.published / "mirrorlist").read_text().split()[0].rpartition("/")[2]
        site.release("base", tree(1, size=2000))
        site.publish()
        folder = site.published / "summaries" / generation
        assert (folder / "summary").read_bytes() != (site.published / "summary").read_bytes()
        there = sorted(path.name for path in folder.iterdir())
        assert there == ["config", "objects", "summary", "summary.sig"]
        machine = client(f"{server.url}/summaries/{generation}", site.published / "site.gpg")
        argv = ["ostree", "remote", "refs", f"--repo={machine.repo}", "site"]
        subprocess.run(argv, check=True, capture_output=True)


@pytest.fixture
def small_disk(signed_site):
    site = signed_site
    site.published.mkdir()
    argv = ["mount", "-t", "tmpfs", "-o", "size=64m", "arkes-test", str(site.published)]
    subprocess.run(argv, check=True)
    yield site
    # Lazily: libostree's objects of a failed publish are closed when Python collects them.
    subprocess.run(["umount", "--lazy", str(site.published)], check=True)


def resize(site, size):
    argv = ["mount", "-o", f"remount,size={size}", str(site.published)]
    subprocess.run(argv, check=True)


def used(site):
    state = os.statvfs(site.published)
    return (state.f_blocks - state.f_bfree) * state.f_frsize


def test_a_full_disk_leaves_the_old(small_disk, serving, client):
    site = small_disk
    site.configure(from_last=2, keep=2)
    old = site.release("base", tree(0))
    site.publish()
    chance = random.Random(5)  # noqa: S311 - sizes, no secrets
    failures = 0
    with serving(site.published) as server:
        machine = client(server.url, site.published / "site.gpg")
        for number in range(1, FULL + 1):
            new = site.release("base", tree(number))
            resize(site, used(site) + chance.randrange(4096, 200_000))
            try:
                site.publish()
            except DiskFull:
                failures += 1
            assert refs(site)["base"] in (old, new)
            site.fsck()
            machine.pull(site.ref("base"))
            assert machine.commit(site.ref("base")) in (old, new)
            resize(site, "64m")
            site.publish()
            assert refs(site)["base"] == new
            old = new
    site.publish()
    site.publish()
    site.fsck()
    assert site.rubbish() == []
    assert failures >= FULL // 3


def test_a_delta_that_is_being_made_dies_with_the_publisher(signed_site):
    site = signed_site
    site.release("base", tree(0, size=30_000_000))
    with subprocess.Popen(site.command()) as child:
        work = site.published / "tmp/arkes-deltas"
        end = time.monotonic() + 60
        while not list(work.glob("*")) and time.monotonic() < end:
            time.sleep(0.01)
        child.send_signal(signal.SIGKILL)
    time.sleep(0.5)
    running = [
        path.read_bytes()
        for path in Path("/proc").glob("[0-9]*/cmdline")
        if re.search(rb"static-delta", _cmdline(path))
        and str(site.published).encode() in _cmdline(path)
    ]
    assert running == []
    site.publish()
    assert site.rubbish() == []


def _cmdline(path):
    try:
        return path.read_bytes()
    except OSError:
        return b""
