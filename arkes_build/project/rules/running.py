"""Find commands that talk to a system that runs: during a build none does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import Severity
from arkes_build.project.rules.commands import commands
from arkes_build.project.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.project.rules.shell_words import Command
    from arkes_build.project.rules.subject import Subject

RUNNING = Rule(
    code="needs-running-system",
    title="A command needs services or a kernel of its own, and a build has neither.",
    severity=Severity.WARNING,
)
DIFFERS = Rule(
    code="layer-differs",
    title="A command gives something else each time, so the layer does as well.",
    severity=Severity.WARNING,
)
RULES = (RUNNING, DIFFERS)

_VERBS = frozenset(
    {
        *("start", "stop", "restart", "reload", "try-restart", "reload-or-restart", "isolate"),
        *("kill", "daemon-reload", "daemon-reexec", "reboot", "poweroff", "halt", "suspend"),
    }
)
_SERVICE_VERBS = frozenset({"start", "stop", "restart", "reload", "force-reload", "try-restart"})
_PROGRAMS = {
    "hostnamectl": "write HOSTNAME NAME",
    "insmod": "name the module in a file of /usr/lib/modules-load.d",
    "localectl": "write LOCALE or KEYMAP",
    "loginctl": "remove it: nobody is logged in during a build",
    "modprobe": "name the module in a file of /usr/lib/modules-load.d",
    "poweroff": "remove it",
    "reboot": "remove it: the image is complete when its last instruction is",
    "rmmod": "write `blacklist NAME` into a file of /usr/lib/modprobe.d",
    "shutdown": "remove it",
    "swapon": "bring a unit NAME.swap, or settings for zram-generator",
    "timedatectl": "write TIMEZONE Area/City",
}
_ANSWERS = frozenset({"--help", "--version", "-V", "-n", "--dry-run", "--show-depends"})
_RANDOM = ("/dev/random", "/dev/urandom", "/proc/sys/kernel/random/uuid")
_FIXED_DATE = ("-d", "--date", "-r", "--reference", "--help", "--version")
_KEYGEN = frozenset({"ssh-keygen", "wg", "uuidgen", "dbus-uuidgen", "systemd-machine-id-setup"})


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the commands of all stages that cannot do in a build what they are for."""
    for instruction in subject.instructions:
        for command in commands(instruction):
            remedy = _running(command)
            if remedy:
                yield RUNNING.finding(
                    f"{_shown(command)} needs a system that runs; in a build there is none",
                    command.span,
                    remedy=remedy,
                )
            yield from _differs(command)


def _shown(command: Command) -> str:
    words = [word.text for word in command.operands[:1]] if command.name == "systemctl" else []
    return " ".join([command.name, *words])


def _running(command: Command) -> str:
    """Return what to do instead of a command, empty when it is fine."""
    words = [word.text for word in command.operands]
    if command.name == "systemctl" and words and words[0] in _VERBS:
        if words[0].startswith("daemon"):
            return "remove it: systemd reads its units at boot"
        return "remove it, and ENABLE the unit: systemd starts it at boot"
    if command.name == "service" and len(words) > 1 and words[1] in _SERVICE_VERBS:
        return "remove it, and ENABLE the unit: systemd starts it at boot"
    if command.name == "sysctl" and (
        command.has_option("-w", "--write", "-p", "--load", "--system")
        or any("=" in word for word in words)
    ):
        return "write SYSCTL KEY=VALUE: this would set the kernel of the machine that builds"
    if any(word.text in _ANSWERS for word in command.arguments):
        return ""
    return _PROGRAMS.get(command.name, "")


def _differs(command: Command) -> Iterator[Diagnostic]:
    what = _changing(command)
    if what:
        yield DIFFERS.finding(
            f"{what} is another one in every build, and so is the commit",
            command.span,
            remedy="take the value from an ARG, or let a service make it at the first boot",
        )


def _changing(command: Command) -> str:
    """Return what in a command is different each time, empty when nothing is."""
    texts = [word.text for word in command.words]
    if command.name == "date" and not any(text.startswith(_FIXED_DATE) for text in texts[1:]):
        return "the time"
    if command.name in _KEYGEN and (command.name != "wg" or texts[1:2] == ["genkey"]):
        return f"what {command.name} makes" if _makes_key(command) else ""
    if command.name == "openssl" and texts[1:2] in (["rand"], ["genrsa"], ["genpkey"]):
        return "what openssl makes"
    every = [*command.words, *command.assignments, *(each.target for each in command.redirects)]
    if any(word.text in _RANDOM or word.text.removeprefix("if=") in _RANDOM for word in every):
        return "what the kernel gives"
    if any(not w.is_fixed and ("$RANDOM" in w.text or "${RANDOM}" in w.text) for w in every):
        return "$RANDOM"
    return ""


def _makes_key(command: Command) -> bool:
    if command.name != "ssh-keygen":
        return True
    return command.has_option("-A", "-t") and not command.has_option("-l", "-y", "-R", "-F")
