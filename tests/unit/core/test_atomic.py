from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from arkes_build.core.atomic import (
    copy_atomically,
    link_atomically,
    place_folder,
    remove_durably,
    replace_atomically,
    replace_together,
    write_atomically,
)
from arkes_build.core.errors import DiskFull


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "state.json"
    write_atomically(path, b"one")
    write_atomically(path, b"two", mode=0o600)
    assert path.read_bytes() == b"two"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in path.parent.iterdir()] == ["state.json"]


def test_a_reader_keeps_the_old_file_until_the_new_one_is_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "state.json"
    write_atomically(path, b"old")
    seen = []
    monkeypatch.setattr(os, "fsync", lambda _: seen.append(path.read_bytes()))
    write_atomically(path, b"new")
    # Once before the rename (the file), twice after it: under its new name, and its folder.
    assert seen == [b"old", b"new", b"new"]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT], ids=["no room", "no quota"])
def test_without_room_the_old_file_stays_and_nothing_lies_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    path = tmp_path / "state.json"
    write_atomically(path, b"old")

    def refuse(_: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(DiskFull) as caught:
        write_atomically(path, b"new")
    assert caught.value.brief == (
        f"no space left on the file system of {path} while writing state.json"
    )
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["state.json"]


def test_an_interrupted_write_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "state.json"
    write_atomically(path, b"old")

    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["state.json"]


def test_other_trouble_is_not_taken_for_a_full_disk(tmp_path: Path) -> None:
    (tmp_path / "state.json").mkdir()
    with pytest.raises(IsADirectoryError):
        write_atomically(tmp_path / "state.json", b"new")
    assert [p.name for p in tmp_path.iterdir()] == ["state.json"]


def test_a_replaced_file_keeps_its_mode_whatever_the_umask(tmp_path: Path) -> None:
    path = tmp_path / "Systemfile"
    path.write_bytes(b"old")
    path.chmod(0o666)
    before = os.umask(0o077)
    try:
        replace_atomically(path, b"new")
    finally:
        os.umask(before)
    assert (path.read_bytes(), path.stat().st_mode & 0o7777) == (b"new", 0o666)
    assert [p.name for p in tmp_path.iterdir()] == ["Systemfile"]


def test_a_link_stays_a_link_to_the_file_that_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")
    replace_atomically(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


def test_an_interrupted_replacement_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "Systemfile"
    path.write_bytes(b"old")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "chown", interrupt)
    with pytest.raises(KeyboardInterrupt):
        replace_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["Systemfile"]


def test_several_files_are_replaced_in_the_order_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [tmp_path / name for name in ("b", "a")]
    done: list[str] = []
    real = Path.replace

    def replace(self: Path, target: Path) -> Path:
        done.append(Path(target).name)
        return real(self, target)

    replace_together({paths[0]: b"1", paths[1]: b"2"})
    monkeypatch.setattr(Path, "replace", replace)
    replace_together({paths[0]: b"3", paths[1]: b"4"})
    assert done[-2:] == ["b", "a"]
    assert [path.read_bytes() for path in paths] == [b"3", b"4"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_a_folder_gets_its_name_whole(tmp_path: Path) -> None:
    for number in range(2):
        folder = tmp_path / "made"
        (folder / "inner").mkdir(parents=True)
        (folder / "inner/file").write_text(str(number))
        place_folder(folder, tmp_path / "a/place")
    assert (tmp_path / "a/place/inner/file").read_text() == "1"
    assert not folder.exists()


def test_a_copy_is_whole_and_heard_piece_by_piece(tmp_path: Path) -> None:
    source, place = tmp_path / "source", tmp_path / "a" / "b" / "place"
    data = bytes(range(256)) * 10_000
    source.write_bytes(data)
    heard: list[bytes] = []
    copy_atomically(source, place, note=heard.append)
    assert place.read_bytes() == data
    assert b"".join(heard) == data
    assert len(heard) == 3


def test_a_copy_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    source, place = tmp_path / "source", tmp_path / "place"
    source.write_bytes(b"new")
    place.write_bytes(b"old")

    def refuse(_piece: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(DiskFull):
        copy_atomically(source, place, note=refuse)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        "source": b"new",
        "place": b"old",
    }


def test_a_link_takes_the_place_of_what_was_there(tmp_path: Path) -> None:
    place = tmp_path / "folder" / "link"
    link_atomically(place, "one")
    link_atomically(place, "two")
    assert [(path.name, str(path.readlink())) for path in place.parent.iterdir()] == [
        ("link", "two")
    ]


def test_a_file_is_removed_once_and_again(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    remove_durably(tmp_path / "file")
    remove_durably(tmp_path / "file")
    assert not any(tmp_path.iterdir())
