"""Look for passwords, tokens and keys: what stands in a file or a layer is no secret."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import Severity
from arkes_build.project.rules.commands import commands
from arkes_build.project.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.core.source import Span
    from arkes_build.language.nodes import Instruction
    from arkes_build.project.rules.subject import Subject

IN_VARIABLE = Rule(
    code="secret-in-variable",
    title="A secret is in ARG or ENV.",
    severity=Severity.WARNING,
)
IN_COMMAND = Rule(
    code="secret-in-command",
    title="A secret is in the text of a command.",
    severity=Severity.WARNING,
)
IN_FILE = Rule(
    code="secret-in-file",
    title="A file that holds secrets is copied into the image.",
    severity=Severity.WARNING,
)
RULES = (IN_VARIABLE, IN_COMMAND, IN_FILE)

_NAME = re.compile(
    r"(?:\A|[_-])(?:apikey|auth|credentials?|key|password|passwd|pword|secret|token)(?:[_-]|\Z)",
    re.IGNORECASE,
)
_HARMLESS_NAME = re.compile(
    r"(?:\A|[_-])(?:public|pub|file|path|dir|url|uri|id|name|server|keyring|type)(?:[_-]|\Z)",
    re.IGNORECASE,
)
_FINGERPRINT = re.compile(r"(?:0x)?[0-9A-Fa-f ]{8,60}")
_TOKEN = re.compile(
    r"gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{22,}|glpat-[\w-]{20}|AKIA[0-9A-Z]{16}"
    r"|xox[abprs]-[\w-]{10,}|sk_live_\w{16,}|-----BEGIN [A-Z ]*PRIVATE KEY-----"
)
_IN_URL = re.compile(r"[a-z][a-z0-9+.-]{0,20}://[^/\s:@$]+:([^/\s:@$]+)@", re.IGNORECASE)
_MAY_BE = re.compile(
    r"(?i:key|auth|credential|pass|pword|secret|token)|://|gh[pousr]_|github_pat_|glpat-|AKIA|xox"
    r"|sk_live_"
)
_OPTION = re.compile(
    r"--?(?:password|passwd|token|api-?key|secret(?:-key)?|http-password)=([^$\s]\S*)",
    re.IGNORECASE,
)
_FILES = re.compile(
    r"(?:\A|/)(?:id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?|\.netrc|\.npmrc|\.pypirc|\.pgpass|\.env"
    r"|\.git-credentials|credentials\.json|\.aws/credentials|\.docker/config\.json"
    r"|[^/]+\.(?:key|p12|pfx|keytab|kdbx))\Z"
)
_INSTEAD = "hand it over for one step: RUN --mount=type=secret,id=…"


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Yield what should be known to fewer people than the image."""
    for instruction in subject.instructions:
        match instruction.keyword:
            case "ARG" | "ENV":
                yield from _variables(instruction)
            case "RUN" if _MAY_BE.search(instruction.span.text):
                yield from _commands(instruction)
            case "COPY" | "ADD":
                yield from _files(instruction)


def _variables(instruction: Instruction) -> Iterator[Diagnostic]:
    for word in instruction.words:
        name, _, value = word.text.partition("=")
        value = value.strip("\"'")
        by_name = _NAME.search(name) and not _HARMLESS_NAME.search(name)
        is_plain = value.startswith("/") or _FINGERPRINT.fullmatch(value)
        if (by_name and not is_plain) or _TOKEN.search(value) or _IN_URL.search(value):
            yield IN_VARIABLE.finding(
                f"{name[:40]} looks like a secret, and {instruction.keyword} writes it "
                "into the image's history",
                word.span,
                remedy=_INSTEAD,
            )


def _commands(instruction: Instruction) -> Iterator[Diagnostic]:
    found: dict[int, Span] = {}
    for command in commands(instruction):
        for word in command.words:
            if _TOKEN.search(word.text) or _OPTION.match(word.text) or _IN_URL.search(word.text):
                found[word.span.start] = word.span
        for assignment in command.assignments:
            name, _, value = assignment.text.partition("=")
            is_named = _NAME.search(name) and not _HARMLESS_NAME.search(name)
            is_plain = not value or not assignment.is_fixed or value.startswith("/")
            if is_named and not is_plain and not _FINGERPRINT.fullmatch(value):
                found[assignment.span.start] = assignment.span
    for document in instruction.heredocs:
        match = _TOKEN.search(document.body)
        at = document.body_span.text.find(match[0]) if match else -1
        if match and at >= 0:
            start = document.body_span.start + at
            found[start] = document.body_span.source.span(start, start + len(match[0]))
    for start in sorted(found):
        yield IN_COMMAND.finding(
            "this looks like a secret, and whoever has the image or the file can read it",
            found[start],
            remedy=_INSTEAD,
        )


def _files(instruction: Instruction) -> Iterator[Diagnostic]:
    if instruction.flag("from") is not None:
        return
    for word in instruction.words[:-1]:
        path = word.text.strip("\"'")
        if _FILES.search(path):
            yield IN_FILE.finding(
                f"{path[-60:]!r} is a file that holds secrets, and every copy of the image has it",
                word.span,
                remedy=_INSTEAD,
            )
