"""An update that is cut short, by a full disk or a kill, leaves the machine as it was."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

import pytest

from arkes_build.core.errors import ExitCode
from arkes_build.host.updates.errors import NoRoom, RanFull

pytestmark = pytest.mark.engine


@pytest.fixture
def small_disk(tmp_path):
    """Return the folder of a file system of 96 MiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    argv = ["mount", "-t", "tmpfs", "-o", "size=96m", "arkes-test", str(folder)]
    subprocess.run(argv, check=True)
    yield folder
    subprocess.run(["chattr", "-R", "-f", "-i", str(folder)], check=False, capture_output=True)
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_what_cannot_fit_is_refused_before_the_download(vendor, make_machine, server, small_disk):
    machine = make_machine(vendor.release(), folder=small_disk / "machine")
    vendor.release(files={"usr/lib/large": os.urandom(80 << 20)})
    before, server.sent[:] = machine.state(), []
    with pytest.raises(NoRoom) as caught:
        machine.upgrade()
    assert caught.value.exit_code is ExitCode.DISK_FULL
    assert sum(size for _, size in server.sent) < 10_000
    assert machine.state() == before


def test_a_disk_that_runs_full_on_the_way_leaves_the_machine_as_it_was(
    vendor, make_machine, server, small_disk
):
    machine = make_machine(vendor.release(), folder=small_disk / "machine")
    files = {f"usr/lib/f{number}": os.urandom(2 << 20) for number in range(10)}
    second = vendor.release(files=files, from_scratch=False)
    before, other, filled = machine.state(), small_disk / "somebody-elses", []

    def fill(path):
        """Let somebody else take the room, after it was found to be enough."""
        if path.endswith(".filez") and not filled:
            filled.append(path)
            state = os.statvfs(small_disk)
            with suppress(OSError), other.open("wb") as stream:
                os.posix_fallocate(stream.fileno(), 0, state.f_bavail * state.f_frsize - (9 << 20))

    server.before = fill
    with pytest.raises(RanFull) as caught:
        machine.upgrade()
    assert caught.value.exit_code is ExitCode.DISK_FULL
    assert machine.state() == before
    assert machine.records()[-1][:2] == ("upgrade", "disk-full")
    assert not list(machine.host.repo.glob("tmp/staging-*/??"))
    machine.fsck()
    other.unlink()
    server.before = lambda _path: None
    assert machine.upgrade().commit == second
    assert machine.partial() == []
    machine.fsck()


UPGRADE = """
import sys
from pathlib import Path
from arkes_build.host.machine import Host
from arkes_build.system import command
from arkes_build.system.main import main

root = Path(sys.argv[1])
command.make_host = lambda: Host(root=root, uid=lambda: 0)
sys.exit(main(["upgrade"]))
"""


def _killed_at(machine, server, number):
    """Upgrade in a process of its own, and kill it when it asks for the so many-th object."""
    asked = []
    child = subprocess.Popen(
        [sys.executable, "-c", UPGRADE, str(machine.host.root)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )

    def count(path):
        if path.endswith(".filez"):
            asked.append(path)
            if len(asked) == number:
                os.killpg(child.pid, signal.SIGKILL)
                time.sleep(0.2)

    server.before = count
    code = child.wait(timeout=120)
    server.before = lambda _path: None
    return code


def test_a_pull_that_was_killed_is_taken_up_again(vendor, make_machine, server):
    machine = make_machine(vendor.release())
    files = {f"usr/lib/f{number}": os.urandom(20_000) for number in range(120)}
    second = vendor.release(files=files, from_scratch=False)
    before = machine.state()
    assert _killed_at(machine, server, 60) == -signal.SIGKILL
    assert machine.state() == before
    machine.fsck()
    server.sent.clear()
    machine.upgrade()
    came = [path for path, _ in server.sent if path.endswith(".filez")]
    assert len(came) < 110
    assert machine.deployment.checksum == second
    machine.fsck()


def test_a_pull_ends_when_somebody_wants_it_to(vendor, make_machine, server):
    machine = make_machine(vendor.release())
    files = {f"usr/lib/f{number}": os.urandom(2_000) for number in range(20)}
    second = vendor.release(files=files, from_scratch=False)
    before = machine.state()

    def stall(path):
        if path.endswith(".filez"):
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(1)

    server.before = stall
    with pytest.raises(KeyboardInterrupt):
        machine.upgrade()
    server.before = lambda _path: None
    assert machine.state() == before
    assert machine.records() == [("upgrade", "interrupted", second)]
    machine.upgrade()
    assert machine.deployment.checksum == second
    machine.fsck()
