"""Read package servers, and keep secrets out."""

from __future__ import annotations

import pytest

from arkes_build.store.mirrors import mirrors, public


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, ()),
        (
            {
                "etc/apt/sources.list": b"# deb http://no.example.org/ x y\n"
                b"deb [signed-by=/a arch=amd64] http://one.example.org/debian stable main\n"
                b"deb-src http://src.example.org/debian stable main\n"
                b"deb http://one.example.org/debian stable-updates main\n",
                "etc/apt/sources.list.d/b.list": b"deb https://u:p@two.example.org/d?token=1 s m\n",
                "etc/apt/sources.list.d/a.list.bak": b"deb http://bak.example.org/ s m\n",
            },
            ("http://one.example.org/debian", "https://two.example.org/d"),
        ),
        (
            {
                "usr/etc/apt/sources.list.d/x.sources": b"# comment\nTypes: deb deb-src\n"
                b"URIs: https://a.example.org/debian\n https://b.example.org/debian\n"
                b"Suites: trixie\n\n"
                b"Types: deb\nURIs: https://off.example.org/\nEnabled: no\n\n"
                b"Types: deb-src\nURIs: https://src.example.org/\n\n"
                b"Types: deb\nURIs: file:/srv/mirror copy:/x\n"
            },
            ("https://a.example.org/debian", "https://b.example.org/debian"),
        ),
        (
            {
                "etc/pacman.conf": b"[own]\nServer=https://own.example.org/$arch\n",
                "etc/pacman.d/mirrorlist": b"#Server = https://off.example.org/\n"
                b"Server = https://m.example.org/$repo/os/$arch\n",
                "etc/pacman.d/gnupg.conf": b"Server = https://no.example.org/\n",
            },
            ("https://own.example.org/$arch", "https://m.example.org/$repo/os/$arch"),
        ),
    ],
    ids=["none", "apt, one line each", "apt, paragraphs", "pacman"],
)
def test_servers_are_listed(files, expected, plain_tree):
    assert mirrors(plain_tree(files)) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://user:secret@example.org:8080/p", "https://example.org:8080/p"),
        ("https://a@b@example.org/", "https://example.org/"),
        ("https://example.org/?key=1#x", "https://example.org/"),
        ("https://[broken/", ""),
        ("cdrom:[Debian]/", ""),
        ("https:///nothing", ""),
        ("https://example.org/\x1b[2J", ""),
        ("no url", ""),
    ],
)
def test_a_url_loses_its_secrets(url, expected):
    assert public(url) == expected
