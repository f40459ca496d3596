"""Time whole runs against the plain way, in turn, in one run.

    .venv/bin/python bench/pipeline.py start [--project DIR]   help and no-op
    .venv/bin/python bench/pipeline.py leaf                    one overlay file changed
    .venv/bin/python bench/pipeline.py cold [--project DIR]    everything from nothing

The plain way is what people do without a compiler: `podman build` for one node after the
other, then `podman export | ostree commit --tree=tar=-`. `cold` builds the project twice
without any cache: the shipped tree takes most of an hour.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOT = Path(__file__).resolve().parent.parent
RUN = str(ROOT / "run")
PYTHON = sys.executable


def timed(work: Callable[[], object]) -> float:
    """Return how long the work took, in seconds of wall time."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def quietly(argv: Sequence[str], **options: object) -> str:
    """Run a command to its end and return what it printed; stop the bench when it fails."""
    done = subprocess.run(argv, capture_output=True, text=True, check=False, **options)
    if done.returncode:
        sys.exit(f"{' '.join(argv)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return str(done.stdout)


def in_turn(rounds: int, *ways: Callable[[], object]) -> list[float]:
    """Return the median seconds of each way, all of them run one after the other each round."""
    for way in ways:
        way()  # warm up
    taken = [[timed(way) for way in ways] for _ in range(rounds)]
    return [statistics.median(column) for column in zip(*taken, strict=True)]


def start(project: Path, rounds: int) -> None:
    """Time --help, and a run that has nothing to do."""
    quietly([RUN, "all", "--project", str(project)])
    bare, shown, nothing = in_turn(
        rounds,
        lambda: quietly([PYTHON, "-I", "-c", "import click"]),
        lambda: quietly([RUN, "--help"]),
        lambda: quietly([RUN, "all", "--project", str(project)]),
    )
    print(f"python -c 'import click'      {bare * 1000:7.0f} ms")
    print(f"./run --help                  {shown * 1000:7.0f} ms   {shown / bare:5.2f} ×")
    print(f"./run all, nothing to do      {nothing * 1000:7.0f} ms   {nothing / bare:5.2f} ×")


def leaf(rounds: int) -> None:
    """Time one changed overlay file: from the command to the new commit."""
    with tempfile.TemporaryDirectory(prefix="arkes-bench-") as folder:
        project = Path(folder) / "tiny"
        shutil.copytree(ROOT / "examples/tiny", project, ignore=shutil.ignore_patterns(".arkes"))
        plain = project / "plain.Containerfile"
        plain.write_text(
            "FROM localhost/tiny:base\nCOPY overlay/hello/ /\nRUN mkdir /usr/share/x\n"
        )
        ours_file = project / "variants/hello.Containerfile"
        ours_file.write_text("FROM arkes:base\nCOPY overlay/hello/ /\nRUN mkdir /usr/share/x\n")
        changed = project / "overlay/hello/etc/hello"
        quietly([RUN, "all", "--project", str(project)])
        choice = json.loads((project / ".arkes/engine.json").read_text())

        def change() -> None:
            changed.write_text(f"{time.monotonic_ns()}\n")

        def ours() -> None:
            change()
            quietly([RUN, "build", "hello", "--project", str(project)])

        def bare() -> None:
            change()
            build_plainly(plain, project, choice, "localhost/tiny:plain")

        def exported() -> None:
            bare()
            export(project, "localhost/tiny:plain", project / "plain-repo")

        mine, podman, whole = in_turn(rounds, ours, bare, exported)
    print(f"arkes-build, command to commit        {mine:6.2f} s")
    print(
        f"bare podman build of the leaf         {podman:6.2f} s   difference {mine - podman:+.2f} s"
    )
    print(f"podman build, export, ostree commit   {whole:6.2f} s   {whole / mine:5.2f} ×")


def build_plainly(
    file: Path, context: Path, choice: dict[str, str], tag: str, *, cache: bool = True
) -> None:
    """Build one Containerfile as people do by hand, with the isolation that works here."""
    words = ["--layers"] if cache else ["--no-cache"]
    words += ["--isolation", choice["isolation"], "--pull=never", "--quiet", "--tag", tag]
    runtime = ["--runtime", choice["runtime"]] if choice["runtime"] else []
    quietly(["podman", *runtime, "build", *words, "--file", str(file), str(context)])


def export(folder: Path, image: str, repo: Path) -> None:
    """Commit an image as people do by hand: a whole tar of it through a pipe."""
    if not repo.exists():
        quietly(["ostree", "init", "--mode=bare", f"--repo={repo}"])
    container = quietly(["podman", "create", image, "true"]).strip()
    archive = folder / "plain.tar"
    quietly(["podman", "export", "--output", str(archive), container])
    into = [f"--repo={repo}", "--branch=plain", f"--tree=tar={archive}"]
    quietly(["ostree", "commit", "--tar-autocreate-parents", *into])
    quietly(["podman", "rm", container])


def cold(project: Path) -> None:
    """Time everything from nothing, then bare builds of the same rendered nodes."""
    with tempfile.TemporaryDirectory(prefix="arkes-bench-", dir="/var/tmp") as folder:
        store = Path(folder) / "store"
        words = ["--project", str(project), "--store", str(store)]
        whole = timed(lambda: quietly([RUN, "all", "--rebuild", *words]))
        nodes = json.loads(quietly([RUN, "plan", "--json", *words]))["actions"]
        records = {
            n["node"]: json.loads((store / f"records/{n['node']}.json").read_text()) for n in nodes
        }
        choice = json.loads((store / "engine.json").read_text())
        bare = {
            name: timed(lambda n=name: rebuild_plainly(n, project, store, choice, Path(folder)))
            for name in records
            if name != "bootstrap"
        }
        bare["bootstrap"] = records["bootstrap"]["seconds"] if "bootstrap" in records else 0.0
    path = critical_path(bare, {n: tuple(r["inputs"]["parents"]) for n, r in records.items()})
    seconds = sum(bare[name] for name in path)
    for name in sorted(bare):
        print(f"{name:24} {bare[name]:8.1f} s bare")
    print(f"critical path {' → '.join(path)}: {seconds:.1f} s")
    print(f"arkes-build all from nothing: {whole:.1f} s   {whole / seconds:.2f} × the path")


def rebuild_plainly(
    name: str, project: Path, store: Path, choice: dict[str, str], folder: Path
) -> None:
    """Build the user's part of one rendered node again, without cache."""
    shown = json.loads(
        quietly([RUN, "render", name, "--json", "--project", str(project), "--store", str(store)])
    )
    own = shown["text"].split("\n# Identity")[0]
    file = folder / f"{name}.Containerfile"
    file.write_text(own)
    build_plainly(file, project, choice, f"localhost/bench:{name}", cache=False)


def critical_path(seconds: dict[str, float], needs: dict[str, tuple[str, ...]]) -> list[str]:
    """Return the chain of nodes that takes longest, first to last."""
    longest: dict[str, tuple[float, list[str]]] = {}

    def reach(name: str) -> tuple[float, list[str]]:
        if name not in longest:
            below = max((reach(need) for need in needs[name]), default=(0.0, []))
            longest[name] = (below[0] + seconds[name], [*below[1], name])
        return longest[name]

    return max(reach(name) for name in needs)[1]


def main() -> None:
    """Read the command line and run one bench."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", choices=["start", "leaf", "cold"])
    parser.add_argument("--project", type=Path, default=ROOT)
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    if given.what == "start":
        start(given.project, given.rounds)
    elif given.what == "leaf":
        leaf(given.rounds)
    else:
        cold(given.project)


if __name__ == "__main__":
    main()
