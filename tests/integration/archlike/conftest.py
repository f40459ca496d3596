"""Make what an image of the arch family needs, out of this machine's own pacman.

No mirror of Arch's is asked: a tree with real pacman, gpg and systemctl is put together
from files of this machine, and the repositories in it are made with real repo-add.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace

import pytest

PROGRAMS = (
    *("sh", "bash", "env", "cat", "chmod", "chown", "cp", "cut", "date", "dirname", "getent"),
    *("head", "id", "ln", "ls", "mkdir", "mktemp", "mv", "printf", "readlink", "rm", "rmdir"),
    *("sha256sum", "sort", "stat", "tail", "touch", "tr", "true", "uniq", "wc", "xargs"),
    *("awk", "find", "flock", "gettext", "grep", "mountpoint", "sed", "systemctl"),
    *("bsdtar", "curl"),
    *("gpg", "gpg-agent", "gpg-connect-agent", "gpgconf", "pacman", "pacman-conf", "pacman-key"),
)
FOLDERS = ("usr/lib/locale/C.utf8", "usr/share/makepkg")
CONF = """\
[options]
Architecture = x86_64
DBPath = /usr/lib/sysimage/pacman/
SigLevel = Required DatabaseOptional

[core]
Server = file:///usr/share/repositories/$repo
"""


def call(*argv: object) -> str:
    """Run a program of this machine and return what it prints."""
    words = [str(word) for word in argv]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


@dataclass(frozen=True, kw_only=True)
class Signer:
    """A key that can sign, in a keyring of its own."""

    home: Path
    fingerprint: str

    @classmethod
    def make(cls, home: Path, name: str) -> Signer:
        home.mkdir(mode=0o700, parents=True)
        gpg = ("gpg", "--homedir", home, "--batch", "--quiet")
        person = f"{name} <{name}@example.org>"
        call(*gpg, "--passphrase", "", "--quick-generate-key", person, "rsa2048", "sign", "never")
        listed = call(*gpg, "--with-colons", "--list-keys").splitlines()
        fingerprint = next(line.split(":")[9] for line in listed if line.startswith("fpr"))
        return cls(home=home, fingerprint=fingerprint)

    def export(self, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        call("gpg", "--homedir", self.home, "--batch", "--output", target, "--export")

    def sign(self, file: Path) -> None:
        call("gpg", "--homedir", self.home, "--batch", "--detach-sign", file)

    def close(self) -> None:
        call("gpgconf", "--homedir", self.home, "--kill", "all")


@dataclass(frozen=True, kw_only=True)
class Package:
    """A package of a few files, with what pacman has to know."""

    name: str
    version: str
    depends: tuple[str, ...] = ()
    files: dict[str, str] = field(default_factory=dict)
    tampered: bool = False
    """Whether it becomes another one once it is signed."""

    def write(self, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        facts = {"pkgname": self.name, "pkgver": self.version, "pkgdesc": "test", "arch": "any"}
        lines = [f"{key} = {value}\n" for key, value in (facts | {"size": "3"}).items()]
        lines += [f"depend = {name}\n" for name in self.depends]
        path = folder / f"{self.name}-{self.version}-any.pkg.tar.gz"
        # In pax form a name outside ASCII makes pacman stop halfway, and say nothing.
        with tarfile.open(path, "w:gz", format=tarfile.GNU_FORMAT) as tar:
            for name, text in {".PKGINFO": "".join(lines), **self.files}.items():
                info = tarfile.TarInfo(name)
                info.size = len(text.encode())
                tar.addfile(info, io.BytesIO(text.encode()))
        return path


def repository(folder: Path, packages: list[tuple[Package, Signer | None]]) -> None:
    """Make a repository of (package, signer) pairs; a signer that is None leaves it unsigned."""
    paths = []
    for package, signer in packages:
        path = package.write(folder)
        if signer is not None:
            signer.sign(path)
        if package.tampered:
            replace(package, files={"usr/share/other": "other\n"}).write(folder)
        paths.append(path)
    call("repo-add", "--quiet", folder / f"{folder.name}.db.tar.gz", *paths)
    for name in ("db", "files"):
        # A link that names its target plainly is what a copy of the folder keeps.
        (folder / f"{folder.name}.{name}").unlink(missing_ok=True)
        (folder / f"{folder.name}.{name}").symlink_to(f"{folder.name}.{name}.tar.gz")


def machine_tree(root: Path) -> None:
    """Copy pacman, what its scripts call, and their libraries from this machine."""
    for name in ("bin", "sbin", "lib", "lib64"):
        (root / "usr" / name).mkdir(parents=True)
        (root / name).symlink_to(f"usr/{name}")
    files: set[str] = set()
    for name in PROGRAMS:
        path = shutil.which(name)
        assert path, f"{name} is missing here"
        put(root / "usr/bin" / name, path)
        files |= libraries(path)
    for path in sorted(files):
        put(root / "usr" / path.removeprefix("/usr").lstrip("/"), path)
    for folder in FOLDERS:
        shutil.copytree(Path("/") / folder, root / folder)
    for zone in ("UTC", "Europe/Berlin"):
        put(root / "usr/share/zoneinfo" / zone, f"/usr/share/zoneinfo/{zone}")
    texts = {
        "etc/passwd": "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n",
        "etc/group": "root:x:0:\nnobody:x:65534:\n",
        "etc/pacman.conf": CONF,
        "usr/lib/os-release": "ID=arch\n",
        "usr/lib/sysimage/pacman/local/ALPM_DB_VERSION": "9\n",
    }
    for name, text in texts.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def libraries(program: str) -> set[str]:
    """Return the paths of a program's shared libraries, its loader among them."""
    done = subprocess.run(["ldd", program], check=False, capture_output=True, text=True)
    words = (line.partition("=>")[2] or line for line in done.stdout.splitlines())
    return {word.split()[0] for word in words if word.strip().startswith("/")}


def put(target: Path, source: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(Path(source).resolve(), target)


@pytest.fixture(scope="session")
def archlike():
    """Return what makes an image of the arch family and its repositories."""
    return SimpleNamespace(
        Package=Package, Signer=Signer, machine_tree=machine_tree, repository=repository
    )
