"""Make a disk image of a node's release: a sysroot in plain folders, put into partitions."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from tempfile import TemporaryFile
from time import monotonic
from typing import TYPE_CHECKING

from arkes_build import __version__
from arkes_build.core.digest import digest
from arkes_build.core.events import (
    NodeFinished,
    NodeStarted,
    Notice,
    Outcome,
    RunPlanned,
    StepStarted,
    silent,
)
from arkes_build.disk import identity, record
from arkes_build.disk.assemble import STEPS, Maker
from arkes_build.disk.errors import NotAFile, NotBootable
from arkes_build.disk.layout import Needs
from arkes_build.disk.measure import least_occupied
from arkes_build.disk.model import Disk, Form, Release, RootFs, Tree, Wish
from arkes_build.disk.tools import told
from arkes_build.disk.workplace import workplace
from arkes_build.history.view import View
from arkes_build.pipeline.opening import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from arkes_build.core.events import Sink
    from arkes_build.disk.identity import Identity
    from arkes_build.pipeline.opening import Opened
    from arkes_build.pipeline.options import Options
    from arkes_build.pipeline.report import Report
    from arkes_build.store.model import Holder

FOLDER = "disks"
"""Where disks go without ``--output``: a folder of the store."""
STATEROOT = "arkes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What disk is wanted; None leaves it to us. Sizes are in bytes.

    ``is_again`` makes a disk that is there already anew.
    """

    output: Path | None = None
    form: Form | None = None
    root_fs: RootFs = RootFs.EXT4
    size: int | None = None
    esp_size: int | None = None
    update_url: str | None = None
    kargs: tuple[str, ...] = ()
    is_random: bool = False
    is_again: bool = False

    @property
    def shape(self) -> Form:
        """Return the file's form: as said, or as the output's name ends."""
        if self.form is not None:
            return self.form
        raw = self.output is not None and self.output.suffix in {".raw", ".img"}
        return Form.RAW if raw else Form.QCOW2


def make_disk(options: Options, request: Request, commit: str, sink: Sink = silent) -> Disk:
    """Write the disk of a commit, unless it is there already.

    Raises ``NotBootable``, ``NotAFile``, ``DiskTooSmall``, ``DiskFull``, ``ToolMissing``,
    ``FileSystemFailed`` and what ``sysroot.create`` raises; no half of a disk stays.
    """
    begin = monotonic()
    opened = open_store(options, read_only=False)
    release = _release(opened, commit)
    path = _path(opened, request, release.node)
    url = request.update_url or opened.config.updates.url
    key = _key(request, release, url)
    records = opened.store.path / FOLDER / "records"
    if not request.is_again and (known := record.read(records, path, key)):
        return replace(known, is_unchanged=True, seconds=monotonic() - begin)
    _hold_sizes(opened, request, release)
    sink(RunPlanned(nodes=(path.name,)))
    sink(NodeStarted(node=path.name, reason=f"a disk of {release.node} {release.version}"))
    made = _Making(opened=opened, request=request, release=release, path=path, sink=sink)
    disk = replace(made.make(url), seconds=monotonic() - begin)
    record.write(records, disk, key)
    sink(
        NodeFinished(
            node=path.name,
            outcome=Outcome.BUILT,
            seconds=disk.seconds,
            size=disk.stored,
            commit=commit,
        )
    )
    return disk


def built_commit(report: Report, target: str) -> str:
    """Return the commit of what was asked for; a Systemfile is the last of its plan."""
    found = {node.node: node.commit for node in report.nodes}
    return found.get(target) or report.nodes[-1].commit


@dataclass(slots=True, kw_only=True)
class _Making:
    """Everything about one disk while it is made."""

    opened: Opened
    request: Request
    release: Release
    path: Path
    sink: Sink
    steps: int = 0

    def make(self, url: str | None) -> Disk:
        named = self._identity()
        kargs = (f"root=UUID={named.root_fs}", *self.request.kargs)
        wish = Wish(
            release=self.release,
            root_fs=self.request.root_fs,
            form=self.request.shape,
            size=self.request.size,
            esp_size=self.request.esp_size,
            identity=named,
        )
        home = self.opened.store.path / FOLDER
        with ExitStack() as stack:
            beside = work = stack.enter_context(workplace(self.path.parent))
            if not _is_same_file_system(home, self.path.parent):
                # Files of the tree are links to the store's, which go no further than its disk.
                work = stack.enter_context(workplace(home))
            tree = self._deploy(work, kargs, url)
            maker = Maker(wish=wish, work=beside, step=self._step)
            layout = maker.lay_out(tree)
            maker.make(tree, layout, self.path)
        return Disk(
            release=self.release,
            path=self.path,
            form=wish.form,
            layout=layout,
            stored=self.path.stat().st_blocks * 512,
            update_url=url,
            kargs=kargs,
        )

    def _deploy(self, work: Path, kargs: tuple[str, ...], url: str | None) -> Tree:
        from arkes_build.sysroot.create import create

        self._step("deploy the tree")
        with self.opened.store.lock(self._say_who_is_waited_for):
            created = create(
                work / "sysroot",
                repo=self.opened.repository,
                commit=self.release.commit,
                ref=self.release.ref,
                stateroot=STATEROOT,
                kargs=kargs,
                remote_url=url,
            )
        return Tree(root=created.root, esp=created.esp)

    def _identity(self) -> Identity:
        return (
            identity.random() if self.request.is_random else identity.derived(self.release.commit)
        )

    def _step(self, text: str) -> None:
        self.steps += 1
        self.sink(StepStarted(node=self.path.name, index=self.steps, total=STEPS, text=text))

    def _say_who_is_waited_for(self, holder: Holder | None) -> None:
        self.sink(Notice(message=f"waiting for the store: {holder or 'another run'} holds it"))


def _release(opened: Opened, commit: str) -> Release:
    about = opened.history(commit).commit(commit)
    if not about.kernel:
        raise NotBootable(about.node)
    return Release(
        node=about.node,
        ref=about.refs[0] if about.refs else opened.ref(about.node),
        commit=commit,
        version=about.version,
        timestamp=about.timestamp,
        arch=opened.arch,
    )


def _hold_sizes(opened: Opened, request: Request, release: Release) -> None:
    """Raise ``DiskTooSmall`` where the commit alone tells that it does not fit."""
    if request.size is None and request.esp_size is None:
        return
    history = opened.history(release.commit)
    about = history.commit(release.commit)
    view = View(history.trees, about.root)
    kernel = f"usr/lib/modules/{about.kernel}"
    booted = [view.file(f"{kernel}/{name}") for name in ("vmlinuz", "initramfs.img")]
    Needs.of(
        request.root_fs,
        root_bytes=least_occupied(history.trees, about.root),
        esp_bytes=sum(history.trees.size(one) for one in booted if one),
    ).hold(request.size, request.esp_size, what=release.node)


def _path(opened: Opened, request: Request, node: str) -> Path:
    name = f"{node}.{request.shape.value}"
    if request.output is None:
        return (opened.store.path / FOLDER / name).absolute()
    path = request.output.absolute()
    if path.is_dir():
        path = path / name
        if path.is_dir():
            raise NotAFile(path, why="it is a folder")
    must_be_writable(path)
    return path


def must_be_writable(output: Path) -> None:
    """See that a disk can be written at a place, or into it where it is a folder.

    Raises ``NotAFile``, ``DiskFull``. To be asked before anything is built for the disk.
    """
    folder = output if output.is_dir() else output.parent
    if output.exists() and not (output.is_file() or output.is_dir()):
        raise NotAFile(output, why="it is a device or another thing that is no file")
    if not folder.is_dir():
        raise NotAFile(output, why=f"there is no folder {folder}")
    try:
        with told(output, doing=f"writing {output.name}"):
            TemporaryFile(dir=folder).close()
    except OSError as error:
        why = f"nothing can be written in {folder} ({(error.strerror or 'unknown').lower()})"
        raise NotAFile(output, why=why) from error


def _key(request: Request, release: Release, url: str | None) -> str:
    wanted = asdict(replace(request, output=None, is_again=False))
    wanted |= {"form": request.shape.value, "root_fs": request.root_fs.value, "update_url": url}
    return digest(
        {"format": record.FORMAT, "version": __version__, "wish": wanted, "of": asdict(release)}
    )


def _is_same_file_system(one: Path, other: Path) -> bool:
    one.mkdir(parents=True, exist_ok=True)
    return one.stat().st_dev == other.stat().st_dev
