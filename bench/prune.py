"""Measure a prune of many releases against `ostree prune`.

A repository is made here: --files files of 2 kB in directories of forty, and --releases commits
in a row of which each has --changed percent of the directories anew. Half of them are let go. Both
ways look first (`--dry-run`, `--no-prune`), in turn, and then remove, each from a copy of its
own with hard links. Seconds are wall time, CPU is user and system time, of whole processes.

    .venv/bin/python bench/prune.py --files 60000 --releases 100
"""

from __future__ import annotations

import argparse
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from arkes_build.core.names import Arch, Family  # noqa: E402 - found by the path above
from arkes_build.store.binding import binding  # noqa: E402 - found by the path above
from arkes_build.store.objects import Objects  # noqa: E402 - found by the path above
from arkes_build.store.store import Store  # noqa: E402 - found by the path above

FOLDER = 40
REF = "bench/x86_64/base"
OURS = "import sys; from arkes_build.cli.main import main; sys.exit(main(sys.argv[1:]))"
PROJECT = """
[project]
name = "bench"
version = "1"
[bootstrap.debian]
tool = "files"
files = ["/usr/bin/true"]
[retention."*"]
keep = {keep}
"""


def make(project: Path, files: int, releases: int, changed: float) -> int:
    """Write the releases and return the bytes of what changed."""
    repository = Store.open(project / ".arkes", family=Family.DEBIAN, arch=Arch.X86_64)
    opened = repository.repository()
    repo, ostree = opened._repo, binding().ostree  # noqa: SLF001 - a tree without layers
    repo.set_disable_fsync(True)
    chance, written, parent = random.Random(7), 0, None
    tree = ostree.MutableTree.new()
    for number in range(releases):
        folders = range(files // FOLDER)
        if number:
            folders = sorted(chance.sample(folders, round(len(folders) * changed / 100)))
        picked = [at * FOLDER + one for at in folders for one in range(FOLDER)]
        with opened.transaction():
            objects = Objects(repo)
            folder = objects.folder_metadata(0o755)
            tree.set_metadata_checksum(folder)
            for at in picked:
                inner = tree
                for name in ("usr", str(at // FOLDER // FOLDER), str(at // FOLDER)):
                    inner = inner.ensure_dir(name)[1]
                    inner.set_metadata_checksum(folder)
                text = f"{number} {at} ".encode() * 200
                written += len(text) if number else 0
                inner.replace_file(str(at), objects.text(text))
            root = repo.write_mtree(tree, None)[1]
            write = repo.write_commit_with_time
            parent = str(write(parent, "bench", None, None, root, number, None)[1])
            repo.transaction_set_ref(None, REF, parent)
            opened._refs[REF] = parent  # noqa: SLF001 - as above
    return written


def measured(*argv: str) -> tuple[float, float, str]:
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(argv, check=True, capture_output=True, text=True)
    seconds, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, cpu, done.stdout.strip().splitlines()[-1]


def size(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--releases", type=int, default=50)
    parser.add_argument("--changed", type=float, default=2.0)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()))
    wanted = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="bench-prune-", dir=wanted.work))
    try:
        compare(work, wanted)
    finally:
        shutil.rmtree(work)


def compare(work: Path, wanted: argparse.Namespace) -> None:
    keep = max(1, wanted.releases // 2)
    ours, theirs = work / "ours", work / "theirs"
    ours.mkdir()
    (ours / "arkes.toml").write_text(PROJECT.format(keep=keep))
    first = make(ours, wanted.files, 1, wanted.changed)
    before = size(ours / ".arkes/repo/objects")
    shutil.rmtree(ours / ".arkes")
    first = make(ours, wanted.files, wanted.releases, wanted.changed)
    grown = size(ours / ".arkes/repo/objects") - before
    print(f"{wanted.releases} releases of {wanted.files} files, {wanted.changed} % new in each:")
    print(f"  {grown:,} bytes of objects for {first:,} changed bytes: {grown / first:.2f}")
    subprocess.run(["cp", "-a", str(ours), str(theirs)], check=True)
    command = [sys.executable, "-c", OURS, "prune", "--project", str(ours)]
    repo = theirs / ".arkes/repo"
    other = ["ostree", "prune", f"--repo={repo}", "--refs-only", f"--depth={keep - 1}"]
    for what, one, two in (
        ("look", [*command, "--dry-run"], [*other, "--no-prune"]),
        ("remove", command, other),
    ):
        for name, argv in (("arkes-build", one), ("ostree", two)):
            seconds, cpu, last = measured(*argv)
            print(f"  {what:6} {name:11} {seconds:6.2f} s, {cpu:6.2f} s CPU   {last}")
    left = [size(place / ".arkes/repo/objects") for place in (ours, theirs)]
    print(f"  left: {left[0]:,} and {left[1]:,} bytes")


main()
