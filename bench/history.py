"""Measure comparisons of two large commits against `ostree diff`, and checkouts with `diff -r`.

The trees are made here: --files files under ``usr``, in directories of forty, of which a part
is another in the second commit; 500 packages with lists of what they own. All ways take their
turn on the same two commits, as processes from start to end; ours is a process too, and "in a
running program" leaves out the start of Python and the loading of libostree's binding.
Seconds are wall time, CPU is user and system time of all processes, the best of the runs.

    .venv/bin/python bench/history.py --files 60000 --changed 2
    .venv/bin/python bench/history.py --files 60000 --changed 100
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
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from arkes_build.history.changes import changes  # noqa: E402 - found by the path above
from arkes_build.history.commits import History  # noqa: E402 - found by the path above

if TYPE_CHECKING:
    from collections.abc import Callable

PACKAGES = 500
OURS = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from arkes_build.history.changes import changes
from arkes_build.history.commits import History
history = History(Path(sys.argv[2]))
found = changes(history, *map(history.resolve, ("before", "after")))
print(len(found.files))
"""


@dataclass(frozen=True)
class Cost:
    seconds: float
    cpu: float


def used(who: int) -> float:
    found = resource.getrusage(who)
    return found.ru_utime + found.ru_stime


def process(*argv: str) -> Callable[[], None]:
    def run() -> None:
        # `diff` answers 1 when there is a difference.
        subprocess.run(argv, check=False, stdout=subprocess.DEVNULL)

    return run


def measured(run: Callable[[], None]) -> Cost:
    before = used(resource.RUSAGE_CHILDREN) + used(resource.RUSAGE_SELF)
    began = time.perf_counter()
    run()
    seconds = time.perf_counter() - began
    return Cost(seconds, used(resource.RUSAGE_CHILDREN) + used(resource.RUSAGE_SELF) - before)


def write_tree(path: Path, files: int, changed: float, seed: int) -> None:
    """Write files of 100 to 4,000 bytes, and dpkg's lists of them."""
    chance, changing = random.Random(1), random.Random(2)
    owned: list[list[str]] = [[] for _ in range(PACKAGES)]
    for at in range(files):
        name = f"usr/share/d{at // 1600}/e{at // 40}/file{at}"
        file = path / name
        if at % 40 == 0:
            file.parent.mkdir(parents=True, exist_ok=True)
        size = int(100 * chance.paretovariate(0.8)) % 4000
        is_changed = seed > 1 and changing.random() < changed / 100
        file.write_bytes(f"{at} {seed if is_changed else 1} ".encode() * (size // 8 + 1))
        owned[at * PACKAGES // files].append(f"/{name}")
    write_database(path, owned, changed, seed)


def write_database(path: Path, owned: list[list[str]], changed: float, seed: int) -> None:
    info = path / "usr/lib/sysimage/dpkg/info"
    info.mkdir(parents=True)
    status = []
    for at, names in enumerate(owned):
        (info / f"package{at}.list").write_text("\n".join(["/.", *names, ""]))
        is_changed = seed > 1 and at < PACKAGES * changed / 100
        version = f"1.{seed if is_changed else 1}"
        status.append(
            f"Package: package{at}\nStatus: install ok installed\nVersion: {version}\n"
            "Architecture: amd64\n"
        )
    (info.parent / "status").write_text("\n".join(status))


def ostree(*argv: str) -> None:
    subprocess.run(["ostree", *argv], check=True, stdout=subprocess.DEVNULL)


def prepared(folder: Path, files: int, changed: float) -> Path:
    repo = folder / "repo"
    ostree("init", f"--repo={repo}", "--mode=bare")
    for seed, name in ((1, "before"), (2, "after")):
        tree = folder / name
        tree.mkdir()
        write_tree(tree, files, changed, seed)
        ostree(
            "commit", f"--repo={repo}", f"--branch={name}", f"--tree=dir={tree}", "--fsync=false"
        )
        shutil.rmtree(tree)
    return repo


def checkout_and_diff(repo: Path, folder: Path) -> Callable[[], None]:
    def run() -> None:
        for name in ("before", "after"):
            ostree("checkout", f"--repo={repo}", "-H", name, str(folder / f"co-{name}"))
        process("diff", "-rq", str(folder / "co-before"), str(folder / "co-after"))()
        for name in ("before", "after"):
            shutil.rmtree(folder / f"co-{name}")

    return run


def in_program(repo: Path) -> Callable[[], None]:
    def run() -> None:
        history = History(repo)
        changes(history, history.resolve("before"), history.resolve("after"))

    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=60_000)
    parser.add_argument("--changed", type=float, default=2, help="percent of the files")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", help="where the trees are made")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="bench-history-", dir=options.folder))
    try:
        repo = prepared(folder, options.files, options.changed)
        ways = {
            "ours": process(sys.executable, "-c", OURS, str(ROOT), str(repo)),
            "ours, in a running program": in_program(repo),
            "ostree diff": process("ostree", "diff", f"--repo={repo}", "before", "after"),
            "checkouts and diff -r": checkout_and_diff(repo, folder),
        }
        costs: dict[str, list[Cost]] = {name: [] for name in ways}
        for _ in range(options.runs):
            for name, way in ways.items():
                costs[name].append(measured(way))
    finally:
        shutil.rmtree(folder)
    base = min(one.cpu for one in costs["ours"])
    for name, found in costs.items():
        seconds, cpu = min(one.seconds for one in found), min(one.cpu for one in found)
        print(f"{name:28} {seconds:7.2f} s  {cpu:7.2f} s CPU  {cpu / base:6.2f} x")


if __name__ == "__main__":
    main()
