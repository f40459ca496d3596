"""Judge a REPOSITORY: its name, servers and key."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from arkes_build.core.names import Family
from arkes_build.project.declare.rules import REPOSITORY_VALUE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.core.source import Span
    from arkes_build.project.declare.declaration import Declaration

_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}")
_KEPT = frozenset({"options", "local"})
_FINGERPRINT = re.compile(r"[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64}")
_PATH = re.compile(r"(?!/)(?!.*//)[A-Za-z0-9._+@/-]+")
_SUITE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+~-]*(?:/[A-Za-z0-9._+~-]+)*/?|/|\./")
_COMPONENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+/-]*")
_PACMAN_WORDS = re.compile(r"\$(?:repo|arch)\b")
_NOT_PLAIN = frozenset(" \"'\\$`<>{}|^")


def check_repository(given: Declaration, family: Family) -> Iterator[Diagnostic]:
    """Yield what is wrong with a repository for a family."""
    if len(given.values) != 1:
        yield _finding("a repository has one name", given.instruction.span, "name each apart")
    for name in given.values[:1]:
        if not _NAME.fullmatch(name.text) or name.text in _KEPT:
            yield _finding(
                f"{name.text!r} cannot be a repository's name",
                name.span,
                "use lower-case letters, digits and . _ @ + -; 'options' and 'local' are pacman's",
            )
    if not given.all("server"):
        yield _finding("the repository has no server", given.instruction.span, "add --server=URL")
    yield from _servers(given, family)
    yield from _key(given, family)
    for option, pattern in (("suite", _SUITE), ("component", _COMPONENT)):
        for value in given.all(option):
            if not pattern.fullmatch(value.text) or ".." in value.text:
                yield _finding(
                    f"{value.text!r} cannot be a repository's {option}",
                    value.span,
                    f"name it as the archive does, such as --{option}="
                    + ("bookworm" if option == "suite" else "main"),
                )


def is_url(text: str) -> bool:
    """Tell whether a text is a URL that a package manager can fetch from."""
    if not text.isprintable() or set(text) & _NOT_PLAIN:
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    if parts.scheme == "file":
        return text.startswith("file:///")
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def is_remote(text: str) -> bool:
    """Tell whether a key's file is fetched, not read from the context."""
    return "://" in text


def _servers(given: Declaration, family: Family) -> Iterator[Diagnostic]:
    for server in given.all("server"):
        plain = _PACMAN_WORDS.sub("x", server.text)
        if not is_url(plain):
            yield _finding(
                f"{server.text[:60]!r} is no server's address",
                server.span,
                "write a URL that begins with https://, http:// or file:///",
            )
        elif family is Family.DEBIAN and plain != server.text:
            yield _finding(
                "$repo and $arch are pacman's words, and this counts for debian",
                server.span,
                "write --family=arch, and the address for debian in a REPOSITORY of its own",
            )


def _key(given: Declaration, family: Family) -> Iterator[Diagnostic]:
    for key in given.all("key"):
        if not _FINGERPRINT.fullmatch(key.text):
            yield _finding(
                f"{key.text[:70]!r} is no key's fingerprint",
                key.span,
                "write all of its 40 (or 64) hexadecimal digits, without spaces",
            )
    for file in given.all("keyfile"):
        if is_remote(file.text):
            is_good = is_url(file.text)
        else:
            is_good = bool(_PATH.fullmatch(file.text)) and ".." not in file.text.split("/")
        if not is_good:
            yield _finding(
                f"{file.text[:60]!r} is neither a URL nor a path inside the build context",
                file.span,
                "name a file beside the others, such as --keyfile=keys/example.asc",
            )
        elif family is Family.ARCH and not given.all("key"):
            yield _finding(
                "pacman wants to know whom to trust: there is a key's file, and no fingerprint",
                file.span,
                "add --key=FINGERPRINT",
            )


def _finding(message: str, span: Span, remedy: str) -> Diagnostic:
    return REPOSITORY_VALUE.finding(message, span, remedy=remedy)
