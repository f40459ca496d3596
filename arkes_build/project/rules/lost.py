"""Find what the deployed system will not have: the commit empties or replaces those places.

What becomes of each place is in docs/store.md, "The deployable form".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import Severity
from arkes_build.project.rules.image import image_instructions, last_tidy
from arkes_build.project.rules.placed import LINKS, at_boot, own_links, placed, upward, used_paths
from arkes_build.project.rules.rule import Rule
from arkes_build.project.rules.writes import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.project.rules.placed import Placed
    from arkes_build.project.rules.subject import Subject

VAR_CONTENT = Rule(
    code="var-content",
    title="Something is put into /var, which is empty in the commit.",
    severity=Severity.WARNING,
)
LOST_CONTENT = Rule(
    code="lost-content",
    title="Something is put into a folder that the running system fills itself.",
    severity=Severity.WARNING,
)
MACHINE_FOLDER = Rule(
    code="machine-folder",
    title="Something is put into a folder that belongs to the machine.",
    severity=Severity.WARNING,
)
BOOT_CONTENT = Rule(
    code="boot-content",
    title="Something is put into /boot, which the running system has from elsewhere.",
    severity=Severity.WARNING,
)
USR_ETC = Rule(
    code="usr-etc",
    title="Something is put into /usr/etc, which the commit makes from /etc.",
    severity=Severity.WARNING,
)
VOLUME_LOST = Rule(
    code="volume-lost",
    title="VOLUME means nothing to a system, and loses what is written there.",
    severity=Severity.WARNING,
)
ENGINE_FILE = Rule(
    code="engine-file",
    title="A file is written that the engine owns during a build.",
    severity=Severity.WARNING,
)
RULES = (ENGINE_FILE, VAR_CONTENT, LOST_CONTENT, MACHINE_FOLDER, BOOT_CONTENT, USR_ETC, VOLUME_LOST)

EMPTY = ("dev", "proc", "run", "sys", "tmp", "var")
"""Folders that are empty in a commit: ``store.deployable`` does it."""

_INSTEAD = {
    "dev": "let udev or a line of tmpfiles.d make it at boot",
    "proc": "set a parameter of the kernel with SYSCTL, or in a file of /usr/lib/sysctl.d",
    "run": "let a line of tmpfiles.d make it at boot, or RuntimeDirectory= of its service",
    "sys": "let a line of tmpfiles.d (type w) or a udev rule write it at boot",
    "tmp": "put what shall stay under /usr; for one command mount it: RUN --mount=type=bind",
}
_ONLY_BUILDING = ("tmp/", "var/tmp/", "dev/", "proc/self/", "var/cache/", "var/lib/apt/lists/")
"""Where a command may leave something that only the build uses."""

_ENGINE_FILES = {
    "etc/hostname": "write HOSTNAME NAME",
    "etc/hosts": "bring the file with an overlay or COPY",
    "etc/resolv.conf": "bring a link with an overlay, or enable systemd-resolved.service",
}


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Yield one finding for each place that an instruction names and the system loses."""
    told: dict[tuple[str, int], tuple[Rule, list[Placed]]] = {}
    for each in placed(subject):
        rule = _rule(subject, each)
        if rule is not None:
            told.setdefault((rule.code, each.span.start), (rule, []))[1].append(each)
    for rule, lost in told.values():
        yield _finding(rule, lost)
    yield from _engine_files(subject)
    for instruction in image_instructions(subject):
        if instruction.keyword == "VOLUME":
            yield VOLUME_LOST.finding(
                "VOLUME has no effect on a system, and what later instructions write there "
                "is dropped",
                instruction.span,
                remedy="remove it; folders of /var that a service needs come from tmpfiles.d",
            )


def _engine_files(subject: Subject) -> Iterator[Diagnostic]:
    """Yield writes to files over which the engine lays its own while a RUN runs."""
    for each in placed(subject):
        if each.path not in _ENGINE_FILES:
            continue
        if each.by == "RUN":
            message = f"RUN cannot change /{each.path}: during it the engine's own file is there"
        elif each.path == "etc/resolv.conf" and each.kind is Kind.FILE and _has_text(each):
            message = "the commit leaves /etc/resolv.conf out, unless it is a link"
        else:
            continue
        yield ENGINE_FILE.finding(message, each.span, remedy=_ENGINE_FILES[each.path])


def _has_text(each: Placed) -> bool:
    return each.source is not None and bool((each.source.text() or "").strip())


def _rule(subject: Subject, each: Placed) -> Rule | None:
    """Return the rule that a path breaks."""
    if each.path.startswith("boot/"):
        return BOOT_CONTENT
    if each.path.startswith("usr/etc/"):
        return USR_ETC
    rule = _rule_of_place(each.path)
    if rule is MACHINE_FOLDER and _link(each.path) in own_links(subject):
        return None
    if each.kind is Kind.FOLDER and each.path in LINKS.values():
        return None  # where the links of every such system lead to
    if rule is None or _serves_the_build(subject, each) or at_boot(subject).covers(each.path):
        return None
    is_described = each.kind is not Kind.FILE and last_tidy(subject) > each.number
    return None if is_described and rule is not LOST_CONTENT else rule


def _rule_of_place(path: str) -> Rule | None:
    top, slash, _ = path.partition("/")
    if _link(path):
        return MACHINE_FOLDER
    if not slash or top not in EMPTY:
        return None
    return VAR_CONTENT if top == "var" else LOST_CONTENT


def _link(path: str) -> str:
    """Return the folder of a machine that a path is in, empty when it is in none."""
    return next((link for link in LINKS if path.startswith(f"{link}/")), "")


def _serves_the_build(subject: Subject, each: Placed) -> bool:
    """Tell whether nobody expects to find it on the running system."""
    if each.by == "RUN":
        return each.path.startswith(_ONLY_BUILDING) or (
            each.path.startswith("run/") and each.kind is not Kind.FILE
        )
    used = used_paths(subject)
    return any(used.get(above, -1) > each.number for above in upward(each.path))


def _finding(rule: Rule, lost: list[Placed]) -> Diagnostic:
    first = lost[0]
    path = f"/{first.path}"
    more = f" and {len(lost) - 1} more" if len(lost) > 1 else ""
    return rule.finding(_message(rule, path, more), first.span, remedy=_remedy(rule, first))


def _message(rule: Rule, path: str, more: str) -> str:
    if rule is BOOT_CONTENT:
        return f"{path}{more} is never seen: on the running system /boot is another folder"
    if rule is USR_ETC:
        return f"{path}{more} stands where the commit puts /etc, and loses to a file there"
    if rule is MACHINE_FOLDER:
        link = _link(path[1:])
        return (
            f"{path}{more} does not come to a machine: "
            f"/{link} becomes a link to /{LINKS[link]}, which is the machine's own"
        )
    top = path.split("/")[1]
    return f"{path}{more} is not in the commit: /{top} is empty there"


def _remedy(rule: Rule, first: Placed) -> str:
    path = f"/{first.path}"
    if rule is BOOT_CONTENT:
        return "put kernels into /usr/lib/modules/VERSION, arguments into KARGS"
    if rule is USR_ETC:
        return f"write it to {path.removeprefix('/usr')}"
    if rule is LOST_CONTENT:
        return _INSTEAD[path.split("/")[1]]
    return _remedy_for_var(rule, first.kind, path)


def _remedy_for_var(rule: Rule, kind: Kind, path: str) -> str:
    if path.startswith("/var/spool/cron/"):
        return "write a timer: NAME.timer and NAME.service in /usr/lib/systemd/system"
    if kind is Kind.FOLDER:
        return f"let a line in /usr/lib/tmpfiles.d/NAME.conf make it at boot: d {path}"
    if rule is MACHINE_FOLDER:
        return "put programs into /usr/bin, what belongs to them into /usr/lib/NAME"
    return (
        "put it under /usr, and let a line in /usr/lib/tmpfiles.d/NAME.conf copy it at boot: "
        f"C {path} - - - - /usr/share/…"
    )
