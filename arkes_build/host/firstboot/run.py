"""Go through the first boot once: grow, look who is meant, make it so, write it down."""

from __future__ import annotations

import array
import fcntl
import json
import os
import sys
from typing import TYPE_CHECKING

from arkes_build.core.atomic import write_atomically
from arkes_build.core.errors import ArkesError
from arkes_build.host.firstboot import apply, grow, sources
from arkes_build.host.machine import Host

if TYPE_CHECKING:
    from collections.abc import Sequence

DONE = "first-boot.json"
_ISSUE = "issue.d/50-arkes-first-boot.issue"
_HELP = """\

Nobody can log in yet: this system was told of no user. Give it one with a disk labelled
cidata (cloud-init's NoCloud) or with systemd credentials, then start it again;
docs/disk.md of Arkes shows both.

"""
_GETFLAGS, _SETFLAGS, _IMMUTABLE = 0x80086601, 0x40086602, 0x10
"""ioctl_iflags(2)."""


def main(argv: Sequence[str] = tuple(sys.argv[1:])) -> int:
    """Do the first boot of this machine, or with ``--grow`` only its growing."""
    host = Host()
    if "--grow" in argv:
        _say([_grow(host)])
        return 0
    _say(first_boot(host))
    return 0


def first_boot(host: Host) -> list[str]:
    """Make the machine its own; return what to tell. Nothing that goes wrong ends a boot.

    Where no source says who may log in, and nobody can, it is not over: the console says
    what to do, and the next boot looks again. A power cut before the record at the end
    means that all is done once more, which changes nothing that was done.
    """
    said = [_grow(host)]
    _hold_the_top(host)
    source = sources.find(host)
    if source is not None:
        from arkes_build.host.firstboot.cloudconfig import read

        wishes = read(source)
        trouble = apply.apply(host, wishes)
        said += [f"{source.name}: {each}" for each in (*wishes.remarks, *trouble)]
        said += [f"{source.name}: user {user.name}" for user in wishes.users]
    if not apply.lets_in(host):
        _help(host)
        return [*said, "nobody can log in yet; the next boot looks again"]
    os.sync()
    record = {"schema": 1, "time": int(host.clock()), "said": said}
    record["source"] = source.name if source else "the image"
    write_atomically(host.var / DONE, json.dumps(record, indent=1).encode() + b"\n")
    _tell_journal(host, said)
    return said


def _grow(host: Host) -> str:
    try:
        return grow.grow(host)
    except (ArkesError, OSError) as error:
        details = " ".join(error.details.split())[:300] if isinstance(error, ArkesError) else ""
        return f"the root did not grow: {error} {details}".strip()


def _hold_the_top(host: Host) -> None:
    """Make the deployment's own folder immutable, as OSTree does: an image cannot say it."""
    try:
        descriptor = os.open(host.root, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return
    try:
        flags = array.array("L", [0])
        fcntl.ioctl(descriptor, _GETFLAGS, flags)
        flags[0] |= _IMMUTABLE
        fcntl.ioctl(descriptor, _SETFLAGS, flags)
    except OSError as error:
        _say([f"the top of the tree stays changeable: {error.strerror}"])
    finally:
        os.close(descriptor)


def _help(host: Host) -> None:
    path = host.root / "run" / _ISSUE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_HELP, encoding="ascii")


def _tell_journal(host: Host, said: Sequence[str]) -> None:
    from arkes_build.host import journal

    journal.send(host, journal.Message.FIRST_BOOT_DONE, "; ".join(said) or "done")


def _say(lines: Sequence[str]) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines if line))
    sys.stdout.flush()
