"""Where everything lies on a disk."""

from __future__ import annotations

from dataclasses import replace

import pytest

from arkes_build.core.errors import ExitCode
from arkes_build.disk import identity
from arkes_build.disk.errors import DiskTooSmall
from arkes_build.disk.layout import GIB, MIB, Needs, lay_out, script
from arkes_build.disk.model import Form, Layout, Partition, Release, Role, RootFs, Wish

COMMIT = "6be61376f2fa002f1088bab2ebd8327e4d3a7149941433d377cc5bc8267f7eab"
RELEASE = Release(
    node="base",
    ref="arkes/x86_64/base",
    commit=COMMIT,
    version="2026.11",
    timestamp=1793491204,
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


def test_a_small_disk_comes_out_whole() -> None:
    named = WISH.identity
    wish = replace(WISH, size=512 * MIB, esp_size=100 * MIB)
    assert lay_out(wish, root_bytes=10 * MIB, esp_bytes=2 * MIB) == Layout(
        size=512 * MIB,
        guid=named.disk,
        partitions=(
            Partition(
                role=Role.ESP,
                number=1,
                start=MIB,
                size=100 * MIB,
                kind="c12a7328-f81f-11d2-ba4b-00a0c93ec93b",
                guid=named.esp,
                file_system="vfat",
                uuid=named.volume_name,
            ),
            Partition(
                role=Role.ROOT,
                number=2,
                start=101 * MIB,
                size=410 * MIB,
                kind="4f68bce3-e8cd-4db1-96e7-fbcaf984b709",
                guid=named.root,
                file_system="ext4",
                uuid=named.root_fs,
            ),
        ),
    )


@pytest.mark.parametrize(
    ("root", "esp", "size", "expected"),
    [
        pytest.param(GIB, 75 * MIB, None, (6, 1024), id="base has four GiB at least"),
        pytest.param(3 * GIB, 75 * MIB, None, (11, 1024), id="a desktop has room three times"),
        pytest.param(GIB, 400 * MIB, None, (7, 2048), id="large kernels get a larger ESP"),
        pytest.param(GIB, 75 * MIB, 32 * GIB, (32, 1024), id="a size is taken as it is"),
        pytest.param(GIB, 75 * MIB, 2 * GIB, (2, 512), id="a small disk has a smaller ESP"),
    ],
)
def test_sizes_are_chosen(root: int, esp: int, size: int | None, expected: tuple[int, int]) -> None:
    made = lay_out(replace(WISH, size=size), root_bytes=root, esp_bytes=esp)
    assert (made.size // GIB, made.of(Role.ESP).size // MIB) == expected


@pytest.mark.parametrize("size", [512 * MIB, 512 * MIB + 1, 6 * GIB + 511, 7_999_999_999])
def test_partitions_are_aligned_and_leave_both_ends_free(size: int) -> None:
    made = lay_out(replace(WISH, size=size), root_bytes=10 * MIB, esp_bytes=MIB)
    last = made.partitions[-1]
    assert made.size % 512 == 0
    assert size - made.size < 512
    assert {one.start % MIB for one in made.partitions} == {0}
    assert {one.size % MIB for one in made.partitions} == {0}
    assert made.partitions[0].start == MIB
    assert MIB <= made.size - (last.start + last.size) < 2 * MIB


@pytest.mark.parametrize(
    ("change", "text"),
    [
        pytest.param({"size": GIB}, "1.0 GiB is too small for base", id="the disk"),
        pytest.param(
            {"esp_size": 32 * MIB},
            "32 MiB is too small for the EFI system partition: it needs at least 64 MiB",
            id="the ESP",
        ),
    ],
)
def test_what_is_too_small_is_refused_before_anything_is_written(
    change: dict[str, int], text: str
) -> None:
    with pytest.raises(DiskTooSmall) as caught:
        lay_out(replace(WISH, **change), root_bytes=GIB, esp_bytes=10 * MIB)
    assert caught.value.brief.startswith(text)
    assert caught.value.exit_code is ExitCode.USAGE


@pytest.mark.parametrize("root_fs", list(RootFs))
@pytest.mark.parametrize(
    "root", [0, 150 * MIB, 900 * MIB, 5 * GIB], ids=lambda at: f"{at >> 20} MiB"
)
@pytest.mark.parametrize(
    "esp", [0, 75 * MIB, 400 * MIB], ids=lambda at: f"kernels of {at >> 20} MiB"
)
def test_the_least_size_that_is_told_is_enough(root: int, esp: int, root_fs: RootFs) -> None:
    wish = replace(WISH, size=MIB, root_fs=root_fs)
    with pytest.raises(DiskTooSmall) as caught:
        lay_out(wish, root_bytes=root, esp_bytes=esp)
    least = int(caught.value.brief.removesuffix(" MiB").rpartition(" ")[2]) * MIB
    made = lay_out(replace(wish, size=least), root_bytes=root, esp_bytes=esp)
    needs = Needs.of(root_fs, root_bytes=root, esp_bytes=esp)
    assert (made.of(Role.ROOT).size, made.of(Role.ESP).size) == (needs.root, needs.esp)
    with pytest.raises(DiskTooSmall):
        lay_out(replace(wish, size=least - 1), root_bytes=root, esp_bytes=esp)


def test_the_table_is_said_in_words_of_sfdisk() -> None:
    wish = replace(WISH, size=512 * MIB, esp_size=100 * MIB)
    assert script(lay_out(wish, root_bytes=MIB, esp_bytes=MIB)) == (
        "label: gpt\n"
        "label-id: 9DD96046-26E0-5F33-BF4D-4C80A7A8E0D7\n"
        "unit: sectors\n"
        "first-lba: 2048\n"
        "\n"
        "start=2048, size=204800, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B, "
        'uuid=4034E109-1D83-5077-A0B1-36C2953B64C1, name="esp"\n'
        "start=206848, size=839680, type=4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709, "
        'uuid=95B2B342-1108-5262-B00D-7738264CAD34, name="root"\n'
    )
