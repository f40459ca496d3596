"""Know the release that a machine's own system stands on: its name, version and family."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from arkes_build.core.errors import ArkesError, ExitCode
from arkes_build.core.names import Arch, Family, is_name, machine_arch, machine_family

if TYPE_CHECKING:
    from collections.abc import Mapping

    from arkes_build.store.repository import Repository

OS_RELEASE = "usr/lib/os-release"


class BaseUnfit(ArkesError):
    """Report a commit that no Systemfile can stand on."""

    exit_code = ExitCode.STORE

    def __init__(self, commit: str, *, why: str) -> None:
        super().__init__(
            f"no Systemfile can stand on {commit[:12]}: {why}",
            resolution="a system that `arkes-build` made says of itself what it is; "
            "`os rebase` follows one",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A commit as the lower part of a build; ``epoch`` is its time in seconds since 1970."""

    commit: str
    node: str
    version: str
    epoch: int
    family: Family
    arch: Arch
    release: Mapping[str, str] = field(default_factory=dict)
    """The fields of its os-release."""


def ground(repository: Repository, commit: str) -> Ground:
    """Read what a commit says of itself and has in os-release; raises ``BaseUnfit``."""
    told = repository.tell(commit, ("arkes.node", "version"), OS_RELEASE)
    release = parse_release(told.text or "")
    # A variant with templates is named as one: its parts are joined by "-".
    node = told.words["arkes.node"] or release.get("VARIANT_ID", "")
    if not all(is_name(part) for part in node.split("-")):
        raise BaseUnfit(commit, why="it does not say which node of a project it is")
    return Ground(
        commit=commit,
        node=node,
        version=told.words["version"] or release.get("VERSION", "") or "0",
        epoch=told.timestamp,
        family=machine_family(release),
        arch=machine_arch(),
        release=release,
    )


def parse_release(text: str) -> dict[str, str]:
    """Return the fields of os-release(5), quotes taken off; a line that is none is left out."""
    found = {}
    for line in text.splitlines():
        name, equals, value = line.strip().partition("=")
        if not equals or name.startswith("#"):
            continue
        try:
            words = shlex.split(value)
        except ValueError:
            continue
        found[name] = words[0] if words else ""
    return found
