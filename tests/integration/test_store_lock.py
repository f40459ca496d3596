"""Let two processes want one store."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from arkes_build.core.errors import ExitCode
from arkes_build.core.names import Arch, Family
from arkes_build.store.errors import StoreBusy
from arkes_build.store.store import Store

HOLDER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from arkes_build.core.names import Arch, Family
from arkes_build.store.store import Store
store = Store.open(Path(sys.argv[2]), family=Family.DEBIAN, arch=Arch.X86_64)
with store.lock(lambda holder: None):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    root = str(Path(__file__).parents[2])
    argv = [sys.executable, "-c", HOLDER, root, str(tmp_path / "store")]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"held\n"
        yield process
        if process.poll() is None:
            process.kill()


@pytest.fixture
def store(tmp_path, holder):
    return Store.open(tmp_path / "store", family=Family.DEBIAN, arch=Arch.X86_64)


def test_a_second_run_is_told_who_holds_the_store(store, holder):
    with pytest.raises(StoreBusy) as caught, store.lock(lambda _holder: None, wait=False):
        pass
    assert caught.value.holder.pid == holder.pid
    assert caught.value.brief.startswith(f"the store {store.path} is in use by process ")
    assert caught.value.exit_code is ExitCode.STORE_BUSY


def test_a_second_run_waits_and_then_goes_on(store, holder):
    waited_for = []

    def on_wait(found):
        waited_for.append(found.pid)
        holder.stdin.close()

    with store.lock(on_wait):
        assert holder.wait(timeout=10) == 0
    assert waited_for == [holder.pid]


def test_a_killed_holder_is_in_nobodys_way(store, holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    with store.lock(pytest.fail, wait=False):
        held_by = store.path.joinpath("lock").read_text()
    assert f'"pid": {os.getpid()}' in held_by
    assert store.path.joinpath("lock").read_text() == ""
