"""Look at each file that comes in: its mode, its place, and where a link leads."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import Edit, Fix, Severity, did_you_mean
from arkes_build.project.patterns import normal
from arkes_build.project.rules.brought import brought
from arkes_build.project.rules.config_lines import sections
from arkes_build.project.rules.image import image_commands, parent_of
from arkes_build.project.rules.once import once
from arkes_build.project.rules.placed import upward
from arkes_build.project.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.project.rules.brought import Brought
    from arkes_build.project.rules.subject import Subject

SETUID = Rule(
    code="file-setuid",
    title="A program gives its owner's rights to whoever starts it.",
    severity=Severity.WARNING,
)
NOT_EXECUTABLE = Rule(
    code="script-not-executable",
    title="A script stands where programs are, and cannot be started.",
    severity=Severity.WARNING,
)
BROKEN_LINK = Rule(
    code="link-broken",
    title="A link leads to nothing in the image.",
    severity=Severity.WARNING,
)
IN_ETC = Rule(
    code="config-in-etc",
    title="What belongs to the image stands in /etc, where machines keep their own.",
    severity=Severity.NOTE,
)
UNIT_FILE_NAME = Rule(
    code="unit-file-name",
    title="A file stands among the units and is none.",
    severity=Severity.WARNING,
)
RULES = (SETUID, NOT_EXECUTABLE, BROKEN_LINK, IN_ETC, UNIT_FILE_NAME)

_PROGRAMS = ("usr/bin/", "usr/sbin/", "usr/libexec/", "usr/lib/system/", "bin/", "sbin/")
_TWIN = re.compile(
    r"etc/((?:tmpfiles|sysusers|sysctl|modprobe|modules-load|binfmt|environment)\.d"
    r"|systemd/(?:system|user)-preset|systemd/(?:system|user)|udev/rules\.d|dracut\.conf\.d)/(.+)"
)
"""Folders that systemd and others also read below /usr/lib."""
_SYSTEMD_OWN = frozenset(
    {
        *("credstore", "etc", "home", "journal-nocow", "legacy", "portables", "provision"),
        *("static-nodes-permissions", "systemd", "systemd-nosuid", "systemd-network"),
        *("systemd-nspawn", "systemd-pstore", "systemd-resolve", "systemd-tmp", "tmp", "var"),
        *("x11", "debian", "dbus", "50-default", "99-default", "50-pid-max", "basic"),
    }
)
"""Files of systemd's own in such folders: a file in /etc of that name takes its place."""
_UNITS = re.compile(r"(?:etc|usr/lib|usr/local/lib|lib)/systemd/(?:system|user)/([^/]+)")
_KINDS = (
    *("service", "socket", "target", "timer", "path", "mount", "automount", "swap", "slice"),
    *("device", "scope"),
)

_SETUID_MODE = re.compile(r"0?[4567][0-7]{3}|[ugoa]*u[ugoa]*\+[rwxXt]*s[rwxXst]*")
_INSTEAD_OF_SETUID = (
    "give a program what it needs with its unit (AmbientCapabilities=), a polkit rule or sudoers.d"
)
_SECTIONS = frozenset(
    {"Unit", "Service", "Socket", "Timer", "Path", "Mount", "Automount", "Swap", "Slice", "Install"}
)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Yield what is odd about the files of overlays and copies."""
    known = subject.known.get(parent_of(subject))
    units = (known.units | known.user_units) if known else frozenset[str]()
    made = _made_executable(subject)
    yield from _chmods(subject)
    for each in brought(subject):
        link = each.link()
        if link is not None:
            yield from _broken(subject, each, link)
            continue
        yield from _modes(each)
        yield from _not_executable(each, made)
        yield from _in_etc(each, units)
        yield from _unit_name(each)


def _chmods(subject: Subject) -> Iterator[Diagnostic]:
    for _, command in image_commands(subject):
        mode = command.operands[0].text if command.operands else ""
        if command.name == "chmod" and _SETUID_MODE.fullmatch(mode):
            yield SETUID.finding(
                f"chmod {mode} gives the owner's rights to whoever starts the program",
                command.span,
                remedy=_INSTEAD_OF_SETUID,
            )


def _modes(each: Brought) -> Iterator[Diagnostic]:
    mode = each.permissions() or 0
    if mode & 0o6000:
        yield SETUID.finding(
            f"/{each.path} is setuid or setgid (mode {mode:04o})",
            each.span,
            remedy=_INSTEAD_OF_SETUID,
        )


@once(16)
def _made_executable(subject: Subject) -> frozenset[str]:
    """Return the paths that a ``chmod`` names."""
    return frozenset(
        normal(word.text.rstrip("*"))
        for _, command in image_commands(subject)
        if command.name == "chmod"
        for word in command.operands[1:]
    )


def _not_executable(each: Brought, made: frozenset[str]) -> Iterator[Diagnostic]:
    if not each.path.startswith(_PROGRAMS):
        return
    mode = each.permissions() if each.body is None or each.mode is not None else 0o644
    text = each.text() or ""
    if mode is None or mode & 0o100 or not text.startswith("#!"):
        return
    if any(above in made for above in upward(each.path)):
        return
    yield NOT_EXECUTABLE.finding(
        f"/{each.path} is a script that cannot be started: its mode is {mode:04o}",
        each.span,
        remedy="write COPY --chmod=0755" if each.body is not None else "chmod +x the file",
        fix=_with_mode(each) if each.body is not None and each.mode is None else None,
    )


def _with_mode(each: Brought) -> Fix | None:
    """Return the fix that gives a here-document its mode, when it is the only file."""
    if len(each.instruction.words) != 2:  # noqa: PLR2004 - one source and the target
        return None
    span = each.instruction.span
    end = span.start + len(each.instruction.keyword)
    edit = Edit(span=span.source.span(end, end), text=" --chmod=0755")
    return Fix(title="write --chmod=0755", edits=(edit,))


def _broken(subject: Subject, each: Brought, link: str) -> Iterator[Diagnostic]:
    """Judge links only where it is certain: what packages bring is not known.

    1. The target is a path of the machine that builds, inside the project.
    2. The target is nearly what the same overlay brings.
    3. The link leads to itself.
    """
    folder = each.path.rpartition("/")[0]
    target = normal(link if link.startswith("/") else f"{folder}/{link}")
    root = os.fspath(subject.part.context)
    if link == root or link.startswith(f"{root}/"):
        why, remedy = "which is a path of this machine", "point it to a path in the image"
    elif target == each.path:
        why, remedy = "which is itself", "point it to something else"
    elif target not in _paths(subject):
        place, _, name = target.rpartition("/")
        near = did_you_mean(name, _names(subject).get(place, frozenset()))
        if not near:
            return
        why, remedy = "which nothing here brings", near
    else:
        return
    yield BROKEN_LINK.finding(
        f"/{each.path} is a link to {link!r}, {why}", each.span, remedy=remedy
    )


@once(16)
def _paths(subject: Subject) -> frozenset[str]:
    return frozenset(above for each in brought(subject) for above in upward(each.path))


@once(16)
def _names(subject: Subject) -> dict[str, frozenset[str]]:
    """Return the names of files by their folder."""
    found: dict[str, set[str]] = {}
    for each in brought(subject):
        folder, _, name = each.path.rpartition("/")
        found.setdefault(folder, set()).add(name)
    return {folder: frozenset(names) for folder, names in found.items()}


def _in_etc(each: Brought, units: frozenset[str]) -> Iterator[Diagnostic]:
    twin = _TWIN.fullmatch(each.path)
    if twin is None or not _says_something(each):
        return
    name = twin[2].partition("/")[0]
    if name.rpartition(".")[0] in _SYSTEMD_OWN or name in units or twin[2].endswith("/"):
        return
    folder = "usr/lib/dracut" if twin[1] == "dracut.conf.d" else "usr/lib"
    yield IN_ETC.finding(
        f"/{each.path} is in the machine's own folder: a change there keeps later images' away",
        each.span,
        remedy=f"bring it as /{folder}/{twin[1]}/{twin[2]}, unless it replaces a package's file",
    )


def _says_something(each: Brought) -> bool:
    """Tell whether a file has more than comments: an empty one only hides another."""
    text = each.text()
    if text is None:
        return each.file is not None
    lines = (line.strip() for line in text.splitlines())
    return any(line and line[0] not in "#;" for line in lines)


def _unit_name(each: Brought) -> Iterator[Diagnostic]:
    found = _UNITS.fullmatch(each.path)
    if found is None or (each.file is None and each.body is None):
        return
    stem, _, kind = found[1].rpartition(".")
    if (stem and kind in _KINDS) or _SECTIONS.isdisjoint(sections(each.text() or "")):
        return
    near = did_you_mean(kind, _KINDS) if stem else ""
    yield UNIT_FILE_NAME.finding(
        f"/{each.path} has no name of a unit: systemd does not read it",
        each.span,
        remedy=near.replace("'", f"'{stem}.", 1)
        or "let its name end in .service, .socket, .timer, .mount, .target, …",
    )
