"""Move `arkes.lock` forward: ask each node's own package manager what it would install today."""

from __future__ import annotations

import re
import shlex
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from arkes_build.core.errors import ArkesError, ExitCode
from arkes_build.core.events import OutputLine
from arkes_build.engine.errors import BuildStepFailed
from arkes_build.engine.protocol import BuildRequest
from arkes_build.pipeline.lockmaking import finish, lock_of, open_sources
from arkes_build.project.lock_text import LockMissing
from arkes_build.project.lockfile import LOCK_FILE, NodeLock, PackageFile
from arkes_build.render.body import CACHE_FOLDER
from arkes_build.render.model import Rendered

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from arkes_build.core.events import Event, Sink
    from arkes_build.engine.protocol import Engine
    from arkes_build.pipeline.lockmaking import Sources
    from arkes_build.pipeline.options import Options
    from arkes_build.project.lockmoves import LockMade
    from arkes_build.project.model import ResolvedVariant

SCRIPT = "/usr/lib/system/list_updates"
_LINE = re.compile(
    r"arkes-update (?P<sign>[+?-]) (?P<name>\S+)"
    r"(?: (?P<version>\S+) (?P<arch>\S+) (?P<size>\d{1,15}) (?P<sha256>[0-9a-f]{64}) (?P<file>\S+)"
    r"(?P<security> security)?)?"
)


_NO_SUCH_PROGRAM = 127


class NotAsked(ArkesError):
    """Report that a node's image cannot tell what there is today."""

    exit_code = ExitCode.LOCKED

    def __init__(self, node: str) -> None:
        super().__init__(
            f"{node}: its image has no {SCRIPT}",
            resolution="the tree that ships brings it in overlay/rootfs; build the node again "
            "with that overlay",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a package manager would do: files that come, names that go, files of tools."""

    comes: tuple[PackageFile, ...] = ()
    goes: frozenset[str] = frozenset()
    tools: tuple[PackageFile, ...] = ()
    security: frozenset[str] = frozenset()

    def applied(self, node: NodeLock) -> NodeLock:
        """Return a node's packages after it."""
        new = {(one.name, one.arch): one for one in self.comes}
        kept = [
            one
            for one in node.packages
            if one.name not in self.goes and (one.name, one.arch) not in new
        ]
        newer = {one.name: one for one in self.tools}
        tools = {newer.get(one.name, one) for one in node.tools}
        return replace(
            node, packages=tuple(sorted([*kept, *new.values()])), tools=tuple(sorted(tools))
        )

    def only(self, names: Iterable[str]) -> Answer:
        """Return the part of it that is about packages of these names."""
        wanted = set(names)
        return replace(
            self,
            comes=tuple(one for one in self.comes if one.name in wanted),
            goes=self.goes & wanted,
        )


def parse(lines: Iterable[str]) -> Answer:
    """Return what ``list_updates`` printed; other lines are left out."""
    found = [match for line in lines if (match := _LINE.fullmatch(line.strip()))]
    files: dict[str, list[PackageFile]] = {"+": [], "?": []}
    for match in found:
        if match["sign"] in files and match["file"]:
            files[match["sign"]].append(
                PackageFile(
                    name=match["name"],
                    version=match["version"],
                    arch=match["arch"],
                    size=int(match["size"]),
                    sha256=match["sha256"],
                    file=match["file"],
                )
            )
    return Answer(
        comes=tuple(sorted(set(files["+"]))),
        goes=frozenset(m["name"] for m in found if m["sign"] == "-"),
        tools=tuple(sorted(set(files["?"]))),
        security=frozenset(m["name"] for m in found if m["security"]),
    )


def update(options: Options, nodes: Sequence[str] = (), *, engine: Engine, sink: Sink) -> LockMade:
    """Move the lock of the named nodes forward; of all that it has without any.

    Each node's image is asked in a build that is thrown away. A bootstrap has no script to
    ask: it takes what the first node on it says of its packages. What a node takes from
    elsewhere (images, ADD) is taken anew. With ``dry_run`` nothing is written. Raises
    ``LockMissing``, ``NotBuilt`` and ``NotAsked``.
    """
    sources = open_sources(options, nodes, digest=engine.digest)
    if not lock_of(sources.blueprint).target(*sources.key).nodes:
        raise LockMissing(sources.blueprint.project.root / LOCK_FILE)
    sources.require_built()
    now = {name: sources.locked(name) for name in sources.names}
    with tempfile.TemporaryDirectory(prefix="arkes-update-") as logs:
        asker = _Asker(sources=sources, engine=engine, sink=sink, logs=Path(logs))
        answers = {name: asker.ask(name, now[name]) for name in sources.names}
    made = {name: _moved(sources, name, now[name], answers) for name in sources.names}
    security = {name for answer in answers.values() if answer for name in answer.security}
    return finish(sources, made, is_dry=options.dry_run, security=security)


def _moved(
    sources: Sources, name: str, now: NodeLock, answers: Mapping[str, Answer | None]
) -> NodeLock:
    answer = answers[name]
    if answer is None:
        graph = sources.blueprint.graph
        above = (answers[other] for other in sources.names if graph.node(other).parent == name)
        heard = next((found for found in above if found is not None), Answer())
        answer = heard.only(one.name for one in now.packages)
    return answer.applied(now)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asker:
    sources: Sources
    engine: Engine
    sink: Sink
    logs: Path

    def ask(self, name: str, now: NodeLock) -> Answer | None:
        """Return what a node's package manager says; None for a bootstrap, which has no script.

        Raises ``NotAsked``.
        """
        node = self.sources.blueprint.graph.node(name)
        if node.bootstrap is not None:
            return None
        if not now.packages:
            return Answer()
        lines: list[str] = []

        def hear(event: Event) -> None:
            if isinstance(event, OutputLine):
                lines.append(event.text)
            self.sink(event)

        text = _question(node, self.sources.state.records[name].image, now)
        request = BuildRequest(
            rendered=Rendered(node=name, text=text, own=text),
            context=None,
            arch=node.arch,
            epoch=self.sources.blueprint.project.config.project.epoch,
            log=self.logs / f"{name}.log",
            no_cache=True,
            keeps_steps=False,
        )
        try:
            self.engine.build(request, hear)
        except BuildStepFailed as error:
            if error.code == _NO_SUCH_PROGRAM:
                raise NotAsked(name) from error
            raise
        return parse(lines)


def _question(node: ResolvedVariant, image: str, now: NodeLock) -> str:
    tools = sorted({one.name for one in now.tools if not one.is_built})
    words = " ".join(shlex.quote(one) for one in (SCRIPT, *tools))
    cache = f"{CACHE_FOLDER},id=arkes-{node.family.value}-{node.arch.value}"
    return f"FROM sha256:{image}\nRUN --mount=type=cache,target={cache} {words}\n"
