"""While a machine boots, the last line of its console is told, each once."""

import threading

from arkes_build.core.events import OutputLine
from arkes_build.trial import watching as module
from arkes_build.trial.watching import watching


def test_each_new_last_line_is_told_once(machine, monkeypatch):
    monkeypatch.setattr(module, "EVERY_SECONDS", 0.001)
    told, both = [], threading.Event()

    def hear(event):
        told.append(event)
        if len(told) == 1:
            machine.console += "\x1b[32mStarting b...\x1b[0m\r\n"
        else:
            both.set()

    machine.console = "Starting a...\r\n"
    with watching(machine, hear, "base"):
        assert both.wait(10)
    assert told == [
        OutputLine(node="base", text="Starting a..."),
        OutputLine(node="base", text="Starting b..."),
    ]
    assert "console" not in {thread.name for thread in threading.enumerate()}
