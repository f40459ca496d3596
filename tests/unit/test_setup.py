"""Set up pretended machines: fakes of the package managers in a PATH of our own."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
ORDINARY = ("bash", "cat", "env", "flock", "grep", "ln", "mv", "rm", "sed")
NOBODY = 65534


class Machine:
    """A checkout without Python packages, and a PATH that holds what we put there."""

    def __init__(self, place: Path) -> None:
        self.checkout = place / "checkout"
        self.log = place / "log"
        self.bin = place / "bin"
        (self.checkout / ".ci").mkdir(parents=True)
        self.bin.mkdir()
        shutil.copy(ROOT / ".ci/setup.bash", self.checkout / ".ci")
        for name in ("requirements.lock", "requirements-test.lock"):
            (self.checkout / name).write_text("# nothing\n")
        self.log.touch()
        self.log.chmod(0o666)

    def link(self, *names: str) -> None:
        for name in names:
            (self.bin / name).symlink_to(shutil.which(name) or f"/usr/bin/{name}")

    def fake(self, *names: str, says: str = "", code: int = 0) -> None:
        """Put programs on PATH that note their call, print a text and end with a code."""
        for name in names:
            path = self.bin / name
            call = f'printf "%s\\n" "{name} $*" >>{self.log}'
            path.write_text(f"#!/bin/bash\n{call}\ncat <<'EOT'\n{says}\nEOT\nexit {code}\n")
            path.chmod(0o755)

    def set_up(self, kind: str = "run", *, user: int = 0) -> subprocess.CompletedProcess[str]:
        return self.call(f"set_up {kind}; echo ready", user=user)

    def call(self, script: str, *, user: int = 0) -> subprocess.CompletedProcess[str]:
        script = f". {self.checkout}/.ci/setup.bash; {script}"
        argv = ["/bin/bash", "-euo", "pipefail", "-c", script]
        if user and os.geteuid() == 0:
            argv = [
                "/usr/bin/setpriv",
                f"--reuid={user}",
                f"--regid={user}",
                "--clear-groups",
                *argv,
            ]
        environment = {"PATH": str(self.bin), "HOME": "/nonexistent", "PIP_NO_INDEX": "1"}
        return subprocess.run(argv, capture_output=True, text=True, env=environment, check=False)

    @property
    def calls(self) -> list[str]:
        return self.log.read_text().splitlines()


@contextmanager
def a_machine() -> Iterator[Machine]:
    # Not tmp_path, which other users cannot enter.
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        made = Machine(Path(place))
        made.link(*ORDINARY)
        yield made


@pytest.fixture
def machine() -> Iterator[Machine]:
    with a_machine() as made:
        yield made


@pytest.fixture(scope="module")
def ready() -> Iterator[Machine]:
    """Set up one machine for real, with fakes of its system packages."""
    with a_machine() as made:
        made.fake("dpkg-query", says=installed(*apt_packages("run")))
        made.fake("apt-get", "podman", "ostree", "busybox", "gpg")
        result = made.set_up()
        assert (result.returncode, result.stdout) == (0, "ready\n"), result.stderr
        yield made


def installed(*names: str) -> str:
    return "\n".join(f"installed {name}" for name in names)


def apt_packages(kind: str) -> list[str]:
    script = f'. {ROOT}/.ci/setup.bash; printf "%s\\n" "${{apt_{kind}[@]}}"'
    return subprocess.run(
        ["/bin/bash", "-c", script], capture_output=True, text=True, check=True
    ).stdout.split()


def test_apt_is_told_of_the_missing_packages_only_after_they_were_named(machine: Machine) -> None:
    present = [name for name in apt_packages("run") if name not in {"podman", "ostree"}]
    machine.fake("dpkg-query", says=installed(*present))
    machine.fake("apt-get", code=100)
    result = machine.set_up()
    assert result.returncode == 10
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        "arkes set-up: installing with apt: ostree podman",
        "arkes set-up: going on with the package lists that are here",
        "arkes set-up: apt could not install them: see its lines above",
    ]


def test_apt_installs_without_recommended_packages_after_one_update(machine: Machine) -> None:
    machine.fake("dpkg-query", says=installed(*apt_packages("run")[1:]))
    machine.fake("apt-get", code=100)
    machine.set_up()
    verbs = [call.partition("Use-Pty=0 ")[2] for call in machine.calls if call.startswith("apt")]
    assert verbs == ["update", f"install -y --no-install-recommends {apt_packages('run')[0]}"]


def test_the_tests_want_more_packages_than_a_run(machine: Machine) -> None:
    machine.fake("dpkg-query", says=installed(*apt_packages("run")))
    machine.fake("apt-get", code=100)
    wanted = " ".join(apt_packages("test") + apt_packages("boot"))
    assert f"installing with apt: {wanted}\n" in machine.set_up("test").stderr


def test_only_a_boot_wants_what_boots(machine: Machine) -> None:
    machine.fake("dpkg-query")
    machine.fake("apt-get", code=100)
    wanted = " ".join(apt_packages("boot"))
    assert f"installing with apt: {wanted}\n" in machine.call("set_up_boot").stderr
    machine.fake(f"qemu-system-{platform.machine()}")
    assert machine.call("set_up_boot").stderr == ""


def test_dnf_is_asked_for_what_no_installed_package_provides(machine: Machine) -> None:
    machine.fake("rpm", code=1)
    machine.fake("dnf", code=1)
    result = machine.set_up()
    assert result.returncode == 10
    assert result.stderr.startswith("arkes set-up: installing with dnf: python3 ")
    last = [call for call in machine.calls if call.startswith("dnf")][-1]
    options = "--setopt=install_weak_deps=False --setopt=strict=False"
    assert last.startswith(f"dnf -y {options} install python3 ")


def test_a_machine_without_a_known_package_manager_learns_what_is_missing(machine: Machine) -> None:
    machine.fake("podman")
    result = machine.set_up()
    assert result.returncode == 10
    assert result.stderr == (
        "arkes set-up: no package manager known here (apt, pacman, dnf). "
        "Install by hand: python3 ostree busybox gpg\n"
    )


def test_a_user_without_sudo_gets_the_command_to_run_as_root(machine: Machine) -> None:
    machine.fake("dpkg-query", says=installed(*apt_packages("run")[1:]))
    machine.fake("apt-get")
    result = machine.set_up(user=NOBODY)
    assert result.returncode == 10
    assert (
        "this needs root, and there is no sudo. As root, run: env DEBIAN_FRONTEND" in result.stderr
    )
    assert not [call for call in machine.calls if call.startswith("apt-get")]


def test_what_is_ready_is_found_so_without_starting_a_program(ready: Machine) -> None:
    before = ready.calls
    for name in (*ORDINARY, "dpkg-query", "apt-get"):
        (ready.bin / name).rename(ready.bin / f"no-{name}")
    result = ready.set_up()
    for name in (*ORDINARY, "dpkg-query", "apt-get"):
        (ready.bin / f"no-{name}").rename(ready.bin / name)
    assert (result.returncode, result.stdout, result.stderr) == (0, "ready\n", "")
    assert ready.calls == before


@pytest.mark.parametrize(
    "what", ["requirements.lock", ".ci/setup.bash"], ids=["the lock", "the script itself"]
)
def test_a_change_of_what_it_was_made_from_makes_the_environment_anew(
    ready: Machine, what: str
) -> None:
    path = ready.checkout / what
    path.write_text(path.read_text() + "# more\n")
    result = ready.set_up()
    assert (result.returncode, result.stdout) == (0, "ready\n")
    said = "arkes set-up: installing the locked Python packages of requirements.lock"
    assert said in result.stderr.splitlines()
    assert ready.set_up().stderr == ""


def test_the_environment_sees_the_checkout_and_gi_and_nothing_else_of_the_system(
    ready: Machine,
) -> None:
    script = (
        "import sys, gi; gi.require_version('OSTree', '1.0'); from gi.repository import OSTree\n"
        "print([path for path in sys.path if 'dist-packages' in path])\n"
        f"print({str(ready.checkout)!r} in sys.path)"
    )
    argv = [str(ready.checkout / ".venv/bin/python"), "-I", "-c", script]
    result = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert (result.stdout, result.stderr) == ("[]\nTrue\n", "")


def test_a_link_to_the_environment_of_another_checkout_is_not_followed(ready: Machine) -> None:
    own, another = ready.checkout / ".venv", ready.checkout.parent / "another"
    own.rename(another)
    (pth,) = another.glob("lib/python*/site-packages/arkes.pth")
    pth.write_text("/another\n")
    own.symlink_to(another)
    lock = ready.checkout / "requirements.lock"
    lock.write_text(lock.read_text() + "# another\n")
    result = ready.set_up()
    assert (result.returncode, result.stdout) == (0, "ready\n"), result.stderr
    assert not own.is_symlink()
    assert pth.read_text() == "/another\n"


def test_run_works_through_a_link_from_anywhere_whatever_python_is_told(tmp_path: Path) -> None:
    (tmp_path / "run").symlink_to(ROOT / "run")
    (tmp_path / "json.py").write_text("raise SystemExit('the wrong module')")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONSTARTUP": "json.py"}
    argv = [str(tmp_path / "run"), "--version"]
    result = subprocess.run(
        argv, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("arkes-build ")
