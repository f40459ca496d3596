"""Make an Arch Linux root file system with pacstrap(8) and pacman(8)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from arkes_build.bootstrap import arch_locked
from arkes_build.bootstrap.apt_sources import split_credentials
from arkes_build.bootstrap.errors import KeyringMissing, MirrorsWanted
from arkes_build.bootstrap.tool import run_tool
from arkes_build.core import process
from arkes_build.core.errors import ToolMissing
from arkes_build.core.names import Arch
from arkes_build.project.lockfile import noted_text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from arkes_build.project.lockfile import PackageFile
    from arkes_build.project.model import Bootstrap

MIRRORLIST = Path("/etc/pacman.d/mirrorlist")
KEYRINGS = (Path("/usr/share/pacman/keyrings"), Path("/usr/share/keyrings"))
"""Where Arch itself and Debian put the keyrings that pacman-key populates from."""
MAKEPKG = Path("/usr/share/makepkg/util")
"""pacman-key is a script that reads files of makepkg, which Debian packs apart."""
REPOSITORIES = ("core", "extra")
_KEYRING = {Arch.X86_64: "archlinux", Arch.AARCH64: "archlinuxarm", Arch.RISCV64: "archlinux"}
_SERVER = re.compile(r"^\s*Server\s*=\s*(\S+)\s*$", re.MULTILINE)
_DATE = re.compile(r"\d{4}/\d{2}/\d{2}")
_INSTALL_DATE = re.compile(r"^(%INSTALLDATE%\n)\d+$", re.MULTILINE)
_LEFT_BEHIND = ("var/lib/pacman/sync", "var/cache/pacman/pkg", "var/log/pacman.log")


def make(
    bootstrap: Bootstrap,
    *,
    arch: Arch,
    work: Path,
    cache: Path,
    epoch: int,
    on_line: Callable[[str], None],
    locked: Collection[PackageFile] | None = None,
) -> Path:
    """Return the tar of a tree with the bootstrap's packages, ``base`` when it names none.

    With ``locked`` it has those files and no others. Raises what
    ``arch_locked.repository`` raises, ``MirrorsWanted``, ``KeyringMissing``, ``ToolMissing``, and
    ``BootstrapFailed`` or one of its kinds.
    """
    process.find("pacstrap", wanted_for="the arch family's first root file system")
    servers = find_servers(bootstrap, MIRRORLIST)
    root, keys, target = work / "root", work / "gnupg", work / "rootfs.tar"
    for folder in (root, keys, cache):
        folder.mkdir(parents=True, exist_ok=True)
    keys.chmod(0o700)
    root.chmod(0o755)
    make_keyring(keys, arch=arch, on_line=on_line)
    configuration = work / "pacman.conf"
    configuration.touch(mode=0o600)
    text = pacman_conf(servers, arch=arch, cache=cache, keys=keys, log=work / "pacman.log")
    if locked is not None:
        # The options stay, the repositories give way to one of our own.
        text = text.partition("\n[core]")[0] + arch_locked.repository(
            locked, work / "locked", servers=servers, arch=arch, cache=cache, on_line=on_line
        )
    configuration.write_text(text, "utf-8")
    try:
        run_tool(pacstrap(bootstrap, root=root, configuration=configuration), on_line)
    finally:
        configuration.unlink()
    files = locked if locked is not None else arch_locked.installed(root, cache, REPOSITORIES)
    tidy(root, servers=servers, epoch=epoch)
    noted = root / arch_locked.NOTED
    noted.parent.mkdir(parents=True, exist_ok=True)
    noted.write_text(noted_text(files), "utf-8")
    run_tool(pack(root, target=target, epoch=epoch), on_line)
    run_tool(("rm", "-rf", "--one-file-system", "--", str(root)), on_line)
    return target


def find_servers(bootstrap: Bootstrap, mirrorlist: Path) -> tuple[str, ...]:
    """Return the mirrors in pacman's form, with ``$repo`` and ``$arch`` left in.

    1. those of ``arkes.toml``, ``{snapshot}`` replaced by the snapshot;
    2. else this machine's: without a snapshot all of them, with one those whose URL has
       a date (an archive's), which is then replaced. An undated mirror never counts as
       the snapshot.
    """
    if bootstrap.mirrors:
        return tuple(
            _with_repository(url.replace("{snapshot}", bootstrap.snapshot))
            for url in bootstrap.mirrors
        )
    text = mirrorlist.read_text("utf-8", "replace") if mirrorlist.is_file() else ""
    servers = _SERVER.findall(text)
    if bootstrap.snapshot:
        servers = [_DATE.sub(bootstrap.snapshot, url) for url in servers if _DATE.search(url)]
    if not servers:
        dated = f" that keeps the packages of {bootstrap.snapshot}" if bootstrap.snapshot else ""
        folder = "archive.example.org/repos/{snapshot}" if bootstrap.snapshot else "example.org"
        raise MirrorsWanted(
            "arch",
            why=f"{mirrorlist} of this machine names no server{dated}",
            example=f"https://{folder}/$repo/os/$arch",
        )
    return tuple(dict.fromkeys(servers))


def make_keyring(keys: Path, *, arch: Arch, on_line: Callable[[str], None]) -> None:
    """Make pacman's keyring, and end the agent that does not end by itself."""
    name = _KEYRING[arch]
    folder = next((path for path in KEYRINGS if (path / f"{name}.gpg").exists()), None)
    if folder is None:
        raise KeyringMissing(
            "archlinux-keyring", looked=[f"{path}/{name}.gpg" for path in KEYRINGS]
        )
    if not MAKEPKG.exists():
        raise ToolMissing("makepkg", wanted_for="pacman-key")
    pacman_key = ("pacman-key", "--gpgdir", str(keys))
    try:
        run_tool((*pacman_key, "--init"), on_line)
        run_tool((*pacman_key, "--populate-from", str(folder), "--populate", name), on_line)
    finally:
        process.run(["gpgconf", "--homedir", str(keys), "--kill", "all"], check=False)


def pacman_conf(servers: Iterable[str], *, arch: Arch, cache: Path, keys: Path, log: Path) -> str:
    """Return a pacman.conf(5) of its own: nothing of this machine's takes part."""
    lines = [
        "[options]",
        f"Architecture = {arch.value}",
        f"CacheDir = {cache}/",
        f"GPGDir = {keys}/",
        f"LogFile = {log}",
        "SigLevel = Required DatabaseOptional",
        "ParallelDownloads = 5",
    ]
    for repository in REPOSITORIES:
        lines += ["", f"[{repository}]", *(f"Server = {server}" for server in servers)]
    return "\n".join(lines) + "\n"


def pacstrap(bootstrap: Bootstrap, *, root: Path, configuration: Path) -> tuple[str, ...]:
    """Return the arguments that install the packages.

    The mount namespace of its own lets no mount under the tree outlive the run.
    """
    return (
        *("unshare", "--mount", "--"),
        *("pacstrap", "-C", str(configuration), "-c", "-G", "-M"),
        str(root),
        *(bootstrap.packages or ("base",)),
    )


def tidy(root: Path, *, servers: Iterable[str], epoch: int) -> None:
    """Leave a mirror list without passwords, and nothing that tells when this ran."""
    for path in _LEFT_BEHIND:
        run_tool(("rm", "-rf", "--one-file-system", "--", str(root / path)), lambda _line: None)
    for entry in sorted((root / "var/lib/pacman/local").glob("*/desc")):
        text = entry.read_text("utf-8", "surrogateescape")
        dated = _INSTALL_DATE.sub(rf"\g<1>{epoch}", text)
        entry.write_text(dated, "utf-8", "surrogateescape")
    folder = root / "etc/pacman.d"
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"Server = {split_credentials(server)[0]}\n" for server in servers]
    (folder / "mirrorlist").write_text("".join(lines), "utf-8")


def pack(root: Path, *, target: Path, epoch: int) -> tuple[str, ...]:
    """Return the arguments of a GNU tar whose output only depends on the tree."""
    return (
        *("tar", "--create", "--file", str(target), "--directory", str(root)),
        *("--format=pax", "--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime"),
        *("--sort=name", f"--mtime=@{epoch}", "--clamp-mtime", "--numeric-owner"),
        *("--xattrs", "--xattrs-include=*", "--one-file-system", "."),
    )


def _with_repository(url: str) -> str:
    """Return the URL as a server of pacman's: a plain folder gets the usual way below it."""
    return url if "$repo" in url else f"{url.rstrip('/')}/$repo/os/$arch"
