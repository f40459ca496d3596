"""The Tab key knows the deployments of this machine, and is silent where there are none."""

import pytest

from arkes_build.host.machine import Host
from arkes_build.system import command
from arkes_build.system.group import PROGRAM
from arkes_build.system.main import main


class Listing:
    """Play a sysroot that has a list of deployments."""

    def __init__(self, deployments):
        self._list = deployments

    def deployments(self):
        return self._list


def suggestions(monkeypatch, capsys, *words):
    monkeypatch.setenv(PROGRAM.variable, "bash_complete")
    monkeypatch.setenv("COMP_WORDS", " ".join(words))
    monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
    assert main() == 0
    return [line for line in capsys.readouterr().out.splitlines() if line]


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        pytest.param(("os", "re"), ["plain,revert", "plain,rebase"], id="commands"),
        pytest.param(("os", "kargs", "--de"), ["plain,--delete"], id="options"),
        pytest.param(
            ("os", "pin", ""),
            ["plain,running", "plain,previous", "plain,1.2", "plain,1.1"],
            id="deployments",
        ),
        pytest.param(("os", "deploy", "1.1"), ["plain,1.1"], id="a version"),
        pytest.param(("os", "boot", "sy"), ["plain,sync"], id="a step that no list shows"),
    ],
)
def test_what_may_come_next(monkeypatch, capsys, tmp_path, make_deployment, words, answer):
    listed = (make_deployment("1.2", is_booted=True), make_deployment("1.1", index=1))
    host = Host(root=tmp_path, opener=lambda _host: Listing(listed))
    monkeypatch.setattr(command, "make_host", lambda: host)
    assert suggestions(monkeypatch, capsys, *words) == answer


def test_where_nothing_is_deployed_nothing_is_said(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(command, "make_host", lambda: Host(root=tmp_path))
    assert suggestions(monkeypatch, capsys, "os", "pin", "") == []
    assert capsys.readouterr().err == ""
