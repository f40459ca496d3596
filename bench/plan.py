"""Time planning a generated project of many nodes, part by part and as whole processes.

    .venv/bin/python bench/plan.py [--nodes 1000] [--rounds 5]

Each node has a file of its own with a dozen instructions and an overlay file; a node stands
on an earlier one, so the graph is a few levels deep, as real families of images are. The
whole processes read, check, expand, hash and plan: once with nothing built, once with
everything, in a store whose records and refs are made up. That is what must stay below 2 s
for 1,000 nodes.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from arkes_build.core.source import Source
    from arkes_build.language.nodes import Systemfile
    from arkes_build.project.model import Expansion, Project

T = TypeVar("T")

ROOT = Path(__file__).resolve().parent.parent

CONFIG = """\
[bootstrap.debian]
tool = "files"
files = ["/bin/sh"]
"""

NODE = """\
# syntax=docker/dockerfile:1.4
# x-depends={parent}
ARG HASH

FROM arkes:{parent}

ARG \\
  VARIANT="Node {number}" \\
  VARIANT_ID="node{number}"

# The packages of node {number}.
RUN /usr/lib/system/package_layer \\
    package-{number} \\
    package-common

COPY overlay/node{number}/ /
ENV NUMBER={number} NAME="node $VARIANT_ID"
RUN <<EOT
set -e
echo "{number}" > /usr/share/number
systemctl enable number-{number}.service
EOT
WORKDIR /usr
LABEL number="{number}"
RUN ["/bin/true"]
USER 0
"""


COMMIT = "0" * 64


def generate(root: Path, nodes: int) -> None:
    """Write a project of about ``nodes`` nodes: rootfs, and files that stand on others."""
    (root / "variants").mkdir()
    (root / "arkes.toml").write_text(CONFIG)
    (root / "variants/rootfs.Containerfile").write_text("FROM arkes:bootstrap\nRUN true\n")
    for number in range(nodes - 2):
        parent = f"node{(number - 1) // 4}" if number else "rootfs"
        text = NODE.format(number=number, parent=parent)
        (root / f"variants/node{number}.Containerfile").write_text(text)
        folder = root / f"overlay/node{number}/usr/share"
        folder.mkdir(parents=True)
        (folder / "file").write_text(f"{number}\n" * 20)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nodes", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="arkes-bench-") as folder:
        root = Path(folder)
        generate(root, given.nodes)
        parts(root, given.rounds)
        whole(root, given.rounds)


def whole(root: Path, rounds: int) -> None:
    """Time whole processes: help, a plan of everything, a run with nothing to do."""
    command = [sys.executable, "-I", "-X", "utf8", "-m", "arkes_build"]
    on_project = ["--project", str(root)]
    report("process: --help", rounds, lambda: quietly([*command, "--help"]))
    report("process: plan, never built", rounds, lambda: quietly([*command, "plan", *on_project]))
    pretend_all_is_built(root)
    report("process: all, nothing to do", rounds, lambda: quietly([*command, "all", *on_project]))


def pretend_all_is_built(root: Path) -> None:
    """Write the records and refs of a run that has built every node."""
    from arkes_build.pipeline.blueprint import read, ref_of
    from arkes_build.pipeline.options import Options
    from arkes_build.plan.keys import inputs, key
    from arkes_build.plan.state import Record
    from arkes_build.store.store import Store

    blueprint = read(Options(project=root))
    store = Store.open(root / ".arkes", family=blueprint.family, arch=blueprint.arch)
    commit = store.path / f"repo/objects/{COMMIT[:2]}/{COMMIT[2:]}.commit"
    commit.parent.mkdir(parents=True)
    commit.touch()
    results = {name: f"result of {name}" for name in blueprint.graph.order()}
    for name, result in results.items():
        node = blueprint.graph.node(name)
        given = inputs(node, results)
        ref = store.path / "repo/refs/heads" / ref_of(blueprint.project, node)
        ref.parent.mkdir(parents=True, exist_ok=True)
        ref.write_text(COMMIT)
        store.save(
            Record(
                node=name, family=node.family.value, arch=node.arch.value, key=key(given),
                inputs=given, result=result, image="0" * 64,
                ref=ref_of(blueprint.project, node), commit=COMMIT, size=0, seconds=1.0,
                packages=tuple(f"package-{number}=1.0-{number}" for number in range(500)),
            )
        )  # fmt: skip


def long_file(lines: int) -> Source:
    """Return a source of about so many lines: the steps of a node, over and over."""
    from arkes_build.core.source import Source

    head, run, steps = NODE.format(number=1, parent="rootfs").partition("RUN")
    steps = run + steps
    return Source("long", head + steps * (lines // steps.count("\n")))


def parts(root: Path, rounds: int) -> None:
    from arkes_build.core.names import Arch, Family
    from arkes_build.language.parser import parse
    from arkes_build.plan.graph import BuildGraph
    from arkes_build.plan.keys import inputs, key
    from arkes_build.plan.planner import plan
    from arkes_build.plan.state import Record, State
    from arkes_build.project.expand import expand
    from arkes_build.project.loader import load_project
    from arkes_build.render.model import Capabilities
    from arkes_build.render.renderer import render

    source = long_file(1000)

    def parsed() -> Systemfile:
        return parse(source)

    report(f"parse a file of {source.text.count(chr(10))} lines", rounds, parsed)

    def loaded() -> Project:
        return load_project(root).project

    project = report("read and parse", rounds, loaded)

    def expanded() -> Expansion:
        return expand(project, family=Family.DEBIAN, arch=Arch.X86_64)

    expansion = report("expand, hash the files", rounds, expanded)
    graph = report("graph", rounds, lambda: BuildGraph.of(expansion.nodes))
    print(f"  {len(graph)} nodes in {len(graph.generations())} generations")
    results = {name: f"result of {name}" for name in graph.order()}
    given = report("inputs", rounds, lambda: {n.name: inputs(n, results) for n in expansion.nodes})
    report("keys of the inputs", rounds, lambda: [key(each) for each in given.values()])
    report("plan, never built", rounds, lambda: plan(graph, (), State()))
    records = {
        name: Record(
            node=name, family="debian", arch="x86_64", key=key(given[name]), inputs=given[name],
            result=results[name], image="0" * 64, ref=name, commit="0" * 64, size=0, seconds=1.0,
        )
        for name in graph.order()
    }  # fmt: skip
    state = State(records=records, commits=dict.fromkeys(records, "0" * 64))
    nothing = report("plan, nothing to do", rounds, lambda: plan(graph, (), state))
    if not nothing.is_empty:
        sys.exit("a plan with nothing to do has something to do")
    lost = State(records={**records}, commits={}, images=frozenset())
    report("plan, all refs and images lost", rounds, lambda: plan(graph, (), lost))
    old = Capabilities(heredocs=False)
    some = expansion.nodes[:: max(1, len(expansion.nodes) // 100)]
    report(
        f"render {len(some)} nodes",
        rounds,
        lambda: [render(n, key="0" * 64, parents={}, capabilities=old) for n in some],
    )


def report(title: str, rounds: int, work: Callable[[], T]) -> T:
    """Run the work some times and return its value.

    Prints median, least and most milliseconds of wall time, and the least CPU time (our own
    and our children's), which a busy machine disturbs less.
    """
    taken, used = [], []
    for _ in range(rounds):
        begin, burnt = time.perf_counter(), cpu()
        value = work()
        taken.append((time.perf_counter() - begin) * 1000)
        used.append((cpu() - burnt) * 1000)
    middle, least, most = statistics.median(taken), min(taken), max(taken)
    print(f"{title:34} {middle:7.0f} ms ({least:.0f} … {most:.0f}), CPU {min(used):.0f} ms")
    return value


def cpu() -> float:
    """Return the seconds of CPU that this process and its ended children used so far."""
    own, children = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def quietly(argv: list[str]) -> None:
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(argv)}: exit code {done.returncode}\n{done.stderr}")


if __name__ == "__main__":
    main()
