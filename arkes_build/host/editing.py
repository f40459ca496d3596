"""Change the machine's Systemfile so that a wrong one never takes the place of a right one.

The editor gets a draft beside it. What it leaves is held against the compiler's rules; only
what has no error is saved, in one step. A draft that was not saved stays, and is named.
"""

from __future__ import annotations

import os
import shlex
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from arkes_build.core.atomic import replace_atomically, write_atomically
from arkes_build.core.diagnostics import Severity, SourceError
from arkes_build.core.errors import ArkesError, ExitCode, ToolMissing
from arkes_build.host import records

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.host.machine import Host

    Editor = Callable[[Path], None]
    Ask = Callable[[Sequence[Diagnostic]], bool]

EDITORS = ("sensible-editor", "nano", "vim", "vi")
"""Tried in this order when nobody says which editor is meant."""
LARGEST = 1 << 20
"""Bytes of a Systemfile at most; the language takes no more either."""
TEMPLATE = """\
# syntax=docker/dockerfile:1.4
#
# This machine's own system. What stands here is built on the release that the machine
# follows: `os build` does it once, to try it, and `os upgrade` for each new release.
# Delete the file to follow the releases as they are.
FROM arkes:{node}

# Packages on top of it:
# PACKAGES htop git

# Whatever a Containerfile can do; it runs while the system is built, never at a boot:
# RUN systemctl enable example.service

# Files that stand beside this one in /etc/system:
# COPY motd /etc/motd
"""


class EditorFailed(ArkesError):
    """Report an editor that did not end well; nothing is saved then."""

    exit_code = ExitCode.USAGE

    def __init__(self, editor: str, *, code: int) -> None:
        super().__init__(
            f"the editor {editor} ended with exit code {code}: nothing was saved",
            resolution="EDITOR names another one: sudo EDITOR=nano os edit",
        )


class FileChanged(ArkesError):
    """Report that somebody else saved the Systemfile in the meantime."""

    exit_code = ExitCode.STORE_BUSY

    def __init__(self, path: Path, draft: Path) -> None:
        super().__init__(
            f"{path} was changed by somebody else in the meantime",
            details=f"what you wrote is in {draft}",
            resolution="compare the two, then call `os edit` again",
        )


class NotSaved(ArkesError):
    """Report a draft that was not saved, because the compiler would not take it."""

    exit_code = ExitCode.SOURCE

    def __init__(self, draft: Path, *, errors: int) -> None:
        super().__init__(
            f"nothing was saved: the draft has {errors} error{'s' if errors != 1 else ''}",
            details=f"what you wrote is in {draft}",
            resolution=f"mend it, then: sudo os edit --from {draft}",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """What came of it; ``findings`` are remarks that are no errors."""

    path: Path
    is_changed: bool
    findings: tuple[Diagnostic, ...]


def edit(host: Host, editor: Editor, ask: Ask) -> Edited:
    """Let somebody change the Systemfile, or begin one; save what is right.

    ``ask`` gets the findings of a wrong draft and says whether it is opened again. Raises
    ``NotSaved`` when it is not, ``EditorFailed``, ``FileChanged``.
    """
    path = host.systemfile
    before = _content(path)
    begun = TEMPLATE.format(node=_node(host)).encode() if before is None else before
    draft = _draft(path, begun)
    try:
        findings = _agreed(draft, editor, ask)
        after = _content(draft) or b""
    except BaseException as error:
        if isinstance(error, EditorFailed) or _content(draft) == begun:
            draft.unlink()
        raise
    if after == before:
        draft.unlink()
        return Edited(path=path, is_changed=False, findings=findings)
    if _content(path) != before:
        raise FileChanged(path, draft)
    _save(host, after)
    draft.unlink()
    return Edited(path=path, is_changed=True, findings=findings)


def put(host: Host, text: bytes) -> Edited:
    """Save a text as the Systemfile, if it is right; raises ``SourceError``."""
    path = host.systemfile
    draft = _draft(path, text[: LARGEST + 1])
    try:
        findings = check(draft)
        if _errors(findings):
            raise SourceError(findings)
    finally:
        draft.unlink()
    is_changed = _content(path) != text
    if is_changed:
        _save(host, text)
    return Edited(path=path, is_changed=is_changed, findings=findings)


def check(draft: Path) -> tuple[Diagnostic, ...]:
    """Return what the compiler has to say of a Systemfile, with the files beside it at hand."""
    from arkes_build.core.names import machine_arch
    from arkes_build.pipeline.machine import family_here
    from arkes_build.project.inspection import survey

    folder = draft.parent
    return survey(
        folder,
        families=(family_here(),),
        arch=machine_arch(),
        systemfiles=(draft,),
        known={},
        is_implicit=not (folder / "arkes.toml").is_file(),
    ).findings


def editor_of(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the program that edits, with its arguments: ``VISUAL``, ``EDITOR`` or a known one.

    Raises ``ToolMissing`` when there is none.
    """
    from arkes_build.core import process

    for name in ("VISUAL", "EDITOR"):
        with suppress(ValueError):
            words = shlex.split(environ.get(name, ""))
            if words:
                return tuple(words)
    for tool in EDITORS:
        with suppress(ToolMissing):
            return (process.find(tool),)
    raise ToolMissing("an editor", wanted_for="`os edit`; EDITOR names one")


def start_editor(argv: Sequence[str], path: Path) -> None:
    """Let the person at the terminal edit a file; raises ``EditorFailed``."""
    from arkes_build.core import process

    code = process.attend([*argv, str(path)])
    if code:
        raise EditorFailed(argv[0], code=code)


def _agreed(draft: Path, editor: Editor, ask: Ask) -> tuple[Diagnostic, ...]:
    """Edit until nothing is wrong, or until nobody wants to go on."""
    while True:
        editor(draft)
        findings = check(draft)
        if not _errors(findings):
            return findings
        if not ask(findings):
            raise NotSaved(draft, errors=len(_errors(findings)))


def _errors(findings: Sequence[Diagnostic]) -> list[Diagnostic]:
    return [each for each in findings if each.severity is Severity.ERROR]


def _draft(path: Path, text: bytes) -> Path:
    """Write a draft beside the Systemfile, so that it finds the same files."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix="draft-", suffix=".Systemfile", dir=path.parent)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(text)
    return Path(name)


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _save(host: Host, text: bytes) -> None:
    if host.systemfile.exists():
        replace_atomically(host.systemfile, text)
    else:
        write_atomically(host.systemfile, text)
    records.append(host, action="edit", detail=f"/{host.systemfile.relative_to(host.root)}")


def _node(host: Host) -> str:
    """Return the node that a new Systemfile stands on: that of what boots next."""
    from arkes_build.core.names import NAME

    for each in host.sysroot().deployments():
        name = (each.base or each.ref).rpartition("/")[2]
        if all(NAME.fullmatch(part) for part in name.split("-")):
            return name
    return "base"
