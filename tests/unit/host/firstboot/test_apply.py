"""What the first boot does to a machine: a plain folder, and programs that only say their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from arkes_build.core.errors import ProcessFailed
from arkes_build.host.firstboot.apply import apply, lets_in
from arkes_build.host.firstboot.model import Password, User, Wishes
from arkes_build.host.machine import Host

if TYPE_CHECKING:
    from pathlib import Path

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE0123456789012345678901234567890123456789AB lea@home"


class Programs:
    """Stand for the machine's programs: useradd makes a line, the rest is written down."""

    def __init__(self, root: Path, *, failing: str = "") -> None:
        self.root = root
        self.failing = failing
        self.called: list[tuple[str, ...]] = []

    def __call__(self, argv: list[str], *, stdin: bytes = b"", timeout: float = 0) -> None:
        self.called.append((*argv, stdin.decode()) if stdin else tuple(argv))
        if argv[0] == self.failing:
            raise ProcessFailed(tuple(argv), code=1, tail="no room")
        if argv[0] == "useradd":
            name = argv[-1]
            with (self.root / "etc/passwd").open("a") as stream:
                stream.write(f"{name}:x:1000:1000::/var/home/{name}:/bin/bash\n")
            with (self.root / "etc/shadow").open("a") as stream:
                stream.write(f"{name}:!:20000:0:99999:7:::\n")


@pytest.fixture
def host(tmp_path: Path) -> Host:
    etc = tmp_path / "etc"
    etc.mkdir()
    (etc / "passwd").write_text(
        "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1::/:/usr/sbin/nologin\n"
    )
    (etc / "shadow").write_text("root:*::0:99999:7:::\ndaemon:*::0:99999:7:::\n")
    (etc / "group").write_text("root:x:0:\nsudo:x:27:\n")
    for name in (
        "usr/share/zoneinfo/Europe/Berlin",
        "bin/bash",
        "usr/lib/systemd/system/ssh.service",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return Host(root=tmp_path)


@pytest.fixture(autouse=True)
def _as_any_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.chown", lambda *_: None)


def test_a_user_comes_with_groups_that_are_there_key_and_rights(host: Host) -> None:
    run = Programs(host.root)
    user = User(
        name="lea",
        gecos="Lea",
        groups=("sudo", "wheel"),
        keys=(KEY,),
        password=Password(text="$6$x", is_hash=True),
        is_admin=True,
    )
    assert apply(host, Wishes(hostname="box.example.org", users=(user,)), run=run) == ()
    assert run.called == [
        ("hostname", "box"),
        ("useradd", "--create-home", "--home-dir", "/var/home/lea", "--user-group", "--shell",
         "/bin/bash", "--comment", "Lea", "--groups", "sudo", "lea"),
        ("chpasswd", "--encrypted", "lea:$6$x\n"),
        ("systemctl", "enable", "--now", "--no-block", "ssh.service"),
    ]  # fmt: skip
    assert (host.etc / "hostname").read_text() == "box.example.org\n"
    assert (host.etc / "sudoers.d/50-lea").read_text() == "lea ALL=(ALL:ALL) NOPASSWD: ALL\n"
    keys = host.root / "var/home/lea/.ssh/authorized_keys"
    assert (keys.read_text(), keys.stat().st_mode & 0o777) == (f"{KEY}\n", 0o600)
    assert keys.parent.stat().st_mode & 0o777 == 0o700
    assert (
        "PasswordAuthentication no"
        in (host.etc / "ssh/sshd_config.d/50-arkes-first-boot.conf").read_text()
    )


def test_done_twice_it_is_as_done_once(host: Host) -> None:
    wishes = Wishes(
        users=(User(name="lea", groups=("sudo",), keys=(KEY,)),), timezone="Europe/Berlin"
    )
    apply(host, wishes, run=Programs(host.root))
    before = {path: path.read_bytes() for path in host.root.rglob("*") if path.is_file()}
    again = Programs(host.root)
    assert apply(host, wishes, run=again) == ()
    assert [argv[0] for argv in again.called] == ["usermod", "systemctl"]
    assert {path: path.read_bytes() for path in host.root.rglob("*") if path.is_file()} == before


def test_locks_of_an_interrupted_useradd_go_first(host: Host) -> None:
    (host.etc / "passwd.lock").write_text("17")
    apply(host, Wishes(), run=Programs(host.root))
    assert not (host.etc / "passwd.lock").exists()


@pytest.mark.parametrize(
    ("wishes", "trouble"),
    [
        pytest.param(
            Wishes(users=(User(name="daemon", keys=(KEY,)),)),
            "user daemon: it is an account of the system",
            id="an account of the system is nobody's to have",
        ),
        pytest.param(
            Wishes(timezone="Europe/Nowhere"),
            "timezone: there is no Europe/Nowhere",
            id="a zone that is not there",
        ),
    ],
)
def test_what_may_not_be_is_said_and_not_done(host: Host, wishes: Wishes, trouble: str) -> None:
    assert apply(host, wishes, run=Programs(host.root)) == (trouble,) or trouble in apply(
        host, wishes, run=Programs(host.root)
    )
    assert not (host.root / "var/home").exists()
    assert not (host.etc / "localtime").exists()


def test_a_step_that_fails_does_not_keep_the_others(host: Host) -> None:
    users = (User(name="lea"), User(name="root", keys=(KEY,)))
    trouble = apply(host, Wishes(users=users), run=Programs(host.root, failing="useradd"))
    assert trouble == ("user lea: useradd ended with exit code 1: no room",)
    assert (host.root / "var/roothome/.ssh/authorized_keys").read_text() == f"{KEY}\n"


def test_somebody_can_log_in_with_a_password_or_a_key_where_ssh_is_on(host: Host) -> None:
    assert not lets_in(host)
    keys = host.root / "var/roothome/.ssh/authorized_keys"
    keys.parent.mkdir(parents=True)
    keys.write_text(KEY)
    assert not lets_in(host)
    wants = host.etc / "systemd/system/multi-user.target.wants"
    wants.mkdir(parents=True)
    (wants / "ssh.service").symlink_to("/usr/lib/systemd/system/ssh.service")
    assert lets_in(host)
    keys.unlink()
    assert not lets_in(host)
    (host.etc / "shadow").write_text("root:$y$j9T$x:20000:0:99999:7:::\n")
    assert lets_in(host)
