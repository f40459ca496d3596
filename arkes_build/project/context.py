"""Find the files of the build context that a node really uses."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import Diagnostic
from arkes_build.language.mending import replaced
from arkes_build.language.nodes import Form
from arkes_build.project.declare.lowered import Lowered
from arkes_build.project.edges import mount_options, unclear
from arkes_build.project.patterns import WILD, glob_pattern, normal
from arkes_build.project.scope import Unclear

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from arkes_build.core.diagnostics import Fix
    from arkes_build.core.source import Span
    from arkes_build.language.nodes import Instruction, Word
    from arkes_build.project.model import ContextFile
    from arkes_build.project.scope import Step, Walked
    from arkes_build.project.tree import Tree, Trouble

_REMOTE = ("http://", "https://", "git://", "git@", "ssh://")
"""What the sources of ADD begin with that are fetched, not read from the context."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One path or pattern of the context that an instruction reads."""

    path: str
    """As written, variables replaced."""
    span: Span = field(compare=False)
    is_pattern: bool = True
    """False for mounts: there ``*`` is a letter like any other."""
    is_overlay: bool = False
    """It is laid by OVERLAY, so the project's overlays count as well."""


def find_wanted(walked: Walked) -> tuple[tuple[Wanted, ...], tuple[Diagnostic, ...]]:
    """Return what COPY, ADD and bind mounts read from the context, and what is unclear.

    Instructions behind ONBUILD read the context of another build, and OCI images do not
    carry them: they want nothing.
    """
    wanted: list[Wanted] = []
    findings: list[Diagnostic] = []
    for step in walked.steps:
        for text, span, is_pattern in _texts(step):
            path = step.expanded(text)
            if isinstance(path, Unclear):
                findings.append(unclear(path, span))
            else:
                wanted.append(
                    Wanted(
                        path=path,
                        span=span,
                        is_pattern=is_pattern,
                        is_overlay=isinstance(step.instruction, Lowered)
                        and step.instruction.keyword == "COPY",
                    )
                )
    return tuple(wanted), tuple(findings)


class Context:
    """Turn wanted paths into files; the same wishes are looked up once."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._files: dict[tuple[Wanted, ...], tuple[ContextFile, ...]] = {}

    def files(
        self, wanted: tuple[Wanted, ...], findings: list[Diagnostic]
    ) -> tuple[ContextFile, ...]:
        """Return the files sorted by path; what is wrong with them goes to ``findings``."""
        if wanted not in self._files:
            before = len(findings)
            found = self._look_up(wanted, findings)
            if len(findings) > before:
                return found
            self._files[wanted] = found
        return self._files[wanted]

    def _look_up(
        self, wanted: Iterable[Wanted], findings: list[Diagnostic]
    ) -> tuple[ContextFile, ...]:
        files: dict[str, ContextFile] = {}
        for each in wanted:
            path = normal(each.path)
            if path == ".." or path.startswith("../"):
                findings.append(_outside(each))
                continue
            for match in self._matches(path, each, findings):
                found = self.tree.find(match)
                files.update((file.path, file) for file in found.files)
                findings.extend(_finding(trouble, each.span) for trouble in found.troubles)
        return tuple(files[path] for path in sorted(files))

    def _matches(self, path: str, wanted: Wanted, findings: list[Diagnostic]) -> list[str]:
        """Return the paths that a pattern stands for; a plain path stands for itself."""
        if not wanted.is_pattern or not WILD & set(path):
            return [path]
        matches = [""]
        for part in path.split("/"):
            matches = [found for folder in matches for found in self._inside(folder, part)]
        kept = [match for match in matches if not self.tree.ignore.hides(match)]
        if not kept:
            findings.append(_no_match(wanted))
        return kept

    def _inside(self, folder: str, part: str) -> Iterator[str]:
        beginning = f"{folder}/" if folder else ""
        pattern = glob_pattern(part)
        for name in self.tree.names_or_none(folder):
            if pattern.fullmatch(name):
                yield beginning + name


def _texts(step: Step) -> Iterator[tuple[str, Span, bool]]:
    """Yield the sources of an instruction: text, place, and whether it may be a pattern."""
    instruction = step.instruction
    if instruction.keyword in ("COPY", "ADD") and instruction.flag("from") is None:
        for word in _sources(instruction):
            yield word.text, word.span, True
    if instruction.keyword == "RUN":
        for flag in instruction.flags:
            options = mount_options(flag) if flag.name == "mount" else {"from": "elsewhere"}
            if options.get("type", "bind") == "bind" and not options.get("from"):
                yield options.get("source") or options.get("src") or ".", flag.span, False


def _sources(instruction: Instruction) -> tuple[Word, ...]:
    """Return the words of COPY or ADD that name something in the context."""
    marks = instruction.heredocs and instruction.form is not Form.EXEC
    return tuple(
        word
        for word in instruction.words[:-1]
        if not (marks and word.text.startswith("<<"))
        and not (instruction.keyword == "ADD" and _is_remote(word.text))
    )


def _is_remote(text: str) -> bool:
    text = text.strip("\"'")
    return text.startswith(_REMOTE) or text.endswith(".git") or ".git#" in text


def _finding(trouble: Trouble, span: Span) -> Diagnostic:
    return Diagnostic(
        code=trouble.code,
        message=trouble.message,
        span=span,
        remedy=trouble.remedy,
        fix=_respelt(span, *trouble.slip) if trouble.slip else None,
    )


def _respelt(span: Span, part: str, near: str) -> Fix | None:
    """Return the fix that corrects a part of a path, where it stands there as it is."""
    whole = rf"(?<![^/=,\s\"']){re.escape(part)}(?![^/,\s\"'])"
    found = list(re.finditer(whole, span.text))
    if len(found) != 1 or "$" in span.text or not re.fullmatch(r"[\w.+-]+", near):
        return None
    start = span.start + found[0].start()
    return replaced(span.source.span(start, start + len(part)), near)


def _outside(wanted: Wanted) -> Diagnostic:
    return Diagnostic(
        code="context-outside",
        message=f"{wanted.path!r} leaves the build context",
        span=wanted.span,
        remedy="copy or move the files into the project: nothing outside can be read",
    )


def _no_match(wanted: Wanted) -> Diagnostic:
    return Diagnostic(
        code="context-missing",
        message=f"nothing in the build context matches {wanted.path!r}",
        span=wanted.span,
        remedy="make a file that matches, or correct the pattern",
    )
