"""Do in the guest what the host asks for: run a program, read a file, write one.

This file is data: it comes into the guest as a systemd credential and runs there, with the
standard library alone, as ``python3 -I agent.py``. It speaks JSON lines on one port of a
virtio serial line, and says on a second one, once a boot, how the boot went.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

PORTS = "/dev/virtio-ports/"
MOST_OUTPUT = 8 << 20
"""Bytes of each stream that are sent; the rest is dropped and said to be."""
RETRY_SECONDS = 0.1
LONGEST_SECONDS = 1e6


class Port:
    """A port whose other end comes and goes, as it does when a snapshot is loaded."""

    def __init__(self, name: str) -> None:
        self._lock = threading.Lock()
        while True:
            try:
                self._file = os.open(PORTS + name, os.O_RDWR)
            except OSError:
                time.sleep(RETRY_SECONDS)
            else:
                return

    def send(self, message: dict[str, Any]) -> None:
        """Send one message, after a line end that closes whatever was cut off before."""
        data = memoryview(b"\n" + json.dumps(message).encode("ascii") + b"\n")
        with self._lock:
            while data:
                try:
                    data = data[os.write(self._file, data[:32768]) :]
                except OSError:
                    time.sleep(RETRY_SECONDS)

    def lines(self) -> Any:
        """Yield each line that comes, for ever."""
        rest = b""
        while True:
            try:
                data = os.read(self._file, 1 << 16)
            except OSError:
                data = b""
            if not data:
                time.sleep(RETRY_SECONDS)
            *whole, rest = (rest + data).split(b"\n")
            yield from whole


class Stream(threading.Thread):
    """Reads a program's output to its end and keeps the first bytes: there may be no end."""

    def __init__(self, source: Any) -> None:
        super().__init__(daemon=True)
        self._source = source
        self.kept = bytearray()
        self.is_cut = False
        self.start()

    def run(self) -> None:
        """Read."""
        while piece := self._source.read1(1 << 16):
            room = MOST_OUTPUT - len(self.kept)
            self.kept += piece[:room]
            self.is_cut |= len(piece) > room


class Input(threading.Thread):
    """Writes a program's input, for as long as it wants any."""

    def __init__(self, reader: Any, data: bytes) -> None:
        super().__init__(daemon=True)
        self._reader, self._data = reader, data
        self.start()

    def run(self) -> None:
        """Write."""
        with contextlib.suppress(OSError):
            self._reader.write(self._data)
        with contextlib.suppress(OSError):
            self._reader.close()


def run(request: dict[str, Any]) -> dict[str, Any]:
    """Run a program in a session of its own; after the timeout all of it is killed."""
    environment = {**os.environ, "HOME": "/root", **request.get("env", {})}
    with subprocess.Popen(  # noqa: S603 - a list of arguments, no shell
        request["argv"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        start_new_session=True,
    ) as process:
        out, err = Stream(process.stdout), Stream(process.stderr)
        threads = (out, err, Input(process.stdin, base64.b64decode(request.get("input", ""))))
        late = not in_time(process, threads, request.get("timeout", LONGEST_SECONDS))
        if late:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, 9)
        for each in threads:
            each.join()
    return {
        "exit": process.returncode,
        "out": base64.b64encode(out.kept).decode(),
        "err": base64.b64encode(err.kept).decode(),
        "late": late,
        "cut": out.is_cut or err.is_cut,
    }


def in_time(process: Any, threads: Any, seconds: float) -> bool:
    """Wait for a program and for its streams; tell whether all came to an end in time."""
    end = time.monotonic() + seconds
    for each in threads:
        each.join(max(0.0, end - time.monotonic()))
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(max(0.0, end - time.monotonic()))
    return process.poll() is not None and not any(each.is_alive() for each in threads)


def put(request: dict[str, Any]) -> dict[str, Any]:
    """Write a part of a file, at its offset; the first part empties the file."""
    path = Path(request["path"])
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("r+b" if request["offset"] else "wb") as stream:
        stream.seek(request["offset"])
        stream.write(base64.b64decode(request["data"]))
    path.chmod(request["mode"])
    return {}


def get(request: dict[str, Any]) -> dict[str, Any]:
    """Read a part of a file."""
    with Path(request["path"]).open("rb") as stream:
        stream.seek(request["offset"])
        data = stream.read(min(request["length"], MOST_OUTPUT))
    return {"data": base64.b64encode(data).decode()}


def ping(_request: dict[str, Any]) -> dict[str, Any]:
    """Answer."""
    return {"boot": Path("/proc/sys/kernel/random/boot_id").read_text().strip()}


ASKED = {"run": run, "put": put, "get": get, "ping": ping}


def answer(port: Port, request: dict[str, Any]) -> None:
    """Do one request and send what became of it."""
    try:
        told = ASKED[request["do"]](request)
    except Exception as error:  # noqa: BLE001 - the host shall hear of anything
        told = {"error": f"{type(error).__name__}: {error}"}
    port.send({**told, "id": request["id"]})


def say(*argv: str) -> str:
    """Return what a program prints, empty when it cannot."""
    try:
        done = subprocess.run(argv, capture_output=True, check=False)  # noqa: S603 - no shell
    except OSError:
        return ""
    return done.stdout.decode("utf-8", "replace").strip()


def booted_deployment() -> str:
    """Return checksum.serial of the deployment that runs, from where its root is."""
    for word in Path("/proc/cmdline").read_text().split():
        if word.startswith("ostree="):
            with contextlib.suppress(OSError):
                return Path("/sysroot" + word[7:]).resolve().name
    return ""


def verdict() -> dict[str, Any]:
    """Wait until the boot is over and say how it went."""
    state = say("systemctl", "is-system-running", "--wait")
    failed = say("systemctl", "list-units", "--failed", "--plain", "--no-legend", "--full")
    complete = say("systemctl", "is-active", "boot-complete.target")
    return {
        "verdict": 1,
        "state": state,
        "complete": complete == "active",
        "failed": sorted(line.split()[0] for line in failed.splitlines() if line.split()),
        "deployment": booted_deployment(),
        "kernel": os.uname().release,
        "times": say("systemd-analyze", "time"),
        "boot": ping({})["boot"],
        "uptime": float(Path("/proc/uptime").read_text().split()[0]),
    }


def give_verdict() -> None:
    """Say on the second port how the boot went."""
    Port("arkes.verdict").send(verdict())


def main() -> None:
    """Answer for ever, each request beside the others."""
    threading.Thread(target=give_verdict, daemon=True).start()
    port = Port("arkes.agent")
    for line in port.lines():
        try:
            request = json.loads(line)
        except ValueError:
            continue
        if isinstance(request, dict) and request.get("do") in ASKED:
            threading.Thread(target=answer, args=(port, request), daemon=True).start()


if __name__ == "__main__":
    main()
