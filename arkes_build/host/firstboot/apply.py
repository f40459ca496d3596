"""Do what a source asks for; doing it twice does no more than doing it once."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from arkes_build.core import process
from arkes_build.core.atomic import write_atomically

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from arkes_build.host.firstboot.model import User, Wishes
    from arkes_build.host.machine import Host

_FIELDS = 7
_SECONDS = 120.0
_SYSTEM = 1000
"""Accounts below this number are the system's; of them only root is for people."""


def apply(
    host: Host, wishes: Wishes, *, run: Callable[..., object] = process.run
) -> tuple[str, ...]:
    """Make the machine what the wishes say; return what could not be done.

    ``run`` starts programs. A step that fails does not keep the others from being done.
    """
    steps: list[tuple[str, Callable[[], None]]] = []
    if wishes.hostname:
        steps.append(("hostname", lambda: _name(host, wishes.hostname, run)))
    if wishes.timezone:
        steps.append(("timezone", lambda: _set_zone(host, wishes.timezone)))
    _unlock(host.etc)
    steps += [(f"user {user.name}", partial(_make, host, user, run)) for user in wishes.users]
    if wishes.has_keys:
        steps.append(("ssh", lambda: _serve(host, wishes, run)))
    return tuple(_failures(steps))


def _failures(steps: list[tuple[str, Callable[[], None]]]) -> Iterator[str]:
    from arkes_build.core.errors import ArkesError

    for name, step in steps:
        try:
            step()
        except (ArkesError, OSError, ValueError) as error:
            details = error.details if isinstance(error, ArkesError) else ""
            yield f"{name}: {error}{': ' if details else ''}{' '.join(details.split())[:300]}"


def _name(host: Host, hostname: str, run: Callable[..., object]) -> None:
    write_atomically(host.etc / "hostname", f"{hostname}\n".encode())
    run(["hostname", hostname.partition(".")[0]], timeout=_SECONDS)


def _set_zone(host: Host, zone: str) -> None:
    if not (host.root / "usr/share/zoneinfo" / zone).is_file():
        raise ValueError(f"there is no {zone}")
    link = host.etc / "localtime"
    beside = link.with_name(".localtime.new")
    beside.unlink(missing_ok=True)
    beside.symlink_to(f"../usr/share/zoneinfo/{zone}")
    beside.replace(link)


def _unlock(etc: Path) -> None:
    """Take away what a power cut in the middle of useradd left: nobody else is at work yet."""
    for name in ("passwd", "shadow", "group", "gshadow", "subuid", "subgid"):
        (etc / f"{name}.lock").unlink(missing_ok=True)


def _make(host: Host, user: User, run: Callable[..., object]) -> None:
    account = _account(host, user.name)
    if account is not None and user.name != "root" and int(account[2]) < _SYSTEM:
        raise ValueError("it is an account of the system")
    groups = [name for name in user.groups if _has(host, "group", name)]
    if account is None:
        shell = user.shell if (host.root / user.shell.lstrip("/")).exists() else "/bin/sh"
        argv = ["useradd", "--create-home", "--home-dir", f"/var/home/{user.name}"]
        argv += ["--user-group", "--shell", shell, "--comment", user.gecos]
        argv += ["--groups", ",".join(groups)] if groups else []
        run([*argv, user.name], timeout=_SECONDS)
        account = _account(host, user.name)
    elif groups:
        run(["usermod", "--append", "--groups", ",".join(groups), user.name], timeout=_SECONDS)
    if not _has(host, "shadow", user.name):
        run(["pwconv"], timeout=_SECONDS)
    if user.password is not None:
        argv = ["chpasswd", "--encrypted"] if user.password.is_hash else ["chpasswd"]
        run(argv, stdin=f"{user.name}:{user.password.text}\n".encode(), timeout=_SECONDS)
    if user.is_admin:
        rule = f"{user.name} ALL=(ALL:ALL) NOPASSWD: ALL\n"
        write_atomically(host.etc / "sudoers.d" / f"50-{user.name}", rule.encode(), mode=0o440)
    if user.keys and account is not None:
        _give_keys(host, user, account)


def _give_keys(host: Host, user: User, account: list[str]) -> None:
    owner, group = int(account[2]), int(account[3])
    # Root's home is a link into /var, and the folder may be ours to make after a power cut.
    home = "var/roothome" if user.name == "root" else account[5].lstrip("/")
    folder = host.root / home / ".ssh"
    for place in (folder.parent, folder):
        if not place.is_dir():
            place.mkdir(mode=0o700, parents=True)
            os.chown(place, owner, group)
    folder.chmod(0o700)
    path = folder / "authorized_keys"
    present = (
        path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []
    )
    lines = dict.fromkeys((*present, *user.keys))
    write_atomically(path, "".join(f"{line}\n" for line in lines).encode(), mode=0o600)
    os.chown(path, owner, group)


def _serve(host: Host, wishes: Wishes, run: Callable[..., object]) -> None:
    """Turn the SSH server on: a key was given, so somebody is to come that way."""
    answer = "yes" if wishes.allows_passwords else "no"
    text = f"# Written on the first boot\nPasswordAuthentication {answer}\n"
    write_atomically(host.etc / "ssh/sshd_config.d/50-arkes-first-boot.conf", text.encode())
    unit = (
        "ssh.service"
        if (host.root / "usr/lib/systemd/system/ssh.service").exists()
        else ("sshd.service")
    )
    run(["systemctl", "enable", "--now", "--no-block", unit], timeout=_SECONDS)


def _account(host: Host, name: str) -> list[str] | None:
    for line in _lines(host, "passwd"):
        fields = line.split(":")
        if fields[0] == name and len(fields) == _FIELDS:
            return fields
    return None


def _has(host: Host, database: str, name: str) -> bool:
    return any(line.partition(":")[0] == name for line in _lines(host, database))


def _lines(host: Host, database: str) -> list[str]:
    try:
        return (host.etc / database).read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []


def lets_in(host: Host) -> bool:
    """Tell whether anybody can log in: with a password, or with a key where SSH is on."""
    if any(
        line.split(":")[1:2] and _is_open(line.split(":")[1]) for line in _lines(host, "shadow")
    ):
        return True
    homes = [host.root / "var/roothome", *sorted((host.root / "var/home").glob("*"))]
    wants = host.etc / "systemd/system/multi-user.target.wants"
    serves = any((wants / unit).is_symlink() for unit in ("ssh.service", "sshd.service"))
    return serves and any(_is_there(home / ".ssh/authorized_keys") for home in homes)


def _is_open(field: str) -> bool:
    return bool(field) and field[0] not in "!*"


def _is_there(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except OSError:
        return False
