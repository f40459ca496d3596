"""Look for texts that the language cannot bear.

    .venv/bin/python bench/fuzz.py [--inputs 200000] [--seed 1] [--jobs 2] [--save DIR]
    .venv/bin/python bench/fuzz.py --seed 1 --only 4711      # one of them again

Each input (inputs.py) goes the whole way of a file: decoded, parsed, checked by the rules
alone and within a project, formatted, written, compiled, and rendered if it gets so far. A
failure is: an exception that is no ``ArkesError``, or any where none may be; more than a
second; an attempt to write a file or to start a program; a formatted file that says
something else, or that formatting changes again; a finding without a place, a remedy or
a known code. Failures are made small and printed; with ``--save`` they become files.
The exit code is 1 when there are any.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import signal
import sys
import tempfile
import time
import traceback
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arkes_build.core.diagnostics import Severity, SourceError, render
from arkes_build.core.digest import canonical_json
from arkes_build.core.errors import ArkesError
from arkes_build.core.names import Arch, Family
from arkes_build.language.decode import decode
from arkes_build.language.formatter import is_same, lay_out_file
from arkes_build.language.meaning import meaning
from arkes_build.language.parser import attempt, parse
from arkes_build.language.writer import write

sys.path.insert(0, str(Path(__file__).resolve().parent))

from inputs import corpus, make

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import FrameType

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.core.source import Source
    from arkes_build.language.nodes import Systemfile
    from arkes_build.project.model import Project

SLOW = 1.0
"""Seconds of processor time that no input may take."""

HANG = 10
"""Seconds after which an input is given up."""

BATCH = 500

PROJECT = {
    "arkes.toml": '[bootstrap.debian]\ntool = "files"\nfiles = ["/bin/sh"]\n'
    '[bootstrap.arch]\ntool = "files"\nfiles = ["/bin/sh"]\n',
    "variants/rootfs.Containerfile": "FROM arkes:bootstrap\nRUN true\n",
    "variants/base.Containerfile": "FROM arkes:rootfs\nRUN true\n",
    "variants/atomic.Systemfile": "# x-templates=slim\nFROM arkes:base\nPACKAGES nginx\n",
    "templates/slim.Containerfile": "ARG BASE_VARIANT_ID\nFROM arkes:${BASE_VARIANT_ID}\nRUN a\n",
    "overlay/mine/etc/motd": "hello\n",
    "a": "a\n",
}


class Hang(Exception):
    """Say that an input took far too long."""


class Touched(Exception):
    """Say that something of the machine was to be changed."""


class Wrong(Exception):
    """Say what must not be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An input that fails, and how."""

    number: int
    data: bytes
    kind: str
    """The same for two inputs that probably fail for the same reason."""
    story: str


@dataclass(slots=True, kw_only=True)
class Tally:
    """Count what became of the inputs."""

    inputs: int = 0
    parsed: int = 0
    rendered: int = 0
    findings: int = 0
    slowest: tuple[float, int] = (0.0, 0)
    """Seconds of processor time, and the input that took them."""

    def add(self, other: Tally) -> None:
        """Take another tally into this one."""
        self.inputs += other.inputs
        self.parsed += other.parsed
        self.rendered += other.rendered
        self.findings += other.findings
        self.slowest = max(self.slowest, other.slowest)


class Judge:
    """Put inputs to the test, in a small project of its own."""

    def __init__(self, root: Path) -> None:
        from arkes_build.project.loader import load_project

        for name, text in PROJECT.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
        self.project: Project = load_project(root).project
        self.tally = Tally()
        self._warm_up()

    def failure(self, number: int, data: bytes) -> Failure | None:
        """Return how an input fails, None for one that does not."""
        begin = time.process_time()
        kind = story = ""
        signal.alarm(HANG)
        signal.setitimer(signal.ITIMER_PROF, SLOW * 0.7)
        _GUARD.is_up = True
        try:
            self.judge(data)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a find
            kind, story = _kind_of(error), traceback.format_exc(limit=-6)
        finally:
            _GUARD.is_up = False
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.alarm(0)
        taken = time.process_time() - begin
        self.tally.inputs += 1
        self.tally.slowest = max(self.tally.slowest, (taken, number))
        if not kind and taken > SLOW:
            kind, story = "slow", f"took {taken:.1f} s, when it was\n{_STATE['where']}"
        return Failure(number=number, data=data, kind=kind, story=story) if kind else None

    def judge(self, data: bytes) -> None:
        """Raise for an input that fails, whatever the time it takes."""
        try:
            source = decode("fuzzed", data)
        except SourceError as error:
            self._look_at(error.diagnostics)
            return
        self._check_alone(source)
        try:
            file, findings = attempt(source)
        except SourceError as error:
            self._look_at(error.diagnostics)
            return
        self._look_at(findings)
        for instruction in file.instructions:
            canonical_json(meaning(instruction))
            write(instruction)
        if any(each.severity is Severity.ERROR for each in findings):
            return
        self.tally.parsed += 1
        _format(file)
        self._compile(file, Family.DEBIAN if len(data) % 2 else Family.ARCH)

    def _check_alone(self, source: Source) -> None:
        from arkes_build.project.inspection import inspect_file

        self._look_at(inspect_file(source, self.project, arch=Arch.X86_64))

    def _compile(self, file: Systemfile, family: Family) -> None:
        """Lower, expand, check within the project, and render, as ``render`` would."""
        from arkes_build.project.expand import expand
        from arkes_build.project.headers import check_headers
        from arkes_build.project.lower import check_conditions
        from arkes_build.project.model import NodeKind, Part

        part = Part(name="fuzzed", kind=NodeKind.SYSTEM, file=file, context=self.project.root)
        found = [*check_headers(file), *check_conditions(file.instructions)]
        self._wider(part, family)
        try:
            expansion = expand(
                self.project, family=family, arch=Arch.X86_64, systems=(part,), findings=found
            )
        except SourceError as error:
            self._look_at(error.diagnostics)
            return
        except ArkesError:
            return
        for node in expansion.nodes:
            if node.name.startswith("fuzzed"):
                self._render(node)

    def _wider(self, part: Any, family: Family) -> None:
        from arkes_build.project.rules import catalogue
        from arkes_build.project.rules.subjects import Subjects

        subject = Subjects(project=self.project, arch=Arch.X86_64, known={}).of(part, family)
        if subject is not None:
            self._look_at([f for check in catalogue.WIDER for f in check(subject)])

    def _render(self, node: Any) -> None:
        from arkes_build.plan.keys import inputs, key
        from arkes_build.render.errors import RenderError
        from arkes_build.render.model import Capabilities
        from arkes_build.render.renderer import render as render_node

        key(inputs(node, dict.fromkeys((d.node for d in node.dependencies), "0")))
        for heredocs in (True, False):
            try:
                capabilities = Capabilities(heredocs=heredocs)
                render_node(node, key="0" * 64, parents={}, capabilities=capabilities)
            except RenderError:
                continue
            self.tally.rendered += heredocs

    def _look_at(self, findings: Iterable[Diagnostic]) -> None:
        from arkes_build.project.rules.catalogue import RULES

        for each in findings:
            self.tally.findings += 1
            if each.code not in RULES:
                raise Wrong(f"unknown code {each.code}")
            if each.span is None or not 0 <= each.span.start <= each.span.end <= len(
                each.span.source.text
            ):
                raise Wrong(f"{each.code} has no place")
            if not each.remedy or not each.message:
                raise Wrong(f"{each.code} has no remedy")
            render(each)

    def _warm_up(self) -> None:
        """Load what is loaded late, before files are watched."""
        for text in (b"FROM arkes:base\nRUN --mount=type=bind,source=a,target=/a b\n", b"RUN \xff"):
            self.judge(text)
        self.judge(b"FROM arkes:base\nRUN <<E\na\nE\nCOPY <<F /x\n${A:-b} \"c\nF\nENV A='b\n")
        self.judge(b"FROM arkes:base\nPACKAGES a\nOVERLAY mine\nTIMEZONE Europe/Berlin\n")
        self.judge(b'FROM arkes:base\nENV A=b\\ c D="${A:-b}"\nWORKDIR ${A#b}\n')
        self.tally = Tally()


def _format(file: Systemfile) -> None:
    """Lay a file out without the formatter's net, which would hide what is wrong."""
    once = lay_out_file(file.source)
    try:
        again = parse(decode("fuzzed", once.encode("utf-8", "surrogatepass")))
    except SourceError as error:
        if all(d.code in ("line-too-long", "file-too-large") for d in error.diagnostics):
            return
        raise Wrong("a formatted file has errors") from None
    if not is_same(file, again):
        raise Wrong("a formatted file says something else")
    if [meaning(i) for i in file.instructions] != [meaning(i) for i in again.instructions]:
        raise Wrong("a formatted file means something else")
    if lay_out_file(again.source) != once:
        raise Wrong("formatting a formatted file changes it")


class _Guard:
    """Notice whoever would change the machine: Python tells of each such call before it."""

    is_up = False

    def hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Raise for an event that writes, removes, starts or connects."""
        if not self.is_up:
            return
        if event == "open":
            _, mode, flags = arguments
            if (mode and set(mode) & set("wax+")) or (not mode and flags & 0o3):
                raise Touched(f"{event} {arguments!r}")
        elif event in _CHANGES:
            raise Touched(f"{event} {arguments!r}")


_CHANGES = frozenset(
    {
        *("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.chmod"),
        *("os.chown", "os.truncate", "os.utime", "os.system", "os.exec", "os.fork", "os.putenv"),
        *("os.posix_spawn", "subprocess.Popen", "socket.connect", "tempfile.mkstemp"),
    }
)
_GUARD = _Guard()


def _kind_of(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "arkes_build" in frame.filename]
    place = f" in {Path(ours[-1].filename).stem}.{ours[-1].name}" if ours else ""
    words = re.sub(r"'[^']*'|\d+", "…", str(error))[:80]
    return f"{type(error).__name__}: {words}{place}"


def shrunk(failure: Failure, fails: Callable[[bytes], str | None], seconds: float = 20) -> bytes:
    """Return a smaller input that fails in the same way: halves, then less, go one by one."""
    data, end = failure.data, time.monotonic() + seconds
    size = max(1, len(data) // 2)
    while size and time.monotonic() < end:
        at, before = 0, data
        while at < len(data) and time.monotonic() < end:
            less = data[:at] + data[at + size :]
            if fails(less) == failure.kind:
                data = less
            else:
                at += size
        if data == before or size > 1:
            size = size // 2
    return data


_STATE: dict[str, Any] = {"where": ""}


def _start(folder: str) -> None:
    """Make ready a process that judges."""
    _STATE["corpus"] = corpus()
    root = Path(tempfile.mkdtemp(dir=folder))
    signal.signal(signal.SIGALRM, _ring)
    signal.signal(signal.SIGPROF, _note)
    _STATE["judge"] = Judge(root)
    sys.addaudithook(_GUARD.hook)


def _ring(_number: int, _frame: FrameType | None) -> None:
    raise Hang(f"more than {HANG} s")


def _note(_number: int, frame: FrameType | None) -> None:
    """Remember where a slow input is busy."""
    _STATE["where"] = "".join(traceback.format_stack(frame, limit=6))


def _batch(seed: int, start: int, end: int) -> tuple[Tally, list[Failure]]:
    judge, texts = _STATE["judge"], _STATE["corpus"]
    judge.tally = Tally()
    found = [judge.failure(number, make(texts, seed, number)) for number in range(start, end)]
    return judge.tally, [failure for failure in found if failure is not None]


def run(inputs: int, seed: int, jobs: int) -> Iterator[tuple[Tally, list[Failure]]]:
    """Yield what became of the inputs, batch by batch."""
    starts = range(0, inputs, BATCH)
    ends = [min(start + BATCH, inputs) for start in starts]
    with tempfile.TemporaryDirectory(prefix="arkes-fuzz-") as folder:
        if jobs == 1:
            _start(folder)
            yield from (_batch(seed, *pair) for pair in zip(starts, ends, strict=True))
            return
        with ProcessPoolExecutor(jobs, initializer=_start, initargs=(folder,)) as pool:
            yield from pool.map(_batch, [seed] * len(ends), starts, ends)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--inputs", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", type=int, help="judge this one input, and print it")
    parser.add_argument("--save", type=Path, help="a folder for the small forms of failures")
    given = parser.parse_args()
    if given.only is not None:
        return _one(given.seed, given.only)
    begin, total, kinds = time.monotonic(), Tally(), {}
    for tally, failures in run(given.inputs, given.seed, given.jobs):
        total.add(tally)
        for failure in failures:
            if failure.kind not in kinds:
                print(f"number {failure.number}: {failure.kind}", flush=True)
            kinds.setdefault(failure.kind, []).append(failure)
        if total.inputs % (20 * BATCH) == 0:
            print(f"{total.inputs} …", file=sys.stderr, flush=True)
    seconds = time.monotonic() - begin
    print(
        f"{total.inputs} inputs (seed {given.seed}) in {seconds:.0f} s, "
        f"{total.inputs / seconds:.0f} a second: {total.parsed} without an error, "
        f"{total.rendered} rendered, {total.findings} findings, "
        f"slowest {total.slowest[0] * 1000:.0f} ms (number {total.slowest[1]})"
    )
    if kinds:
        _report(kinds, given.save)
    print(f"{sum(map(len, kinds.values()))} failures of {len(kinds)} kinds")
    return 1 if kinds else 0


def _one(seed: int, number: int) -> int:
    data = make(corpus(), seed, number)
    print(shown(data))
    with tempfile.TemporaryDirectory(prefix="arkes-fuzz-") as folder:
        _start(folder)
        failure = _STATE["judge"].failure(number, data)
    print(failure.story if failure else "no failure")
    return 1 if failure else 0


def _report(kinds: dict[str, list[Failure]], save: Path | None) -> None:
    with tempfile.TemporaryDirectory(prefix="arkes-fuzz-") as folder:
        if "judge" not in _STATE:
            _start(folder)
        for kind, failures in kinds.items():
            smallest = min(failures, key=lambda failure: len(failure.data))
            data = shrunk(smallest, _kind_again)
            print(f"\n== {kind}: {len(failures)} times, first as number {failures[0].number}")
            print(f"{smallest.story}\n{shown(data)}")
            if save is not None:
                save.mkdir(parents=True, exist_ok=True)
                name = hashlib.sha256(kind.encode()).hexdigest()[:8]
                (save / f"{name}.Containerfile").write_bytes(data)


def shown(data: bytes) -> str:
    """Return an input for people, cut when it is long."""
    text = repr(data)
    return text if len(text) <= 1000 else f"{text[:700]} … {text[-250:]} ({len(data)} bytes)"


def _kind_again(data: bytes) -> str | None:
    failure = _STATE["judge"].failure(0, data)
    return failure.kind if failure else None


if __name__ == "__main__":
    sys.exit(main())
