"""Measure `log` and `size` as whole processes, on a store that is made here.

The releases' commits are as large as those of a distribution: 660 packages, inputs of 60 kB,
a forecast as large as it may be. With --store an existing store is looked at instead. Ways
take turns; seconds are wall time, CPU is user and system time, the least of the runs.

    .venv/bin/python bench/log.py --releases 100
    .venv/bin/python bench/log.py --project . --size atomic
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from arkes_build.core.names import machine_arch  # noqa: E402 - found by the path above
from arkes_build.history.fitting import fitted  # noqa: E402 - found by the path above
from arkes_build.history.forecast import (  # noqa: E402 - found by the path above
    Cost,
    Forecast,
    Since,
    text,
)
from arkes_build.history.model import Kind, PackageChange  # noqa: E402 - found by the path above
from arkes_build.store.binding import binding  # noqa: E402 - found by the path above
from arkes_build.store.model import NodeMetadata  # noqa: E402 - found by the path above
from arkes_build.store.repository import Repository  # noqa: E402 - found by the path above

RUNS = 5
PACKAGES = tuple(f"package-{at:04}=1:2.{at}-3+deb13u1" for at in range(660))


def forecast(parent: str) -> str:
    if not parent:
        return text(Forecast(files=60_000, bytes=2_000_000_000))
    changes = tuple(
        PackageChange(
            name=f"package-{at:04}", before="1:2.0-1", after="1:2.0-2", kind=Kind.UPGRADED
        )
        for at in range(400)
    )
    cost = Cost(objects=1000, content_bytes=10**8, object_bytes=3 * 10**7)
    since = Since(commit=parent, version="1", timestamp=1, cost=cost, packages=changes)
    return text(fitted(Forecast(files=60_000, bytes=2_000_000_000, since=(since,))))


def make(folder: Path, releases: int) -> None:
    """Commit releases of a tree with one file that differs."""
    (folder / "arkes.toml").write_text('[project]\nname = "bench"\n')
    (folder / "variants").mkdir()
    store = folder / ".arkes"
    store.mkdir()
    told = {"version": 1, "family": "debian", "arch": machine_arch().value}
    (store / "store.json").write_text(json.dumps(told))
    repository = Repository.open(store / "repo")
    ostree, glib = binding().ostree, binding().glib
    for at in range(releases):
        with repository.transaction():
            repo = repository._repo  # noqa: SLF001 - a tree without an image
            tree = ostree.MutableTree.new()
            none = glib.Variant("a(ayay)", [])
            tree.replace_file(
                "file", repo.write_regfile_inline(None, 0, 0, 0o100644, none, b"%d" % at, None)
            )
            layer = _layer(repository, repo, tree)
            about = NodeMetadata(
                node="leaf",
                version=f"1.{at}",
                key="0" * 64,
                image="sha256:0",
                packages=PACKAGES,
                inputs=b"x" * 60_000,
            )
            repository.commit_node(
                "bench/x/leaf",
                layer,
                about,
                epoch=1,
                forecast=lambda _t, _m, parent: forecast(parent),
            )


def _layer(repository: Repository, repo: object, tree: object) -> object:
    from arkes_build.store.objects import Objects

    tree.set_metadata_checksum(Objects(repo).folder_metadata(0o755))
    commit = repository._write_layer(tree)  # noqa: SLF001 - as above
    return repository._layer_commit("sha256:0", commit, is_new=True)  # noqa: SLF001 - as above


def measured(*argv: str) -> tuple[float, float]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, cwd=ROOT)
    seconds = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def compare(ways: dict[str, list[str]]) -> None:
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for _run in range(RUNS):
        for name, argv in ways.items():
            found[name].append(measured(*argv))
    for name, costs in found.items():
        print(
            f"{name:<28} {min(c[0] for c in costs):6.2f} s  CPU {min(c[1] for c in costs):6.2f} s"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--releases", type=int, default=100)
    parser.add_argument("--project", type=Path, help="a built project to look at instead")
    parser.add_argument("--size", default="leaf", help="the node whose size is looked at")
    options = parser.parse_args()
    folder = options.project or Path(tempfile.mkdtemp(prefix="bench-log-", dir="/var/tmp"))
    ours = [sys.executable, "-I", "-c"]
    ours.append(
        f"import sys; sys.path.insert(0, {os.fspath(ROOT)!r}); "
        "from arkes_build.cli.main import main; sys.exit(main(sys.argv[1:]))"
    )
    rest = ["--project", str(folder)]
    try:
        if options.project is None:
            make(folder, options.releases)
        compare(
            {
                "import click": [sys.executable, "-I", "-c", "import click"],
                f"log -n {options.releases}": [
                    *ours,
                    "log",
                    options.size,
                    "-n",
                    str(options.releases),
                    *rest,
                ],
                "log --oneline": [
                    *ours,
                    "log",
                    options.size,
                    "-n",
                    str(options.releases),
                    "--oneline",
                    *rest,
                ],
                "size": [*ours, "size", options.size, *rest],
            }
        )
    finally:
        if options.project is None:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
