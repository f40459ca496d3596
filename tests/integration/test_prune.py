"""Prune a real repository: what is kept is whole, whatever happens meanwhile."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from arkes_build.core.names import Arch, Family
from arkes_build.delivery.publishing.deltas import pair_of
from arkes_build.delivery.publishing.summary import listed
from arkes_build.history.changes import changes
from arkes_build.history.commits import History
from arkes_build.pipeline.options import Options
from arkes_build.pipeline.pinning import pin, pinned, unpin
from arkes_build.pipeline.pruning import NotPublished, prune
from arkes_build.pipeline.publishing import Request, publish
from arkes_build.plan.state import Inputs, Origin, Record
from arkes_build.store.model import LayerDiff, NodeMetadata
from arkes_build.store.store import Store

pytestmark = pytest.mark.engine

ROUNDS = 26
RELEASES = 6
KEEP = 2
FILES = 120
CHANGED = 40
"""Files of a release, and how many of them are new in each."""
CHILD = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from arkes_build.pipeline.options import Options
from arkes_build.pipeline.pruning import NotPublished, prune
from arkes_build.pipeline.publishing import Request, publish
from arkes_build.store.binding import binding
binding()
print("ready", flush=True)
prune(Options(project=Path(sys.argv[2])))
print("done", flush=True)
"""
PROJECT = f"""
[project]
name = "test"
version = "1"
epoch = 0
[bootstrap.debian]
tool = "files"
files = ["/usr/bin/busybox"]
[retention."*"]
keep = {KEEP}
"""


def chain(node: str, number: int) -> list[str]:
    """Return the chain IDs of a release: a base that all have, and a layer of its own."""
    digits = f"{node.encode().hex()}{number:02}"
    return [f"{'b' * 64}", f"{digits:0>64}"]


def write_layer(path: Path, node: str, number: int) -> Path:
    for at in range(FILES):
        # Some change in every release, the others never.
        file = path / f"usr/{node}/{at % 8}/{at % 3}/{at}"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{node} {number if at < CHANGED else 'same'} {at}\n" * 20)
    return path


def release(project: Path, node: str, number: int) -> str:
    """Commit one release of a node, as a build does, and record it."""
    store = Store.open(project / ".arkes", family=Family.DEBIAN, arch=Arch.X86_64)
    repository = store.repository()
    outside = project.parent / "layers"
    base = outside / "base"
    (base / "usr/share").mkdir(parents=True, exist_ok=True)
    (base / "usr/share/base").write_text("base")
    ids = chain(node, number)
    paths = [base, write_layer(outside / f"{node}{number}", node, number)]
    pairs = zip(ids, paths, strict=True)
    layers = repository.commit_layers([LayerDiff(chain_id=c, path=p) for c, p in pairs])
    key = f"{number:064x}"
    origins = tuple(
        Origin(chain_id=c, node=node, where=f"variants/{node}.Containerfile:{at}", brief="COPY")
        for at, c in enumerate(ids, 3)
    )
    about = NodeMetadata(node=node, version=f"1.{number}", key=key, image="", layers=origins)
    ref = f"test/x86_64/{node}"
    commit = repository.commit_node(ref, layers[-1], about, epoch=0)
    log = store.log_path(node, f"{number:x}".ljust(64, "0"))
    log.write_text(f"built {node} {number}\n")
    os.utime(log, (number, number))
    store.save(
        Record(
            node=node,
            family="debian",
            arch="x86_64",
            key=key,
            inputs=Inputs(settings={}, instructions=(), files={}, file_details={}, parents={}),
            result="",
            image="",
            ref=ref,
            commit=commit.checksum,
            size=0,
            seconds=0.0,
            layers=tuple(ids),
            origins=origins,
        )
    )
    return commit.checksum


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """Make a project with two nodes of several releases; the third of ``base`` is pinned."""
    project = tmp_path_factory.mktemp("template") / "project"
    (project / "variants").mkdir(parents=True)
    (project / "arkes.toml").write_text(PROJECT)
    for number in range(RELEASES):
        for node in ("base", "server"):
            release(project, node, number)
    pin(Options(project=project), "base~3", note="it worked")
    return project


@pytest.fixture
def project(template, tmp_path):
    return Path(shutil.copytree(template, tmp_path / "project", symlinks=True))


def run(*argv: str) -> str:
    done = subprocess.run(argv, check=False, capture_output=True, text=True)
    assert done.returncode == 0, f"{argv}\n{done.stdout}{done.stderr}"
    return done.stdout


def fsck(repo: Path) -> None:
    run("ostree", "fsck", f"--repo={repo}")


def every_directory_has_what_it_names(history: History) -> None:
    """Look at all directories that are there, whoever needs them."""
    objects = history.path / "objects"
    for path in objects.glob("*/*.dirtree"):
        folder = history.trees.folder(path.parent.name + path.stem)
        for checksum in folder.files.values():
            assert os.path.lexists(objects / checksum[:2] / f"{checksum[2:]}.file")
        for tree, meta in folder.folders.values():
            assert (objects / tree[:2] / f"{tree[2:]}.dirtree").exists()
            assert (objects / meta[:2] / f"{meta[2:]}.dirmeta").exists()


def all_that_is_kept_is_there(project: Path, before: dict[str, list[str]]) -> None:
    """Walk the kept releases to the last file, and compare them line by line."""
    history = History(project / ".arkes/repo")
    assert history.refs() == {ref: commits[0] for ref, commits in before.items()}
    for commits in before.values():
        stays = commits[:KEEP]
        for commit in stays:
            assert len(list(history.trees.walk(history.commit(commit).root))) > FILES
        changed = changes(history, stays[1], stays[0]).files
        node = history.commit(stays[0]).node
        assert [one.line for one in changed] == [f"variants/{node}.Containerfile:4"] * CHANGED


def releases(project: Path) -> dict[str, list[str]]:
    return releases_in(project / ".arkes/repo")


def held(folder: Path) -> int:
    """Return the bytes of all files that a prune may touch."""
    files = [path for path in folder.rglob("*") if path.is_file() or path.is_symlink()]
    apart = {"refs", "extensions"}
    return sum(path.lstat().st_size for path in files if not apart & set(path.parts))


def test_a_prune_frees_just_what_the_dry_run_said(project):
    before = releases(project)
    held_before = held(project / ".arkes/repo/objects")
    logs_before = held(project / ".arkes/logs")
    told = prune(Options(project=project, dry_run=True))
    assert releases(project) == before
    assert held(project / ".arkes/repo/objects") == held_before

    done = prune(Options(project=project))
    assert done.freed == told.freed
    assert done.releases == told.releases
    assert done.parts == told.parts
    now = held(project / ".arkes/repo/objects") + held(project / ".arkes/logs")
    assert done.freed.size == held_before + logs_before - now

    gone = [commit for line in done.lines for commit in line.removed]
    third = before["test/x86_64/base"][3]
    assert gone == [
        *before["test/x86_64/base"][2:3],
        *before["test/x86_64/base"][4:],
        *before["test/x86_64/server"][2:],
    ]
    history = History(project / ".arkes/repo")
    assert not any(history.has(commit) for commit in gone)
    assert history.has(third)
    fsck(history.path)
    every_directory_has_what_it_names(history)
    all_that_is_kept_is_there(project, before)
    said = run(
        "ostree", "prune", f"--repo={history.path}", "--refs-only", "--no-prune", "--depth=-1"
    )
    assert "No unreachable objects" in said
    assert prune(Options(project=project)).freed.files == 0


def test_kept_releases_can_be_checked_out(project, tmp_path):
    prune(Options(project=project))
    for at, commits in enumerate(releases(project).values()):
        for commit in commits:
            place = tmp_path / f"out{at}{commit[:8]}"
            run("ostree", "checkout", "-U", f"--repo={project / '.arkes/repo'}", commit, str(place))
            assert len([path for path in place.rglob("*") if path.is_file()]) >= FILES + 1


def test_layers_stay_as_long_as_a_kept_release_has_them(project):
    before = releases(project)
    prune(Options(project=project))
    left = run("ostree", "refs", f"--repo={project / '.arkes/repo'}", "--list", "arkes-layers")
    numbers = {"base": [2, 4, 5], "server": [4, 5]}
    expected = {chain(node, at)[1] for node, which in numbers.items() for at in which}
    assert {name.rpartition("/")[2] for name in left.split()} == expected | {"b" * 64}
    assert len(before["test/x86_64/base"]) == RELEASES


def test_what_is_unpinned_goes_with_the_next_prune(project):
    options = Options(project=project)
    prune(options)
    (held_by_pin,) = pinned(options)
    assert (held_by_pin.node, held_by_pin.version, held_by_pin.note) == ("base", "1.2", "it worked")
    assert unpin(options, held_by_pin.commit[:10]) == ()
    done = prune(options)
    assert done.releases == {}  # no ref leads to it any more
    assert not History(project / ".arkes/repo").has(held_by_pin.commit)
    fsck(project / ".arkes/repo")


def test_a_pin_is_no_node(project):
    store = Store.open(project / ".arkes", family=Family.DEBIAN, arch=Arch.X86_64, read_only=True)
    nodes = ["test/x86_64/base", "test/x86_64/server"]
    assert [info.ref for info in store.repository().refs()] == nodes
    assert list(History(project / ".arkes/repo").refs()) == nodes
    pins = run("ostree", "refs", f"--repo={project / '.arkes/repo'}", "--list", "arkes-pins")
    assert len(pins.split()) == 1


def test_a_damaged_store_is_not_pruned(project):
    history = History(project / ".arkes/repo")
    newest = history.commit(history.refs()["test/x86_64/base"])
    tree = newest.root.tree
    (history.path / "objects" / tree[:2] / f"{tree[2:]}.dirtree").unlink()
    before = held(project / ".arkes/repo")
    with pytest.raises(Exception, match="is damaged"):
        prune(Options(project=project))
    assert held(project / ".arkes/repo") == before


def killed_after(seconds: float, project: Path) -> bool:
    """Start a prune, kill it after some time, and tell whether it was still running."""
    argv = [sys.executable, "-c", CHILD, str(Path(__file__).parents[2]), str(project)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, start_new_session=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        time.sleep(seconds)
        os.killpg(child.pid, signal.SIGKILL)
        return child.wait() == -signal.SIGKILL


def test_a_kill_at_any_moment_loses_nothing_that_is_kept(template, tmp_path):
    before = releases(template)
    trial = Path(shutil.copytree(template, tmp_path / "trial", symlinks=True))
    began = time.monotonic()
    freed = prune(Options(project=trial)).freed
    usual = time.monotonic() - began
    assert freed.files > 300
    chance = random.Random(24)  # noqa: S311 - moments, no secrets
    kills = halfway = 0
    for number in range(ROUNDS):
        project = Path(shutil.copytree(template, tmp_path / f"p{number}", symlinks=True))
        kills += killed_after(chance.uniform(0, usual * 0.9), project)
        history = History(project / ".arkes/repo")
        fsck(history.path)
        every_directory_has_what_it_names(history)
        all_that_is_kept_is_there(project, before)
        assert history.has(before["test/x86_64/base"][3])
        rest = prune(Options(project=project)).freed
        halfway += 0 < rest.files < freed.files
        assert held(project / ".arkes") == held(trial / ".arkes")
        shutil.rmtree(project)
    assert kills > ROUNDS // 2
    assert halfway > 0


def test_on_a_full_disk_there_is_room_to_prune(template, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    run("mount", "-t", "tmpfs", "-o", "size=64m", "arkes-test", str(disk))
    try:
        project = Path(shutil.copytree(template, disk / "project", symlinks=True))
        before = releases(project)
        with pytest.raises(OSError, match="No space"):
            (disk / "filler").write_bytes(b"\0" * (64 << 20))
        assert os.statvfs(disk).f_bavail == 0
        done = prune(Options(project=project))
        assert done.freed.files > 300
        assert os.statvfs(disk).f_bavail > 0
        (disk / "filler").unlink()
        fsck(project / ".arkes/repo")
        all_that_is_kept_is_there(project, before)
    finally:
        run("umount", str(disk))


def test_two_prunes_at_once_and_a_build_behind_them(project):
    argv = [sys.executable, "-c", CHILD, str(Path(__file__).parents[2]), str(project)]
    before = releases(project)
    both = [subprocess.Popen(argv, stdout=subprocess.PIPE) for _ in range(2)]
    store = Store.open(project / ".arkes", family=Family.DEBIAN, arch=Arch.X86_64)
    with store.lock(lambda holder: None):
        newest = release(project, "server", RELEASES)
    assert [child.communicate()[0].split() for child in both] == [[b"ready", b"done"]] * 2
    assert [child.returncode for child in both] == [0, 0]
    fsck(project / ".arkes/repo")
    assert releases(project)["test/x86_64/server"][0] == newest
    every_directory_has_what_it_names(History(project / ".arkes/repo"))
    all_that_is_kept_is_there(
        project, before | {"test/x86_64/server": [newest, before["test/x86_64/server"][0]]}
    )


def test_the_command_tells_both_runs_alike(project):
    code = "import sys; from arkes_build.cli.main import main; sys.exit(main(sys.argv[1:]))"
    argv = [sys.executable, "-c", code, "prune", "--project", str(project), "--json"]
    told, done = json.loads(run(*argv, "--dry-run")), json.loads(run(*argv))
    assert (told.pop("dry_run"), done.pop("dry_run")) == (True, False)
    assert told == done
    assert [one["name"] for one in done["others"]] == ["layers", "logs"]
    pinned_one = done["refs"][0]["releases"][3]
    assert (pinned_one["why"], pinned_one["note"], pinned_one["freed"]) == (
        ["pinned"],
        "it worked",
        None,
    )


def test_a_published_folder_is_pruned_by_the_rule_of_today(project, tmp_path):
    config = project / "arkes.toml"
    config.write_text(PROJECT.replace(f"keep = {KEEP}", "keep = 4"))
    folder = tmp_path / "published"
    options = Options(project=project)
    publish(options, Request(destination=folder, is_unsigned=True))
    before = releases_in(folder)
    assert [len(commits) for commits in before.values()] == [4, 4]
    assert prune(options, published=folder).freed.files == 0

    config.write_text(PROJECT)
    clients_know = listed(folder)
    told = prune(Options(project=project, dry_run=True), published=folder)
    done = prune(options, published=folder)
    assert done.freed == told.freed
    assert [len(line.removed) for line in done.lines] == [1, 2]
    assert releases_in(folder) == {ref: commits[:KEEP] for ref, commits in before.items()}
    assert History(folder).has(before["test/x86_64/base"][3])  # pinned in the store
    assert all((folder / pair_of(name).folder / "superblock").exists() for name in clients_know[1])
    assert listed(folder) == clients_know
    fsck(folder)
    publish(options, Request(destination=folder, is_unsigned=True))
    fsck(folder)


def releases_in(repo: Path) -> dict[str, list[str]]:
    history = History(repo)
    return {
        ref: [one.checksum for one in history.releases(top)] for ref, top in history.refs().items()
    }


def test_a_folder_that_nothing_was_published_to_is_left_alone(project, tmp_path):
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(NotPublished):
        prune(Options(project=project), published=tmp_path)
    assert (tmp_path / "mine").read_text() == "mine"


def test_a_delta_goes_with_the_release_unless_clients_are_told_of_it(project, tmp_path):
    folder = tmp_path / "published"
    options = Options(project=project)
    publish(options, Request(destination=folder, is_unsigned=True))
    head = releases_in(folder)["test/x86_64/base"][0]
    stale = folder / pair_of(f"{'e' * 64}-{head}").folder
    stale.mkdir(parents=True)
    (stale / "superblock").write_bytes(b"x" * 100)
    done = prune(options, published=folder)
    assert [(part.name, part.count, part.weight.size) for part in done.parts] == [
        ("deltas", 1, 100)
    ]
    assert not stale.exists()
