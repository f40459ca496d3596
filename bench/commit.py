"""Measure commits of image layers against `podman export | ostree commit --tree=tar=-`.

Both ways take their turn on the same images, each into a repository of its own, and each as
processes from start to end. Ours is told where the layers are, as the build's end tells it;
"in a running program" leaves out the start of Python and the loading of libostree's binding.
Ours says in each commit what it changes (its forecast); one row leaves that out.
Seconds are wall time, the best of the runs; CPU is user and system time of all processes.
The images are made here: a root file system of 6,000 files, a base of --files more,
a variant of 4,000 more, a leaf of 45.
With --image an existing image is the base, and only the leaf is made.

    .venv/bin/python bench/commit.py --files 20000
    .venv/bin/python bench/commit.py --image localhost/arkes:base
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import random
import resource
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from arkes_build.core.source import Source  # noqa: E402 - found by the path above
from arkes_build.pipeline.budgets import Judge  # noqa: E402 - found by the path above
from arkes_build.pipeline.foresight import Foresight  # noqa: E402 - found by the path above
from arkes_build.project.config import parse_config  # noqa: E402 - found by the path above
from arkes_build.store.model import LayerDiff, NodeMetadata  # noqa: E402 - found by the path above
from arkes_build.store.repository import Repository  # noqa: E402 - found by the path above

LEAF_FILES = 45
RUNS = 3


@dataclass(frozen=True)
class Cost:
    """What one run of one way took, in seconds."""

    seconds: float
    cpu: float


def run(*argv: str, **more: object) -> str:
    return subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True, **more).stdout


def measured(*argv: str) -> Cost:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(seconds, cpu)


def write_tar(path: Path, seed: int, files: int) -> None:
    """Write files of 200 bytes to 300 kB, most of them small, as distributions have them."""
    chance = random.Random(seed)
    blob = chance.randbytes(1 << 20)
    with tarfile.open(path, "w") as tar:
        for at in range(files):
            size = min(300_000, int(200 * chance.paretovariate(0.45)))
            info = tarfile.TarInfo(f"usr/share/d{seed}-{at // 800}/e{at // 40}/file{at}")
            info.size, info.mode, info.mtime = size, 0o644, 1
            start = chance.randrange(len(blob) - size)
            head = f"{seed} {at} ".encode()
            tar.addfile(info, io.BytesIO((head + blob[start : start + size])[:size]))


def make_image(folder: Path, parent: str, seed: int, files: int) -> str:
    name = f"localhost/bench-{uuid.uuid4().hex[:12]}"
    context = folder / f"context{seed}-{uuid.uuid4().hex[:6]}"
    context.mkdir()
    write_tar(context / "layer.tar", seed, files)
    (context / "Containerfile").write_text(
        f"FROM {parent}\nLABEL arkes.bench=1\nADD layer.tar /\nCMD /x\n"
    )
    run("podman", "build", "-q", "--isolation=chroot", "--no-cache", "-t", name, str(context))
    shutil.rmtree(context)
    return name


def layers(image: str) -> list[LayerDiff]:
    (found,) = json.loads(run("podman", "image", "inspect", image))
    data = found["GraphDriver"]["Data"]
    paths = [*reversed([p for p in data.get("LowerDir", "").split(":") if p]), data["UpperDir"]]
    chain, made = "", []
    for path, diff_id in zip(paths, found["RootFS"]["Layers"], strict=True):
        text = f"{chain} {diff_id}".encode()
        chain = f"sha256:{hashlib.sha256(text).hexdigest()}" if chain else diff_id
        made.append(LayerDiff(chain_id=chain, path=Path(path)))
    return made


def foresight(repo: Path) -> Foresight:
    config = parse_config(Source("arkes.toml", ""))
    judge = Judge(config, repo, "n0")
    return Foresight(
        repo, from_last=3, near=(), packages=(), layers=(), judge=judge, note=lambda _text: None
    )


def commit(repo: Path, chains: list[str], *, foresees: bool) -> None:
    """Do one run of ours: what a process does from its start to the new refs."""
    repository = Repository.open(repo)
    began = time.perf_counter(), time.process_time()
    for chain in chains:
        diffs = [LayerDiff(chain_id=a, path=Path(b)) for a, b in json.loads(chain)]
        with repository.transaction():
            last = repository.commit_layers(diffs)[-1]
            # As in a project, an image's releases are of one node: those of so many layers.
            node = f"n{len(diffs)}"
            about = NodeMetadata(node=node, version="1", key="", image="")
            told = {"forecast": foresight(repo)} if foresees else {}
            repository.commit_node(f"bench/x/{node}", last, about, epoch=1, **told)
    ended = time.perf_counter(), time.process_time()
    (repo / "inner.json").write_text(json.dumps([b - a for a, b in zip(began, ended, strict=True)]))


def ours(repo: Path, images: list[str], *, foresees: bool = True) -> Cost:
    chains = [[(layer.chain_id, str(layer.path)) for layer in layers(image)] for image in images]
    told = [json.dumps(chain) for chain in chains]
    flags = ["--foresee"] if foresees else []
    return measured(sys.executable, __file__, *flags, "--commit", str(repo), *told)


EXPORT = """set -e -o pipefail
for image in "${@:2}"; do
    container=$(podman create "$image" true)
    branch="b${image//[^a-z0-9]/}"
    podman export "$container" | ostree --repo="$1" commit --branch="$branch" --tree=tar=- \
        --tar-autocreate-parents -s x
    podman rm "$container"
done"""


def export(repo: Path, images: list[str]) -> Cost:
    if not (repo / "config").exists():
        run("ostree", "init", f"--repo={repo}", "--mode=bare")
    return measured("bash", "-c", EXPORT, "export", str(repo), *images)


def row(name: str, mine: list[Cost], theirs: list[Cost]) -> None:
    a, b = min(c.seconds for c in mine), min(c.seconds for c in theirs)
    c, d = min(c.cpu for c in mine), min(c.cpu for c in theirs)
    print(f"| {name:<34} | {a:7.2f} | {b:7.2f} | {b / a:6.1f} | {c:7.2f} | {d:7.2f} |", flush=True)


def bench(folder: Path, files: int, image: str | None) -> None:
    if image:
        images = [image]
    else:
        images = [make_image(folder, "scratch", 1, 6_000)]
        images.append(make_image(folder, images[-1], 2, files))
        images.append(make_image(folder, images[-1], 3, 4_000))
    base = images[1] if len(images) > 1 else images[0]
    leaves = [make_image(folder, base, 10 + at, LEAF_FILES) for at in range(2 * RUNS + 1)]
    images.append(leaves.pop())
    plain, leaves = leaves[RUNS:], leaves[:RUNS]
    run("sync")
    what = image or f"{files + 10_000:,} files"
    print(f"\n{what}\n| {'':<34} | ours, s | tar, s  | ratio  | ours CPU| tar CPU |")
    print(f"|{'-' * 36}|{'-' * 9}|{'-' * 9}|{'-' * 8}|{'-' * 9}|{'-' * 9}|")
    row("first commit of all", [ours(folder / "o", images)], [export(folder / "t", images)])
    mine, theirs, inner = [], [], []
    for leaf in leaves:
        mine.append(ours(folder / "o", [leaf]))
        inner.append(Cost(*json.loads((folder / "o/inner.json").read_text())))
        theirs.append(export(folder / "t", [leaf]))
    row(f"a leaf of {LEAF_FILES} files", mine, theirs)
    row("the same, in a running program", inner, theirs)
    inner = []
    for leaf in plain:
        ours(folder / "o", [leaf], foresees=False)
        inner.append(Cost(*json.loads((folder / "o/inner.json").read_text())))
    row("the same, without a forecast", inner, theirs)
    mine = [ours(folder / "o", leaves[-1:]) for _ in range(RUNS)]
    row("the same again", mine, [export(folder / "t", leaves[-1:])])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, nargs="*", default=[20_000, 60_000])
    parser.add_argument("--image", help="an image to use as the base")
    parser.add_argument("--foresee", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--commit", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.commit:
        commit(Path(options.commit[0]), options.commit[1:], foresees=options.foresee)
        return
    for files in [0] if options.image else options.files:
        folder = Path(tempfile.mkdtemp(prefix="bench-commit-", dir="/var/tmp"))
        try:
            bench(folder, files, options.image)
        finally:
            made = run("podman", "images", "-q", "--filter", "label=arkes.bench=1").split()
            subprocess.run(["podman", "rmi", "-f", *made], check=False, stdout=subprocess.DEVNULL)
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
