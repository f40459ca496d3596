"""Kill a run while it commits: whatever the moment, the repository is whole.

Refs are old or new, `ostree fsck` and our own find nothing, and the next run goes on.
"""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from arkes_build.store.model import LayerDiff, NodeMetadata
from arkes_build.store.repository import Repository

pytestmark = pytest.mark.engine

ROUNDS = 64
KILLS = 45
"""Most rounds must really end in a kill, or they say nothing."""
SMALL, LARGE = 60, 420
"""Files of a commit: fewer and more than what a small transaction may hold."""
REF = "test/x86_64/base"
CHILD = """
import sys
from pathlib import Path
sys.path[:0] = [sys.argv[1], str(Path(sys.argv[1]) / "tests/integration")]
from test_store_kill import commit
from arkes_build.store.binding import binding
binding()
print("ready", flush=True)
commit(Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))
"""


def commit(repo: Path, diff: Path, number: int) -> str:
    repository = Repository.open(repo)
    with repository.transaction():
        chain = [LayerDiff(chain_id=f"{number:064x}", path=diff)]
        (layer,) = repository.commit_layers(chain)
        about = NodeMetadata(node="base", version=str(number), key="", image="")
        return repository.commit_node(REF, layer, about, epoch=0).checksum


def write_diff(path: Path, number: int) -> Path:
    # In turn: they end differently.
    for at in range(LARGE if number % 2 else SMALL):
        file = path / f"usr/share/{at % 10}/{at}"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{number} {at}" * 50)
    return path


def refs(repo: Path) -> dict[str, str]:
    argv = ["ostree", "refs", f"--repo={repo}"]
    found = subprocess.run(argv, check=True, capture_output=True, text=True).stdout.split()
    return {ref: (repo / "refs/heads" / ref).read_text().strip() for ref in found}


def fsck(repo: Path) -> None:
    argv = ["ostree", "fsck", f"--repo={repo}"]
    done = subprocess.run(argv, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def prune(repo: Path) -> None:
    argv = ["ostree", "refs", f"--repo={repo}", "--delete", "arkes-layers"]
    subprocess.run(argv, check=True, capture_output=True)
    argv = ["ostree", "prune", f"--repo={repo}", "--refs-only", "--depth=0"]
    subprocess.run(argv, check=True, capture_output=True)


def killed_after(seconds: float, repo: Path, diff: Path, number: int) -> bool:
    """Start a run, kill it after some time, and tell whether it was still running."""
    root = Path(__file__).parents[2]
    argv = [sys.executable, "-c", CHILD, *map(str, (root, repo, diff, number))]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, start_new_session=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        time.sleep(seconds)
        os.killpg(child.pid, signal.SIGKILL)
        return child.wait() == -signal.SIGKILL


def test_a_kill_at_any_moment_leaves_the_old_or_the_new(tmp_path):
    repo = tmp_path / "repo"
    began = time.monotonic()
    commit(repo, write_diff(tmp_path / "diff0", 0), 0)
    usual = time.monotonic() - began
    chance = random.Random(15)  # noqa: S311 - moments, no secrets
    kills = 0
    for number in range(1, ROUNDS + 1):
        diff = write_diff(tmp_path / f"diff{number}", number)
        before = refs(repo)[REF]
        kills += killed_after(chance.uniform(0, usual * 1.1), repo, diff, number)
        fsck(repo)
        after = refs(repo)[REF]
        assert commit(repo, diff, number) == refs(repo)[REF]
        assert after in (before, refs(repo)[REF])
        if number % 8 == 0:
            # What is older costs every fsck its time, and says nothing new.
            prune(repo)
    fsck(repo)
    assert kills >= KILLS
    left = [path for path in (repo / "tmp").iterdir() if re.match(r"staging-.*[^k]$", path.name)]
    assert left == []
