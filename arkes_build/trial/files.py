"""Find the checks of a project, and take in the functions of a Python file."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib.machinery import SourceFileLoader
from types import ModuleType
from typing import TYPE_CHECKING

from arkes_build.core.digest import digest
from arkes_build.trial.errors import CheckUnusable
from arkes_build.trial.headers import BadHeader, Headers, headers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path
    from types import CodeType

    from arkes_build.trial.guest import Guest

FOLDER = ("tests", "boot")
_PREFIX = "test_"
_SHELL = "/bin/sh"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A check of a project: a shell file as a whole, or one function of a Python file."""

    name: str
    path: Path
    headers: Headers
    function: str = ""
    title: str = ""
    line: int = 0
    text: str = ""


def find(folder: Path) -> tuple[Found, ...]:
    """Return all checks of a folder, files by name, functions as they stand.

    Nothing is run. A folder that is not there has none. Raises ``CheckUnusable``.
    """
    if not folder.is_dir():
        return ()
    paths = (path for path in folder.iterdir() if path.name[0] not in "_." and path.is_file())
    return tuple(one for path in sorted(paths) for one in _of_file(path))


def chosen(found: Iterable[Found], node: str, only: Sequence[str]) -> tuple[Found, ...]:
    """Return the checks that are for a node, and among them those that are asked for."""
    return tuple(
        one for one in found if one.headers.concern(node) and (not only or is_asked(one.name, only))
    )


def is_asked(name: str, only: Sequence[str]) -> bool:
    """Tell whether a check is meant by a pattern, or a whole file by its name."""
    file = name.partition("::")[0]
    return any(fnmatchcase(name, one) or fnmatchcase(file, one) for one in only)


def fingerprint(found: Iterable[Found], left_out: Iterable[str] = ()) -> str:
    """Return one digest of all that the checks are: a changed check is a new test.

    ``left_out`` are the patterns of those that are denied: without one of them it is new, too.
    """
    return digest([*([one.name, one.text] for one in found), *sorted(left_out)])


def load(path: Path) -> dict[str, Callable[[Guest], object]]:
    """Run a Python file and return its checks by name; raises ``CheckUnusable``."""
    name = f"arkes_boot_check_{path.stem}"
    loader = _Reader(name, str(path))
    module = ModuleType(name)
    module.__file__ = str(path)
    try:
        loader.exec_module(module)
    except (Exception, SystemExit) as error:  # a file of somebody else's may raise anything
        raise CheckUnusable(path, why=f"{type(error).__name__}: {error}") from error
    return {name: one for name, one in vars(module).items() if name.startswith(_PREFIX)}


class _Reader(SourceFileLoader):
    """Read a file as it is now, and leave no byte code beside it."""

    def get_code(self, fullname: str) -> CodeType:
        """Return the code of the text."""
        path = self.get_filename(fullname)
        code: CodeType = self.source_to_code(self.get_data(path), path)
        return code


def interpreter(text: str) -> tuple[str, ...]:
    """Return the program and its argument of a script's first line."""
    first = text.partition("\n")[0]
    words = first.removeprefix("#!").split(None, 1) if first.startswith("#!") else []
    return tuple(words) or (_SHELL,)


def _of_file(path: Path) -> tuple[Found, ...]:
    if path.suffix not in {".py", ".sh"}:
        return ()
    try:
        text = path.read_text(encoding="utf-8")
        said = headers(text)
    except (OSError, UnicodeDecodeError, BadHeader) as error:
        raise CheckUnusable(path, why=str(error)) from error
    if path.suffix == ".sh":
        return (Found(name=path.name, path=path, headers=said, title=_remark(text), text=text),)
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError) as error:
        line = f" (line {error.lineno})" if isinstance(error, SyntaxError) else ""
        raise CheckUnusable(path, why=f"{error.args[0]}{line}") from error
    return tuple(
        Found(
            name=f"{path.name}::{node.name}",
            path=path,
            headers=said,
            function=node.name,
            title=(ast.get_docstring(node) or "").partition("\n")[0],
            line=node.lineno,
            text=text,
        )
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name.startswith(_PREFIX)
    )


def _remark(text: str) -> str:
    """Return the first comment of a shell file that is neither its ``#!`` nor a header."""
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        words = line.removeprefix("#").strip()
        if words and not line.startswith("#!") and not words.startswith(("x-", "shellcheck")):
            return words
    return ""
