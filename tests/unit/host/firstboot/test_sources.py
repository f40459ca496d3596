"""What is read of credentials and of a disk that somebody plugged in."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from arkes_build.core import process
from arkes_build.core.errors import ProcessFailed
from arkes_build.host.firstboot import cloudconfig, sources
from arkes_build.host.firstboot.model import Password, Source
from arkes_build.host.machine import Host

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE0123456789012345678901234567890123456789AB lea@home"
HASH = "$6$salt$0123456789abcdefghijklmnopqrstuvwxyz"
USER_DATA = "#cloud-config\nhostname: box\n"


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    """Return a machine with a disk labelled cidata, and no udev to wait for."""
    (tmp_path / "dev/disk/by-label").mkdir(parents=True)
    (tmp_path / "dev/disk/by-label/cidata").touch()
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    monkeypatch.setattr(process, "run", lambda *_, **__: None)
    return Host(root=tmp_path)


@pytest.fixture
def plugged_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder that the disk shows when it is mounted."""
    folder = tmp_path / "seed"
    folder.mkdir()

    @contextmanager
    def mounted(_device: Path, _place: Path) -> Iterator[Path]:
        yield folder

    monkeypatch.setattr(sources, "_mounted", mounted)
    return folder


@pytest.mark.usefixtures("plugged_in")
def test_credentials_come_before_a_disk(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "credentials"
    place.mkdir()
    (place / "passwd.hashed-password.root").write_text(f"{HASH}\n")
    (place / "ssh.authorized_keys.root").write_text(f"{KEY}\n")
    (place / "arkes.user-data").write_text(USER_DATA)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(place))
    assert sources.find(host) == Source(
        name="credentials",
        user_data=USER_DATA,
        root_password=Password(text=HASH, is_hash=True),
        root_keys=f"{KEY}\n",
    )


def test_credentials_that_say_nothing_leave_it_to_the_disk(
    host: Host, plugged_in: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "credentials").mkdir()
    (tmp_path / "credentials/passwd.hashed-password.root").write_text("\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "credentials"))
    (plugged_in / "user-data").write_text(USER_DATA)
    assert sources.find(host) == Source(name="the disk cidata", user_data=USER_DATA)


def link(path: Path) -> None:
    path.symlink_to("/etc/shadow")


def giant(path: Path) -> None:
    path.write_bytes(b"#" * ((1 << 18) + 1))


def never(path: Path) -> None:
    os.mkfifo(path)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        pytest.param(giant, "user-data: it is longer than 256 KiB", id="a giant file"),
        pytest.param(
            link,
            "user-data: it cannot be read: Too many levels of symbolic links",
            id="a link to a secret of this machine",
        ),
        pytest.param(never, "user-data: it is no file", id="a pipe that nobody writes to"),
        pytest.param(os.mkdir, "user-data: it is no file", id="a folder"),
        pytest.param(lambda _path: None, "it has no user-data", id="nothing at all"),
    ],
)
def test_what_is_no_plain_file_is_left_out_and_said(
    host: Host, plugged_in: Path, make: Callable[[Path], None], said: str
) -> None:
    make(plugged_in / "user-data")
    assert sources.find(host) == Source(name="the disk cidata", remarks=(said,))


def test_a_disk_that_cannot_be_mounted_is_said(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(argv: list[str], **_: object) -> None:
        if argv[0] == "mount":
            raise ProcessFailed(tuple(argv), code=32, tail="wrong fs type")

    monkeypatch.setattr(process, "run", run)
    found = sources.find(host)
    assert found is not None
    assert (found.name, found.user_data) == ("the disk cidata", "")
    assert found.remarks[0].startswith("it cannot be read: ")
    assert cloudconfig.read(found).remarks == found.remarks


def test_a_text_of_just_the_length_that_is_taken_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "user-data").write_bytes(b"#" * (1 << 18))
    said: list[str] = []
    assert len(sources.read(tmp_path / "user-data", said.append)) == 1 << 18
    assert sources.read(tmp_path / "nowhere", said.append) == ""
    assert said == []
