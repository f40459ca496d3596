"""Name the releases that the scenarios offer to a machine, good ones and bad ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scenario.trees import File, names, read

if TYPE_CHECKING:
    from collections.abc import Callable

_FAILING = b"""#!/bin/sh
echo "the lamp of this release does not burn"
exit 1
"""
_DYING = b"""#!/bin/sh
echo "this init dies"
exit 1
"""
_HANGING = b"""[Unit]
Description=Hang before multi-user.target
Before=multi-user.target
DefaultDependencies=no

[Service]
Type=oneshot
ExecStart=/usr/bin/sleep infinity
TimeoutStartSec=infinity
"""
_FREEZING = b"""[Unit]
Description=Freeze the first process
Before=multi-user.target

[Service]
Type=oneshot
ExecStart=/bin/sh -c 'echo 1 > /sys/fs/cgroup/init.scope/cgroup.freeze'
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A release: what it does, upon which other one, and its files."""

    name: str
    story: str
    changes: Callable
    parent: str = "base"


def _kernel(repo, commit):
    (version,) = (
        name
        for name in names(repo, commit, "usr/lib/modules")
        if "vmlinuz" in names(repo, commit, f"usr/lib/modules/{name}")
    )
    return f"usr/lib/modules/{version}"


def _good(repository, parent):
    repo = repository._repo
    folder = _kernel(repo, parent)
    return {
        "usr/share/arkes-scenario": File(data=b"good\n"),
        "usr/etc/scenario-default.conf": File(data=b"new default\n"),
        "usr/etc/issue.d/scenario.issue": File(data=b"\n"),
        # Other bytes that mean the same: zeros at the end of an archive, and behind a program.
        f"{folder}/vmlinuz": File(data=read(repo, parent, f"{folder}/vmlinuz") + bytes(512)),
        f"{folder}/initramfs.img": File(
            data=read(repo, parent, f"{folder}/initramfs.img") + bytes(512)
        ),
    }


def _plain(_repository, _parent):
    return {
        "usr/share/arkes-scenario": File(data=b"plain\n"),
        "usr/etc/scenario-default.conf": File(data=b"newer default\n"),
    }


def _health(_repository, _parent):
    return {"usr/lib/arkes/health.d/50-lamp": File(data=_FAILING, mode=0o755)}


def _init(_repository, _parent):
    return {"usr/lib/systemd/systemd": File(data=_DYING, mode=0o755)}


def _hang(_repository, _parent):
    return _required("scenario-hang.service", _HANGING)


def _frozen(_repository, _parent):
    """The first process is stopped as a whole: no timer, no signal, nothing of systemd runs."""
    return _required("scenario-freeze.service", _FREEZING)


def _required(unit, text):
    return {
        f"usr/lib/systemd/system/{unit}": File(data=text),
        f"usr/lib/systemd/system/multi-user.target.requires/{unit}": File(target=f"../{unit}"),
    }


def _no_kernel_format(repository, parent):
    """A file that no firmware takes for a program."""
    folder = _kernel(repository._repo, parent)
    return {f"{folder}/vmlinuz": File(data=b"this is no kernel\n" * 100_000)}


def _decayed(repository, parent):
    """An EFI program whose packed kernel is rubbish: nobody can tell before it runs."""
    repo = repository._repo
    folder = _kernel(repo, parent)
    data = bytearray(read(repo, parent, f"{folder}/vmlinuz"))
    third = len(data) // 3
    data[third : 2 * third] = bytes(third)
    return {f"{folder}/vmlinuz": File(data=bytes(data))}


def _panic(repository, parent):
    """A kernel that runs, and finds an initramfs that is none."""
    folder = _kernel(repository._repo, parent)
    return {f"{folder}/initramfs.img": File(data=b"this is no initramfs\n" * 100_000)}


def _kernel_gone(repository, parent):
    folder = _kernel(repository._repo, parent)
    return {f"{folder}/vmlinuz": None}


KINDS = (
    Kind(name="good", story="brings a new kernel and other defaults", changes=_good),
    Kind(name="plain", story="changes two files", changes=_plain, parent="good"),
    Kind(name="health", story="fails its health check", changes=_health),
    Kind(name="init", story="has an init that dies", changes=_init),
    Kind(name="hang", story="hangs before multi-user.target", changes=_hang),
    Kind(name="frozen", story="has a first process that freezes", changes=_frozen),
    Kind(name="garbage", story="has a kernel that is none", changes=_no_kernel_format),
    Kind(name="panic", story="has a kernel that panics", changes=_panic),
    Kind(name="decayed", story="has a kernel that cannot be unpacked", changes=_decayed),
    Kind(name="headless", story="has no kernel at all", changes=_kernel_gone),
)
