"""What an image notes of its package files is read line by line, and none is believed."""

import pytest

from arkes_build.project.lockfile import PackageFile
from arkes_build.store.package_files import noted

ONE = "1" * 64
HELLO = PackageFile(
    name="hello", version="1:2-1", arch="amd64", size=7, sha256=ONE, file="pool/hello.deb"
)
YAY = PackageFile(name="yay", version="12-1", arch="x86_64", file=f"aur:yay@{'a' * 40}")


@pytest.mark.parametrize(
    ("line", "found"),
    [
        pytest.param(HELLO.line, (HELLO,), id="a file of an archive"),
        pytest.param(YAY.line, (YAY,), id="one that was built"),
        pytest.param(f"local 1 amd64 7 {ONE} -", (), id="one of nowhere"),
        pytest.param("hello 1 amd64", (), id="half a line"),
        pytest.param(f"hello 1 amd64 many {ONE} x", (), id="a size that is none"),
        pytest.param("hello 1 amd64 7 abc x", (), id="a hash that is none"),
        pytest.param("", (), id="nothing"),
    ],
)
def test_a_line_is_one_file_or_none(line, found):
    assert noted([line]) == found


def test_files_come_sorted_and_each_once():
    assert noted([YAY.line, HELLO.line, YAY.line]) == (HELLO, YAY)
