"""Start machines at the points where scenarios begin, and ask them."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field

from arkes_build.vm.machine import Machine
from arkes_build.vm.spec import Spec

BOOT_SECONDS = 600.0
MEMORY = 1024


class Failed(AssertionError):
    """A machine did not do what the scenario says."""


@dataclass(slots=True, kw_only=True)
class Row:
    """One line of the table."""

    name: str
    story: str
    is_good: bool = False
    seconds: float = 0.0
    seen: list[str] = field(default_factory=list)
    trouble: str = ""

    def to_json(self):
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The lab, and where the machines of this run are."""

    lab: object
    cpus: int
    say: object
    times: dict
    """How long each phase of an upgrade takes, in seconds, for the cuts to fall into."""

    @property
    def machines(self):
        return self.lab.folder / "machines"

    def point(self, name):
        """Return the folder of a snapshot that scenarios start from."""
        return self.machines / name

    def has(self, name):
        return (self.point(name) / "ready").exists()

    @contextmanager
    def new(self, name, **how):
        """Run a machine that boots the lab's disk for the first time."""
        folder = self.machines / name
        shutil.rmtree(folder, ignore_errors=True)
        with Machine(self._spec(folder, self.lab.disk, **how)) as machine:
            yield Guest(self, machine)

    @contextmanager
    def own(self, disk, **how):
        """Run a machine on a disk of its own; its other files are beside it, and stay."""
        with Machine(self._spec(disk.parent, disk, overlay=False, **how)) as machine:
            yield Guest(self, machine)

    @contextmanager
    def start(self, point, name):
        """Run a copy of a machine from the snapshot that was taken of it."""
        folder = self.machines / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for file in ("disk.qcow2", "variables.qcow2"):
            subprocess.run(
                ["cp", "--sparse=always", self.point(point) / file, folder / file], check=True
            )
        try:
            with Machine(self._spec(folder, self.lab.disk, snapshot="point")) as machine:
                guest = Guest(self, machine)
                machine.guest.wait(timeout=60)
                machine.forget("point")  # this copy of it; another one may be kept later
                yield guest
        finally:
            if not name.startswith("kept-"):
                shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def boot(self, disk, name):
        """Boot what is left of a machine, on a layer above it."""
        folder = self.machines / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        shutil.copy2(disk.with_name("variables.qcow2"), folder / "variables.qcow2")
        try:
            with Machine(self._spec(folder, disk)) as machine:
                yield Guest(self, machine)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _spec(self, folder, disk, **how):
        return Spec(disk=disk, folder=folder, memory=MEMORY, cpus=self.cpus, **how)


class Guest:
    """A running machine, with words for what the scenarios do to it."""

    def __init__(self, world, machine):
        self.world, self.machine = world, machine

    def run(self, command, *, timeout=300.0, code=0):
        """Run a shell command; any exit code but ``code`` (None: any is good) is a failure."""
        done = self.machine.guest.run(command, timeout=timeout)
        if code is not None and done.exit != code:
            raise Failed(
                f"`{command[:120]}` ended with {done.exit}, not {code}"
                f"{' (too late)' if done.is_late else ''}: {(done.out + done.err).strip()[-600:]}"
            )
        return done.out + done.err

    def timed(self, command):
        """Run a command; return how many seconds that took."""
        begin = time.monotonic()
        self.run(command, timeout=600)
        return time.monotonic() - begin

    def verdict(self, *, timeout=BOOT_SECONDS):
        return self.machine.verdict(timeout)

    def good_boot(self, release, *, timeout=BOOT_SECONDS):
        """Wait for a boot, which has to be that of a release, with nothing failed."""
        verdict = self.verdict(timeout=timeout)
        self.must(verdict.deployment.startswith(self.commit(release)), f"booted {verdict}")
        self.must(verdict.is_good, f"the boot was not good: {verdict}")
        return verdict

    def commit(self, release):
        return self.world.lab.releases[release]

    def follow(self, view):
        """Let updates come from one of the server's views."""
        self.world.lab.need(view)
        script = (
            "mount -o remount,rw /sysroot && ostree config --repo=/sysroot/ostree/repo "
            f"set --group='remote \"arkes\"' url {self.world.lab.url}/{view}"
        )
        self.run(["unshare", "-m", "sh", "-c", script])

    def status(self):
        return json.loads(self.run("os status --json"))

    def state(self):
        """Return what must not change when something is refused: deployments and boot menu."""
        return self.run(
            "for e in /efi/loader/entries/*; do echo $e; cat $e; done; "
            "ls /ostree/deploy/arkes/deploy; ls /run/ostree/staged-deployment 2>/dev/null; "
            "ls /efi/arkes; true"
        )

    def reboot(self):
        """Ask for a reboot, and forget about the machine until it says something."""
        self.machine.guest.start("systemctl reboot")

    def must(self, is_true, otherwise):
        if not is_true:
            raise Failed(otherwise)


def keep_point(world, guest, name):
    """Keep the machine as a point: a copy of its disk with the snapshot in it."""
    place = world.point(name)
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    guest.run("sync")
    guest.machine.save("point")
    guest.machine.pause()
    time.sleep(0.2)
    for file in ("disk.qcow2", "variables.qcow2"):
        source = guest.machine.folder / file
        subprocess.run(["cp", "--sparse=always", source, place / file], check=True)
    guest.machine.go_on()
    guest.machine.forget("point")
    (place / "ready").touch()
