"""Hold what a commit says of itself against its own tree and the record of its build."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Protocol

from arkes_build.core.digest import canonical_json
from arkes_build.core.names import BOOTSTRAP
from arkes_build.delivery.trust.verification import Part, Trouble
from arkes_build.plan.keys import named
from arkes_build.store.packages import packages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arkes_build.plan.state import Record
    from arkes_build.store.trees import Tree

_SHOWN = 12
_MODULES = "usr/lib/modules"
_OS_RELEASE = "usr/lib/os-release"
_BUILD_ID = 16
"""Digits of the key that os-release has as BUILD_ID."""
_MOST = 3


class Said(Protocol):
    """What a commit says of itself; ``history.commits.CommitInfo`` is one."""

    @property
    def checksum(self) -> str:
        """Return the commit."""

    @property
    def node(self) -> str:
        """Return its node."""

    @property
    def key(self) -> str:
        """Return the digest of its inputs."""

    @property
    def inputs(self) -> bytes:
        """Return the canonical JSON of its inputs."""

    @property
    def kernel(self) -> str:
        """Return the version of its kernel, empty without one."""

    @property
    def packages(self) -> tuple[str, ...]:
        """Return its packages, ``name=version``."""

    @property
    def refs(self) -> tuple[str, ...]:
        """Return the refs that it was made for."""


def notes(said: Said) -> Iterator[str]:
    """Say what cannot be verified of a commit because it does not say it."""
    if not said.key:
        yield "it does not say what it was made from: something else made it"
    elif not said.inputs:
        yield "it does not say its inputs: an earlier version made it"


def wrong_inputs(said: Said) -> Iterator[Trouble]:
    """Say whether the inputs that a commit names have another digest than its key."""
    if not said.inputs:
        return
    found = hashlib.sha256(said.inputs).hexdigest()
    if found != said.key:
        yield Trouble(
            part=Part.INPUTS,
            text=f"the inputs it names give the key {found[:_SHOWN]}, not {said.key[:_SHOWN]}",
        )
    try:
        json.loads(said.inputs)
    except (ValueError, RecursionError):
        yield Trouble(part=Part.INPUTS, text="the inputs it names are no JSON")


def wrong_ref(said: Said, ref: str) -> Iterator[Trouble]:
    """Say whether a commit was made for another ref."""
    if ref and ref not in said.refs:
        whose = " and ".join(said.refs) or "no ref at all"
        yield Trouble(part=Part.REF, text=f"it was made for {whose}, not for {ref}")


def wrong_tree(said: Said, tree: Tree) -> Iterator[Trouble]:
    """Say where a commit's tree is not what the commit says."""
    yield from _wrong_release(said, tree)
    yield from _wrong_packages(said, tree)
    yield from _wrong_kernel(said, tree)


def _wrong_release(said: Said, tree: Tree) -> Iterator[Trouble]:
    if not said.key or said.node == BOOTSTRAP:
        return  # the bootstrap is the one node that nobody gives an identity
    lines = (tree.read(_OS_RELEASE) or b"").decode("utf-8", "replace").splitlines()
    found = [line.partition("=")[2].strip("\"'") for line in lines if line.startswith("BUILD_ID=")]
    if found[:1] != [said.key[:_BUILD_ID]]:
        has = f"the build {found[0][:_BUILD_ID]!r}" if found else "no build"
        yield Trouble(
            part=Part.OS_RELEASE,
            text=f"os-release in the tree names {has}, the commit {said.key[:_BUILD_ID]!r}",
        )


def _wrong_packages(said: Said, tree: Tree) -> Iterator[Trouble]:
    found, told = set(packages(tree)), set(said.packages)
    if not found:
        return  # the database was in /var, which a commit does not have
    missing, other = sorted(told - found), sorted(found - told)
    if missing or other:
        parts = [f"{_some(missing)} not in the tree"] if missing else []
        parts += [f"{_some(other)} not in the commit's list"] if other else []
        yield Trouble(part=Part.PACKAGES, text=f"packages differ: {'; '.join(parts)}")


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return ", ".join(names[:_MOST]) + more


def _wrong_kernel(said: Said, tree: Tree) -> Iterator[Trouble]:
    names = tree.names(_MODULES)
    found = [name for name in names if "vmlinuz" in tree.names(f"{_MODULES}/{name}")]
    if said.kernel and said.kernel not in found:
        text = f"the tree does not have the kernel {said.kernel}"
        yield Trouble(part=Part.KERNEL, text=text)
    elif found and not said.kernel:
        text = f"the tree has the kernel {found[-1]}, the commit names none"
        yield Trouble(part=Part.KERNEL, text=text)


def wrong_record(said: Said, record: Record) -> Iterator[Trouble]:
    """Say where the record of the build that made a commit disagrees with it."""
    if record.key != said.key:
        text = f"its record has the key {record.key[:_SHOWN]}, the commit {said.key[:_SHOWN]}"
        yield Trouble(part=Part.RECORD, text=text)
    elif said.inputs and canonical_json(named(record.inputs)) != said.inputs:
        yield Trouble(part=Part.RECORD, text="its record names other inputs than the commit")
    if record.packages != said.packages:
        yield Trouble(part=Part.RECORD, text="its record names other packages than the commit")
