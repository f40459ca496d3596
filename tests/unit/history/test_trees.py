"""Read directories as libostree writes them, and compare trees by their checksums."""

import pytest

from arkes_build.history.trees import Change, Entry, Root, Trees
from arkes_build.store.errors import StoreDamaged
from arkes_build.store.folders import Folder, parse

A, B, C, D = ("a" * 64, "b" * 64, "c" * 64, "d" * 64)


def array(items):
    if not items:
        return b""
    body, ends = b"", []
    for item in items:
        body += item
        ends.append(len(body))
    width = 1 if len(body) + len(ends) < 256 else 2
    return body + b"".join(end.to_bytes(width, "little") for end in ends)


def dirtree(files=(), folders=()):
    """Return what libostree writes; each item ends with the offsets of its members."""
    first = array([n.encode() + b"\0" + bytes.fromhex(c) + bytes([len(n) + 1]) for n, c in files])
    second = array(
        [
            n.encode()
            + b"\0"
            + bytes.fromhex(t)
            + bytes.fromhex(m)
            + bytes([len(n) + 33, len(n) + 1])
            for n, t, m in folders
        ]
    )
    width = 1 if len(first) + len(second) + 1 < 256 else 2
    return first + second + len(first).to_bytes(width, "little")


@pytest.mark.parametrize(
    ("files", "folders"),
    [
        pytest.param([], [], id="nothing in it"),
        pytest.param([("a", A), ("ü b", B)], [], id="files"),
        pytest.param([], [("d", A, B)], id="directories"),
        pytest.param([(f"f{at:03}", A) for at in range(40)], [("d", A, B)], id="wide offsets"),
    ],
)
def test_a_directory_is_read(files, folders):
    expected = Folder(dict(files), {name: (tree, meta) for name, tree, meta in folders})
    assert parse(dirtree(files, folders)) == expected


@pytest.mark.parametrize("data", [b"x", b"\xff" * 40, dirtree([("a", A)])[:-5]])
def test_what_is_no_directory_is_refused(data):
    with pytest.raises((ValueError, IndexError)):
        parse(data)


@pytest.fixture
def trees(tmp_path):
    repo = tmp_path / "repo"
    (repo / "objects").mkdir(parents=True)
    (repo / "config").write_text("[core]\nmode=bare\n")

    def write(checksum, files=(), folders=()):
        path = repo / "objects" / checksum[:2] / f"{checksum[2:]}.dirtree"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(dirtree(files, folders))
        return checksum

    return Trees(repo), write


def test_only_what_differs_is_told(trees):
    reader, write = trees
    old = write(
        "1" * 64, [("gone", A), ("kept", A), ("new", A)], [("same", C, D), ("x", "2" * 64, D)]
    )
    write("2" * 64, [("in", A)])
    new = write(
        "3" * 64, [("came", B), ("kept", A), ("new", B)], [("same", C, D), ("x", "4" * 64, B)]
    )
    write("4" * 64, [("in", B)])
    assert list(reader.changes(Root(old, D), Root(new, D))) == [
        Change("/came", None, Entry(B)),
        Change("/gone", Entry(A), None),
        Change("/new", Entry(A), Entry(B)),
        Change("/x", Entry(D, is_folder=True), Entry(B, is_folder=True)),
        Change("/x/in", Entry(A), Entry(B)),
    ]


def test_a_file_in_the_place_of_a_directory_is_one_change(trees):
    reader, write = trees
    old = write("1" * 64, [("x", A)])
    new = write("3" * 64, [], [("x", "4" * 64, D)])
    write("4" * 64, [("in", B)])
    assert list(reader.changes(Root(old, D), Root(new, D))) == [
        Change("/x", Entry(A), Entry(D, is_folder=True)),
        Change("/x/in", None, Entry(B)),
    ]
    assert list(reader.changes(Root(new, D), Root(old, D))) == [
        Change("/x", Entry(D, is_folder=True), Entry(A)),
        Change("/x/in", Entry(B), None),
    ]


def test_what_an_open_transaction_has_is_read_when_asked_for(tmp_path):
    repo = tmp_path / "repo"
    staged = repo / "tmp/staging-boot-1/11" / f"{'1' * 62}.dirtree"
    staged.parent.mkdir(parents=True)
    (repo / "config").write_text("[core]\nmode=bare\n")
    staged.write_bytes(dirtree([("new", A)]))
    assert Trees(repo, staged=True).folder("1" * 64) == Folder({"new": A}, {})
    with pytest.raises(StoreDamaged):
        Trees(repo).folder("1" * 64)
