"""Hold the house rules: each is a tool whose own words are the failure."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = Path(sys.executable).parent
SHELL = re.compile(rb"#!\s*(/usr/bin/env )?(/bin/)?(ba|da)?sh\b")
REGISTRIES = re.compile(
    r"\b(?:deb|security|ftp|snapshot|archive)\.debian\.org|\b(?:pypi|pythonhosted)\.org"
    r"|\bregistry\.npmjs\.org|\bgeo\.mirror\.pkgbuild\.com|\barchive\.archlinux\.org"
)
LONGEST_MODULE = 400
LONGEST_FUNCTION = 60


def tracked(*patterns: str) -> list[Path]:
    """Return the files of the work tree that Git has, or would take, sorted."""
    argv = [
        "git",
        "-c",
        "safe.directory=*",
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
        "--",
        *patterns,
    ]
    listed = subprocess.run(argv, cwd=ROOT, capture_output=True, check=True).stdout
    paths = {ROOT / os.fsdecode(name) for name in listed.split(b"\0") if name}
    return sorted(path for path in paths if path.is_file() and not path.is_symlink())


def is_shell(path: Path) -> bool:
    with path.open("rb") as stream:
        return bool(SHELL.match(stream.readline()))


@pytest.mark.parametrize(
    "command",
    [
        pytest.param("ruff check --no-cache --quiet .", id="ruff finds nothing"),
        pytest.param("ruff format --no-cache --diff .", id="ruff formats nothing"),
        pytest.param("mypy", id="mypy --strict believes every type"),
        pytest.param("lint-imports", id="imports go downward only"),
    ],
)
def test_the_tool_is_content(command: str) -> None:
    tool, *arguments = command.split()
    argv = [TOOLS / tool, *arguments]
    result = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, f"\n{result.stdout}{result.stderr}"


def test_shell_scripts_pass_shellcheck() -> None:
    scripts = [path for path in tracked() if path.suffix in {".bash", ".sh"} or is_shell(path)]
    assert ROOT / "run" in scripts
    argv = ["shellcheck", "--external-sources", *(str(path) for path in scripts)]
    result = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, f"\n{result.stdout}{result.stderr}"


def test_no_module_outgrows_a_screenful_of_ideas() -> None:
    sizes = {path.relative_to(ROOT): _lines(path) for path in tracked("arkes_build/*.py")}
    assert {str(path): size for path, size in sizes.items() if size > LONGEST_MODULE} == {}


def test_no_function_outgrows_a_screen() -> None:
    long = []
    for path in tracked("arkes_build/*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                size = (node.end_lineno or node.lineno) - node.lineno + 1
                if size > LONGEST_FUNCTION:
                    long.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}: {size} lines")
    assert long == []


def test_no_file_names_a_package_host_or_this_machine() -> None:
    forbidden = re.compile(f"{REGISTRIES.pattern}|{re.escape(str(ROOT))}(?![\\w-])")
    named = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in tracked()
        if path != Path(__file__)
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if forbidden.search(line)
    ]
    assert named == []


def test_every_silenced_rule_says_why() -> None:
    code = r":\s*[A-Z]+\d+(,\s*[A-Z]+\d+)*|\[[\w, -]+\]"
    bare = re.compile(rf"#\s*(noqa|type:\s*ignore)(?!({code})\s+[-#]\s+\S)")
    silent = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in tracked("*.py")
        if path != Path(__file__)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if bare.search(line)
    ]
    assert silent == []


def _lines(path: Path) -> int:
    return path.read_text().count("\n")
