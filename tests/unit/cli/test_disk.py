"""What the command line takes for a disk."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import click
import jsonschema
import pytest

from arkes_build.cli.commands.disk import Size
from arkes_build.cli.main import main
from arkes_build.core.errors import DiskFull, ExitCode
from arkes_build.core.events import Outcome
from arkes_build.disk import identity
from arkes_build.disk.layout import GIB, MIB, lay_out
from arkes_build.disk.model import Disk, Form, Release, RootFs, Wish
from arkes_build.pipeline import disks
from arkes_build.pipeline.disks import Request
from arkes_build.pipeline.report import NodeReport, Report
from arkes_build.ui import schemas

ROOT = Path(__file__).resolve().parents[3]

COMMIT = "6be61376f2fa002f1088bab2ebd8327e4d3a7149941433d377cc5bc8267f7eab"
RELEASE = Release(
    node="base",
    ref="arkes/x86_64/base",
    commit=COMMIT,
    version="2026.11",
    timestamp=1,
    arch="x86_64",
)
WISH = Wish(
    release=RELEASE,
    root_fs=RootFs.EXT4,
    form=Form.QCOW2,
    size=None,
    esp_size=None,
    identity=identity.derived(COMMIT),
)
DISK = Disk(
    release=RELEASE,
    path=Path("/project/.arkes/disks/base.qcow2"),
    form=Form.QCOW2,
    layout=lay_out(WISH, root_bytes=GIB, esp_bytes=75 * MIB),
    stored=1_113_456_640,
    update_url=None,
    kargs=(f"root=UUID={WISH.identity.root_fs}",),
    seconds=33.0,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("16G", 16 << 30),
        ("16GiB", 16 << 30),
        ("16Gi", 16 << 30),
        ("16GB", 16_000_000_000),
        ("1.5 GiB", 3 << 29),
        ("500MB", 500_000_000),
        ("4096B", 4096),
        ("16777215M", (16 << 40) - (1 << 20)),
    ],
)
def test_sizes_are_read_as_qemu_and_people_mean_them(text: str, expected: int) -> None:
    assert Size().convert(text, None, None) == expected


@pytest.mark.parametrize(
    "text", ["", "G", "16X", "16 G B", "1e9", "16G\n", "٣G", "-", "--1G", "9" * 13 + "G"]
)
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is no size, such as 16G or 500MiB"):
        Size().convert(text, None, None)


@pytest.fixture
def asked(fake, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Return what is asked of the pipeline; a disk comes out."""
    heard: list[object] = []
    node = NodeReport(node="base", outcome=Outcome.REUSED, reasons=(), commit=COMMIT)
    fake.report = Report(nodes=(node,), left_out=(), seconds=0.1)

    def make_disk(_options, request, commit, _sink):
        heard.extend((request, commit))
        return DISK

    monkeypatch.setattr(disks, "make_disk", make_disk)
    return heard


def test_a_disk_is_asked_for_with_all_that_was_said(asked: list[object]) -> None:
    said = "--format raw --size 32G --esp-size 512M --root-fs btrfs --output /tmp/x.img --force"
    said += " --update-url https://example.org/os --karg console=ttyS0 --uuid random"
    assert main(["disk", "base", *said.split()]) == ExitCode.OK
    assert asked == [
        Request(
            output=Path("/tmp/x.img"),
            form=Form.RAW,
            root_fs=RootFs.BTRFS,
            size=32 * GIB,
            esp_size=512 * MIB,
            update_url="https://example.org/os",
            kargs=("console=ttyS0",),
            is_random=True,
            is_again=True,
        ),
        COMMIT,
    ]


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["--update-url", "https://example.org/a b"], id="an address with a blank"),
        pytest.param(["--update-url", "ftp://example.org/"], id="an address of another kind"),
        pytest.param(
            ["--update-url", "https://example.org/\n[core]"], id="an address of two lines"
        ),
        pytest.param(["--karg", "a b"], id="two arguments in one"),
        pytest.param(["--karg", ""], id="no argument"),
        pytest.param(["--karg", 'a"b'], id="a quote that swallows the next"),
        pytest.param(["--karg", "ostree=/x"], id="which deployment boots"),
        pytest.param(["--root-fs", "vfat"], id="a file system that cannot be a root"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_built(
    asked: list[object], fake, words: list[str]
) -> None:
    assert main(["disk", "base", *words]) == ExitCode.USAGE
    assert (asked, fake.asked) == ([], [])


@pytest.mark.parametrize(
    ("output", "why"),
    [
        pytest.param("/dev/null", "it is a device or another thing that is no file", id="a device"),
        pytest.param("none/x.raw", "there is no folder none", id="a folder that is not there"),
        pytest.param(
            "/proc/x.raw",
            "nothing can be written in /proc (no such file or directory)",
            id="a folder that takes nothing",
        ),
    ],
)
def test_a_place_that_takes_no_disk_is_refused_before_anything_is_built(
    asked: list[object], fake, capsys: pytest.CaptureFixture[str], output: str, why: str
) -> None:
    assert main(["disk", "base", "--output", output]) == ExitCode.USAGE
    first = capsys.readouterr().err.splitlines()[0]
    assert first == f"error: {output} cannot become a disk image: {why}"
    assert (asked, fake.asked) == ([], [])


def test_a_full_place_is_told_as_one_before_anything_is_built(
    asked: list[object], fake, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def full(**_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(disks, "TemporaryFile", full)
    assert main(["disk", "base", "--output", str(tmp_path / "x.raw")]) == ExitCode.DISK_FULL
    assert (asked, fake.asked) == ([], [])


SIZES = [
    "--size 16",
    "--size 1.5",
    "--size 6442450944",
    "--size -1G",
    "--size lots",
    "--size 16T",
    "--size 999999999999P",
    "--esp-size 2T",
    "--size 0B",
    "--size 1M",
    "--size 100M --root-fs btrfs",
    "--size 365MiB --root-fs xfs",
    "--size 1G --esp-size 1G",
    "--esp-size 33M",
]


def test_sizes_that_cannot_be_are_refused_before_anything_is_built(
    asked: list[object], fake, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    told = []
    for words in SIZES:
        assert main(["disk", "base", *words.split()]) == ExitCode.USAGE
        said = capsys.readouterr().err
        told.append(f"$ arkes-build disk base {words}\n{said}")
    assert (asked, fake.asked) == ([], [])
    golden = ROOT / "tests/golden/ui/disk-sizes.txt"
    if "ARKES_WRITE_GOLDEN" in os.environ:
        golden.write_text("\n".join(told))
    assert "\n".join(told) == golden.read_text()


def test_it_says_what_was_made_and_what_to_do_with_it(
    asked: list[object], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["disk", "base"]) == ExitCode.OK
    golden = ROOT / "tests/golden/ui/disk.txt"
    if "ARKES_WRITE_GOLDEN" in os.environ:
        golden.write_text(capsys.readouterr().out)
    else:
        assert capsys.readouterr().out == golden.read_text()


def test_it_speaks_json(asked: list[object], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["disk", "base", "--json"]) == ExitCode.OK
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    jsonschema.validate(found, schemas.schema("disk"))
    esp, root = found.pop("partitions")
    assert found == {
        "schema": 1,
        "type": "disk",
        "path": "/project/.arkes/disks/base.qcow2",
        "format": "qcow2",
        "is_unchanged": False,
        "node": "base",
        "ref": "arkes/x86_64/base",
        "commit": COMMIT,
        "version": "2026.11",
        "arch": "x86_64",
        "size": 6 * GIB,
        "stored": 1_113_456_640,
        "guid": WISH.identity.disk,
        "update_url": None,
        "kargs": [f"root=UUID={WISH.identity.root_fs}"],
        "seconds": 33.0,
    }
    assert (esp["role"], esp["file_system"], esp["start"]) == ("esp", "vfat", MIB)
    assert (root["role"], root["uuid"]) == ("root", WISH.identity.root_fs)


def test_a_build_that_failed_is_shown_as_builds_are(fake, asked: list[object]) -> None:
    failed = NodeReport(
        node="base", outcome=Outcome.FAILED, reasons=(), error=DiskFull("/x", doing="building")
    )
    fake.report = Report(nodes=(failed,), left_out=(), seconds=0.1)
    assert main(["disk", "base"]) == ExitCode.DISK_FULL
    assert asked == []


def test_what_is_raw_is_said_by_the_name_of_the_output() -> None:
    shapes = [Request(output=Path(name)).shape for name in ("a.raw", "a.img", "a.qcow2", "a")]
    assert shapes == [Form.RAW, Form.RAW, Form.QCOW2, Form.QCOW2]
    assert Request(output=Path("a.raw"), form=Form.QCOW2).shape is Form.QCOW2
