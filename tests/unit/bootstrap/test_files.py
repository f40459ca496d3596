import tarfile
from pathlib import Path

import pytest

from arkes_build.bootstrap import files
from arkes_build.bootstrap.errors import BootstrapFailed
from arkes_build.bootstrap.make import make
from arkes_build.core.digest import bytes_digest
from arkes_build.core.names import Arch, Family
from arkes_build.core.tape import ContentChanged
from arkes_build.project.model import Bootstrap, ContextFile

FILES = (
    ContextFile(path="usr/bin/tool", type="file", mode=0o4755, digest=bytes_digest(b"elf")),
    ContextFile(path="bin", type="link", mode=0o777, target="usr/bin"),
)


@pytest.fixture
def host(tmp_path):
    folder = tmp_path / "host"
    (folder / "usr/bin").mkdir(parents=True, mode=0o700)
    (folder / "usr/bin/tool").write_bytes(b"elf")
    (folder / "usr/bin/other").write_bytes(b"not asked for")
    (folder / "bin").symlink_to("usr/bin")
    return folder


def test_the_tar_holds_exactly_the_listed_files(tmp_path, host):
    target = files.make(Bootstrap(tool="files", files=FILES), work=tmp_path, host=host)
    with tarfile.open(target) as tar:
        assert [(m.name, oct(m.mode), m.uid, m.mtime, m.linkname) for m in tar] == [
            ("bin", "0o777", 0, 0, "usr/bin"),
            ("usr", "0o755", 0, 0, ""),
            ("usr/bin", "0o755", 0, 0, ""),
            ("usr/bin/tool", "0o4755", 0, 0, ""),
        ]


def test_twice_the_same_bytes(tmp_path, host):
    asked = Bootstrap(tool="files", files=FILES)
    one = files.make(asked, work=tmp_path, host=host).read_bytes()
    assert files.make(asked, work=tmp_path, host=host).read_bytes() == one


def test_a_host_file_that_changed_is_refused(tmp_path, host):
    (host / "usr/bin/tool").write_bytes(b"ELF")
    with pytest.raises(ContentChanged):
        files.make(Bootstrap(tool="files", files=FILES), work=tmp_path, host=host)


def test_an_unknown_tool_is_refused(tmp_path):
    with pytest.raises(BootstrapFailed, match="debootstrap is no known tool"):
        make(
            Bootstrap(tool="debootstrap"),
            family=Family.DEBIAN,
            arch=Arch.X86_64,
            work=tmp_path / "work",
            cache=Path("/none"),
            epoch=0,
            on_line=print,
        )
