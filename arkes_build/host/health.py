"""Ask the system whether it is well: run each check of health.d, and keep what they said.

A check is a program in ``/usr/lib/arkes/health.d`` or ``/etc/arkes/health.d``; one in ``/etc``
takes the place of one with the same name, and a link to ``/dev/null`` takes it away. They run
one after the other by name. Exit code 0 is well; what it prints is kept, the end of it.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arkes_build.core.atomic import write_atomically
from arkes_build.core.process import run_bounded

if TYPE_CHECKING:
    from arkes_build.host.machine import Host

FOLDERS = ("usr/lib/arkes/health.d", "etc/arkes/health.d")
RESULT = "health.json"
TIMEOUT = 60.0
"""Seconds that one check gets."""
_KEPT = 4096
"""Bytes of a check's output that are kept."""
_LINE = 200
_NULL = Path("/dev/null")


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What came of one check; ``code`` is None when it was killed or could not be started."""

    name: str
    is_well: bool
    code: int | None
    seconds: float
    output: str

    @property
    def brief(self) -> str:
        """Return in one line how it failed."""
        said = self.output.strip().splitlines()
        last = said[-1][:_LINE] if said else f"exit code {self.code}"
        return f"{self.name}: {last}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What came of all: ``when`` in seconds since 1970, ``boot`` the id of the boot."""

    when: int
    boot: str
    checks: tuple[Check, ...]

    @property
    def is_well(self) -> bool:
        """Tell whether all checks passed."""
        return all(check.is_well for check in self.checks)

    @property
    def failed(self) -> tuple[Check, ...]:
        """Return the checks that did not pass."""
        return tuple(check for check in self.checks if not check.is_well)


def checks_of(root: Path) -> tuple[Path, ...]:
    """Return the checks below a root, in their order; masked ones are left out."""
    found: dict[str, Path] = {}
    for folder in FOLDERS:
        for path in sorted((root / folder).glob("*")):
            if not path.name.startswith(".") and not path.name.endswith(("~", ".dpkg-dist")):
                found[path.name] = path
    kept = (found[name] for name in sorted(found))
    return tuple(path for path in kept if path.resolve() != _NULL and not path.is_dir())


def run(host: Host, *, timeout: float = TIMEOUT) -> Health:
    """Run all checks, keep the result as ``health.json``, and return it."""
    checks = tuple(_checked(path, timeout) for path in checks_of(host.root))
    health = Health(when=int(host.clock()), boot=boot_id(host), checks=checks)
    value = asdict(health) | {"is_well": health.is_well}
    text = json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False)
    write_atomically(host.var / RESULT, f"{text}\n".encode())
    return health


def read(host: Host) -> Health | None:
    """Return the last result; None when there is none that can be read."""
    try:
        value = json.loads((host.var / RESULT).read_bytes())
        checks = tuple(_check(each) for each in value["checks"])
        return Health(when=int(value["when"]), boot=str(value["boot"]), checks=checks)
    except (OSError, ValueError, KeyError, TypeError, RecursionError, OverflowError):
        return None


def boot_id(host: Host) -> str:
    """Return the id of the boot that is running, as the journal writes it; empty without one."""
    try:
        text = (host.root / "proc/sys/kernel/random/boot_id").read_text("ascii")
    except (OSError, ValueError):
        return ""
    return text.strip().replace("-", "")


def _checked(path: Path, timeout: float) -> Check:
    began = time.monotonic()
    try:
        ended = run_bounded([str(path)], timeout=timeout, limit=_KEPT)
        code, output = ended.code, ended.tail
        if code is None:
            output += f"\nno answer within {timeout:.0f} s"
    except OSError as error:
        code, output = None, f"cannot be started: {os.strerror(error.errno or 0)}"
    return Check(
        name=path.name,
        is_well=code == 0,
        code=code,
        seconds=round(time.monotonic() - began, 3),
        output=output,
    )


def _check(value: dict[str, Any]) -> Check:
    code = value["code"]
    return Check(
        name=str(value["name"]),
        is_well=value["is_well"] is True,
        code=None if code is None else int(code),
        seconds=float(value["seconds"]),
        output=str(value["output"]),
    )
