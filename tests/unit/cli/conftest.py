"""A pipeline that plays a part: no project, no engine, no store."""

import time
from dataclasses import dataclass, field

import pytest

from arkes_build.cli import front
from arkes_build.core.events import silent


@dataclass
class FakePipeline:
    """Play events, then return or raise what the test wants."""

    events: tuple = ()
    report: object = None
    the_plan: object = None
    the_refs: tuple = ()
    rendered: object = None
    findings: tuple = ()
    trouble: BaseException | None = None
    pause: float = 0.0
    options: object = None
    sink: object = silent
    asked: list = field(default_factory=list)
    is_closed: bool = False

    def _answer(self, asked, answer):
        self.asked.append(asked)
        for event in self.events:
            self.sink(event)
            time.sleep(self.pause)
        if self.trouble is not None:
            raise self.trouble
        return answer

    def build(self, targets=()):
        return self._answer(("build", tuple(targets)), self.report)

    def plan(self, targets=()):
        return self._answer(("plan", tuple(targets)), self.the_plan)

    def graph(self, targets=()):
        return self._answer(("graph", tuple(targets)), self.the_graph)

    def left_out(self):
        return ()

    def render(self, node):
        return self._answer(("render", node), self.rendered)

    def check(self, files=()):
        return self._answer(("check", tuple(files)), self.findings)

    def refs(self):
        return self._answer(("refs",), self.the_refs)

    def close(self):
        self.is_closed = True


@pytest.fixture
def fake(monkeypatch):
    """Return the pipeline that the command line will open."""
    player = FakePipeline()

    def make(options, sink):
        player.options, player.sink = options, sink
        return player

    monkeypatch.setattr(front, "make_pipeline", make)
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "ARKES_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    return player
