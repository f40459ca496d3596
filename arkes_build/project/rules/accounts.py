"""Find accounts and secrets that are made in an image, where each machine needs its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import Severity
from arkes_build.project.rules.brought import brought
from arkes_build.project.rules.image import image_commands, last_tidy
from arkes_build.project.rules.rule import Rule
from arkes_build.project.rules.writes import writes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.project.rules.brought import Brought
    from arkes_build.project.rules.shell_words import Command
    from arkes_build.project.rules.subject import Subject

BY_HAND = Rule(
    code="account-by-hand",
    title="An account is made without sysusers.d.",
    severity=Severity.WARNING,
)
PASSWORD = Rule(
    code="password-in-image",
    title="The image holds a password.",
    severity=Severity.WARNING,
)
IDENTITY = Rule(
    code="machine-identity",
    title="The image holds what only one machine may have.",
    severity=Severity.WARNING,
)
SECRET = Rule(
    code="secret-in-content",
    title="The content of a file that comes into the image is a secret.",
    severity=Severity.WARNING,
)
RULES = (BY_HAND, PASSWORD, IDENTITY, SECRET)

_MAKING = frozenset({"useradd", "adduser", "groupadd", "addgroup"})
_CHANGING = frozenset({"usermod", "groupmod", "gpasswd", "chfn", "chsh", "vipw"})
_DATABASES = frozenset({"etc/passwd", "etc/group", "etc/shadow", "etc/gshadow"})
_HASH = re.compile(r"(?m)^[^:\n]+:(?:\$[0-9a-z]+\$|[./0-9A-Za-z]{13}:)")
_PASSWD_LOCKS = ("-l", "--lock", "-u", "-d", "--delete", "-e", "-S", "--status", "-n", "-x")
_KEY = re.compile(
    r"(?m)^-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s*$|^PuTTY-User-Key-File|^AGE-SECRET-KEY-1\w"
)
_TOKEN = re.compile(
    r"\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_[0-9A-Za-z]{36}|github_pat_\w{40,}|glpat-[\w-]{20}"
    r"|xox[abprs]-[\w-]{10,}|npm_[0-9A-Za-z]{36})\b"
)
_NETRC = re.compile(r"\bpassword\s+\S+")
_IDENTITIES = re.compile(
    r"etc/ssh/ssh_host_\w+_key|var/lib/systemd/(?:random-seed|credential\.secret)"
    r"|var/lib/dbus/machine-id|etc/machine-id"
)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Yield accounts made by hand, and what must not be in every machine alike."""
    tidy = last_tidy(subject)
    for number, command in image_commands(subject):
        yield from _account(command, is_described=tidy > number)
        yield from _password(command)
    seen: set[tuple[str, object]] = set()
    for each in brought(subject):
        # an overlay that is laid twice brings its secrets once
        if (each.path, each.body or each.file) not in seen:
            seen.add((each.path, each.body or each.file))
            yield from _file(each)


def _account(command: Command, *, is_described: bool) -> Iterator[Diagnostic]:
    """Yield what is wrong with making an account so; helpers write down those of services."""
    name = command.name
    is_group = name in ("groupadd", "addgroup")
    if name in _MAKING and not is_group and not command.has_option("-r", "--system", "-S"):
        yield BY_HAND.finding(
            f"{name} makes a person's account in every machine, without a home: "
            "/home is not in the commit",
            command.span,
            remedy="make people's accounts on their machine; for a service write useradd --system, "
            "or a line of sysusers.d",
        )
    elif name in _MAKING | _CHANGING and not is_described:
        line = "g NAME -" if is_group else "u NAME -" if name in _MAKING else "m NAME GROUP"
        yield BY_HAND.finding(
            f"a machine that has changed its /etc/passwd does not get what {name} does",
            command.span,
            remedy=f"bring a file /usr/lib/sysusers.d/NAME.conf with the line: {line}",
        )
    elif not _DATABASES.isdisjoint(_edited(command)):
        yield BY_HAND.finding(
            "the list of accounts is written by hand",
            command.span,
            remedy="bring a file /usr/lib/sysusers.d/NAME.conf with the line: u NAME -",
        )


def _edited(command: Command) -> Iterator[str]:
    """Yield the paths of files that a command writes or edits, without a slash in front."""
    for write in writes(command):
        yield write.path
    if command.name == "sed" and command.has_option("-i", "--in-place"):
        for word in command.operands:
            yield word.text.lstrip("/")


def _password(command: Command) -> Iterator[Diagnostic]:
    is_set = command.name == "chpasswd" or (
        command.name == "passwd" and not command.has_option(*_PASSWD_LOCKS) and command.operands
    )
    if command.name in ("useradd", "usermod"):
        is_set = command.has_option("-p", "--password")
    if is_set:
        yield PASSWORD.finding(
            f"{command.name} gives every machine the same password, readable to all who pull",
            command.span,
            remedy="remove it: passwords are set on the machine, or by its installer",
        )


def _file(each: Brought) -> Iterator[Diagnostic]:
    name = each.path.rpartition("/")[2]
    if _IDENTITIES.fullmatch(each.path):
        if each.path.endswith("machine-id") and not (each.text() or "").strip():
            return
        yield IDENTITY.finding(
            f"/{each.path} would be the same in every machine",
            each.span,
            remedy="remove the file: each machine makes its own at its first boot",
        )
        return
    text = each.text()
    if text is None:
        return
    if each.path in ("etc/shadow", "etc/gshadow") and _HASH.search(text):
        yield PASSWORD.finding(
            f"/{each.path} gives every machine the same passwords",
            each.span,
            remedy="leave the file out: packages and sysusers.d make it without passwords",
        )
    what = _secret(name, text)
    if what:
        yield SECRET.finding(
            f"/{each.path} holds {what}, readable to all who pull the image",
            each.span,
            remedy="leave the file out, and bring it to the machine another way, "
            "such as systemd's credentials",
        )


def _secret(name: str, text: str) -> str:
    if _KEY.search(text):
        return "a private key"
    if _TOKEN.search(text):
        return "an access token"
    if name in (".netrc", "netrc") and _NETRC.search(text):
        return "a password"
    return ""
