"""Find out where this machine gets Debian from, and write it down for a new tree.

sources.list(5) and apt_auth.conf(5) say what the files mean.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit, urlunsplit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
"""The same path on a Debian machine and in the new tree."""

_RELEASES = frozenset(
    {"buster", "bullseye", "bookworm", "trixie", "forky", "duke", "sid"}
    | {"unstable", "testing", "stable", "oldstable", "oldoldstable"}
)
_ROLLING = frozenset({"sid", "unstable"})
_OPTIONS = re.compile(r"\[([^\]]*)\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line or stanza of the machine's sources, as far as it matters here."""

    uri: str
    suite: str
    components: tuple[str, ...]
    signed_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One archive of the new tree: URL without credentials, and suites."""

    uri: str
    suites: tuple[str, ...]


def read(etc_apt: Path) -> tuple[Entry, ...]:
    """Return the enabled binary entries of ``sources.list`` and ``sources.list.d``."""
    files = [etc_apt / "sources.list", *sorted((etc_apt / "sources.list.d").glob("*"))]
    found: list[Entry] = []
    for file in files:
        if file.suffix in {".list", ".sources"} and file.is_file():
            text = file.read_text("utf-8", "replace")
            found += parse_deb822(text) if file.suffix == ".sources" else parse_lines(text)
    return tuple(found)


def parse_lines(text: str) -> Iterator[Entry]:
    """Yield the entries of a file in the one-line style."""
    for raw in text.splitlines():
        line = raw.partition("#")[0]
        options = _OPTIONS.search(line)
        words = _OPTIONS.sub(" ", line, count=1).split()
        if len(words) < 3 or words[0] != "deb":  # noqa: PLR2004 - deb URI SUITE [COMPONENT…]
            continue
        pairs = dict(pair.partition("=")[::2] for pair in (options[1].split() if options else ()))
        yield Entry(
            uri=words[1],
            suite=words[2],
            components=tuple(words[3:]),
            signed_by=pairs.get("signed-by", ""),
        )


def parse_deb822(text: str) -> Iterator[Entry]:
    """Yield the entries of a file of stanzas, one for each pair of URI and suite."""
    for stanza in re.split(r"\n[ \t]*\n", text):
        fields = _fields(stanza)
        if fields.get("enabled", "yes").lower() in {"no", "false", "0", "off"}:
            continue
        if "deb" not in fields.get("types", "").split():
            continue
        for uri in fields.get("uris", "").split():
            for suite in fields.get("suites", "").split():
                yield Entry(
                    uri=uri,
                    suite=suite,
                    components=tuple(fields.get("components", "").split()),
                    signed_by=fields.get("signed-by", ""),
                )


def choose(entries: Iterable[Entry], suite: str) -> tuple[Source, ...]:
    """Return where ``suite`` comes from, going by the machine's own entries for Debian.

    An entry is Debian's when it has the component ``main`` of a Debian release and is
    signed by Debian's keyring, or by no keyring of its own. Security and update suites
    are taken over for the wanted one; ``sid`` has none.
    """
    ours = [entry for entry in entries if _is_debian(entry)]
    signed = [entry for entry in ours if entry.signed_by]
    first: dict[str, str] = {}
    for entry in signed or ours:
        if wanted := _translate(entry.suite, suite):
            first.setdefault(wanted, entry.uri)
    if suite not in first:
        return ()
    uris = dict.fromkeys(first.values())
    return tuple(
        Source(uri=uri, suites=tuple(name for name, whence in first.items() if whence == uri))
        for uri in uris
    )


def given(mirrors: Iterable[str], suite: str) -> tuple[Source, ...]:
    """Return the sources for URLs that people wrote; ``…-security`` serves that suite."""
    return tuple(
        Source(
            uri=mirror,
            suites=(
                f"{suite}-security"
                if urlsplit(mirror).path.rstrip("/").endswith("-security")
                else suite,
            ),
        )
        for mirror in mirrors
    )


def write(sources: Iterable[Source], components: Iterable[str], options: Mapping[str, str]) -> str:
    """Return the text of a ``.sources`` file, without anybody's password."""
    stanzas = []
    for source in sources:
        fields = {
            "Types": "deb",
            "URIs": split_credentials(source.uri)[0],
            "Suites": " ".join(source.suites),
            "Components": " ".join(components),
            "Signed-By": KEYRING,
            **options,
        }
        stanzas.append("".join(f"{name}: {value}\n" for name, value in fields.items()))
    return "\n".join(stanzas)


def credentials(sources: Iterable[Source]) -> str:
    """Return the text of an ``auth.conf`` for the sources that name a user; may be empty."""
    return "".join(dict.fromkeys(split_credentials(source.uri)[1] for source in sources))


def split_credentials(uri: str) -> tuple[str, str]:
    """Return the URL without user and password, and the line of ``auth.conf`` with them."""
    parts = urlsplit(uri)
    if "@" not in parts.netloc:
        return uri, ""
    _, _, host = parts.netloc.rpartition("@")
    login, password = unquote(parts.username or ""), unquote(parts.password or "")
    line = f"machine {parts.scheme}://{host}{parts.path} login {login} password {password}\n"
    return urlunsplit(parts._replace(netloc=host)), line


def _fields(stanza: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    name = ""
    for line in stanza.splitlines():
        if line.startswith("#"):
            continue
        if line[:1] in {" ", "\t"} and name:
            fields[name] += "\n" + line.strip()
        elif ":" in line:
            name, _, value = line.partition(":")
            name = name.strip().lower()
            fields[name] = value.strip()
    return fields


def _is_debian(entry: Entry) -> bool:
    keyring = entry.signed_by
    is_ours = not keyring or "debian-archive" in keyring
    return is_ours and "main" in entry.components and _split_suite(entry.suite)[0] in _RELEASES


def _split_suite(suite: str) -> tuple[str, str]:
    """Return release and kind: ``bookworm-security`` → (``bookworm``, ``-security``)."""
    release, separator, kind = suite.replace("/updates", "-security").partition("-")
    return release, separator + kind


def _translate(suite: str, wanted: str) -> str:
    """Return the wanted release's suite of the same kind, empty when it is not taken over."""
    kind = _split_suite(suite)[1]
    if not kind:
        return wanted
    return f"{wanted}{kind}" if kind in {"-security", "-updates"} and wanted not in _ROLLING else ""
