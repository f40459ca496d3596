"""Find out, by building, which isolation and runtime work on this machine.

A file of the kernel or a version number does not tell: crun may refuse the machine's
control groups where runc works, a container may lack the right to make namespaces
where chroot works. So a program is run, and the answer is remembered.
"""

from __future__ import annotations

import os
import platform
import resource
import struct
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arkes_build.core.digest import canonical_json, digest, file_digest
from arkes_build.core.errors import ToolMissing, ToolTooOld
from arkes_build.project.model import ContextFile
from arkes_build.render.model import Capabilities, Rendered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

OLDEST = (4, 3)
"""The oldest podman whose build service takes isolation and timestamp together."""
_HEREDOCS = (1, 33)
_CACHE_MOUNTS = (1, 24)
_RUNTIMES = ("crun", "runc")
_FOLDERS = ("/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/bin", "/sbin")
_PROGRAMS = (
    ("/usr/bin/busybox", "true"),
    ("/bin/busybox", "true"),
    ("/usr/libexec/podman/catatonit", "--version"),
    ("/usr/lib/podman/catatonit", "--version"),
    ("/usr/bin/catatonit", "--version"),
    ("/sbin/ldconfig", "--version"),
    ("/sbin/ldconfig.real", "--version"),
    ("/usr/bin/ldconfig", "--version"),
)
_STORAGE_VARIABLES = ("CONTAINERS_STORAGE_CONF", "STORAGE_DRIVER", "STORAGE_OPTS")
_PT_INTERP = 3
_MOST_FILES = 1 << 20
_MOST_PROCESSES = 1 << 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What builds run with; a value of texts, so that it can be kept as JSON.

    ``isolation`` is ``oci``, ``rootless`` or ``chroot``; ``runtime`` is empty for
    podman's default one; ``reason`` says what was tried before and what it answered;
    ``key`` names the machine and versions that this holds for.
    """

    key: str
    isolation: str
    runtime: str = ""
    reason: str = ""

    def to_json(self) -> dict[str, str]:
        """Return the value as a JSON object."""
        return asdict(self)

    @staticmethod
    def from_json(value: Any) -> Choice | None:
        """Return the value of a JSON object, or None when it is none of ours."""
        names = set(Choice.__dataclass_fields__)
        if not isinstance(value, dict) or set(value) != names:
            return None
        if not all(isinstance(text, str) for text in value.values()):
            return None
        return Choice(**value)

    def parameters(self) -> dict[str, str]:
        """Return what the build service is told.

        A container shares the host's network, as chroot does anyway: a mirror on the
        machine itself is reached, and no network is set up and torn down at each RUN.
        """
        network = canonical_json([{"Host": True, "Name": "network", "Path": ""}]).decode()
        return {
            "httpproxy": "true",
            "isolation": self.isolation,
            "nsoptions": network,
            "ulimits": canonical_json(_limits()).decode(),
        }

    def __str__(self) -> str:
        """Return isolation and runtime for people."""
        return f"{self.isolation} isolation" + (f" with {self.runtime}" if self.runtime else "")


def find_out(
    choices: Iterable[Choice], attempt: Callable[[Choice], str]
) -> tuple[Choice | None, tuple[tuple[str, str], ...]]:
    """Try the choices in turn and return the first that works, with its reason.

    ``attempt`` returns what went wrong, empty when nothing did. The second value says
    what was tried in vain, and each one's last words.
    """
    failed: list[tuple[str, str]] = []
    for choice in choices:
        if choice.runtime and any(f"{choice.runtime}: " in said for _, said in failed):
            continue  # it is the default one, which has just failed
        error = attempt(choice)
        if not error:
            reason = "; ".join(f"{name}: {said}" for name, said in failed)
            return replace(choice, reason=reason), tuple(failed)
        failed.append((str(choice), error))
    return None, tuple(failed)


def choices(key: str, *, is_own: bool, is_root: bool) -> Iterator[Choice]:
    """Yield what may work, the most isolating first.

    A runtime can only be chosen for a service of our own (``is_own``).
    """
    contained = "oci" if is_root else "rootless"
    yield Choice(key=key, isolation=contained)
    if is_own:
        for runtime in _RUNTIMES:
            if _program(runtime) is not None:
                yield Choice(key=key, isolation=contained, runtime=runtime)
    yield Choice(key=key, isolation="chroot")


def machine_key(*, podman: str, buildah: str, service: str) -> str:
    """Return what a choice holds for: versions, kernel, user, runtimes, storage; not this boot.

    ``service`` is the address of one that is not ours, else empty.
    """
    runtimes = [(name, _program(name)) for name in _RUNTIMES]
    facts = {
        "buildah": buildah,
        "kernel": platform.release(),
        "machine": platform.machine(),
        "podman": podman,
        "runtimes": {name: path.stat().st_size for name, path in runtimes if path is not None},
        "service": service,
        "storage": _storage(),
        "user": os.geteuid(),
    }
    return digest(facts)[:16]


def _storage() -> dict[str, str]:
    """Return what podman's storage depends on: variables, and files by their digests.

    (containers-storage.conf(5); the storage's driver is asked for only by the trial.)
    """
    home = os.environ.get("XDG_CONFIG_HOME") or Path(os.environ.get("HOME", "/"), ".config")
    found = {name: os.environ.get(name, "") for name in _STORAGE_VARIABLES}
    files = [Path(folder, "containers/storage.conf") for folder in ("/etc", "/usr/share", home)]
    named = found["CONTAINERS_STORAGE_CONF"]
    for path in [*files, Path(named)] if named else files:
        is_there = path.is_file() and os.access(path, os.R_OK)
        found[str(path)] = file_digest(path) if is_there else ""
    return found


def check_version(podman: str) -> None:
    """Raise ``ToolTooOld`` for a podman that cannot build what we ask."""
    if _version(podman) < OLDEST:
        raise ToolTooOld("podman", found=podman or "?", needed=".".join(map(str, OLDEST)))


def capabilities(buildah: str) -> Capabilities:
    """Return what this buildah reads: here-documents since 1.33, cache mounts since 1.24."""
    version = _version(buildah)
    return Capabilities(heredocs=version >= _HEREDOCS, cache_mounts=version >= _CACHE_MOUNTS)


def tiny_build(programs: Iterable[tuple[str, str]] = _PROGRAMS) -> tuple[Rendered, Path]:
    """Return a Containerfile that runs one program of this host, and its context folder.

    The program must need no library. Raises ``ToolMissing`` when none is found.
    """
    for name, argument in programs:
        path = Path(name)
        if not _is_static(path):
            continue
        path = path.resolve()
        item = ContextFile(path=path.name, type="file", mode=0o755, digest=file_digest(path))
        text = f'FROM scratch\nCOPY ["{path.name}", "/"]\nRUN ["/{path.name}", "{argument}"]\n'
        return Rendered(node="probe", text=text, files=(item,)), path.parent
    raise ToolMissing("busybox", wanted_for="finding out how builds can run; a static one")


def _limits() -> list[str]:
    """Return limits of files and processes for a program in a build, within our own.

    podman 5 asks for 1048576 open files, which a machine without CAP_SYS_RESOURCE
    refuses; with a soft limit that high, programs that close every possible file crawl.
    podman 4 itself runs with 32768 processes at most and cannot give more.
    """
    files, processes = (
        hard if hard != resource.RLIM_INFINITY else _MOST_FILES
        for _, hard in map(resource.getrlimit, (resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC))
    )
    files, processes = min(files, _MOST_FILES), min(processes, _MOST_PROCESSES)
    return [f"nofile={min(1024, files)}:{files}", f"nproc={processes}:{processes}"]


def _program(name: str) -> Path | None:
    paths = (Path(folder, name) for folder in _FOLDERS)
    return next((path for path in paths if os.access(path, os.X_OK)), None)


def _version(text: str) -> tuple[int, ...]:
    """Return the leading numbers of a version: ``1.28.2`` → (1, 28, 2)."""
    numbers = []
    for part in text.split("-", maxsplit=1)[0].split("."):
        if not part.isdecimal():
            break
        numbers.append(int(part))
    return tuple(numbers)


def _is_static(path: Path) -> bool:
    """Tell whether a file is a 64-bit little-endian ELF program without an interpreter."""
    try:
        with path.open("rb") as stream:
            head = stream.read(64)
            if len(head) < 64 or head[:6] != b"\x7fELF\x02\x01":  # noqa: PLR2004 - ELF64 header
                return False
            (offset,) = struct.unpack_from("<Q", head, 32)
            size, count = struct.unpack_from("<HH", head, 54)
            stream.seek(offset)
            table = stream.read(size * count)
    except OSError:
        return False
    kinds = (struct.unpack_from("<I", table, i * size)[0] for i in range(len(table) // size))
    return _PT_INTERP not in kinds
