"""`disk`: make a disk image of a node that boots in a virtual machine and on a real one."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from arkes_build.cli import front
from arkes_build.cli.settings import Nodes, ProjectCommand
from arkes_build.core.amounts import size
from arkes_build.core.errors import ExitCode
from arkes_build.ui.screen import screen_of

if TYPE_CHECKING:
    from arkes_build.cli.settings import Settings
    from arkes_build.disk.model import Disk
    from arkes_build.pipeline.disks import Request

_POWERS = {unit: at for at, unit in enumerate("KMGTP", start=1)}
_SIZE = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?) ?(?:([KMGTP])(iB|B|i)?|B)")
_NO_UNIT = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,6})?")
_DISK_LIMIT = 16 << 40
"""A file on ext4, where most images come to lie, is smaller; so is a root without further ado."""
_ESP_LIMIT = 2 << 40
"""FAT32 counts sectors of 512 bytes in 32 bits."""


class Size(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.4, not in the image
    """Take a size below a limit, with its unit.

    ``16G`` and ``16GiB`` are units of 1024, as QEMU has them, ``16GB`` of 1000. A number alone
    would be bytes to one and GiB to another.
    """

    name = "size"

    def __init__(self, limit: int = _DISK_LIMIT) -> None:
        self._limit = limit

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> int | None:
        """Return the bytes."""
        if isinstance(value, int):
            return value
        text = str(value)
        match = _SIZE.fullmatch(text)
        if match is None:
            self.fail(_what_is_wrong(text), param, ctx)
        step = 1000 if match[3] == "B" else 1024
        found = round(float(match[1]) * float(step) ** _POWERS.get(match[2] or "", 0))
        if found >= self._limit:
            self.fail(f"{text} is too large: the limit is {size(self._limit)}", param, ctx)
        return found


def _what_is_wrong(text: str) -> str:
    if _NO_UNIT.fullmatch(text):
        return f"{text} has no unit, such as B, MiB or G"
    if text.startswith("-") and _SIZE.fullmatch(text[1:]):
        return f"{text} is negative"
    return f"{text[:80]!r} is no size, such as 16G or 500MiB"


def _disk(settings: Settings, node: str, **wanted: Any) -> ExitCode:
    request = _request(wanted)
    if settings.dry_run:
        return front.show_plan(settings, (node,))
    from arkes_build.pipeline.disks import built_commit, make_disk, must_be_writable

    if request.output is not None:
        must_be_writable(request.output)
    with (
        front.listener(settings, screen_of(sys.stdout)) as sink,
        front.pipeline(settings, sink) as opened,
    ):
        report = opened.build((node,))
        if report.errors:
            return front.show_end(settings, report)
        disk = make_disk(settings.options(), request, built_commit(report, node), sink)
    _show(settings, disk)
    return ExitCode.OK


def _request(wanted: dict[str, Any]) -> Request:
    from arkes_build.disk.layout import Needs
    from arkes_build.disk.model import Form, RootFs
    from arkes_build.pipeline.disks import Request
    from arkes_build.project.settings import ADDRESS
    from arkes_build.sysroot.kargs import why_wrong

    url, kargs = wanted["update_url"], wanted["karg"]
    if url is not None and not re.fullmatch(ADDRESS, url):
        raise click.BadParameter(
            f"{url[:120]!r} is no address, such as https://example.org/os",
            param_hint="--update-url",
        )
    for each in kargs:
        if why := why_wrong(each):
            raise click.BadParameter(f"{each[:120]!r} {why}", param_hint="--karg")
    root_fs = RootFs(wanted["root_fs"])
    Needs.of(root_fs).hold(wanted["size"], wanted["esp_size"])
    return Request(
        output=wanted["output"],
        form=Form(wanted["form"]) if wanted["form"] else None,
        root_fs=root_fs,
        size=wanted["size"],
        esp_size=wanted["esp_size"],
        update_url=url,
        kargs=kargs,
        is_random=wanted["uuid"] == "random",
        is_again=wanted["force"],
    )


def _show(settings: Settings, disk: Disk) -> None:
    if settings.as_json:
        from arkes_build.ui.disks import disk_shape
        from arkes_build.ui.shapes import line

        front.print_lines([line(disk_shape(disk))])
    elif not settings.quiet:
        from arkes_build.ui.disks import disk_lines

        front.print_lines(["", *disk_lines(disk, screen_of(sys.stdout))])


command = ProjectCommand(
    "disk",
    callback=_disk,
    builds=True,
    params=[
        Nodes("node", metavar="NODE|FILE", many=False, required=True),
        click.Option(
            ["--format", "form"],
            type=click.Choice(["raw", "qcow2"]),
            help="The file's form (default: as its name ends, else qcow2).",
        ),
        click.Option(
            ["--size"],
            type=Size(),
            metavar="SIZE",
            help="Size of the disk, such as 16G (default: three times the system, at least 6 GiB).",
        ),
        click.Option(
            ["--root-fs"],
            type=click.Choice(["ext4", "xfs", "btrfs"]),
            default="ext4",
            show_default=True,
            help="File system of the root.",
        ),
        click.Option(
            ["--output"],
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Write it there (default: disks/NODE.FORMAT in the store).",
        ),
        click.Option(
            ["--update-url"],
            metavar="URL",
            help="Where the system finds its updates (default: as arkes.toml says).",
        ),
        click.Option(
            ["--karg"],
            multiple=True,
            metavar="ARG",
            help="One more kernel argument; may be repeated.",
        ),
        click.Option(
            ["--esp-size"],
            type=Size(_ESP_LIMIT),
            metavar="SIZE",
            help="Size of the EFI system partition (default: 1 GiB).",
        ),
        click.Option(
            ["--uuid"],
            type=click.Choice(["derived", "random"]),
            default="derived",
            show_default=True,
            help="Identifiers that the same commit always gets, or new ones.",
        ),
        click.Option(["--force"], is_flag=True, help="Write it even when nothing changed."),
    ],
    help="""Make a disk image that boots.

    It is one of a node or of a Systemfile; what is not up to date is built first. The disk has a
    partition table (GPT), an EFI system partition with the boot loader and a root partition with
    the system, and boots on UEFI, in a virtual machine or written on a real disk. Neither a mount
    nor a loop device is needed. The same commit gives the same bytes. On its first boot the root
    grows to its disk.""",
    examples=(
        ("arkes-build disk base", "disks/base.qcow2 in the store"),
        ("arkes-build disk base --output stick.raw", "to be written on a real disk"),
        ("arkes-build disk ./Systemfile --size 40G", "a machine of your own"),
        ("arkes-build disk base --update-url https://example.org/os", "follows what is published"),
    ),
)
