import pytest

from arkes_build.bootstrap.tmpfiles import ALWAYS, Made, entries

USUAL = [Made(path=path, mode=mode) for path, mode in ALWAYS.items()]


@pytest.fixture
def tree(tmp_path):
    def make(lines="", **files):
        folder = tmp_path / "usr/lib/tmpfiles.d"
        folder.mkdir(parents=True)
        (tmp_path / "etc").mkdir()
        (folder / "a.conf").write_text(lines)
        (tmp_path / "etc/passwd").write_text("root:x:0:0::/root:/bin/sh\nwww:x:33:33::/:/bin/sh\n")
        (tmp_path / "etc/group").write_text("root:x:0:\nmail:x:8:\n")
        return tmp_path

    return make


def more(root):
    return [made for made in entries(root) if made not in USUAL]


CASES = {
    "a folder with mode and owner": (
        "d /var/mail 02775 www mail -",
        [Made(path="var/mail", mode=0o2775, uid=33, gid=8)],
    ),
    "a folder without anything said is root's, 0755": ("d /var/a", [Made(path="var/a")]),
    "a link": (
        "L /var/lib/dpkg - - - - ../../usr/lib/sysimage/dpkg",
        [Made(path="var/lib/dpkg", target="../../usr/lib/sysimage/dpkg")],
    ),
    "numbers of accounts": (
        "d /var/a 0700 7 9",
        [Made(path="var/a", mode=0o700, uid=7, gid=9)],
    ),
    "modifiers of a kind": (
        "d= /var/a :0700 - -\nL+ /var/b - - - - a",
        [Made(path="var/a", mode=0o700), Made(path="var/b", target="a")],
    ),
    "folders above are made": ("d /var/x/y", [Made(path="var/x"), Made(path="var/x/y")]),
    "the first line about a path counts": (
        "d /var/a 0700\nd /var/a 0755",
        [Made(path="var/a", mode=0o700)],
    ),
    "what is said of a usual folder counts": (
        "d /var/log 0775",
        [Made(path="var/log", mode=0o775)],
    ),
    "nothing below a link": (
        "L /var/a - - - - /etc\nd /var/a/b",
        [Made(path="var/a", target="/etc")],
    ),
    "other places are not ours": ("d /run/a\nd /etc/b\nd /variety", []),
    "lines for boots only are passed over": ("d! /var/a", []),
    "specifiers are passed over": ("d /var/%m\nL /var/a - - - - /x/%b", []),
    "unknown accounts are passed over": ("d /var/a 0755 nobody-here -", []),
    "ways out are passed over": ("d /var/../etc/x\nd /var/a/../../x", []),
    "other kinds are passed over": ("f /var/a - - - - text\nr /var/b\nC /var/c", []),
    "a mode that is none is 0755": ("d /var/a 99x", [Made(path="var/a")]),
    "an open quote costs one line": ('d "/var/a\nd /var/b', [Made(path="var/b")]),
    "comments and blanks": ("# d /var/a\n\n   \n", []),
}


@pytest.mark.parametrize(("lines", "wanted"), CASES.values(), ids=CASES.keys())
def test_a_line_makes(tree, lines, wanted):
    assert more(tree(lines)) == wanted


def test_every_tree_has_the_usual_folders_and_folders_come_before_what_is_in_them(tree):
    paths = [made.path for made in entries(tree("d /var/lib/a/b"))]
    assert paths == sorted(paths)
    assert set(ALWAYS) < set(paths)


def test_a_file_in_etc_hides_that_of_usr(tree):
    root = tree("d /var/a")
    (root / "etc/tmpfiles.d").mkdir()
    (root / "etc/tmpfiles.d/a.conf").write_text("d /var/b")
    assert more(root) == [Made(path="var/b")]


def test_nothing_is_read_through_a_link_that_leaves_the_tree(tmp_path, tree):
    root = tree()
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    outside.mkdir()
    (outside / "x.conf").write_text("d /var/stolen")
    (root / "etc/tmpfiles.d").symlink_to(outside)
    (root / "usr/lib/tmpfiles.d/y.conf").symlink_to(outside / "x.conf")
    assert more(root) == []
