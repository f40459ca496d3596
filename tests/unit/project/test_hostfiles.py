"""Check how files of the machine become a bootstrap."""

import pytest

from arkes_build.core.digest import bytes_digest
from arkes_build.core.errors import ExitCode
from arkes_build.project.hostfiles import HostFileMissing, host_files
from arkes_build.project.model import ContextFile


@pytest.fixture
def machine(tmp_path):
    (tmp_path / "usr/bin").mkdir(parents=True)
    program = tmp_path / "usr/bin/busybox"
    program.write_bytes(b"ELF")
    program.chmod(0o755)
    (tmp_path / "usr/bin/sh").symlink_to("busybox")
    (tmp_path / "bin").symlink_to("usr/bin")
    return tmp_path


def test_links_are_followed_and_paths_stay_as_written(machine):
    found = host_files(["/usr/bin/busybox", "/bin/sh", "/bin/sh"], root=machine)
    assert found == tuple(
        ContextFile(path=path, type="file", mode=0o755, digest=bytes_digest(b"ELF"), size=3)
        for path in ("bin/sh", "usr/bin/busybox")
    )


@pytest.mark.parametrize(
    ("path", "brief", "resolution"),
    [
        pytest.param(
            "/sbin/busybox",
            "the bootstrap needs /sbin/busybox of this machine, but it is not there",
            "install busybox-static (Debian) or busybox (Arch), or name another file in arkes.toml",
            id="a file that is missing",
        ),
        pytest.param(
            "/usr/bin",
            "the bootstrap needs /usr/bin of this machine, but it is a folder",
            "install the package that brings it, or name another file in arkes.toml",
            id="a folder",
        ),
    ],
)
def test_what_cannot_be_used(machine, path, brief, resolution):
    with pytest.raises(HostFileMissing) as caught:
        host_files([path], root=machine)
    error = caught.value
    assert (error.brief, error.resolution, error.exit_code) == (brief, resolution, ExitCode.PROJECT)
