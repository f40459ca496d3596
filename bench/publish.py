"""Measure what a publish costs, what clients fetch, and how much the repositories grow.

`refs`: one changed leaf of many refs, with the plain way (`ostree pull-local` of all refs and
`ostree summary -u`), in turn. `security`: five packages changed among many, one file of a leaf
changed, one package more, another kernel: the delta with the image layers that changed (zstd),
with the objects, and with the whole image. `growth`: fifty releases that each change two percent.

Contents are this machine's own programs and libraries; a changed one is made like a
recompiled one: numbers changed all over, some code put in. No engine is asked: layers are
folders, as overlayfs has them.
"""

from __future__ import annotations

import argparse
import lzma
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from arkes_build.core.names import Arch, Family  # noqa: E402 - the path comes first
from arkes_build.store.model import LayerDiff, NodeMetadata  # noqa: E402 - likewise
from arkes_build.store.store import Store  # noqa: E402 - likewise

PROJECT = """\
[project]
name = "bench"
version = "1"
epoch = 1735689600

[updates]
from-last = {from_last}
from-scratch = {scratch}
"""


class Site:
    """A project whose layers are folders of ours."""

    def __init__(self, folder: Path, *, from_last: int = 3, scratch: bool = True) -> None:
        self.folder = folder
        self.root = folder / "project"
        self.published = folder / "published"
        self.root.mkdir(parents=True)
        text = PROJECT.format(from_last=from_last, scratch=str(scratch).lower())
        (self.root / "arkes.toml").write_text(text)
        self.store = Store.open(self.root / ".arkes", family=Family.DEBIAN, arch=Arch.X86_64)
        self.repo = self.root / ".arkes/repo"
        self._chains: dict[str, str] = {}

    def layer(self, name: str, files: dict[str, bytes]) -> Path:
        folder = self.folder / "layers" / name
        for path, data in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
        return folder

    def release(self, node: str, *layers: Path) -> str:
        chain = [
            LayerDiff(chain_id=f"{hash_of(layers[: at + 1])}", path=path)
            for at, path in enumerate(layers)
        ]
        about = NodeMetadata(node=node, version="1", key="", image="")
        repository = self.store.repository()
        with repository.transaction():
            made = repository.commit_layers(chain)
            return repository.commit_node(f"bench/x86_64/{node}", made[-1], about, epoch=0).checksum

    def publish(self) -> tuple[float, float]:
        argv = [sys.executable, "-m", "arkes_build", "publish", str(self.published)]
        return timed([*argv, "--unsigned", "--quiet", "--project", str(self.root)])

    def downloads(self, node: str) -> tuple[int, int]:
        """Return bytes by delta (or the objects, where it is larger) and by objects."""
        from arkes_build.store.binding import binding

        glib = binding().glib
        kind = glib.VariantType.new("(a(s(taya{sv}))a{sv})")
        data = glib.Bytes.new((self.published / "summary").read_bytes())
        is_trusted = False
        about = glib.Variant.new_from_bytes(kind, data, is_trusted).get_child_value(1)
        steps = about.lookup_value("arkes.downloads", None).unpack()[f"bench/x86_64/{node}"]
        _before, delta, objects = steps[0]
        return delta or objects, objects


def hash_of(layers: tuple[Path, ...]) -> str:
    import hashlib

    return hashlib.sha256("\n".join(map(str, layers)).encode()).hexdigest()


def timed(*commands: list[str]) -> tuple[float, float]:
    """Return wall and processor seconds (of all children)."""
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    for argv in commands:
        subprocess.run(argv, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.monotonic() - began, used


def weight(folder: Path, *, less: tuple[str, ...] = ()) -> int:
    return sum(
        path.lstat().st_size
        for path in folder.rglob("*")
        if path.is_file() and not set(less) & set(path.relative_to(folder).parts)
    )


def zstd(*folders: Path) -> int:
    """Return the bytes of layers as registries have them: each a tar, zstd at its usual level."""
    total = 0
    for folder in folders:
        with tempfile.TemporaryFile() as archive:
            order = ("--sort=name", "--mtime=@0", "--numeric-owner")
            subprocess.run(["tar", "-C", folder, "-c", *order, "."], stdout=archive, check=True)
            archive.seek(0)
            done = subprocess.run(
                ["zstd", "-3", "-c"], stdin=archive, capture_output=True, check=True
            )
            total += len(done.stdout)
    return total


def programs(count: int, *, largest: int = 6_000_000) -> list[bytes]:
    """Return programs and libraries of this machine, the same ones each time."""
    found = []
    for folder in ("/usr/bin", "/usr/lib/x86_64-linux-gnu"):
        found += [
            path
            for path in sorted(Path(folder).iterdir())
            if path.is_file() and not path.is_symlink() and 4096 < path.stat().st_size < largest
        ]
    random.Random(1).shuffle(found)
    return [path.read_bytes() for path in found[:count]]


def recompiled(data: bytes, seed: int) -> bytes:
    """Return a program as after a small change: code put in, numbers after it moved."""
    chance = random.Random(seed)
    at = [0, *sorted(chance.randrange(len(data)) for _ in range(3)), len(data)]
    parts = []
    for start, end in pairwise(at):
        piece = bytearray(data[start:end])
        for spot in range(chance.randrange(300), len(piece), 300):
            piece[spot] = (piece[spot] + 16) % 256
        parts += [bytes(piece), chance.randbytes(chance.randrange(400))]
    return b"".join(parts)


def packages(count: int) -> dict[str, dict[str, bytes]]:
    """Return packages: a program or library or two, data, a manual in text."""
    chance = random.Random(2)
    binaries = programs(count * 2)
    made = {}
    for at in range(count):
        name = f"package{at}"
        words = [f"word{chance.randrange(3000)}" for _ in range(chance.randrange(200, 4000))]
        made[name] = {
            f"usr/bin/{name}": binaries[at],
            f"usr/lib/lib{name}.so": binaries[count + at],
            f"usr/share/doc/{name}/manual": " ".join(words).encode(),
            f"usr/share/{name}/data": chance.randbytes(chance.randrange(1000, 60_000)),
        }
    return made


def joined(found: dict[str, dict[str, bytes]]) -> dict[str, bytes]:
    return {path: data for files in found.values() for path, data in files.items()}


def bench_refs(folder: Path, options: argparse.Namespace) -> None:
    site = Site(folder)
    base = site.layer("base", joined(packages(options.packages or 3)))
    for at in range(options.refs):
        site.release(f"leaf{at}", base, site.layer(f"leaf{at}", {f"etc/leaf{at}": b"%d" % at}))
    wall, used = site.publish()
    print(f"first publish of {options.refs} refs: {wall:.1f} s, {used:.1f} s of processor")
    plain = folder / "plain"
    for number in range(options.rounds):
        changed = site.layer(f"again{number}", {"etc/leaf0": b"again %d" % number})
        site.release("leaf0", base, changed)
        wall, used = site.publish()
        shutil.rmtree(plain, ignore_errors=True)
        subprocess.run(["ostree", "init", f"--repo={plain}", "--mode=archive"], check=True)
        refs = [f"bench/x86_64/leaf{at}" for at in range(options.refs)]
        pull = ["ostree", "pull-local", f"--repo={plain}", str(site.repo), *refs]
        summary = ["ostree", "summary", f"--repo={plain}", "--update"]
        fresh = timed(pull, summary)
        again = timed(pull, summary)
        print(
            f"one of {options.refs} changed: {wall:.2f} s ({used:.2f} s of processor); the plain "
            f"way into nothing {fresh[0]:.2f} s ({fresh[1]:.2f} s), again {again[0]:.2f} s "
            f"({again[1]:.2f} s), both without deltas"
        )


def bench_security(folder: Path, options: argparse.Namespace) -> None:
    site = Site(folder, from_last=1, scratch=False)
    found = packages(options.packages or 120)
    first = site.layer("packages1", joined(found))
    leaf = site.layer("leaf", {"etc/motd": b"hello\n"})
    site.release("base", first, leaf)
    site.publish()
    changed = dict(found)
    for at, name in enumerate(sorted(found)[:5]):
        changed[name] = {
            path: recompiled(data, at) if "bin/" in path or ".so" in path else data + b" fixed"
            for path, data in found[name].items()
        }
    second = site.layer("packages2", joined(changed))
    only = site.layer("five", joined({n: f for n, f in changed.items() if f is not found[n]}))
    site.release("base", second, leaf)
    told("five packages changed", site, [second, leaf], also=("their files alone", only))
    motd = site.layer("leaf2", {"etc/motd": b"hello again\n"})
    site.release("base", second, motd)
    told("one file of a leaf changed", site, [motd])
    one = packages(len(found) + 1)[f"package{len(found)}"]
    third = site.layer("packages3", joined({**changed, "more": one}))
    site.release("base", third, motd)
    told("one package more", site, [third, motd], also=("its files alone", site.layer("more", one)))
    old = site.layer("kernel1", kernel("6.12.1", seed=1))
    site.release("base", third, old, motd)
    site.publish()
    new = site.layer("kernel2", kernel("6.12.2", seed=2))
    site.release("base", third, new, motd)
    told("another kernel", site, [new, motd])
    print(f"the whole image: {zstd(third, new, motd):,} bytes (zstd)")


def kernel(version: str, *, seed: int) -> dict[str, bytes]:
    """Return a kernel as Debian has it: each module compressed, and what boots too.

    Every release has folders of its own name, and the initramfs has the modules once more.
    """
    modules = [recompiled(data, seed * 1000 + at) for at, data in enumerate(programs(300)[150:])]
    packed = [lzma.compress(data, preset=1) for data in modules]
    folder = f"usr/lib/modules/{version}"
    files = {f"{folder}/kernel/module{at}.ko.xz": data for at, data in enumerate(packed)}
    files[f"{folder}/vmlinuz"] = lzma.compress(b"".join(modules[:60]), preset=1)
    files[f"{folder}/initramfs.img"] = b"".join(packed[60:])
    return files


def told(what: str, site: Site, layers: list[Path], also: tuple[str, Path] | None = None) -> None:
    wall, used = site.publish()
    delta, objects = site.downloads("base")
    image = zstd(*layers)
    print(
        f"{what}: delta {delta:,} bytes, objects {objects:,}, changed layers {image:,} (zstd): "
        f"1/{image / delta:.1f} of the layers; made in {wall:.1f} s ({used:.1f} s of processor)"
    )
    if also:
        alone = zstd(also[1])
        print(f"  {also[0]} as a layer: {alone:,} bytes, the delta is 1/{alone / delta:.1f} of it")


def bench_growth(folder: Path, options: argparse.Namespace) -> None:
    site = Site(folder, from_last=3)
    files = joined(packages(options.packages or 20))
    base = site.layer("base", files)
    site.release("base", base)
    site.publish()
    began = weight(site.repo), weight(site.published)
    total, changed_bytes = sum(map(len, files.values())), 0
    chance = random.Random(3)
    for number in range(options.releases):
        new: dict[str, bytes] = {}
        while sum(map(len, new.values())) < total * 0.02:
            path = chance.choice(sorted(files))
            new[path] = recompiled(files[path], number) if len(files[path]) < total * 0.04 else b""
            new = {path: data for path, data in new.items() if data}
        files |= new
        changed_bytes += sum(map(len, new.values()))
        site.release("base", base, site.layer(f"change{number}", new))
        site.publish()
    for name, path, before in (
        ("store", site.repo, began[0]),
        ("published", site.published, began[1]),
    ):
        grown = weight(path) - before
        print(
            f"{name} after {options.releases} releases: grew {grown:,} bytes, "
            f"{grown / changed_bytes:.2f} of the {changed_bytes:,} that changed"
        )
    print(f"  of the published, without deltas: {weight(site.published, less=('deltas',)):,} bytes")


PARTS = {"refs": bench_refs, "security": bench_security, "growth": bench_growth}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("part", choices=sorted(PARTS))
    parser.add_argument("--refs", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--packages", type=int, default=0, help="of the tree (default: as the part wants)"
    )
    parser.add_argument("--releases", type=int, default=50)
    options = parser.parse_args()
    os.environ.setdefault("LC_ALL", "C.UTF-8")
    with tempfile.TemporaryDirectory(prefix="arkes-bench-", dir="/var/tmp") as folder:
        PARTS[options.part](Path(folder), options)


if __name__ == "__main__":
    main()
