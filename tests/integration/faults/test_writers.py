"""Let two write at once, and let the disk end: what is there stays whole."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from arkes_build.core.errors import DiskFull
from arkes_build.delivery.soundness.fsck import fsck
from arkes_build.store.lock import held
from arkes_build.store.model import LayerDiff, NodeMetadata
from arkes_build.store.repository import Repository

pytestmark = pytest.mark.engine

ROUNDS = 14
WRITER = """
import sys
from pathlib import Path
sys.path[:0] = [sys.argv[1], str(Path(sys.argv[1]) / "tests/integration/faults")]
from test_writers import commit
from arkes_build.store.lock import held
store, layers = Path(sys.argv[2]), Path(sys.argv[3])
print("ready", flush=True)
for number in range(1, 13):
    with held(store / "lock", on_wait=lambda _holder: None):
        commit(store / "repo", layers / str(number), 100 + number)
"""


def commit(repo, folder, number):
    repository = Repository.open(repo)
    with repository.transaction():
        chain = [LayerDiff(chain_id=f"{number:064x}", path=folder)]
        (layer,) = repository.commit_layers(chain)
        about = NodeMetadata(node="other", version=str(number), key="", image="")
        return repository.commit_node("test/x86_64/other", layer, about, epoch=0).checksum


def layer(folder, number, tools, size=20):
    for at in range(size):
        tools.write(folder / f"usr/share/other/{at}", f"{number} {at}\n" * 60)
    return folder


def is_clean(repo):
    argv = ["ostree", "fsck", f"--repo={repo}"]
    return subprocess.run(argv, check=False, capture_output=True).returncode == 0


def arkes(root, *words):
    argv = [sys.executable, "-m", "arkes_build", *words, "--project", str(root)]
    argv += ["--store", str(root / "store"), "--family", "debian", "--arch", "x86_64"]
    return subprocess.run(argv, check=False, capture_output=True, text=True)


def test_commits_repairs_and_prunes_at_once_leave_everything_whole(made, tools, chance):
    (made.root / "arkes.toml").write_text(
        '[project]\nname = "test"\nversion = "1"\nepoch = 0\n'
        '[bootstrap.debian]\ntool = "files"\nfiles = ["/usr/bin/true"]\n'
        '[retention."*"]\nkeep = 4\n'
    )
    folders = made.root / "others"
    for number in range(1, 13):
        layer(folders / str(number), number, tools)
    argv = [sys.executable, "-c", WRITER, str(Path(__file__).parents[3])]
    argv += [str(made.path), str(folders)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, env=dict(os.environ)) as writer:
        assert writer.stdout.readline() == b"ready\n"
        for _ in range(3):
            # Indexes only: no engine is asked for what they say.
            (made.path / "index/base.json").write_text("broken")
            done = arkes(made.root, "fsck", "--repair")
            assert done.returncode == 0, done.stdout + done.stderr
            done = arkes(made.root, "prune")
            assert done.returncode == 0, done.stdout + done.stderr
            assert made.look().damages == ()
        assert writer.wait() == 0
    assert made.look().damages == ()
    assert is_clean(made.repo)


def test_a_repair_waits_for_who_writes(made):
    argv = [sys.executable, "-m", "arkes_build", "fsck", "--repair", "--store", str(made.path)]
    with held(made.path / "lock", on_wait=lambda _holder: None):
        process = subprocess.Popen(argv, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert "waiting for the store: process" in process.stderr.readline()
        assert process.poll() is None
    process.communicate(timeout=60)
    assert process.returncode == 0


UNMOUNT = ("umount", "--lazy")
"""What a full disk interrupted leaves libostree's open files to Python's collector."""


@pytest.fixture
def disk(tmp_path):
    """Return what makes a file system of some KiB, and lets it grow."""
    there = tmp_path / "disk"
    there.mkdir()

    def of(size, *more):
        argv = ["mount", "-t", "tmpfs", "-o", ",".join((*more, f"size={size}k")), "faults", there]
        subprocess.run(argv, check=True)
        return there

    yield of
    while subprocess.run([*UNMOUNT, str(there)], check=False, capture_output=True).returncode == 0:
        pass


def test_a_disk_that_is_full_at_any_moment_of_a_commit_or_a_repair(disk, tmp_path, tools, chance):
    refused = 0
    for number in range(ROUNDS):
        there = disk(chance.randrange(60, 700))
        small = layer(tmp_path / f"small{number}", number, tools, 10)
        large = layer(tmp_path / f"large{number}", -number, tools, 80)
        repo = there / "repo"
        try:
            first = commit(repo, small, 1)
            commit(repo, large, 2)
        except DiskFull:
            refused += 1
        if (repo / "objects").is_dir():
            assert is_clean(repo)
            assert fsck(repo)[0].damages == ()
        disk(4000, "remount")
        assert commit(repo, small, 1)
        commit(repo, large, 2)
        assert is_clean(repo)
        subprocess.run([*UNMOUNT, str(there)], check=True)
    assert 3 < refused < ROUNDS
    assert first


def test_a_disk_that_is_full_during_a_repair(made, disk, tools, chance):
    there = disk(6000)
    subprocess.run(["cp", "-a", str(made.path), str(there)], check=True)
    made.path, made.repo = there / "store", there / "store/repo"
    before = tools.contents(made.path)
    files = sorted(made.repo.glob("objects/??/*.file"))
    for victim in files:
        victim.unlink()
    filler = there / "filler"
    filler.write_bytes(bytes(shutil.disk_usage(there).free))
    with pytest.raises(DiskFull):
        made.repair()
    filler.unlink()
    assert made.repair().left == ()
    assert tools.contents(made.path) == before
