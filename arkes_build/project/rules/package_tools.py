"""Find what package managers are made to do that belongs elsewhere, or to the other family."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import Severity
from arkes_build.core.names import Family
from arkes_build.project.rules.commands import commands
from arkes_build.project.rules.image import image_steps, is_ours
from arkes_build.project.rules.rule import Rule
from arkes_build.project.rules.writes import writes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.project.rules.shell_words import Command
    from arkes_build.project.rules.subject import Subject

UPGRADE = Rule(
    code="system-upgrade",
    title="A layer upgrades all packages of its parent.",
    severity=Severity.WARNING,
)
PARTIAL = Rule(
    code="partial-upgrade",
    title="pacman refreshes its databases without upgrading what is installed.",
    severity=Severity.WARNING,
)
REPOSITORY = Rule(
    code="repository-by-hand",
    title="A package repository is added without REPOSITORY.",
    severity=Severity.WARNING,
)
OTHER_FAMILY = Rule(
    code="other-family",
    title="A command of one family's package manager counts for the other one.",
    severity=Severity.WARNING,
)
FRONTEND = Rule(
    code="debian-frontend",
    title="DEBIAN_FRONTEND is set for all that follows.",
    severity=Severity.NOTE,
)
RULES = (UPGRADE, PARTIAL, REPOSITORY, OTHER_FAMILY, FRONTEND)

_APT = frozenset({"apt", "apt-get", "aptitude"})
_DPKG = frozenset({"dpkg", "dpkg-reconfigure", "dpkg-divert", "apt-mark", "apt-cache"})
_PACMAN = frozenset({"pacman", "pacman-key", "makepkg", "yay", "paru"})
_TOOLS = {Family.DEBIAN: _APT | _DPKG | {"add-apt-repository", "apt-key"}, Family.ARCH: _PACMAN}
_UPGRADING = frozenset({"upgrade", "dist-upgrade", "full-upgrade", "safe-upgrade"})
_REPOSITORIES = ("etc/apt/sources.list", "etc/pacman.d/", "etc/pacman.conf")
_ASKS = re.compile(r"\b(?:if|case|command|which|type|hash)\b|\[\s|\btest\b")
"""What a command line has that looks first which package manager there is."""


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Yield what is said by hand; an image from elsewhere has no helpers to call instead."""
    if not is_ours(subject):
        return
    for step in image_steps(subject):
        instruction = step.instruction
        called = commands(instruction)
        asks = bool(called) and _ASKS.search(instruction.text) is not None
        for command in called:
            if not asks:
                yield from _other_family(subject, command)
            yield from _upgrades(command)
            yield from _repositories(command)
        if instruction.keyword == "ENV":
            for word in instruction.words:
                if word.text.startswith("DEBIAN_FRONTEND="):
                    yield FRONTEND.finding(
                        "DEBIAN_FRONTEND is set for every later layer and node",
                        word.span,
                        remedy="remove it: the helper scripts never ask; a command of your own "
                        "can have it in front: RUN DEBIAN_FRONTEND=noninteractive …",
                    )


def _other_family(subject: Subject, command: Command) -> Iterator[Diagnostic]:
    for family, tools in _TOOLS.items():
        if family is not subject.family and command.name in tools:
            yield OTHER_FAMILY.finding(
                f"{command.name} is a program of the family {family.value}, "
                f"and this counts for {subject.family.value} as well",
                command.words[0].span,
                remedy=f"write RUN --family={family.value}, or x-families={family.value} "
                "for the whole file; PACKAGES works for both",
            )


def _upgrades(command: Command) -> Iterator[Diagnostic]:
    if command.name in _APT:
        found = [word for word in command.operands if word.text in _UPGRADING]
        is_upgrade = bool(found)
    else:
        is_pacman = command.name in ("pacman", "yay", "paru")
        is_sync = is_pacman and command.has_option("-S", "--sync")
        is_upgrade = is_sync and command.has_option("-u", "--sysupgrade")
        if is_sync and not is_upgrade and command.has_option("-y", "--refresh"):
            yield PARTIAL.finding(
                "-Sy without u installs new packages beside old libraries",
                command.span,
                remedy="write PACKAGES NAME…, or call initialize_pacman before: the databases are "
                "those of the parent's snapshot",
            )
    if is_upgrade:
        yield UPGRADE.finding(
            f"{command.name} stores every package of the parent a second time",
            command.span,
            remedy="move `snapshot` in arkes.toml, or the mirror: the nodes below are built anew",
        )


def _repositories(command: Command) -> Iterator[Diagnostic]:
    if command.name in ("add-apt-repository", "apt-key"):
        yield _by_repository(f"{command.name} trusts a key for every repository", command)
        return
    for write in writes(command):
        path = write.path
        if path.startswith(_REPOSITORIES[:2]) or path == _REPOSITORIES[2]:
            yield _by_repository(f"/{path} gets a repository by hand", command)


def _by_repository(message: str, command: Command) -> Diagnostic:
    return REPOSITORY.finding(
        message,
        command.span,
        remedy="write REPOSITORY NAME --server=URL --keyfile=PATH",
    )
