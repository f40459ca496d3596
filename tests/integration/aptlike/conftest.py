"""Make what an image of the debian family needs, out of this machine's own apt.

No mirror is asked: a tree with real apt and dpkg is put together from files of this machine,
and the signed archives in it are made here.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import shutil
import subprocess
import tarfile
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest

PROGRAMS = (
    *("sh", "bash", "env", "cat", "chmod", "chown", "cp", "cut", "date", "dirname", "getent"),
    *("head", "id", "ln", "ls", "mkdir", "mktemp", "mv", "printf", "readlink", "rm", "rmdir"),
    *("sha256sum", "sort", "stat", "tail", "touch", "tr", "true", "uniq", "wc", "xargs"),
    *("awk", "find", "flock", "grep", "mountpoint", "sed", "systemctl", "tar", "gzip"),
    *("apt-get", "apt-cache", "apt-config", "dpkg", "dpkg-deb", "dpkg-query", "dpkg-split", "gpgv"),
    *("gpg", "ldconfig", "start-stop-daemon", "diff"),
)
CHECKERS = ("apt-key", "gpgconf", "sqv")
"""What apt checks signatures with: older ones have the first, newer ones the last."""
OTHERS = ("apt-helper", "methods/file", "methods/copy", "methods/store", "methods/gpgv")
FOLDERS = ("usr/lib/locale/C.utf8", "usr/share/dpkg")
SOURCES = """\
Types: deb
URIs: file:///usr/share/archive
Suites: ./
Signed-By: /usr/share/keyrings/archive.gpg
"""


def call(*argv: object) -> str:
    """Run a program of this machine and return what it prints."""
    words = [str(word) for word in argv]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


@dataclass(frozen=True, kw_only=True)
class Package:
    """A package of a few files."""

    name: str
    version: str
    depends: str = ""
    files: dict[str, str] = field(default_factory=dict)

    @property
    def control(self) -> str:
        lines = {
            "Package": self.name,
            "Version": self.version,
            "Architecture": "all",
            "Maintainer": "Nobody <nobody@example.org>",
            **({"Depends": self.depends} if self.depends else {}),
            "Description": "test",
        }
        return "".join(f"{name}: {value}\n" for name, value in lines.items())

    def write(self, folder: Path) -> Path:
        """Write it as dpkg's archive of archives (deb(5))."""
        path = folder / f"pool/{self.name}_{self.version}_all.deb"
        path.parent.mkdir(parents=True, exist_ok=True)
        parts = {
            "debian-binary": b"2.0\n",
            "control.tar.gz": _tar({"control": self.control}),
            "data.tar.gz": _tar(self.files),
        }
        pieces = [b"!<arch>\n"]
        for name, data in parts.items():
            head = f"{name:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(data):<10}`\n"
            pieces += [head.encode(), data, b"\n" * (len(data) % 2)]
        path.write_bytes(b"".join(pieces))
        return path


def _tar(files: dict[str, str]) -> bytes:
    packed = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.GNU_FORMAT) as tar,
    ):
        for name, text in files.items():
            parts = Path(name).parts
            for count in range(1, len(parts)):
                folder = tarfile.TarInfo("./" + "/".join(parts[:count]))
                folder.type, folder.mode = tarfile.DIRTYPE, 0o755
                tar.addfile(folder)
            info = tarfile.TarInfo(f"./{name}")
            info.size = len(text.encode())
            tar.addfile(info, io.BytesIO(text.encode()))
    return packed.getvalue()


@dataclass(frozen=True, kw_only=True)
class Archive:
    """A signed archive in a folder; ``publish`` says which packages its index lists."""

    folder: Path
    keys: Path

    @classmethod
    def make(cls, folder: Path, keys: Path) -> Archive:
        keys.mkdir(mode=0o700)
        gpg = ("gpg", "--homedir", keys, "--batch", "--quiet")
        call(*gpg, "--passphrase", "", "--quick-generate-key", "a@example.org", "rsa2048", "sign")
        folder.mkdir(parents=True)
        return cls(folder=folder, keys=keys)

    def export(self, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        call("gpg", "--homedir", self.keys, "--batch", "--output", target, "--export")

    def publish(self, *packages: Package) -> None:
        """Write the packages and an index of them, and sign it; files of before stay."""
        entries = []
        for package in packages:
            path = package.write(self.folder)
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            place = path.relative_to(self.folder)
            entry = f"Filename: ./{place}\nSize: {path.stat().st_size}\nSHA256: {digest}\n"
            entries.append(package.control + entry)
        index = "\n".join(entries)
        (self.folder / "Packages").write_text(index)
        summed = hashlib.sha256(index.encode()).hexdigest()
        release = self.folder.parent / "Release"
        release.write_text(
            "Date: Sun, 01 Nov 2026 00:00:00 UTC\nSuite: test\n"
            f"SHA256:\n {summed} {len(index.encode())} Packages\n"
        )
        signed = self.folder / "InRelease"
        signed.unlink(missing_ok=True)
        gpg = ("gpg", "--homedir", self.keys, "--batch", "--quiet")
        call(*gpg, "--clearsign", "--output", signed, release)

    def close(self) -> None:
        call("gpgconf", "--homedir", self.keys, "--kill", "all")


def machine_tree(root: Path) -> None:
    """Copy apt and dpkg, what the helper scripts call, and their libraries from this machine."""
    for name in ("bin", "sbin", "lib", "lib64"):
        (root / "usr" / name).mkdir(parents=True)
        (root / name).symlink_to(f"usr/{name}")
    files: set[str] = set()
    for name in PROGRAMS:
        path = shutil.which(name, path="/usr/bin:/bin:/usr/sbin:/sbin")
        assert path, f"{name} is missing here"
        put(root / "usr/bin" / name, path)
        files |= libraries(path)
    for name in CHECKERS:
        if path := shutil.which(name):
            put(root / "usr/bin" / name, path)
            files |= libraries(path)
    for name in OTHERS:
        path = f"/usr/lib/apt/{name}"
        put(root / path.lstrip("/"), path)
        files |= libraries(path)
    for path in sorted(files):
        put(root / "usr" / path.removeprefix("/usr").lstrip("/"), path)
    for folder in FOLDERS:
        shutil.copytree(Path("/") / folder, root / folder)
    texts = {
        "etc/passwd": "root:x:0:0::/root:/bin/sh\n_apt:x:42:65534::/:/bin/false\n",
        "etc/group": "root:x:0:\nnobody:x:65534:\n",
        "etc/apt/sources.list.d/archive.sources": SOURCES,
        "etc/apt/apt.conf.d/80test": 'APT::Sandbox::User "root";\n'
        'Dir::State::extended_states "/usr/lib/sysimage/apt/x";\n',
        "usr/lib/os-release": "ID=debian\n",
        "usr/lib/sysimage/dpkg/status": "",
        "usr/lib/sysimage/dpkg/info/format": "1\n",
        "usr/lib/sysimage/dpkg/updates/.keep": "",
        "usr/lib/sysimage/apt/x": "",
        "run/.keep": "",
        "tmp/.keep": "",
        "var/tmp/.keep": "",
    }
    for name, text in texts.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / "var/lib").mkdir(parents=True)
    (root / "var/lib/dpkg").symlink_to("../../usr/lib/sysimage/dpkg")


def libraries(program: str) -> set[str]:
    """Return the paths of a program's shared libraries, its loader among them."""
    done = subprocess.run(["ldd", program], check=False, capture_output=True, text=True)
    words = (line.partition("=>")[2] or line for line in done.stdout.splitlines())
    return {word.split()[0] for word in words if word.strip().startswith("/")}


def put(target: Path, source: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(Path(source).resolve(), target)


@pytest.fixture(scope="session")
def aptlike():
    """Return what makes an image of the debian family and its archive."""
    return SimpleNamespace(Package=Package, Archive=Archive, machine_tree=machine_tree)
