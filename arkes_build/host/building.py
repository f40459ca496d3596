"""Build the machine's own Systemfile on a release, and commit the result into its repository.

What comes out is a release of the machine's own, under ``local/ARCH/NAME``: the tree of the
release below and what the Systemfile changes, ready to be deployed. It says of itself what it
stands on. When anything fails, no ref has moved and nothing was deployed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from arkes_build.core.errors import ArkesError, ExitCode
from arkes_build.core.events import silent
from arkes_build.host import journal, records
from arkes_build.host.status import default_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from arkes_build.core.events import Sink
    from arkes_build.engine.protocol import Engine
    from arkes_build.host.machine import Host
    from arkes_build.pipeline.ground import Ground
    from arkes_build.pipeline.local import LocalBuild, LocalBuilt
    from arkes_build.plan.actions import Action
    from arkes_build.store.repository import Repository

LOCAL = "local"
"""First part of the refs of a machine's own releases."""
FOLDER = "arkes-build"
"""Below ``/ostree``: the store, and the release below as podman wants it."""
BASE, BASE_VERSION = "arkes.base", "arkes.base-version"
"""What a release of the machine's own says of the one it stands on."""

_COUNTED = re.compile(r"(.*)\+local\.(\d{1,9})", re.DOTALL)


class NoSystemfile(ArkesError):
    """Report a machine without a Systemfile of its own."""

    exit_code = ExitCode.SYSTEM

    def __init__(self, path: Path) -> None:
        super().__init__(
            "this machine has no Systemfile of its own",
            details=f"there is no {path}",
            resolution="`os edit` begins one; without it `os upgrade` takes releases as they are",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A release of the machine's own.

    ``is_new`` when something was built just now; ``seconds`` is how long all of it took,
    ``prepared`` how much of that went into making the release below ready for podman.
    """

    commit: str
    ref: str
    version: str
    base: str
    base_version: str
    key: str
    is_new: bool
    seconds: float
    prepared: float = 0.0


def has_systemfile(host: Host) -> bool:
    """Tell whether this machine has a system of its own to build."""
    return host.systemfile.is_file()


def base_of(host: Host) -> str:
    """Return the commit that the machine's Systemfile stands on now.

    It is the release that boots next, or what that one stands on when it was built here.
    Raises ``NothingDeployed``.
    """
    from arkes_build.store.repository import Repository

    commit = default_of(host.sysroot().deployments()).checksum
    repository = Repository.open(host.repo, create=False)
    return repository.tell(commit, (BASE,), "").words[BASE] or commit


def plan_machine(host: Host, base_commit: str) -> tuple[Action, Ground]:
    """Return what ``build_machine`` would do, and the release it would stand on.

    Changes nothing. Raises what is wrong with the Systemfile (``SourceError``,
    ``BaseDiffers``), ``NoSystemfile`` and ``BaseUnfit``.
    """
    build, ground, _repository = _opened(host, base_commit, silent, None)
    return build.plan(), ground


def build_machine(
    host: Host,
    base_commit: str,
    sink: Sink = silent,
    *,
    start: Callable[[Path], Engine] | None = None,
) -> Built:
    """Build the machine's Systemfile on a commit of its repository, unless that is done.

    Nothing is deployed. With the same commit and the same files nothing is built, and the
    release of the last time is returned. ``sink`` hears how it goes; ``start`` makes the
    engine, podman by default. Whoever calls holds the machine's lock and may write to the
    repository. Raises what ``plan_machine`` raises, ``BuildStepFailed`` and its kinds for a
    step that failed, and what podman and the repository have to say.
    """
    begin = host.clock()
    try:
        build, ground, repository = _opened(host, base_commit, sink, start)
        made = build.build()
        built = _released(repository, build, ground, made)
    except ArkesError as error:
        _tell_failure(host, base_commit, error, host.clock() - begin)
        raise
    if built.is_new:
        _tell(host, built)
    return built


def ref_of(build: LocalBuild) -> str:
    """Return the ref of a machine's own release: ``local/ARCH/NAME``."""
    return f"{LOCAL}/{build.node.arch.value}/{build.node.name}"


def _opened(
    host: Host, commit: str, sink: Sink, start: Callable[[Path], Engine] | None
) -> tuple[LocalBuild, Ground, Repository]:
    from arkes_build.pipeline.ground import ground
    from arkes_build.pipeline.local import LocalBuild, Site
    from arkes_build.store.repository import Repository

    if not has_systemfile(host):
        raise NoSystemfile(host.systemfile)
    repository = Repository.open(host.repo, create=False)
    below = ground(repository, commit)
    site = Site(
        systemfile=host.systemfile,
        folder=_folder(host),
        repository=host.repo.resolve(),
        run=host.run / FOLDER,
    )
    return LocalBuild(site, below, sink, start=start), below, repository


def _folder(host: Host) -> Path:
    """Return the folder of builds, beside the repository.

    Not below ``/var``: that is a mount of its own, where it appears below ``/sysroot`` too,
    and there are no hard links from one mount to another.
    """
    return host.repo.resolve().parent / FOLDER


def _released(repository: Repository, build: LocalBuild, ground: Ground, made: LocalBuilt) -> Built:
    """Commit what was built as the machine's own release, unless its ref has it already."""
    ref = ref_of(build)
    before = repository.head(ref)
    words = {BASE: ground.commit, BASE_VERSION: ground.version, "arkes.key": made.record.key}
    told: dict[str, str] = {}
    if before:
        told = dict(repository.tell(before, (*words, "version"), "").words)
    is_same = all(told.get(name) == value for name, value in words.items()) and (
        repository.content_checksum(before) == repository.content_checksum(made.record.commit)
    )
    version = told["version"] if is_same else next_version(ground.version, told.get("version", ""))
    commit = before
    if not is_same:
        commit = repository.restate(ref, made.record.commit, version=version, words=words)
    return Built(
        commit=commit,
        ref=ref,
        version=version,
        base=ground.commit,
        base_version=ground.version,
        key=made.record.key,
        is_new=not is_same,
        seconds=round(made.seconds, 3),
        prepared=round(made.prepared, 3),
    )


def next_version(base: str, last: str) -> str:
    """Return what the next release of the machine's own on ``base`` is called.

    ``2026.11+local.1``, then ``.2``; a new base begins anew.
    """
    counted = _COUNTED.fullmatch(last)
    number = int(counted[2]) + 1 if counted and counted[1] == base else 1
    return f"{base}+local.{number}"


def _tell(host: Host, built: Built) -> None:
    records.append(
        host,
        action="build",
        before=built.base,
        after=built.commit,
        version=built.version,
        ref=built.ref,
        seconds=built.seconds,
    )
    journal.send(
        host,
        journal.Message.MACHINE_BUILT,
        f"Built {built.version} of this machine's Systemfile",
        priority=journal.Priority.NOTICE,
        version=built.version,
        commit=built.commit,
        base=built.base,
    )


def _tell_failure(host: Host, base: str, error: ArkesError, seconds: float) -> None:
    if isinstance(error, NoSystemfile):
        return
    records.append(
        host,
        action="build",
        result=error.exit_code.name.lower().replace("_", "-"),
        before=base,
        seconds=seconds,
        detail=error.brief,
    )
    journal.send(
        host,
        journal.Message.BUILD_FAILED,
        f"This machine's Systemfile could not be built: {error.brief}",
        priority=journal.Priority.ERROR,
        base=base,
    )
