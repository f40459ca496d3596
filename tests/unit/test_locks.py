"""Hold the locks to pyproject.toml: complete, hashed, and without a host in them."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.lock", "requirements-test.lock")
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
MACHINES = ("x86_64", "aarch64", "riscv64")


def entries(name: str) -> list[str]:
    """Return the lock's requirements, each with its continuation lines joined."""
    joined = (ROOT / name).read_text().replace("\\\n", " ")
    return [line for line in joined.splitlines() if line and not line.startswith("#")]


def pins(name: str) -> list[Requirement]:
    return [Requirement(entry.partition(" --hash")[0]) for entry in entries(name)]


def pinned_for(name: str, python: str, machine: str) -> dict[str, str]:
    """Return the versions that one kind of machine takes from a lock."""
    environment = {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "platform_machine": machine,
        "sys_platform": "linux",
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
    }
    chosen = [p for p in pins(name) if p.marker is None or p.marker.evaluate(environment)]
    versions = {canonicalize_name(p.name): str(p.specifier).removeprefix("==") for p in chosen}
    assert len(versions) == len(chosen), "a package is pinned twice for one machine"
    return versions


def wanted() -> dict[str, list[Requirement]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    run = project["project"]["dependencies"]
    test = run + project["dependency-groups"]["test"]
    return {LOCKS[0]: [Requirement(r) for r in run], LOCKS[1]: [Requirement(r) for r in test]}


def is_met(requirement: Requirement, versions: dict[str, str], machine: str) -> bool:
    marker = requirement.marker
    if marker is not None and not marker.evaluate({"platform_machine": machine}):
        return True
    return requirement.specifier.contains(versions.get(canonicalize_name(requirement.name), "0"))


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_satisfies_pyproject_on(lock: str, python: str, machine: str) -> None:
    versions = pinned_for(lock, python, machine)
    assert [str(r) for r in wanted()[lock] if not is_met(r, versions, machine)] == []


@pytest.mark.parametrize("python", PYTHONS)
def test_the_tests_run_with_the_versions_that_a_run_has(python: str) -> None:
    run, test = (pinned_for(lock, python, "x86_64") for lock in LOCKS)
    assert {name: test.get(name) for name in run} == run


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_is_exact_and_hashed(lock: str) -> None:
    shape = re.compile(r"[a-z0-9-]+==[\w.]+( ; [^#]+?)?(\s+--hash=sha256:[0-9a-f]{64})+\s*")
    assert [entry for entry in entries(lock) if not shape.fullmatch(entry)] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_host(lock: str) -> None:
    assert re.findall(r"(?m)://|^\s*-(?!-hash)|^\s*--(?!hash)", (ROOT / lock).read_text()) == []
