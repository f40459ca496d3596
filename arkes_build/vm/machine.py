"""Run one virtual machine from a spec: start, talk, snapshot, cut its power, clean up."""

from __future__ import annotations

import socket
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from arkes_build.core import process
from arkes_build.core.errors import ProcessFailed
from arkes_build.vm import accel, console, inlet, picture
from arkes_build.vm.errors import MachineEnded, MachineError, TooLate
from arkes_build.vm.guest import Guest
from arkes_build.vm.monitor import Monitor
from arkes_build.vm.spec import Places, Spec, arguments
from arkes_build.vm.tables import find_arch

if TYPE_CHECKING:
    from types import TracebackType

    from arkes_build.vm.verdict import Verdict

_SNAPSHOT_SECONDS = 180.0


class Machine:
    """A machine that runs inside a ``with`` block; neither QEMU nor a temporary file stays.

    ``folder`` is where its files are, ``accel`` how it runs and why. ``guest`` is the
    agent's other end. QEMU dies with this process, however this process ends.
    """

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self._arch = find_arch(spec.arch)
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with self._stack as stack:
            self._start(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def _start(self, stack: ExitStack) -> None:
        qemu = process.find(self._arch.qemu, wanted_for="a virtual machine")
        firmware = self._arch.find_firmware()
        self.accel = self._choose()
        self.folder = self.spec.folder or Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="arkes-vm-"))
        )
        self.folder.mkdir(parents=True, exist_ok=True)
        self.console_path = self.folder / "console.log"
        disk = self._disk()
        variables = self.folder / "variables.qcow2"
        if not variables.exists():
            _image("convert", "-O", "qcow2", str(firmware.variables), str(variables))
        pairs = [socket.socketpair() for _ in range(3)]
        for pair in pairs:
            for end in pair:
                stack.callback(end.close)
        places = Places(
            disk=disk,
            disk_format="qcow2",
            variables=variables,
            console=self.console_path,
            monitor=pairs[0][1].fileno(),
            agent=pairs[1][1].fileno(),
            verdict=pairs[2][1].fileno(),
        )
        spec = self._with_agent()
        argv = [qemu, *arguments(spec, self._arch, self.accel, firmware, places)[1:]]
        self._said = stack.enter_context((self.folder / "qemu.log").open("w+b"))
        theirs = [pair[1].fileno() for pair in pairs]
        self._qemu = process.Background(argv, log=self._said, pass_fds=theirs)
        stack.callback(self._qemu.kill)
        for pair in pairs:
            pair[1].close()
        self.monitor = Monitor(pairs[0][0])
        self.guest = Guest(pairs[1][0], pairs[2][0])
        self._open()

    def _choose(self) -> accel.Accel:
        if self.spec.accel is not None:
            return accel.Accel(name=self.spec.accel, reason="asked for")
        return accel.choose(self._arch, self.spec.kernel)

    def _with_agent(self) -> Spec:
        if not self.spec.agent:
            return self.spec
        return replace(
            self.spec, credentials={**inlet.credentials(), **dict(self.spec.credentials)}
        )

    def _disk(self) -> Path:
        if not self.spec.overlay:
            return self.spec.disk
        layer = self.folder / "disk.qcow2"
        if not (self.spec.snapshot and layer.exists()):
            below = self.spec.disk.absolute()
            kind = "qcow2" if _starts_with(below, b"QFI\xfb") else "raw"
            _image("create", "-f", "qcow2", "-b", str(below), "-F", kind, str(layer))
        return layer

    def _open(self) -> None:
        try:
            self.monitor.open()
        except MachineEnded as error:
            raise MachineEnded("it started", said=self.said) from error
        if self.spec.snapshot:
            self.load(self.spec.snapshot)

    @property
    def said(self) -> str:
        """What QEMU itself printed, at most the last 4000 bytes."""
        return console.read(self.folder / "qemu.log", most=4000).strip()

    @property
    def console(self) -> str:
        """What the guest said on its console, at most the last 4 MiB."""
        return console.read(self.console_path)

    def is_running(self) -> bool:
        """Tell whether QEMU has not ended."""
        return self._qemu.is_running()

    def verdict(self, timeout: float) -> Verdict:
        """Wait for the boot to be decided; raises ``TooLate`` with the end of the console."""
        try:
            found = self.guest.verdict(timeout=timeout)
        except MachineEnded as error:
            raise MachineEnded("it booted", said=self.said or self.tail()) from error
        if found is None:
            raise TooLate("waiting for the boot's verdict", seconds=timeout, console=self.tail())
        return found

    def tail(self) -> str:
        """Return the last lines of the console."""
        return console.tail(self.console_path)

    def save(self, name: str) -> None:
        """Keep the whole machine, memory and disk, as a snapshot in its disk's file."""
        self._snapshot("snapshot-save", name)

    def load(self, name: str) -> None:
        """Set the whole machine back to a snapshot and let it run."""
        self.monitor.command("stop")
        self._snapshot("snapshot-load", name)
        self.monitor.command("cont")

    def forget(self, name: str) -> None:
        """Remove a snapshot."""
        self.monitor.job(
            "snapshot-delete", timeout=_SNAPSHOT_SECONDS, tag=name, devices=["disk", "variables"]
        )

    def _snapshot(self, command: str, name: str) -> None:
        self.monitor.job(
            command,
            timeout=_SNAPSHOT_SECONDS,
            tag=name,
            vmstate="disk",
            devices=["disk", "variables"],
        )

    def screenshot(self, path: Path) -> None:
        """Write the screen as a PNG."""
        with tempfile.TemporaryDirectory(prefix="arkes-screen-") as folder:
            raw = Path(folder) / "screen.ppm"
            self.monitor.command("screendump", filename=str(raw))
            path.write_bytes(picture.png(raw.read_bytes()))

    def link(self, *, up: bool) -> None:
        """Plug the network cable in, or pull it out."""
        self.monitor.command("set_link", name="card", up=up)

    def pause(self) -> None:
        """Stop the processors."""
        self.monitor.command("stop")

    def go_on(self) -> None:
        """Let the processors run again."""
        self.monitor.command("cont")

    def reset(self) -> None:
        """Press the reset button."""
        self.monitor.command("system_reset")

    def kill(self) -> None:
        """Cut the power: SIGKILL, and what the guest did not flush is lost."""
        self._qemu.kill()

    def powerdown(self, *, timeout: float = 120.0) -> None:
        """Press the power button and wait until the machine is off; raises ``TooLate``."""
        self.monitor.command("system_powerdown")
        self.wait_off(timeout=timeout)

    def wait_off(self, *, timeout: float) -> None:
        """Wait until the guest has switched itself off; raises ``TooLate``."""
        if not self._qemu.wait(timeout):
            raise TooLate("waiting for the machine to go off", seconds=timeout, console=self.tail())


def _image(*words: str) -> None:
    process.find("qemu-img", wanted_for="the disk of a virtual machine")
    try:
        process.run(["qemu-img", *words[:1], "-q", *words[1:]], timeout=600)
    except ProcessFailed as error:
        raise MachineError("qemu-img could not make a disk", details=error.details) from error


def _starts_with(path: Path, magic: bytes) -> bool:
    with path.open("rb") as stream:
        return stream.read(len(magic)) == magic
