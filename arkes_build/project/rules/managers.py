"""Look at package managers: called beside the helpers, or leaving their caches behind."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import Severity
from arkes_build.core.names import BOOTSTRAP, ROOTFS
from arkes_build.project.edges import SCHEME, mount_options
from arkes_build.project.rules import spots
from arkes_build.project.rules.commands import commands
from arkes_build.project.rules.image import image_steps
from arkes_build.project.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.language.nodes import Instruction
    from arkes_build.project.rules.shell_words import Command
    from arkes_build.project.rules.subject import Subject

DIRECT = Rule(
    code="package-manager-direct",
    title="A package manager is called where a helper keeps the layer clean.",
    severity=Severity.WARNING,
)
CACHE = Rule(
    code="package-cache-left",
    title="A package manager leaves its cache in the layer.",
    severity=Severity.WARNING,
)
RULES = (DIRECT, CACHE)

_WORDS = re.compile("apt|pacman|pip")
_APT = frozenset({"apt", "apt-get", "aptitude"})
_APT_FETCHES = frozenset({"update", "install", "upgrade", "dist-upgrade", "full-upgrade"})
_APT_WORK = _APT_FETCHES | {"remove", "purge", "autoremove"}
_SYNC = re.compile(r"-S(?![a-z]*[sigl])[a-z]*|--sync")
_PACMAN_WORK = re.compile(r"-(?:S(?![a-z]*[sigl]|c)|R|U)[a-z]*|--(?:sync|remove|upgrade)")
_PIP = re.compile(r"pip[0-9.]*")
_CLEANERS = {
    "apt": ("/var/lib/apt/lists",),
    "pacman": ("/var/cache/pacman", "/var/lib/pacman/sync"),
}


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Yield calls of package managers in what ends in the image."""
    base = subject.walked.standing.base
    has_helpers = base.startswith(SCHEME) and base != SCHEME + BOOTSTRAP
    is_rootfs = subject.part.name == ROOTFS
    for step in image_steps(subject):
        if not spots.may_run(step.instruction, _WORDS):
            continue
        found = commands(step.instruction)
        working = [command for command in found if _works(command)]
        if working and has_helpers and not is_rootfs:
            yield _direct(working[0])
        yield from _caches(step.instruction, found)


def _works(command: Command) -> bool:
    texts = [word.text for word in command.arguments]
    if command.name in _APT:
        return any(word.text in _APT_WORK for word in command.operands)
    return command.name == "pacman" and any(_PACMAN_WORK.fullmatch(text) for text in texts)


def _direct(command: Command) -> Diagnostic:
    return DIRECT.finding(
        f"{command.name} is called directly, and its caches and lists stay in the layer",
        spots.call(command),
        remedy="write RUN /usr/lib/system/package_layer NAME…, or in a Systemfile "
        "PACKAGES and REMOVE: they also work for the other family",
    )


def _caches(instruction: Instruction, found: Sequence[Command]) -> Iterator[Diagnostic]:
    mounts = [mount_options(f) for f in instruction.flags if f.name == "mount"]
    if any(options.get("type") in ("cache", "tmpfs") for options in mounts):
        return
    words = [word.text for command in found for word in command.words]
    first = {_fetching(command): command for command in reversed(found)}
    for manager, command in reversed(first.items()):
        if manager and not _is_cleaned(manager, words):
            yield CACHE.finding(
                f"what {command.name} fetched stays in the layer",
                spots.call(command),
                remedy=_REMEDIES[manager],
            )


_REMEDIES = {
    "apt": "end the same RUN with `rm -rf /var/lib/apt/lists/*`, or let package_layer do it",
    "pacman": "end the same RUN with `pacman -Scc --noconfirm`, or let package_layer do it",
    "pip": "write pip install --no-cache-dir",
}


def _fetching(command: Command) -> str:
    """Return whose cache a command fills, or an empty text."""
    texts = [word.text for word in command.arguments]
    if command.name in _APT and any(word.text in _APT_FETCHES for word in command.operands):
        return "apt"
    if command.name == "pacman" and any(_SYNC.fullmatch(t) and "c" not in t for t in texts):
        return "pacman"
    is_pip = _PIP.fullmatch(command.name) or texts[:2] == ["-m", "pip"]
    return "pip" if is_pip and "install" in texts else ""


def _is_cleaned(manager: str, words: Sequence[str]) -> bool:
    if manager == "pip":
        return any(w in ("--no-cache-dir", "--no-index") or "/.cache" in w for w in words)
    if manager == "pacman" and any(re.fullmatch(r"-Sc+", word) for word in words):
        return True
    return any(place in word for word in words for place in _CLEANERS[manager])
