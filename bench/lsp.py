"""Time what somebody who types feels: a keystroke in a long file, answered over real pipes.

    .venv/bin/python bench/lsp.py [--lines 1000] [--nodes 300] [--rounds 40]

A client starts `arkes-build lsp`, opens a long file of a generated project, and types. Three
keystrokes are timed: one by itself; one while the project is being looked at, as it comes
after a pause; and a completion right behind a keystroke. They are compared with what a
server without a quick look would do for each: look at the whole project again.
"""

from __future__ import annotations

import argparse
import importlib.util
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plan import generate, long_file

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent
KEY = "\nRUN true"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=1000)
    parser.add_argument("--nodes", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=40)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="arkes-bench-") as folder:
        root = Path(folder)
        generate(root, given.nodes)
        text = long_file(given.lines).text
        path = root / "variants/long.Containerfile"
        path.write_text(text)
        print(f"{text.count(chr(10))} lines, {given.nodes} nodes beside it")
        again = whole_project(root, given.rounds)
        with client() as editor:
            begin = time.perf_counter()
            editor.start(root)
            print(f"{'start, until it answers':44} {1000 * (time.perf_counter() - begin):7.0f} ms")
            typist = Typist(editor, path.as_uri(), text)
            show("a keystroke", typist.alone, given.rounds, again)
            show("a keystroke, the project in work", typist.in_work, given.rounds, again)
            show("a keystroke and a completion", typist.completed, given.rounds, again)
            editor.stop()


def whole_project(root: Path, rounds: int) -> float:
    from arkes_build.core.names import Arch
    from arkes_build.project.inspection import survey

    taken = []
    for _ in range(max(3, rounds // 10)):
        begin = time.perf_counter()
        survey(root, arch=Arch.X86_64)
        taken.append(1000 * (time.perf_counter() - begin))
    middle = statistics.median(taken)
    print(f"{'the whole project again':44} {middle:7.0f} ms")
    return middle


class Typist:
    """Type at the end of a file, each time another key, and wait for what is said of it."""

    def __init__(self, editor: Any, uri: str, text: str) -> None:
        self.editor = editor
        self.uri = uri
        self.version = 1
        self.line = text.count("\n")
        self.column = 0
        editor.open(uri, text)
        self.wait()
        editor.wait(lambda: len([p for p in editor.history if p["uri"] == uri]) > 1)

    def wait(self) -> None:
        def is_there() -> bool:
            last = self.editor.history[-1:]
            return any(p["uri"] == self.uri and p.get("version") == self.version for p in last)

        self.editor.wait(is_there)

    def key(self) -> None:
        self.version += 1
        place = (self.line, self.column, self.line, self.column)
        self.editor.change(self.uri, self.version, (*place, "#" if not self.column else "x"))
        self.column += 1

    def alone(self) -> None:
        """Type when the server has nothing else to do: the project was looked at."""
        self.at_once()
        said = self.said()
        self.editor.wait(lambda: self.said() > said)

    def said(self) -> int:
        return sum(p.get("version") == self.version for p in self.editor.history)

    def in_work(self) -> None:
        """Type while the project is being looked at, which begins a quarter of a second after."""
        time.sleep(0.3)
        self.at_once()

    def at_once(self) -> None:
        begin = time.perf_counter()
        self.key()
        self.wait()
        self.taken = 1000 * (time.perf_counter() - begin)

    def completed(self) -> None:
        begin = time.perf_counter()
        self.key()
        self.editor.ask(
            "textDocument/completion",
            textDocument={"uri": self.uri},
            position={"line": 0, "character": 0},
        )
        self.taken = 1000 * (time.perf_counter() - begin)


def show(title: str, work: Callable[[], None], rounds: int, again: float) -> None:
    taken = []
    for _ in range(rounds):
        work()
        taken.append(work.__self__.taken)  # type: ignore[attr-defined] - a method of the typist
    middle, worst = statistics.median(taken), max(taken)
    ratio = again / middle
    print(
        f"{title:44} {middle:7.0f} ms ({min(taken):.0f} … {worst:.0f}), {ratio:.0f} times as fast"
    )


def client() -> Any:
    """Return the client that the tests have."""
    path = ROOT / "tests/integration/lsp/conftest.py"
    spec = importlib.util.spec_from_file_location("lsp_client", path)
    assert spec is not None  # noqa: S101 - the file is there
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Client()


if __name__ == "__main__":
    main()
