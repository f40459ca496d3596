"""Read the package servers that a tree names, and leave out what is secret in them.

``sources.list(5)`` describes both of apt's forms, ``pacman.conf(5)`` the lines of a mirror list.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from arkes_build.store.packages import paragraphs
from arkes_build.store.trees import texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arkes_build.store.trees import Tree

_ETC = ("etc", "usr/etc")
_SERVER = re.compile(r"\s*Server\s*=\s*(\S+)")
_ONE_LINE = re.compile(r"\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s")
_REACHABLE = frozenset({"http", "https", "ftp", "tor+http", "tor+https", "mirror+https"})


def mirrors(tree: Tree) -> tuple[str, ...]:
    """Return the URLs of package servers, each once, in the order of files and lines.

    Without user names, passwords, query strings; without places that only the builder
    could reach (``file:``, ``cdrom:``).
    """
    urls = (public(url) for etc in _ETC for url in (*_apt(tree, etc), *_pacman(tree, etc)))
    return tuple(dict.fromkeys(url for url in urls if url))


def public(url: str) -> str:
    """Return a URL without what is secret in it; empty when it is no server's."""
    try:
        parts = urlsplit(url)
        place = parts.netloc.rpartition("@")[2]
    except ValueError:
        return ""
    if parts.scheme not in _REACHABLE or not place or not url.isprintable():
        return ""
    return urlunsplit((parts.scheme, place, parts.path, "", ""))


def _apt(tree: Tree, etc: str) -> Iterator[str]:
    folder = f"{etc}/apt/sources.list.d"
    names = tree.names(folder)
    lists = [f"{etc}/apt/sources.list"] + [f"{folder}/{n}" for n in names if n.endswith(".list")]
    for text in texts(tree, lists):
        for line in text.splitlines():
            if found := _ONE_LINE.match(line):
                yield found[1]
    for text in texts(tree, [f"{folder}/{n}" for n in names if n.endswith(".sources")]):
        for fields in paragraphs(text):
            is_on = fields.get("enabled", "yes").lower() not in ("no", "false", "0", "off")
            if is_on and "deb" in fields.get("types", "").split():
                yield from fields.get("uris", "").split()


def _pacman(tree: Tree, etc: str) -> Iterator[str]:
    folder = f"{etc}/pacman.d"
    names = (n for n in tree.names(folder) if n.endswith("mirrorlist"))
    for text in texts(tree, [f"{etc}/pacman.conf", *(f"{folder}/{n}" for n in names)]):
        for line in text.splitlines():
            if found := _SERVER.match(line):
                yield found[1]
