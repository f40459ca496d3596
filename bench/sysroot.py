"""Measure what is made of a release, and what looks at it: disk, deployment, start of `os`.

`disk`: a raw disk image as `arkes-build disk` makes it, with the way by hand: a loop device, a
mount, `ostree admin deploy` into it. `deploy`: a release with one changed file, deployed upon the
one before it, with `ostree admin deploy`, with a checkout that copies, and with `cp -a`. `start`:
`os --help` and `os status` as whole processes, with all modules of `os` imported, with `import
click` and with `ostree admin status`.

Ways take turns. Seconds are wall time, CPU is user and system time of all processes, the least of
the rounds. The release is the newest of --node in --store, where a folder comes and goes.

    .venv/bin/python bench/sysroot.py disk --rounds 3
    .venv/bin/python bench/sysroot.py deploy
    .venv/bin/python bench/sysroot.py start --rounds 9
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from arkes_build.history.commits import History  # noqa: E402 - found by the path above
from arkes_build.store.binding import binding  # noqa: E402 - likewise
from arkes_build.store.objects import Objects  # noqa: E402 - likewise
from arkes_build.store.repository import Repository  # noqa: E402 - likewise
from arkes_build.sysroot.create import Created, create  # noqa: E402 - likewise
from arkes_build.sysroot.model import Origin  # noqa: E402 - likewise
from arkes_build.sysroot.sysroot import Sysroot  # noqa: E402 - likewise

STATEROOT = "arkes"
REF = "bench/system"
UUID = "0f6ad2b4-5f0e-4f8b-9d0e-0c2b3a495867"

BY_HAND = r"""set -eu
repo=$1 commit=$2 work=$3 disk=$3/disk.raw mib=$((1 << 20))
truncate -s 6G "$disk"
printf 'label: gpt\nstart=2048,size=2097152,type=U\nstart=2099200,size=10481664,type=L\n' |
  sfdisk -q "$disk"
loop=$(losetup --find --show -o $((1025 * mib)) --sizelimit $((5118 * mib)) "$disk")
trap 'umount "$work/root" 2>/dev/null || :; losetup -d "$loop"' EXIT
mkfs.ext4 -q -U "$4" "$loop"
mkdir "$work/root"
mount "$loop" "$work/root"
root=$work/root
ostree admin init-fs --modern "$root"
ostree admin os-init --sysroot="$root" arkes
ostree pull-local --disable-fsync --repo="$root/ostree/repo" "$repo" "$commit"
ostree admin deploy --sysroot="$root" --os=arkes "$commit" --karg=root=UUID="$4" --karg=rw
system=$(echo "$root"/ostree/deploy/arkes/deploy/*.0)
truncate -s 1G "$work/esp.img"
mkfs.vfat -F 32 -n ESP "$work/esp.img" >/dev/null
mmd -i "$work/esp.img" ::/EFI ::/EFI/BOOT ::/arkes ::/loader ::/loader/entries
loader=$system/usr/lib/systemd/boot/efi/systemd-bootx64.efi
mcopy -i "$work/esp.img" "$loader" ::/EFI/BOOT/BOOTX64.EFI
mcopy -i "$work/esp.img" "$system"/usr/lib/modules/*/{vmlinuz,initramfs.img} ::/arkes/
sed 's,^linux .*,linux /arkes/vmlinuz,; s,^initrd .*,initrd /arkes/initramfs.img,' \
  "$root"/boot/loader/entries/*.conf >"$work/arkes.conf"
mcopy -i "$work/esp.img" "$work/arkes.conf" ::/loader/entries/
dd if="$work/esp.img" of="$disk" bs=1M seek=1 conv=notrunc,sparse status=none
umount "$root"
sync "$disk"
"""


@dataclass(frozen=True)
class Cost:
    """What a run took, in seconds."""

    wall: float
    cpu: float


def measured(*argv: str) -> Cost:
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(argv, check=False, capture_output=True, text=True, cwd=ROOT)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{argv[:3]}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return Cost(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def told(costs: dict[str, list[Cost]], notes: dict[str, str] | None = None) -> None:
    """Print a line for each way; the first is ours, the others say how many times as long."""
    ours = next(iter(costs.values()))
    for name, found in costs.items():
        wall, cpu = min(c.wall for c in found), min(c.cpu for c in found)
        times = wall / min(c.wall for c in ours)
        note = (notes or {}).get(name, "")
        print(f"  {name:<34} {wall:8.3f} s {cpu:8.3f} s CPU {times:7.2f}  {note}", flush=True)


def ours(*words: str) -> list[str]:
    return [sys.executable, __file__, *words]


def bench_disk(folder: Path, options: argparse.Namespace) -> None:
    costs: dict[str, list[Cost]] = {"as arkes-build disk": [], "by hand, with a loop device": []}
    notes = {}
    for number in range(options.rounds):
        repo, commit = str(options.store / "repo"), options.commit
        ways = {
            "as arkes-build disk": ours("do-disk", repo, commit, "{}"),
            "by hand, with a loop device": ["bash", "-c", BY_HAND, "-", repo, commit, "{}", UUID],
        }
        for name, argv in ways.items():
            work = folder / f"disk{number}"
            work.mkdir()
            costs[name].append(measured(*(str(work) if word == "{}" else word for word in argv)))
            notes[name] = f"{(work / 'disk.raw').stat().st_blocks * 512:,} bytes"
            subprocess.run(["chattr", "-R", "-f", "-i", work], check=False)
            shutil.rmtree(work)
    told(costs, notes)


def do_disk(repo: str, commit: str, place: str) -> None:
    """Make a disk as the pipeline does, without its record in the store."""
    from arkes_build.disk import identity
    from arkes_build.disk.assemble import Maker
    from arkes_build.disk.model import Form, Release, RootFs, Tree, Wish

    work = Path(place)
    named = identity.derived(commit)
    wish = Wish(
        release=Release(
            node="base", ref=REF, commit=commit, version="1", timestamp=1, arch="x86_64"
        ),
        root_fs=RootFs.EXT4,
        form=Form.RAW,
        size=None,
        esp_size=None,
        identity=named,
    )
    made = sysroot_of(Path(repo), commit, work / "sysroot", f"root=UUID={named.root_fs}")
    maker = Maker(wish=wish, work=work / "parts")
    maker.work.mkdir()
    tree = Tree(root=made.root, esp=made.esp)
    maker.make(tree, maker.lay_out(tree), work / "disk.raw")


def sysroot_of(repo: Path, commit: str, place: Path, *kargs: str) -> Created:
    return create(
        place, repo=repo, commit=commit, ref=REF, stateroot=STATEROOT, kargs=kargs, remote_url=None
    )


def bench_deploy(folder: Path, options: argparse.Namespace) -> None:
    names = ("os deploy", "ostree admin deploy", "ostree checkout --force-copy", "cp -a")
    costs: dict[str, list[Cost]] = {name: [] for name in names}
    notes = {}
    places = [sysroot_of(options.store / "repo", options.commit, folder / at) for at in "ab"]
    mine, theirs = (place.root for place in places)
    for number in range(options.rounds):
        commits = [changed(root, options.commit, number) for root in (mine, theirs)]
        copy, again = folder / f"copy{number}", folder / f"again{number}"
        old = next((mine / f"ostree/deploy/{STATEROOT}/deploy").glob("*.0"))
        free = ["chattr", "-f", "-i", str(old)]
        subprocess.run(free, check=False)
        checkout = ["ostree", "checkout", "--force-copy", f"--repo={theirs}/ostree/repo"]
        admin = ["ostree", "admin", "deploy", f"--sysroot={theirs}", f"--os={STATEROOT}"]
        ways = {
            "os deploy": ours("do-deploy", str(mine), str(places[0].esp), commits[0]),
            "ostree admin deploy": [*admin, commits[1]],
            "ostree checkout --force-copy": synced(*checkout, commits[1], str(copy)),
            "cp -a": synced("cp", "-a", "--reflink=never", f"{old}/.", str(again)),
        }
        places_of = {"ostree checkout --force-copy": copy, "cp -a": again}
        # The source of the copy has to be there still: it goes before what removes it.
        for name in reversed(names):
            costs[name].append(measured(*ways[name]))
            root = mine if name == "os deploy" else theirs
            at = places_of.get(name) or next(
                (root / f"ostree/deploy/{STATEROOT}/deploy").glob(f"{commits[root is theirs]}.0")
            )
            notes[name] = f"{own(at):,} bytes of its own"
            if name in places_of:
                shutil.rmtree(at)
    told(costs, notes)
    for root in (mine, theirs):
        subprocess.run(["chattr", "-R", "-f", "-i", root], check=False)


def synced(*argv: str) -> list[str]:
    """Return a command that also waits until what it wrote to its last word is on the disk."""
    return ["bash", "-c", '"$@" && sync -f "${@: -1}"', "-", *argv]


def changed(root: Path, commit: str, number: int) -> str:
    """Commit one more file upon a release, in the repository of a sysroot."""
    repository = Repository.open(root / "ostree/repo")
    repo = repository._repo  # noqa: SLF001 - a tree that no engine made
    with repository.transaction():
        tree = binding().ostree.MutableTree.new_from_commit(repo, commit)
        place = tree
        for name in ("usr", "share"):
            place = place.ensure_dir(name)[1]
        place.replace_file("bench", Objects(repo).text(b"%d\n" % number))
        written = repo.write_mtree(tree, None)[1]
        made = str(repo.write_commit_with_time(commit, "bench", None, None, written, 1, None)[1])
        repo.transaction_set_ref(None, f"bench/{number}", made)
    return made


def own(folder: Path) -> int:
    """Return the bytes that nothing else shares: hard links are the repository's too."""
    states = (path.lstat() for path in (folder, *folder.rglob("*")))
    return sum(
        state.st_blocks * 512
        for state in states
        if state.st_nlink == 1 or stat.S_ISDIR(state.st_mode)
    )


def do_deploy(root: str, esp: str, commit: str) -> None:
    sysroot = Sysroot.open(Path(root), esp=Path(esp))
    sysroot.deploy(commit, origin=Origin(refspec=REF), stateroot=STATEROOT)


def bench_start(folder: Path, options: argparse.Namespace) -> None:
    made = sysroot_of(options.store / "repo", options.commit, folder / "sysroot")
    (made.root / "efi").rmdir()
    made.esp.rename(made.root / "efi")
    python = [sys.executable, "-I", "-X", "utf8", "-c"]
    path = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
    start = "from arkes_build.system.main import main; sys.exit(main(sys.argv[1:]))"
    here = (
        "from pathlib import Path; from arkes_build.system import command\n"
        "from arkes_build.host.machine import Host\n"
        f"command.make_host = lambda: Host(root=Path({str(made.root)!r}))\n"
    )
    everything = (
        "import pkgutil, importlib, arkes_build.system as system, arkes_build.host as host\n"
        "for each in (system, host):\n"
        "    for one in pkgutil.walk_packages(each.__path__, each.__name__ + '.'):\n"
        "        importlib.import_module(one.name)\n"
    )
    ways = {
        "os --help": [*python, path + start, "--help"],
        "os status": [*python, path + here + start, "status"],
        "os status --json": [*python, path + here + start, "status", "--json"],
        "all of os imported": [*python, path + everything],
        "import click": [*python, "import click"],
        "ostree admin status": ["ostree", "admin", "status", f"--sysroot={made.root}"],
    }
    costs: dict[str, list[Cost]] = {name: [] for name in ways}
    for _round in range(options.rounds):
        for name, argv in ways.items():
            costs[name].append(measured(*argv))
    told(costs)
    subprocess.run(["chattr", "-R", "-f", "-i", made.root], check=False)


PARTS = {"disk": bench_disk, "deploy": bench_deploy, "start": bench_start}
INNER = {"do-disk": do_disk, "do-deploy": do_deploy}


def main() -> None:
    if len(sys.argv) > 1 and sys.argv[1] in INNER:
        INNER[sys.argv[1]](*sys.argv[2:])
        return
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("part", choices=sorted(PARTS))
    parser.add_argument("--store", type=Path, default=ROOT / ".arkes")
    parser.add_argument("--node", default="base")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    options.store = options.store.absolute()
    options.commit = History(options.store / "repo").resolve(options.node)
    os.environ.setdefault("LC_ALL", "C.UTF-8")
    # Beside the store, so that what can be a hard link is one.
    folder = Path(tempfile.mkdtemp(prefix="arkes-bench-", dir=options.store))
    try:
        PARTS[options.part](folder, options)
    finally:
        with suppress(OSError):
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
