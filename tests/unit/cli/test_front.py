"""The front ends in an orderly way, whoever ends it."""

import os
import signal

import pytest

from arkes_build.cli import front
from arkes_build.cli.main import main
from arkes_build.cli.settings import Settings
from arkes_build.core.errors import ExitCode


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=["SIGTERM", "SIGHUP"])
def test_a_signal_is_an_interruption(fake, capsys, monkeypatch, number):
    before = signal.getsignal(number)
    monkeypatch.setattr(fake, "build", lambda _targets: os.kill(os.getpid(), number))
    assert main(["all"]) == ExitCode.INTERRUPTED
    assert capsys.readouterr().err.startswith("error: interrupted\n")
    assert fake.is_closed
    assert signal.getsignal(number) is before


def test_the_pipeline_is_closed_after_every_end(fake):
    with pytest.raises(RuntimeError), front.pipeline(Settings()):
        raise RuntimeError
    assert fake.is_closed
