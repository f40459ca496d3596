"""Look at what a file installs and removes, against itself and against what its parent has."""

from __future__ import annotations

import re
from itertools import accumulate
from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import Label, Severity
from arkes_build.core.names import Family
from arkes_build.project.rules.declared import asked_below, packages, without_word
from arkes_build.project.rules.image import image_steps, parent_of
from arkes_build.project.rules.once import once
from arkes_build.project.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.project.known import Known
    from arkes_build.project.rules.declared import Asked
    from arkes_build.project.rules.subject import Subject

TWICE = Rule(code="package-twice", title="A package is installed twice.", severity=Severity.WARNING)
CONTRADICTION = Rule(
    code="package-contradiction",
    title="A package is installed and removed in the same file.",
    severity=Severity.WARNING,
)
ALREADY_THERE = Rule(
    code="package-already-there",
    title="A package is in the parent already.",
    severity=Severity.NOTE,
)
NOT_THERE = Rule(
    code="package-not-there",
    title="A package that is to be removed is not in the parent.",
    severity=Severity.WARNING,
)
SEVERAL_KERNELS = Rule(
    code="several-kernels",
    title="The image gets more than one kernel.",
    severity=Severity.WARNING,
)
KERNEL_REMOVED = Rule(
    code="kernel-removed",
    title="The kernel is removed, and none comes in its place.",
    severity=Severity.NOTE,
)
RULES = (TWICE, CONTRADICTION, ALREADY_THERE, NOT_THERE, SEVERAL_KERNELS, KERNEL_REMOVED)

_KERNELS = {
    Family.ARCH: re.compile(r"linux(-(lts|zen|hardened|rt|rt-lts|cachyos|mainline))?"),
    Family.DEBIAN: re.compile(r"linux-image-(?!.*-dbg).+"),
}
_BARRIERS = frozenset({"RUN", "COPY", "ADD", "USER", "WORKDIR", "SHELL", "FROM"})


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Yield what is odd about the packages that a file names."""
    asked = packages(subject)
    yield from _against_itself(subject, asked)
    yield from _kernels(subject, asked)
    parent = parent_of(subject)
    if parent in subject.known and subject.known[parent].packages:
        yield from _already_there(subject, asked, parent)
        yield from _not_there(asked, parent, subject.known[parent])


def _against_itself(subject: Subject, asked: tuple[Asked, ...]) -> Iterator[Diagnostic]:
    first: dict[tuple[str, str], Asked] = {}
    for each in asked:
        before = first.setdefault((each.verb, each.name), each)
        if before is not each and each.verb == "install":
            yield TWICE.finding(
                f"{each.name} is installed a second time",
                each.span,
                remedy="remove one of the two",
                related=(Label(span=before.span, text="first asked for here"),),
                fix=without_word(each) if before.text == each.text else None,
            )
        other = first.get(("remove" if each.verb == "install" else "install", each.name))
        if other is not None and not _in_one_segment(subject, other, each):
            done, undone = _CONTRADICTING[each.verb]
            yield CONTRADICTION.finding(
                f"{each.name} is {done} here and {undone} above",
                each.span,
                remedy="keep one of the two; what a lower layer holds stays in the image's size",
                related=(Label(span=other.span, text=f"{undone} here"),),
            )


_CONTRADICTING = {"install": ("installed", "removed"), "remove": ("removed", "installed")}


def _in_one_segment(subject: Subject, first: Asked, second: Asked) -> bool:
    """Tell whether both are of one transaction, which the compiler judges itself."""
    if first.instruction.keyword in _BARRIERS or second.instruction.keyword in _BARRIERS:
        return False
    passed = _barriers(subject)
    return passed[first.number] == passed[second.number]


@once(16)
def _barriers(subject: Subject) -> tuple[int, ...]:
    """Return for each step how many barriers there are up to it."""
    keywords = (step.instruction.keyword for step in image_steps(subject))
    return tuple(accumulate(keyword in _BARRIERS for keyword in keywords))


def _kernels(subject: Subject, asked: tuple[Asked, ...]) -> Iterator[Diagnostic]:
    kernels = [each for each in asked if _KERNELS[subject.family].fullmatch(each.name)]
    added = {each.name: each for each in kernels if each.verb == "install"}
    removed = {each.name: each for each in kernels if each.verb == "remove"}
    there = {
        name: ""
        for name in _packages_of_parent(subject)
        if _KERNELS[subject.family].fullmatch(name) and _is_own_name(subject, name)
    }
    new = [each for name, each in added.items() if name not in removed and name not in there]
    old = sorted(there.keys() - removed.keys())
    if new and (len(new) > 1 or old):
        names = [*old, *(each.name for each in new)]
        yield SEVERAL_KERNELS.finding(
            f"the image gets several kernels: {', '.join(names)}",
            new[-1].span,
            remedy="OSTree boots one kernel: REMOVE the others, in the same layer",
        )
    if removed and not new and not old:
        last = list(removed.values())[-1]
        yield KERNEL_REMOVED.finding(
            f"without {last.name} the image has no kernel, and no machine can boot it",
            last.span,
            remedy="install another kernel, or skip this rule in an image for containers",
        )


def _packages_of_parent(subject: Subject) -> tuple[str, ...]:
    known = subject.known.get(parent_of(subject))
    return tuple(known.packages) if known else ()


def _is_own_name(subject: Subject, name: str) -> bool:
    """Tell a kernel that is asked for from the one with a version that Debian makes of it."""
    return subject.family is not Family.DEBIAN or not re.search(r"-\d", name)


def _already_there(subject: Subject, asked: tuple[Asked, ...], parent: str) -> Iterator[Diagnostic]:
    """Yield what a node below asks for by name: what came along there may go again."""
    known, below = subject.known[parent].packages, asked_below(subject)
    for each in asked:
        before = below.get(each.name)
        is_plain = each.verb == "install" and each.text == each.name
        if is_plain and before is not None and each.name in known:
            yield ALREADY_THERE.finding(
                f"{each.name} is in {parent} already ({known[each.name]})",
                each.span,
                remedy=f"remove it here, unless it shall stay when {parent} loses it",
                related=(Label(span=before, text="asked for here"),),
                fix=without_word(each),
            )


def _not_there(asked: tuple[Asked, ...], parent: str, known: Known) -> Iterator[Diagnostic]:
    own: set[str] = set()
    for each in asked:
        if each.verb == "install":
            own.add(each.name)
        elif each.name not in known.packages and each.name not in own:
            yield NOT_THERE.finding(
                f"there is no {each.name} in {parent}, as it was last built",
                each.span,
                remedy="remove the name; a package that no source knows fails the build",
                fix=without_word(each),
            )
