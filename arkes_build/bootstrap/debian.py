"""Make a Debian root file system with mmdebstrap(1)."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from arkes_build.bootstrap import apt_sources, debian_locked
from arkes_build.bootstrap.errors import KeyringMissing, MirrorsWanted
from arkes_build.bootstrap.tool import run_tool
from arkes_build.core import process
from arkes_build.core.errors import ArkesError
from arkes_build.core.names import Arch
from arkes_build.project.lockfile import noted_text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from arkes_build.project.lockfile import PackageFile
    from arkes_build.project.model import Bootstrap

ETC_APT = Path("/etc/apt")
_FORWARDED = ("Acquire::http::Proxy", "Acquire::https::Proxy", "Acquire::https::CAInfo")
"""Settings of this machine's apt without which its mirrors may not be reachable."""
_DATE_CHECKS = {
    "Acquire::Check-Valid-Until": "Check-Valid-Until",
    "Acquire::Check-Date": "Check-Date",
}
_ARCHITECTURES = {Arch.X86_64: "amd64", Arch.AARCH64: "arm64", Arch.RISCV64: "riscv64"}
_OURS = (
    "etc/apt/auth.conf.d/arkes.conf",
    "etc/apt/apt.conf.d/99mmdebstrap",
    "etc/dpkg/dpkg.cfg.d/99mmdebstrap",
    "etc/hostname",
    "etc/resolv.conf",
)
"""What is only there for the run, or copied from this machine."""
LISTING = "/etc/apt/sources.list.d/0000arkes.sources"
"""Where mmdebstrap puts a file of that name."""
_NO = frozenset({"no", "false", "0", "off", "without", "disable"})


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
    """Return the tar of a minimal tree with the bootstrap's packages.

    Downloads are kept in ``cache``. With ``locked`` it has those files and no others.
    Raises what ``debian_locked.archive`` raises, ``MirrorsWanted``, ``KeyringMissing``,
    ``ToolMissing``, and ``BootstrapFailed`` or one of its kinds.
    """
    process.find("mmdebstrap", wanted_for="the debian family's first root file system")
    if not Path(apt_sources.KEYRING).exists():
        raise KeyringMissing("debian-archive-keyring", looked=[apt_sources.KEYRING])
    sources = find_sources(bootstrap, ETC_APT)
    settings = _apt_settings()
    listing = work / "arkes.sources"
    listing.write_text(_listed(bootstrap, sources, settings), "utf-8")
    passwords = _passwords(work / "auth.conf", sources)
    cache.mkdir(parents=True, exist_ok=True)
    target, told = work / "rootfs.tar", work / "told"
    told.mkdir()
    used = listing
    if locked is not None:
        used = work / "used" / listing.name
        text = debian_locked.archive(
            locked,
            work / "locked",
            suite=bootstrap.suite,
            sources=sources,
            cache=cache,
            on_line=on_line,
        )
        used.parent.mkdir()
        used.write_text(text, "utf-8")
    forwarded = [f'{name} "{settings[name]}"' for name in _FORWARDED if settings.get(name)]
    argv = command(
        bootstrap,
        arch=arch,
        target=target,
        listing=used,
        passwords=passwords,
        # What apt was not asked to fetch has no business among its downloads.
        cache=None if locked is not None else cache,
        apt_options=forwarded,
        more=_hooks(listing, told),
    )
    run_tool(argv, on_line, env={"SOURCE_DATE_EPOCH": str(epoch), "TMPDIR": str(work)})
    passwords.unlink()
    files = debian_locked.installed(told, cache) if locked is None else locked
    debian_locked.append(target, noted_text(files), epoch=epoch)
    return target


def _listed(
    bootstrap: Bootstrap, sources: Sequence[apt_sources.Source], settings: dict[str, str]
) -> str:
    components = bootstrap.components or ("main",)
    return apt_sources.write(sources, components, date_checks(bootstrap, settings))


def _passwords(path: Path, sources: Sequence[apt_sources.Source]) -> Path:
    path.touch(mode=0o600)
    path.write_text(apt_sources.credentials(sources) + _machine_passwords(ETC_APT), "utf-8")
    return path


def _hooks(listing: Path, told: Path) -> tuple[str, ...]:
    """Return the hooks that bring out what was installed, and leave the mirrors in the tree."""
    folder, sources = shlex.quote(str(told)), shlex.quote(str(listing))
    return (
        f"--customize-hook=copy-out /var/lib/dpkg/status /var/lib/apt/lists {folder}",
        f"--customize-hook=upload {sources} {LISTING}",
    )


def find_sources(bootstrap: Bootstrap, etc_apt: Path) -> tuple[apt_sources.Source, ...]:
    """Return the archives to use: those of ``arkes.toml``, else those of this machine."""
    if bootstrap.mirrors:
        mirrors = [url.replace("{snapshot}", bootstrap.snapshot) for url in bootstrap.mirrors]
        return apt_sources.given(mirrors, bootstrap.suite)
    found = apt_sources.choose(apt_sources.read(etc_apt), bootstrap.suite)
    if not found:
        raise MirrorsWanted(
            "debian",
            why=f"{etc_apt} of this machine has no entry for Debian's main archive",
            example="https://mirror.example.org/debian",
        )
    return found


def date_checks(bootstrap: Bootstrap, settings: dict[str, str]) -> dict[str, str]:
    """Return the fields that let apt take an archive whose date is past.

    A snapshot is one by its nature; this machine may also say so for its mirror.
    """
    if bootstrap.snapshot:
        return {"Check-Valid-Until": "no"}
    return {
        field: "no"
        for setting, field in _DATE_CHECKS.items()
        if settings.get(setting, "").lower() in _NO
    }


def command(
    bootstrap: Bootstrap,
    *,
    arch: Arch,
    target: Path,
    listing: Path,
    passwords: Path,
    cache: Path | None,
    apt_options: Sequence[str],
    more: Sequence[str] = (),
) -> tuple[str, ...]:
    """Return the arguments of mmdebstrap; ``more`` are hooks of this run.

    Its special hooks split their text as a shell would, without being one. What they
    bring in for the time of the run is taken out again.
    """
    archives = "/var/cache/apt/archives"
    kept = shlex.quote(str(cache))
    sync_in = [f"--setup-hook=sync-in {kept} {archives}"] if cache else []
    sync_out = [f"--customize-hook=sync-out {archives} {kept}"] if cache else []
    include = [f"--include={','.join(bootstrap.packages)}"] if bootstrap.packages else []
    return (
        "mmdebstrap",
        "--variant=minbase",
        "--format=tar",
        f"--architectures={_ARCHITECTURES[arch]}",
        *include,
        *(f"--aptopt={option}" for option in apt_options),
        "--dpkgopt=force-unsafe-io",
        "--skip=output/dev,essential/unlink",
        '--setup-hook=mkdir -p "$1/etc/apt/auth.conf.d" "$1/var/cache/apt/archives"',
        *sync_in,
        f"--setup-hook=upload {shlex.quote(str(passwords))} /etc/apt/auth.conf.d/arkes.conf",
        *sync_out,
        *more,
        *(f'--customize-hook=rm -f "$1/{path}"' for path in _OURS),
        bootstrap.suite,
        str(target),
        str(listing),
    )


def _apt_settings() -> dict[str, str]:
    """Return this machine's settings of apt that concern us; empty without apt."""
    try:
        dump = process.run(["apt-config", "dump", "--format", "%f=%v%n"]).output
    except ArkesError:
        return {}
    wanted = {*_FORWARDED, *_DATE_CHECKS}
    pairs = (line.partition("=")[::2] for line in dump.splitlines())
    return {name: value for name, value in pairs if name in wanted and '"' not in value}


def _machine_passwords(etc_apt: Path) -> str:
    files = [etc_apt / "auth.conf", *sorted((etc_apt / "auth.conf.d").glob("*.conf"))]
    texts = []
    for file in files:
        try:
            texts.append(file.read_text("utf-8") + "\n")
        except OSError:
            continue
    return "".join(texts)
