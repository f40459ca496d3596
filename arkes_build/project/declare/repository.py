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
    from arkes_build.project.declare.declaration import Declaration, Value

_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}")
_KEPT = frozenset({"options", "local"})
_FINGERPRINT = re.compile(r"[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64}")
_PATH = re.compile(r"(?!/)(?!.*//)[A-Za-z0-9._+@/-]+")
_SUITE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+~-]*(?:/[A-Za-z0-9._+~-]+)*/?|/|\./")
_COMPONENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+/-]*(?:,[A-Za-z0-9][A-Za-z0-9._+/-]*)*")
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
    keys, files = given.all("key"), given.all("keyfile")
    for key in keys:
        if not _FINGERPRINT.fullmatch(key.text):
            yield _finding(
                f"{key.text[:70]!r} is no key's fingerprint",
                key.span,
                "write all of its 40 (or 64) hexadecimal digits, without spaces",
            )
    for file in files:
        yield from _key_file(file, has_key=bool(keys))
    if not keys and not files:
        yield _finding(
            "nothing says who signs the repository",
            given.instruction.span,
            "add --key=FINGERPRINT, or --keyfile=PATH with the keys that are meant",
        )
    elif not files and family is Family.DEBIAN:
        yield _finding(
            "apt has no key server, so the fingerprint alone does not bring the key to debian",
            keys[0].span,
            "add --keyfile= with its path or https address, or write --family=arch",
        )


def _key_file(file: Value, *, has_key: bool) -> Iterator[Diagnostic]:
    if not is_remote(file.text):
        if not _PATH.fullmatch(file.text) or ".." in file.text.split("/"):
            yield _finding(
                f"{file.text[:60]!r} is no path inside the build context",
                file.span,
                "name a file beside the others, such as --keyfile=keys/example.asc",
            )
    elif not is_url(file.text) or not file.text.startswith("https://"):
        yield _finding(
            f"{file.text[:60]!r} is no https address", file.span, "fetch keys over https only"
        )
    elif not has_key:
        yield _finding(
            "a key that is fetched can be anybody's",
            file.span,
            "add --key=FINGERPRINT, which says whom to trust",
        )


def _finding(message: str, span: Span, remedy: str) -> Diagnostic:
    return REPOSITORY_VALUE.finding(message, span, remedy=remedy)
