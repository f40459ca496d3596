"""Look at kernel arguments and the initramfs: said once, and nobody else's to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import Label, Severity
from arkes_build.project.rules.declared import without_word, words_of
from arkes_build.project.rules.image import HELPERS, image_commands
from arkes_build.project.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.project.rules.declared import Asked
    from arkes_build.project.rules.subject import Subject

TWICE = Rule(
    code="kernel-argument-twice",
    title="A kernel argument is given twice.",
    severity=Severity.WARNING,
)
CONTRADICTION = Rule(
    code="kernel-argument-contradiction",
    title="A kernel argument is given two values.",
    severity=Severity.WARNING,
)
OWNED = Rule(
    code="kernel-argument-owned",
    title="A kernel argument is given that the boot loader or OSTree sets.",
    severity=Severity.WARNING,
)
INITRAMFS = Rule(
    code="initramfs-by-hand",
    title="An initramfs is made by hand.",
    severity=Severity.WARNING,
)
RULES = (TWICE, CONTRADICTION, OWNED, INITRAMFS)

_OWNED = {
    "BOOT_IMAGE": "the boot loader adds it",
    "initrd": "the boot loader adds it",
    "ostree": "OSTree sets it for each deployment",
    "root": "the installer sets it for the machine's own disk",
}
_SINGLE = frozenset(
    {
        *("init", "loglevel", "mitigations", "selinux", "apparmor", "lsm", "security", "nosmt"),
        *("panic", "quiet", "rootflags", "rootfstype", "rootdelay", "resume", "audit", "iommu"),
        *("intel_iommu", "amd_iommu", "intel_pstate", "amd_pstate", "preempt", "hugepagesz"),
        *("transparent_hugepage", "ipv6.disable", "systemd.unit", "plymouth.enable", "splash"),
        *("vt.handoff", "nmi_watchdog", "zswap.enabled", "lockdown", "elevator", "clocksource"),
    }
)
"""Arguments of which the last one counts: others, like ``console``, may stand several times."""
_MODULES = "/usr/lib/modules/"
_INITRAMFS = frozenset(
    {"dracut", "mkinitcpio", "update-initramfs", "mkinitramfs", "kernel-install"}
)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Yield what is wrong with KARGS, and tools that make an initramfs."""
    yield from _arguments(tuple(words_of(subject, "KARGS")))
    for _, command in image_commands(subject):
        is_placed = any(word.text.startswith(_MODULES) for word in command.operands)
        is_question = command.has_option("--help", "--version", "--list-modules")
        if command.name in _INITRAMFS and not (is_placed or is_question):
            yield INITRAMFS.finding(
                f"what {command.name} makes is not where OSTree looks for it",
                command.span,
                remedy=f"write settings into /usr/lib/dracut/dracut.conf.d, and end the file with "
                f"RUN {HELPERS}post_build",
            )


def _arguments(asked: tuple[Asked, ...]) -> Iterator[Diagnostic]:
    whole: dict[str, Asked] = {}
    named: dict[str, Asked] = {}
    for each in asked:
        if each.name in _OWNED:
            yield OWNED.finding(
                f"{each.name} is not the image's to set: {_OWNED[each.name]}",
                each.span,
                remedy="remove it",
                fix=without_word(each),
            )
            continue
        before = whole.setdefault(each.text, each)
        other = named.setdefault(each.name, each)
        if before is not each:
            yield TWICE.finding(
                f"{each.text} is given a second time",
                each.span,
                remedy="remove one of the two",
                related=(Label(span=before.span, text="first given here"),),
                fix=without_word(each),
            )
        elif other is not each and each.name in _SINGLE:
            yield CONTRADICTION.finding(
                f"{each.text} is given here and {other.text} above: only the last one counts",
                each.span,
                remedy="keep one of the two",
                related=(Label(span=other.span, text="given here"),),
            )
