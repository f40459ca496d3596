"""Measure a test that goes on from a kept machine with one that boots: the same disk, one check.

Both are whole `arkes-build test` processes and take turns: `--fresh` boots and keeps the machine,
`--again` resumes it. The node is built in --store; its disk is made before, if it is not there.
Seconds are wall time, CPU is user and system time of all processes, QEMU's included.

    .venv/bin/python bench/boot.py --node base --only network.sh --rounds 1
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Run:
    """What a test took in seconds, and what it says of itself."""

    wall: float
    cpu: float
    told: dict[str, object]


def run(options: argparse.Namespace, *how: str) -> Run:
    argv = [sys.executable, "-I", "-X", "utf8", "-m", "arkes_build", "test", options.node, *how]
    argv += ["--only", options.only, "--json", "--store", str(options.store)]
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(argv, check=False, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(done.stdout.splitlines()[-1])
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    told = json.loads(done.stdout.splitlines()[-1])["nodes"][0]
    if not told["verdict"]:
        raise SystemExit(f"{options.node} was not booted: {told['why']}")
    return Run(wall, cpu, told)


def make_the_disk(options: argparse.Namespace) -> None:
    """Make the disk now unless it is there, so that no run has that to do."""
    sys.path.insert(0, str(ROOT))
    from arkes_build.history.commits import History
    from arkes_build.pipeline.disks import Request, make_disk
    from arkes_build.pipeline.options import Options

    commit = History(options.store / "repo").resolve(options.node)
    make_disk(Options(project=ROOT, store=options.store), Request(), commit)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--store", type=Path, default=ROOT / ".arkes")
    parser.add_argument("--node", default="base")
    parser.add_argument("--only", default="network.sh", help="the one check that both run")
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    options.store = options.store.absolute()
    os.environ.setdefault("LC_ALL", "C.UTF-8")
    make_the_disk(options)
    for _round in range(options.rounds):
        fresh, again = run(options, "--fresh"), run(options, "--again")
        for name, one in (("booted", fresh), ("from the kept machine", again)):
            verdict = one.told["verdict"]["seconds"]  # type: ignore[index] - JSON
            print(
                f"{name:<22} {one.wall:7.1f} s {one.cpu:7.1f} s CPU, by {one.told['accel']}, "
                f"verdict after {verdict:.0f} s, resumed: {one.told['is_resumed']}",
                flush=True,
            )
        print(f"{'':<22} {fresh.wall / again.wall:7.1f}   {fresh.cpu / again.cpu:7.1f} times less")


if __name__ == "__main__":
    main()
