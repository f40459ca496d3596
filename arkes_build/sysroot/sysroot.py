"""Change what a machine boots: deploy, stage, choose, undeploy; the boot menu follows each change.

libostree changes its own list in one step. What it would delete with it stays until the menu no
longer leads there: the list first, then the menu (``esp``), then the cleanup.
"""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arkes_build.core.errors import ArkesError
from arkes_build.store.binding import binding
from arkes_build.sysroot import kargs as arguments
from arkes_build.sysroot.errors import (
    CannotUndeploy,
    EspUnusable,
    KernelMissing,
    NoSuchDeployment,
    NotDeployed,
    NothingBooted,
    SysrootBusy,
)
from arkes_build.sysroot.esp import Synced, sync
from arkes_build.sysroot.listing import key_file, listed
from arkes_build.sysroot.trouble import told

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from arkes_build.sysroot.model import Deployment, Origin

MACHINE = Path("/")
ESP = Path("/efi")
PARTITION = Path("/dev/disk/by-partlabel/esp")
"""What a machine has to mount there; one that was started without firmware may have none."""
STATEROOT = "arkes"
_PATIENCE = 30.0
"""Seconds to wait for another program's lock."""
_PAUSE = 0.2


class Sysroot:
    """The deployments of a machine, or of a plain folder; ``esp`` is None when there is none."""

    def __init__(self, path: Path, sysroot: Any, esp: Path | None) -> None:
        self._path = path
        self.esp = esp
        self._sysroot = sysroot
        self._depth = 0
        self._is_private = False

    @classmethod
    def open(cls, path: Path = MACHINE, *, esp: Path | None = None) -> Sysroot:
        """Open a sysroot to read it; without ``esp`` the machine's own is taken for ``/``.

        Raises ``NotDeployed``, ``ToolMissing``.
        """
        if not (path / "ostree/deploy").is_dir():
            raise NotDeployed(path)
        if esp is None and path == MACHINE and (ESP / "loader").is_dir():
            esp = ESP
        modules = binding()
        sysroot = modules.ostree.Sysroot.new(modules.gio.File.new_for_path(str(path)))
        with told(path, doing="reading the deployments"):
            sysroot.load(None)
        return cls(path, sysroot, esp)

    @property
    def path(self) -> Path:
        """Return the root of the file system that the deployments are on."""
        return self._path

    @property
    def repo_path(self) -> Path:
        """Return the folder of the repository."""
        return self._path / "ostree/repo"

    @property
    def repo(self) -> Any:
        """Return the repository (``OSTree.Repo``)."""
        return self._sysroot.repo()

    @property
    def booted(self) -> Deployment | None:
        """Return the deployment that is running; None when it is none of these."""
        return next((each for each in self.deployments() if each.is_booted), None)

    def deployments(self) -> tuple[Deployment, ...]:
        """Return all deployments, the default first."""
        with told(self._path, doing="reading the deployments"):
            self._sysroot.load_if_changed(None)
            return listed(self._sysroot, self._path, self.esp)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Hold libostree's lock, with the file systems writable for this process alone.

        A block within a block belongs to the outer one. Raises ``SysrootBusy``, and
        ``EspUnusable`` on a machine whose boot menu could not follow.
        """
        if self.esp is None and self._path == MACHINE and PARTITION.exists():
            raise EspUnusable(ESP, why="it is not mounted")
        if not self._depth:
            self._acquire()
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            if not self._depth:
                self._sysroot.unlock()

    def sync(self, *, anew: Sequence[Deployment] = ()) -> Synced:
        """Bring the boot menu to what the deployments are; see ``esp.sync``.

        Raises ``EspUnusable`` too, when the menu is out of reach.
        """
        if self.esp is None:
            return Synced(written=(), removed=(), refused=())
        try:
            return sync(self, self.esp, anew=[(each.checksum, each.serial) for each in anew])
        except OSError as error:
            raise EspUnusable(self.esp, why=str(error.strerror)) from error

    def stage(
        self, commit: str, *, origin: Origin, kargs: Sequence[str] | None = None
    ) -> Deployment:
        """Deploy a commit beside the running system, to be finished when it shuts down.

        Until then edits of ``/etc`` still come along. Its kernel is brought to the ESP now,
        so that one that does not fit is refused now: raises ``EspFull``, ``KernelMissing``,
        ``DiskFull``, with no deployment left. Raises ``NothingBooted`` elsewhere.
        """
        with self.changing():
            with self._or_as_before():
                booted = self._sysroot.get_booted_deployment()
                if booted is None:
                    raise NothingBooted(self._path)
                self._must_boot(commit)
                self._prefer(booted)
                name = booted.get_osname()
                merge = self._sysroot.get_merge_deployment(name)
                wanted = self._arguments(commit, merge, kargs)
                with told(self._path, doing="staging a deployment"):
                    self._sysroot.stage_tree(name, commit, key_file(origin), merge, wanted, None)
                made = self._offered(commit)
            return self._cleaned(made)

    def deploy(
        self,
        commit: str,
        *,
        origin: Origin,
        kargs: Sequence[str] | None = None,
        stateroot: str | None = None,
    ) -> Deployment:
        """Deploy a commit at once and make it the default; what is neither running nor kept goes.

        On a running system ``stage`` is the better way: this takes ``/etc`` as it is now.
        """
        with self.changing():
            with self._or_as_before():
                self._must_boot(commit)
                name = stateroot or self._stateroot()
                if (booted := self._sysroot.get_booted_deployment()) is not None:
                    self._prefer(booted)
                merge = self._sysroot.get_merge_deployment(name)
                with told(self._path, doing="deploying"):
                    tree = self._sysroot.deploy_tree(
                        name,
                        commit,
                        key_file(origin),
                        merge,
                        self._arguments(commit, merge, kargs),
                        None,
                    )[1]
                    flags = binding().ostree.SysrootSimpleWriteDeploymentFlags.NO_CLEAN
                    self._sysroot.simple_write_deployment(name, tree, merge, flags, None)
                made = self._offered(commit)
            return self._cleaned(made)

    def set_default(self, deployment: Deployment) -> None:
        """Let a deployment boot next, those before it after it; it gets its tries again.

        A staged deployment is given up: it would become the default at shutdown.
        """
        with self.changing():
            found = [each for each in self._all() if not each.is_staged()]
            chosen = self._find(deployment)
            self._write([chosen, *(each for each in found if not each.equal(chosen))])
            tired = [deployment] if deployment.tries == 0 else []
            self.sync(anew=tired)
            self.clean()

    def undeploy(self, deployment: Deployment) -> None:
        """Remove a deployment; raises ``CannotUndeploy`` for the running one and the only one."""
        if deployment.is_booted:
            raise CannotUndeploy(deployment.checksum, why="it is running")
        with self.changing():
            gone = self._find(deployment)
            left = [each for each in self._all() if not each.equal(gone)]
            if not left:
                raise CannotUndeploy(deployment.checksum, why="it is the only one")
            stays = [each for each in left if not each.is_staged()]
            if stays and deployment.tries != 0:
                self._prefer(stays[0])
            self._write(left)
            self.sync()
            self.clean()

    def pin(self, deployment: Deployment, on: bool) -> None:  # noqa: FBT001 - pin(it, True) reads as it is
        """Keep a deployment whatever is deployed after it, or no longer."""
        with self.changing(), told(self._path, doing="pinning a deployment"):
            self._sysroot.deployment_set_pinned(self._find(deployment), on)

    def clean(self) -> None:
        """Delete what no deployment needs any more, in the repository too.

        With an empty list nothing is deleted: to libostree nothing would be needed.
        """
        with self.changing(), told(self._path, doing="cleaning up"):
            if self._all():
                self._sysroot.cleanup(None)

    def _offered(self, commit: str) -> str:
        """Let the menu follow, and return the new deployment's name; raises ``KernelMissing``."""
        made = next(each for each in self.deployments() if each.checksum == commit)
        for refused in self.sync().refused:
            if (refused.checksum, refused.serial) == (made.checksum, made.serial):
                raise KernelMissing(made.checksum, why=refused.why)
        return made.name

    def _cleaned(self, name: str) -> Deployment:
        """Let the disk follow, which nothing brings back; return the deployment with a name."""
        self.clean()
        return next(each for each in self.deployments() if each.name == name)

    @contextmanager
    def _or_as_before(self) -> Iterator[None]:
        """Let the list, a staged deployment in it too, be as before when the block fails.

        Nothing of it may have been deleted: what deletes comes after the block.
        """
        before = self._all()
        try:
            yield
        except BaseException:
            with suppress(ArkesError):
                self._bring_back(before)
                self.clean()
            raise

    def _bring_back(self, before: Sequence[Any]) -> None:
        """Set the list that was; what was staged is staged once more where another took its place.

        libostree says of a tree that it is staged before it has done all, and leaves it then.
        """
        now = {_identity(each): each for each in self._all()}
        if list(now) == [_identity(each) for each in before]:
            return
        # To libostree the running one is a certain object: that of the list it read last.
        self._write([now.get(_identity(each), each) for each in before if not each.is_staged()])
        for each in before:
            if each.is_staged():
                name, config = each.get_osname(), each.get_bootconfig()
                wanted = arguments.without_ostree(config.get("options") or "")
                merge = self._sysroot.get_merge_deployment(name)
                with told(self._path, doing="staging once more what was staged"):
                    self._sysroot.stage_tree(
                        name, each.get_csum(), each.get_origin(), merge, wanted, None
                    )
        self.sync()

    def _prefer(self, kept: Any) -> None:
        """Make one that stays the first choice, before the one that is may leave the list.

        libostree refuses to work on a system that runs from a deployment it does not list,
        and after a power cut the menu would start just that.
        """
        found = self._all()
        staged = [each for each in found if each.is_staged()]
        done = [each for each in found if not each.is_staged()]
        if self.esp is not None and not done[0].equal(kept):
            self._write([*staged, kept, *(each for each in done if not each.equal(kept))])
            self.sync()

    def _must_boot(self, commit: str) -> None:
        """Raise ``KernelMissing`` for a release that no boot menu could offer."""
        from arkes_build.store.trees import CommittedTree
        from arkes_build.sysroot import kernels

        if self.esp is not None:
            with told(self._path, doing="looking for the release's kernel"):
                kernels.must_boot(CommittedTree(self.repo, commit), commit=commit)

    def _arguments(self, commit: str, merge: Any, given: Sequence[str] | None) -> list[str]:
        """Return the kernel arguments of a new deployment: those given, or the old one's.

        What the new image asks for instead of the old is changed in those.
        """
        if given is not None:
            return list(given)
        after = arguments.of_commit(self.repo, commit)
        if merge is None:
            return [*arguments.DEFAULT, *after]
        config = merge.get_bootconfig()
        present = arguments.without_ostree(config.get("options") or "") if config else ()
        before = arguments.of_commit(self.repo, merge.get_csum())
        return arguments.merged(present, before=before, after=after)

    def _stateroot(self) -> str:
        """Return the stateroot of what runs, else of the default."""
        found = [self._sysroot.get_booted_deployment(), *self._all()]
        return next((str(each.get_osname()) for each in found if each), STATEROOT)

    def _write(self, deployments: Sequence[Any]) -> None:
        """Set libostree's list; nothing is deleted yet."""
        ostree = binding().ostree
        options = ostree.SysrootWriteDeploymentsOpts()
        options.do_postclean = False
        with told(self._path, doing="writing the list of deployments"):
            self._sysroot.write_deployments_with_options(list(deployments), options, None)

    def _all(self) -> list[Any]:
        self._sysroot.load_if_changed(None)
        return list(self._sysroot.get_deployments())

    def _find(self, deployment: Deployment) -> Any:
        wanted = (deployment.stateroot, deployment.checksum, deployment.serial)
        for each in self._all():
            if _identity(each)[:3] == wanted:
                return each
        raise NoSuchDeployment(deployment.name)

    def _acquire(self) -> None:
        with told(self._path, doing="locking the deployments"):
            if self._path == MACHINE and not self._is_private:
                self._reopen()
            until = time.monotonic() + _PATIENCE
            while not self._sysroot.try_lock()[1]:
                if time.monotonic() > until:
                    raise SysrootBusy(self._path)
                time.sleep(_PAUSE)

    def _reopen(self) -> None:
        """Open the machine's sysroot in a mount namespace, where libostree makes it writable.

        The first object makes the namespace and keeps descriptors of the old one; only what is
        opened after it sees a writable repository. Whoever writes into the repository by its
        path does so inside ``changing`` for the same reason.
        """
        modules = binding()
        folder = modules.gio.File.new_for_path(str(self._path))
        modules.ostree.Sysroot.new(folder).initialize_with_mount_namespace(None)
        sysroot = modules.ostree.Sysroot.new(folder)
        sysroot.set_mount_namespace_in_use()
        sysroot.load(None)
        self._sysroot = sysroot
        self._is_private = True


def _identity(each: Any) -> tuple[str, str, int, bool]:
    """Return what a deployment of libostree's is known by, from one reading to the next."""
    return each.get_osname(), each.get_csum(), each.get_deployserial(), bool(each.is_staged())
