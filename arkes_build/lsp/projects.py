"""Look at a whole project in the background, again and again, as its texts change."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from arkes_build.core.errors import ArkesError
from arkes_build.core.names import Arch, machine_arch
from arkes_build.project.errors import ConfigError
from arkes_build.project.inspection import survey
from arkes_build.project.loader import FOLDERS

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.core.names import Family
    from arkes_build.lsp.documents import Document
    from arkes_build.project.inspection import Survey
    from arkes_build.project.known import Known
    from arkes_build.project.model import Expansion

PAUSE = 0.25
"""How long nobody must have typed before the whole project is looked at, in seconds.

A little more than lies between two keys of somebody who types, whose keypresses would have
to share the processor with it.
"""

KnownReader = Callable[[Path], "Mapping[str, Known]"]
"""Returns what earlier builds of a project tell, by the node's name."""

log = logging.getLogger(__name__)


class Outdated(Exception):
    """Say that somebody has typed: what is being worked out is wanted no more."""


class ProjectState:
    """What is known of one project: the last look at it, and the last one without errors."""

    def __init__(self, root: Path, executor: Executor, known: KnownReader) -> None:
        self.root = root
        self.documents: dict[Path, Document] = {}
        """The open ones that belong here, newest version, by path."""
        self.survey: Survey | None = None
        self.expansions: dict[Family, Expansion] = {}
        """The last good ones: they outlive a text that is wrong for a while."""
        self.known: Mapping[str, Known] = {}
        self.findings: tuple[Diagnostic, ...] = ()
        self.seen: dict[Path, str] = {}
        """The texts that ``findings`` are about."""
        self.looked_at = asyncio.Event()
        """Set once the project was looked at for the first time."""
        self._wanted = 0
        self._executor = executor
        self._known_reader = known
        self._task: asyncio.Task[None] | None = None

    def changed(self, then: Callable[[ProjectState], None]) -> None:
        """Look at the project again as soon as nobody types, and call ``then``."""
        self._wanted += 1
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._look(then))

    def stop(self) -> None:
        """Let the thread that is at work find out that nobody waits."""
        self._wanted += 1
        if self._task is not None:
            self._task.cancel()

    async def _look(self, then: Callable[[ProjectState], None]) -> None:
        done = -1
        loop = asyncio.get_running_loop()
        while done != self._wanted:
            wanted = self._wanted
            if self.looked_at.is_set():
                await asyncio.sleep(PAUSE)
            if wanted != self._wanted:
                continue
            texts = {path: document.ruler.text for path, document in self.documents.items()}
            try:
                await loop.run_in_executor(self._executor, self._inspect, texts, wanted)
            except Outdated:
                continue
            except Exception:
                log.exception("cannot look at the project in %s", self.root)
            done = wanted
            self.seen = texts
            self.looked_at.set()
            then(self)

    def _inspect(self, texts: Mapping[Path, str], wanted: int) -> None:
        """Look at the project for all its families; runs in a thread of its own."""

        def beat() -> None:
            # the first look is for whoever asks what a name stands for: it goes to its end
            if self._wanted != wanted and self.looked_at.is_set():
                raise Outdated

        try:
            self.known = self._known_reader(self.root)
            seen = survey(
                self.root,
                arch=machine(),
                systemfiles=sorted(path for path in texts if is_system(path, self.root)),
                texts=texts,
                known=self.known,
                beat=beat,
            )
        except ConfigError as error:
            self.findings = error.diagnostics
        except ArkesError as error:
            log.warning("%s: %s", self.root, error)
            self.findings = ()
        else:
            self.findings = seen.findings
            self.survey = seen
            good = {f: found for f, found in seen.expansions.items() if found is not None}
            self.expansions = {**self.expansions, **good}


def is_system(path: Path, root: Path) -> bool:
    """Tell whether an open file is a leaf of the graph: no variant, no template."""
    is_named_so = path.name.endswith(("Systemfile", "Containerfile"))
    is_own = path.parent in (root / folder for folder in FOLDERS.values())
    return is_named_so and not is_own and path.is_file()


def machine() -> Arch:
    """Return the architecture that is looked at: this machine's, if it is one of ours."""
    try:
        return machine_arch()
    except ValueError:
        return Arch.X86_64
