"""Look for a release's kernel in its committed tree."""

import pytest

from arkes_build.sysroot.errors import KernelMissing
from arkes_build.sysroot.kernels import must_boot

PROGRAM = b"MZ".ljust(0x3C, b"\0") + (0x40).to_bytes(4, "little") + b"PE\0\0kernel"
MODULES = "usr/lib/modules"
KERNEL, INITRD = f"{MODULES}/6.1/vmlinuz", f"{MODULES}/6.1/initramfs.img"


class Files:
    """A tree of files that only has what it was given."""

    def __init__(self, files):
        self.files = files

    def read(self, path):
        return self.files.get(path)

    def names(self, path):
        inside = [name.removeprefix(f"{path}/") for name in self.files if name.startswith(path)]
        return tuple(sorted({name.partition("/")[0] for name in inside}))


def test_a_kernel_with_its_initramfs_is_good():
    must_boot(Files({KERNEL: PROGRAM, INITRD: b"x", f"{MODULES}/5.9/old.ko": b""}), commit="a" * 64)


@pytest.mark.parametrize(
    ("files", "why"),
    [
        pytest.param({}, "no kernel is in /usr/lib/modules", id="a tree without modules"),
        pytest.param(
            {INITRD: b"x"}, "no kernel is in /usr/lib/modules", id="an initramfs without a kernel"
        ),
        pytest.param(
            {KERNEL: PROGRAM, INITRD: b"x", f"{MODULES}/6.2/vmlinuz": PROGRAM},
            "more than one kernel is in /usr/lib/modules",
            id="two kernels",
        ),
        pytest.param(
            {KERNEL: PROGRAM}, f"/{INITRD} is missing or empty", id="a kernel without an initramfs"
        ),
        pytest.param(
            {KERNEL: b"this is no kernel\n" * 9, INITRD: b"x"},
            f"its kernel /{KERNEL} is no EFI program",
            id="a kernel that is a text",
        ),
        pytest.param(
            {KERNEL: b"MZ", INITRD: b"x"},
            f"its kernel /{KERNEL} is no EFI program",
            id="a kernel that ends before its header",
        ),
        pytest.param(
            {KERNEL: b"MZ".ljust(0x3C, b"\0") + b"\xff" * 4, INITRD: b"x"},
            f"its kernel /{KERNEL} is no EFI program",
            id="a header far behind the end",
        ),
        pytest.param(
            {KERNEL: b"", INITRD: b"x"},
            f"its kernel /{KERNEL} is no EFI program",
            id="an empty kernel",
        ),
    ],
)
def test_a_release_that_no_firmware_starts_is_told(files, why):
    with pytest.raises(KernelMissing) as raised:
        must_boot(Files(files), commit="a" * 64)
    error = raised.value
    assert (error.why, error.brief) == (why, f"the release {'a' * 12} cannot boot: {why}")
    assert "nothing of it was put in place" in error.details
