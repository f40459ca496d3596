"""Look into the disk of a machine that is off, and say whether it can boot and is whole.

What was cut off stays as it is: everything happens on a copy-on-write layer above it. The
disk is exported as a plain file by QEMU's storage daemon, through FUSE; the root file system
is mounted from there over a loop device, the EFI system partition is read by mtools.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import tempfile
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from arkes_build.delivery.soundness.closure import Closure, read_commit
from arkes_build.delivery.soundness.damage import Kind
from arkes_build.delivery.soundness.scan import Seen, things
from arkes_build.store.binding import binding

_OSTREE = binding().ostree
_TYPES = {
    "file": _OSTREE.ObjectType.FILE,
    "dirtree": _OSTREE.ObjectType.DIR_TREE,
    "dirmeta": _OSTREE.ObjectType.DIR_META,
    "commit": _OSTREE.ObjectType.COMMIT,
}
_ENTRY = re.compile(r"arkes-[0-9a-f]{12}-\d+(\+\d+(-\d+)?)?\.conf")
_SILENCE = ("fsck.fat", "Leaving", "0x", "There is", "  ")
_UNTIDY = re.compile(
    r"^\d+:[0-9a-f/:, ]+$|Not automatically|Auto-correct|Dirty bit|not properly unmounted"
    r"|dirty bit|[Rr]eclaim|unused cluster|Free cluster summary"
    r"|free cluster|differences|differ|Automatically|: \d+ files|corrupt\.?$|backup|original"
)
_FIELDS = re.compile(r"^(\S+)\s+(.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A boot entry; ``trouble`` says why it cannot boot, empty when it can."""

    name: str
    version: int
    deployment: str
    trouble: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was found on a disk. ``broken`` are the reasons why it is not sound."""

    entries: tuple[Entry, ...]
    broken: tuple[str, ...]
    objects: int
    summed: int
    partial: int
    newest: float
    untidy: tuple[str, ...]
    seconds: float

    @property
    def bootable(self):
        """Return the entries that are complete."""
        return tuple(entry for entry in self.entries if not entry.trouble)


def examine(disk: Path, *, since: float = -1.0) -> Finding:
    """Examine a disk's file (qcow2); needs root, for the mount.

    Objects that nobody touched after ``since`` (their change time, seconds since 1970) are
    not summed up again: that they are there is looked at all the same.
    """
    begin = time.monotonic()
    with ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="arkes-look-")))
        raw = stack.enter_context(_exported(disk, work))
        parts = _partitions(raw)
        esp = stack.enter_context(_loop(raw, parts["esp"]))
        broken, untidy = _esp(esp, work / "esp")
        loop = stack.enter_context(_loop(raw, parts["root"]))
        # The journal is played back first, as the kernel does when it mounts.
        replay = _call("e2fsck", "-E", "journal_only", "-p", loop)
        if replay.returncode > 1:
            broken.append(f"the journal cannot be played back: {replay.stdout.strip()[-200:]}")
        clean = _call("e2fsck", "-fn", loop)
        if clean.returncode:
            broken.append(f"e2fsck: {clean.stdout.strip()[-400:]}")
        root = stack.enter_context(_mounted(loop, work / "root"))
        repo = root / "ostree/repo"
        checked = _repository(repo, since)
        broken += checked.broken
        entries = tuple(_entries(work / "esp", root))
    if not any(not entry.trouble for entry in entries):
        broken.append("no boot entry leads anywhere")
    broken += [f"{entry.name}: {entry.trouble}" for entry in entries if entry.trouble]
    return Finding(
        entries=entries,
        broken=tuple(broken),
        objects=checked.objects,
        summed=checked.summed,
        partial=checked.partial,
        newest=checked.newest,
        untidy=tuple(untidy),
        seconds=time.monotonic() - begin,
    )


def _entries(esp, root):
    for path in sorted((esp / "loader/entries").glob("*")):
        text = path.read_text("utf-8", "replace")
        fields = dict(_FIELDS.findall(text))
        rank = fields.get("version", "0")
        link = next(
            (word[7:] for word in fields.get("options", "").split() if word[:7] == "ostree="), ""
        )
        yield Entry(
            name=path.name,
            version=int(rank) if rank.isdigit() else 0,
            deployment=Path(link).parent.name[:12],
            trouble=_trouble(path.name, fields, link, esp, root),
        )


def _trouble(name, fields, link, esp, root):
    """Say why an entry cannot boot: a part is missing, or is not the deployment's own."""
    if not _ENTRY.fullmatch(name):
        return "it has a name that is none of ours"
    if not link:
        return "it names no deployment"
    target = root / link.lstrip("/")
    tree = target.resolve()
    if not target.is_symlink() or not (tree / "usr/lib/os-release").exists():
        return f"{link} leads nowhere"
    if not (tree / "etc").is_dir():
        return "its deployment has no /etc"
    return _kernel_trouble(fields, tree, esp)


def _kernel_trouble(fields, tree, esp):
    (kernel,) = (path.parent for path in (tree / "usr/lib/modules").glob("*/modules.dep"))
    for word, file in (("linux", "vmlinuz"), ("initrd", "initramfs.img")):
        there = esp / fields.get(word, "none").lstrip("/")
        if not there.is_file():
            return f"its {word} {fields.get(word)} is missing"
        if not (kernel / file).is_file():
            return f"its deployment has no {file}"
        if _digest(there) != _digest(kernel / file):
            return f"its {word} is not the deployment's"
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Checked:
    """What a repository holds: objects, those summed up, commits that were begun only."""

    broken: tuple[str, ...]
    objects: int
    summed: int
    partial: int
    newest: float


def _repository(repo, since):
    """Check that every commit is whole, refs lead somewhere, objects are what they are named."""
    modules = binding()
    opened = modules.ostree.Repo.new(modules.gio.File.new_for_path(str(repo)))
    opened.open(None)
    seen, broken, summed, newest = Seen(), [], 0, 0.0
    for thing in things(repo):
        seen.present[thing.kind].add(thing.checksum)
        name = f"{thing.checksum[:2]}/{thing.checksum[2:]}.{thing.kind.value}"
        changed = (repo / "objects" / name).lstat().st_ctime
        newest = max(newest, changed)
        if changed > since and thing.kind.value in _TYPES:
            summed += 1
            try:
                opened.fsck_object(_TYPES[thing.kind.value], thing.checksum, None)
            except modules.glib.Error as error:
                broken.append(f"{name}: {error.message}"[:200])
    begun = {path.name.partition(".")[0] for path in (repo / "state").glob("*.commitpartial")}
    closure = Closure(repo, seen)
    for checksum in sorted(seen.present[Kind.COMMIT] - begun):
        commit = read_commit(repo, checksum)
        if commit is None or (gone := closure.missing(commit)):
            broken.append(f"the commit {checksum[:12]} lacks {len(gone) if commit else 'itself'}")
    broken += _refs(repo, seen.present[Kind.COMMIT] - begun)
    return _Checked(
        broken=tuple(broken), objects=seen.count, summed=summed, partial=len(begun), newest=newest
    )


def _refs(repo, whole):
    for path in sorted((repo / "refs").rglob("*")):
        is_ref = path.is_file() and not path.is_symlink() and ".lock" not in path.name
        if is_ref and path.read_text().strip() not in whole:
            yield f"the ref {path.name} names a commit that is not there, or not whole"


def _digest(path):
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def _exported(disk, work):
    layer, raw = work / "layer.qcow2", work / "raw"
    _must("qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", str(disk), str(layer))
    raw.touch()
    node = {"driver": "qcow2", "node-name": "disk", "file": {"driver": "file"}}
    node["file"]["filename"] = str(layer)
    export = {"type": "fuse", "id": "raw", "node-name": "disk", "writable": True}
    export["mountpoint"] = str(raw)
    argv = ["qemu-storage-daemon", "--blockdev", json.dumps(node), "--export", json.dumps(export)]
    daemon = subprocess.Popen(argv, stdin=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 30
        while raw.stat().st_size == 0:
            if daemon.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"qemu-storage-daemon does not show {disk}")
            time.sleep(0.02)
        yield raw
    finally:
        daemon.terminate()
        daemon.wait(timeout=30)


def _partitions(raw):
    """Return label → (offset, size) in bytes."""
    table = json.loads(_must("sfdisk", "--json", str(raw)))["partitiontable"]
    size = table.get("sectorsize", 512)
    return {
        part["name"]: (part["start"] * size, part["size"] * size) for part in table["partitions"]
    }


def _esp(device, folder):
    """Copy the ESP's files into a folder; return what is wrong, and what is only untidy.

    A cut leaves clusters that no file has, and a bit that says so. The check before the next
    mount mends that, and no file is the worse for it.
    """
    checked = _call("fsck.vfat", "-n", device)
    said = [line.strip() for line in checked.stdout.splitlines() if line.strip()]
    said = [line for line in said if not line.startswith(_SILENCE)]
    folder.mkdir()
    copied = _call("mcopy", "-s", "-n", "-i", device, "::/", str(folder))
    broken = [f"mcopy: {copied.stderr.strip()[-300:]}"] if copied.returncode else []
    broken += [f"fsck.vfat: {line}" for line in said if not _UNTIDY.search(line)]
    return broken, [line for line in said if _UNTIDY.search(line)]


@contextmanager
def _loop(raw, place):
    offset, size = place
    device = _must(
        "losetup", "--find", "--show", "-o", str(offset), "--sizelimit", str(size), str(raw)
    ).strip()
    try:
        yield device
    finally:
        _must("losetup", "-d", device)


@contextmanager
def _mounted(device, folder):
    folder.mkdir()
    _must("mount", "-o", "ro", device, str(folder))
    try:
        yield folder
    finally:
        _must("umount", str(folder))


def _call(*argv):
    return subprocess.run(argv, capture_output=True, text=True, check=False, errors="replace")


def _must(*argv):
    done = _call(*argv)
    if done.returncode:
        raise RuntimeError(f"{argv[0]}: {done.stdout}{done.stderr}"[-500:])
    return done.stdout
