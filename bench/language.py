"""Time reading, checking and laying out files, against BuildKit's own parser.

    .venv/bin/python bench/language.py [--lines 1000] [--nodes 300] [--rounds 7]

The long file repeats the steps of a node; `dockerfile`, the binding of BuildKit's parser that
the tests use, reads the same text in turn, and only parses. A project is generated as for
plan.py; checking it is what `check` does: every file with every rule, for both families.
Nothing is timed that Python does before: the grammar's tables and the rules are loaded.
What a command takes from its start is below, with an empty Python beside it.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plan import CONFIG, cpu, generate, long_file, quietly

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

BOTH = CONFIG + CONFIG.replace("debian", "arch")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=1000)
    parser.add_argument("--nodes", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    gc.set_threshold(100_000)  # as the command line sets it
    with tempfile.TemporaryDirectory(prefix="arkes-bench-") as folder:
        root = Path(folder)
        generate(root, given.nodes)
        (root / "arkes.toml").write_text(BOTH)
        one_file(root, given.lines, given.rounds)
        whole_project(root, given.rounds)
        starts(root, given.lines, given.rounds)


def one_file(root: Path, lines: int, rounds: int) -> None:
    """Time one long file: parsed, checked by the rules of one file, laid out."""
    import dockerfile

    from arkes_build.core.names import Arch
    from arkes_build.core.source import Source
    from arkes_build.language.formatter import format_text
    from arkes_build.language.parser import parse
    from arkes_build.project.inspection import inspect_file
    from arkes_build.project.loader import load_project

    project = load_project(root).project
    text = long_file(lines).text.replace("FROM arkes:rootfs", "FROM arkes:node0", 1)

    def source() -> Source:
        return Source("long", text)

    print(f"a file of {text.count(chr(10))} lines")
    in_turn(
        rounds,
        {
            "dockerfile (BuildKit): parse": lambda: dockerfile.parse_string(text),
            "parse": lambda: parse(source()),
            "parse and check": lambda: inspect_file(source(), project, arch=Arch.X86_64),
            "lay out": lambda: format_text(source()),
        },
    )


def whole_project(root: Path, rounds: int) -> None:
    """Time the check of a project, for both families, and its parts."""
    import dockerfile

    from arkes_build.core.names import Arch
    from arkes_build.project.inspection import survey
    from arkes_build.project.loader import load_project

    texts = [path.read_text() for path in sorted((root / "variants").iterdir())]
    print(f"a project of {len(texts)} variants")
    in_turn(
        rounds,
        {
            "dockerfile (BuildKit): parse": lambda: [dockerfile.parse_string(t) for t in texts],
            "read and parse": lambda: load_project(root),
            "read, parse, check": lambda: survey(root, arch=Arch.X86_64),
        },
    )


def starts(root: Path, lines: int, rounds: int) -> None:
    """Time whole commands, from the start of Python."""
    path = root / "long.Containerfile"
    path.write_text(long_file(lines).text)
    command = [sys.executable, "-I", "-X", "utf8", "-m", "arkes_build"]
    print("whole commands")
    in_turn(
        rounds,
        {
            "python -c 'import click'": lambda: quietly(
                [sys.executable, "-I", "-c", "import click"]
            ),
            "parse of the long file": lambda: quietly([*command, "parse", str(path)]),
            "fmt of the long file": lambda: subprocess.run(
                [*command, "fmt", "--check", str(path)], capture_output=True, check=False
            ),
            "check of the project": lambda: subprocess.run(
                [*command, "check", "--project", str(root)], capture_output=True, check=False
            ),
        },
    )


def in_turn(rounds: int, ways: Mapping[str, Callable[[], Any]]) -> None:
    """Run the ways one after the other, some times; compare each with the first.

    Prints median and least wall time, least CPU time (our own and our children's), and
    the ratio of the least CPU times. The first round only warms up.
    """
    taken: dict[str, list[float]] = {name: [] for name in ways}
    used: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(rounds + 1):
        for name, work in ways.items():
            begin, burnt = time.perf_counter(), cpu()
            work()
            if turn:
                taken[name].append((time.perf_counter() - begin) * 1000)
                used[name].append((cpu() - burnt) * 1000)
    first = min(used[next(iter(ways))])
    for name in ways:
        middle, least, burnt = statistics.median(taken[name]), min(taken[name]), min(used[name])
        ratio = f"{burnt / first:.1f} times" if first else ""
        print(f"  {name:30} {middle:7.0f} ms (least {least:.0f}), CPU {burnt:.0f} ms, {ratio}")


if __name__ == "__main__":
    main()
