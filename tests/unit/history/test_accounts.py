"""Users and groups, of files and of sysusers.d."""

import pytest

from arkes_build.history.accounts import account_changes
from arkes_build.history.model import Kind, NameChange
from arkes_build.history.view import View

ROOT = "root:x:0:0:root:/root:/bin/bash\n"


def told(garden, before, after):
    old, new = garden.plant({"usr/etc/x": "", **before}), garden.plant({"usr/etc/x": "", **after})
    trees = garden.trees
    return account_changes(tuple(trees.changes(old, new)), View(trees, old), View(trees, new))


def change(name, kind, detail):
    return NameChange(name=name, kind=kind, detail=detail)


PASSWD, GROUP, SYSUSERS = "usr/etc/passwd", "usr/etc/group", "usr/lib/sysusers.d/a.conf"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(
            {PASSWD: ROOT},
            {PASSWD: ROOT + "www:x:33:33::/srv:/usr/sbin/nologin\n"},
            [change("www", Kind.ADDED, "user 33:33 /srv /usr/sbin/nologin")],
            id="a new user",
        ),
        pytest.param(
            {PASSWD: ROOT},
            {PASSWD: ROOT.replace("bash", "zsh")},
            [change("root", Kind.CHANGED, "user 0:0 /root /bin/bash → 0:0 /root /bin/zsh")],
            id="another shell",
        ),
        pytest.param(
            {PASSWD: ROOT},
            {PASSWD: ROOT.replace(":x:", ":$6$secret:")},
            [],
            id="a password is not told",
        ),
        pytest.param(
            {GROUP: "video:x:44:\n"},
            {GROUP: "video:x:44:b,a\n"},
            [change("video", Kind.CHANGED, "group 44 → 44 a,b")],
            id="members of a group",
        ),
        pytest.param(
            {},
            {SYSUSERS: '# x\nu web 990 "The web" /srv /bin/sh\ng mail - -\nm web mail\n'},
            [
                change("mail", Kind.ADDED, "group"),
                change("web", Kind.ADDED, "group"),
                change("web", Kind.ADDED, "user 990 /srv /bin/sh"),
                change("web", Kind.ADDED, "user in group mail"),
            ],
            id="what sysusers.d will make",
        ),
        pytest.param(
            {PASSWD: ROOT},
            {PASSWD: ROOT, SYSUSERS: "u root 0 - /root\n"},
            [change("root", Kind.ADDED, "group")],
            id="who is there already is not made",
        ),
        pytest.param(
            {SYSUSERS: "u a\n"},
            {"usr/etc/sysusers.d/a.conf": "", SYSUSERS: "u a\n"},
            [change("a", Kind.REMOVED, "group"), change("a", Kind.REMOVED, "user")],
            id="an empty file in /etc takes the place of that of its name",
        ),
        pytest.param(
            {},
            {SYSUSERS: 'u\nu "unclosed\n', PASSWD: "odd\n\n", GROUP: ":::\n"},
            [
                change('"unclosed', Kind.ADDED, "group"),
                change('"unclosed', Kind.ADDED, "user"),
            ],
            id="lines that are not as they should be stop nothing",
        ),
    ],
)
def test_accounts(garden, before, after, expected):
    assert told(garden, before, after) == tuple(expected)
