"""Look at what comes from outside the project: it should be the same tomorrow."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import Severity
from arkes_build.core.names import BOOTSTRAP
from arkes_build.project.edges import SCHEME
from arkes_build.project.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.core.source import Span
    from arkes_build.language.nodes import Instruction
    from arkes_build.project.rules.subject import Subject
    from arkes_build.project.scope import Step

IMAGE_LATEST = Rule(
    code="image-latest",
    title="An image is taken in whatever version is newest.",
    severity=Severity.WARNING,
)
IMAGE_UNPINNED = Rule(
    code="image-without-digest",
    title="An image from outside is named without its digest.",
    severity=Severity.WARNING,
)
ADD_UNCHECKED = Rule(
    code="add-without-checksum",
    title="ADD fetches a file without its checksum.",
    severity=Severity.WARNING,
)
GIT_UNPINNED = Rule(
    code="git-unpinned",
    title="A Git repository is fetched at whatever its branch points to.",
    severity=Severity.WARNING,
)
RULES = (IMAGE_LATEST, IMAGE_UNPINNED, ADD_UNCHECKED, GIT_UNPINNED)

_OURS = (SCHEME, "localhost/", "containers-storage:", "oci:", "oci-archive:", "dir:")
_GIT = re.compile(r"(?:git://|git@|ssh://|https?://).*?\.git(?P<ref>#.*)?\Z", re.IGNORECASE)
_BRANCH = re.compile(r"#(?:main|master|trunk|develop|dev|HEAD)?(?::.*)?\Z")
_HTTP = re.compile(r"https?://", re.IGNORECASE)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Yield what may be something else at the next build."""
    for step in subject.walked.steps:
        match step.instruction.keyword:
            case "FROM" if step.instruction.words:
                base = subject.walked.stages[step.stage]
                if base.base_stage is None:
                    yield from _image(base.base, step.instruction.words[0].span)
            case "COPY":
                yield from _copied(subject, step)
            case "ADD":
                yield from _added(step.instruction)


def _copied(subject: Subject, step: Step) -> Iterator[Diagnostic]:
    for flag in step.instruction.flags:
        name = step.expanded(flag.value or "") if flag.name == "from" else ""
        if isinstance(name, str) and name and subject.walked.stage(name) is None:
            yield from _image(name, flag.span)


def _image(name: str, span: Span) -> Iterator[Diagnostic]:
    if name in ("", "scratch", BOOTSTRAP) or name.startswith(_OURS) or "@" in name:
        return
    tag = name.rpartition("/")[2].partition(":")[2]
    if tag in ("", "latest"):
        yield IMAGE_LATEST.finding(
            f"{name[:60]!r} is another image after each of its releases",
            span,
            remedy="name a version and its digest: NAME:VERSION@sha256:…",
        )
        return
    yield IMAGE_UNPINNED.finding(
        f"{name[:60]!r} may be another image tomorrow",
        span,
        remedy=f"add its digest: {name[:60]}@sha256:…",
    )


def _added(instruction: Instruction) -> Iterator[Diagnostic]:
    for word in instruction.words[:-1]:
        text = word.text.strip("\"'")
        git = _GIT.match(text)
        if git:
            if "$" not in text and (git["ref"] is None or _BRANCH.match(git["ref"])):
                yield GIT_UNPINNED.finding(
                    f"{text[:60]!r} is fetched at whatever its branch points to",
                    word.span,
                    remedy="name a tag or, better, a commit behind a #",
                )
        elif _HTTP.match(text) and instruction.flag("checksum") is None:
            yield ADD_UNCHECKED.finding(
                f"nothing says what {text[:60]!r} must hold",
                word.span,
                remedy="write ADD --checksum=sha256:… ; sha256sum prints it",
            )
