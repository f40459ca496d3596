"""Look at what the commands of a RUN fetch, and whether anybody checks it."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import Severity
from arkes_build.project.rules import spots
from arkes_build.project.rules.commands import SHELLS, commands
from arkes_build.project.rules.remote import GIT_UNPINNED
from arkes_build.project.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.project.rules.shell_words import Command
    from arkes_build.project.rules.subject import Subject

INTO_SHELL = Rule(
    code="download-into-shell",
    title="A script is fetched and run at once.",
    severity=Severity.WARNING,
)
UNCHECKED = Rule(
    code="download-unchecked",
    title="A command fetches a file that nothing checks.",
    severity=Severity.WARNING,
)
UNPINNED = Rule(
    code="package-unpinned",
    title="A package of a language is installed in whatever version is newest.",
    severity=Severity.WARNING,
)
RULES = (INTO_SHELL, UNCHECKED, UNPINNED)

MOST = 100
"""How many downloads, and how many shells, of one RUN are looked at."""

_WORDS = re.compile("curl|wget|git|pip|npm|gem")
_FETCHERS = frozenset({"curl", "wget"})
_RUNNERS = SHELLS | {"python", "python3", "perl", "ruby", "node"}
_CHECKERS = re.compile(
    r"(?:sha(?:1|224|256|384|512)|b2|b3|md5)sum|shasum|cksum|gpg2?|gpgv|sqv?|minisign|signify"
    r"|cosign|openssl|rhash|debsig-verify|pacman-key"
)
_URL = re.compile(r"(?:https?|ftp)://", re.IGNORECASE)
_BETWEEN = re.compile(r"[\s\\]*\|&?[\s\\]*")
_TO_NOWHERE = frozenset({"/dev/null", "-", "/dev/stdout"})
_MOVING = frozenset({"main", "master", "trunk", "develop", "dev", "HEAD"})
_PINS = frozenset({"checkout", "reset", "switch"})
_KEEPERS = frozenset({"tar", "bsdtar", "unzip", "tee", "dpkg", "cpio"})
_PYTHON = re.compile(r"python[0-9.]*")
_PIP = re.compile(r"pip[0-9.]*")
_PIP_FILES = ("-r", "--requirement", "-c", "--constraint", "--require-hashes", "-e", "--editable")
_LOCAL = (".", "/", "~", "file:", "git+", "http:", "https:", "$")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Yield what commands fetch blindly."""
    for instruction in subject.instructions:
        if not spots.may_run(instruction, _WORDS):
            continue
        found = commands(instruction)
        fetched = [c for c in found if c.name in _FETCHERS][:MOST]
        around = [c for c in found if c.name in _RUNNERS][:MOST]
        behind = _behind(fetched, found)
        into_shell = {id(c): c for c in fetched if _is_run(c, around, behind.get(id(c)))}
        for command in into_shell.values():
            yield INTO_SHELL.finding(
                f"{command.name} hands a script to a shell, whatever the server sends",
                spots.call(command),
                remedy="fetch it into a file, compare its checksum, then run it; "
                "or keep the script in the project",
            )
        if not any(_CHECKERS.fullmatch(command.name) for command in found):
            for command in fetched:
                if id(command) not in into_shell and _keeps(command, behind.get(id(command))):
                    yield _unchecked(command)
        is_pinned = any(_pins(command) for command in found)
        for command in found:
            if not is_pinned:
                yield from _cloned(command)
            yield from _installed(command)


def _unchecked(command: Command) -> Diagnostic:
    return UNCHECKED.finding(
        f"nothing checks what {command.name} fetches here",
        spots.call(command),
        remedy="compare a checksum in the same RUN (`sha256sum -c`), or write "
        "ADD --checksum=sha256:…",
    )


def _behind(fetched: Sequence[Command], found: Sequence[Command]) -> dict[int, Command]:
    """Return the command that each one's output is piped into, by the first one's id."""
    ordered = sorted(found, key=lambda command: command.span.start)
    starts = [command.span.start for command in ordered]
    answer = {}
    for command in fetched:
        end = command.span.end
        at = bisect_left(starts, end)
        if at < len(starts) and _BETWEEN.fullmatch(command.span.source.text, end, starts[at]):
            answer[id(command)] = ordered[at]
    return answer


def _is_run(command: Command, around: Sequence[Command], behind: Command | None) -> bool:
    """Tell whether the output of a command is run: piped, or inside ``sh -c "$(…)"``."""
    if behind is not None and behind.name in _RUNNERS:
        return True
    span = command.span
    return any(
        other.span.start <= span.start and span.end <= other.span.end and other.span != span
        for other in around
    )


def _keeps(command: Command, behind: Command | None) -> bool:
    """Tell whether what is fetched stays: in a file, or unpacked behind a pipe."""
    if not any(_URL.match(word.text) for word in command.operands):
        return False
    if any(r.is_write and r.target.text not in _TO_NOWHERE for r in command.redirects):
        return True
    if behind is not None:
        return behind.name in _KEEPERS
    return _writes_a_file(command)


def _writes_a_file(command: Command) -> bool:
    texts = [word.text for word in command.arguments]
    if command.name == "wget":
        target = _value(texts, "-O", "--output-document")
        return "--spider" not in texts and target not in _TO_NOWHERE
    if command.has_option("-O", "--remote-name"):
        return True
    target = _value(texts, "-o", "--output")
    return target is not None and target not in _TO_NOWHERE


def _value(texts: Sequence[str], short: str, long: str) -> str | None:
    """Return what an option is given: ``-o x``, ``-ox``, ``-fsSLo x``, ``--output=x``."""
    for at, text in enumerate(texts):
        if text.startswith(f"{long}="):
            return text.partition("=")[2]
        is_short = text[:1] == "-" and text[:2] != "--" and short[1] in text
        if text == long or is_short:
            rest = text.partition(short[1])[2] if is_short else ""
            return rest or (texts[at + 1] if at + 1 < len(texts) else "")
    return None


def _pins(command: Command) -> bool:
    return command.name == "git" and any(word.text in _PINS for word in command.arguments)


def _cloned(command: Command) -> Iterator[Diagnostic]:
    texts = [word.text for word in command.arguments]
    if command.name != "git" or "clone" not in texts:
        return
    ref = _branch(texts)
    if ref is None or ref in _MOVING:
        yield GIT_UNPINNED.finding(
            "git clones whatever the branch points to at the time of the build",
            spots.call(command),
            remedy="name a tag with --branch, or check a commit out in the same RUN",
        )


def _branch(texts: Sequence[str]) -> str | None:
    for at, text in enumerate(texts):
        if text.startswith("--branch="):
            return text.partition("=")[2]
        if text in ("-b", "--branch") and at + 1 < len(texts):
            return texts[at + 1]
    return None


def _installed(command: Command) -> Iterator[Diagnostic]:
    texts = [word.text for word in command.arguments]
    name = command.name
    if _PYTHON.fullmatch(name) and texts[:1] == ["-m"] and texts[1:2]:
        name, texts = texts[1], texts[2:]
    elif name == "uv" and texts[:1] == ["pip"]:
        name, texts = "pip", texts[1:]
    loose: list[str] = []
    if (_PIP.fullmatch(name) or name == "pipx") and texts[:1] == ["install"]:
        from_file = any(text.partition("=")[0] in _PIP_FILES for text in texts)
        loose = [] if from_file else _without(texts[1:], "==", "@")
    elif name == "npm" and texts[:1] and texts[0] in ("install", "i", "add"):
        loose = [t for t in _without(texts[1:], "\0") if "@" not in t[1:]]
    elif name == "gem" and texts[:1] == ["install"] and not _has_version(texts):
        loose = _without(texts[1:], ":")
    if loose:
        yield UNPINNED.finding(
            f"{loose[0][:40]!r} is installed in whatever version is newest",
            spots.call(command),
            remedy="name the version, or install from a lock file with hashes",
        )


def _has_version(texts: Sequence[str]) -> bool:
    return any(text.partition("=")[0] in ("-v", "--version") for text in texts)


def _without(texts: Sequence[str], *marks: str) -> list[str]:
    """Return the names among arguments that have none of the marks of a version."""
    return [
        text
        for text in texts
        if text
        and not text.startswith(("-", *_LOCAL))
        and not any(mark in text for mark in marks)
        and not text.endswith((".whl", ".tar.gz", ".tgz", ".gem"))
    ]
