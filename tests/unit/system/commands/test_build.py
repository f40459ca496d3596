import json
from dataclasses import replace

import pytest

from arkes_build.core.events import Notice
from arkes_build.core.names import Arch, Family
from arkes_build.host import building
from arkes_build.host.building import Built
from arkes_build.host.machine import Host
from arkes_build.pipeline.ground import Ground
from arkes_build.plan.actions import Action, ActionType, Reason
from arkes_build.system import command as commands
from arkes_build.system.main import main

BUILT = Built(
    commit="ab" * 32,
    ref="local/x86_64/system",
    version="2026.11+local.2",
    base="cd" * 32,
    base_version="2026.11",
    key="ef" * 32,
    is_new=True,
    seconds=12.3,
)
GROUND = Ground(
    commit="cd" * 32,
    node="base",
    version="2026.11",
    epoch=0,
    family=Family.DEBIAN,
    arch=Arch.X86_64,
)


class _Deployments:
    def changing(self):
        from contextlib import nullcontext

        return nullcontext()


@pytest.fixture
def machine(tmp_path, monkeypatch):
    (tmp_path / "ostree/repo").mkdir(parents=True)
    (tmp_path / "ostree/repo/config").write_text("[core]\n")
    host = Host(root=tmp_path, uid=lambda: 0, opener=lambda host: _Deployments())

    def prepare(built=BUILT, *, uid=0, action=None):
        def build(host, base, sink):
            sink(Notice(message="builds run in a box"))
            return built

        monkeypatch.setattr(building, "base_of", lambda host: GROUND.commit)
        monkeypatch.setattr(building, "build_machine", build)
        monkeypatch.setattr(building, "plan_machine", lambda host, base: (action, GROUND))
        monkeypatch.setattr(commands, "make_host", lambda: replace(host, uid=lambda: uid))

    return prepare


def test_a_build_says_what_came_out_and_what_to_do_next(machine, capsys):
    machine()
    assert main(["build"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[-2:] == [
        "Built 2026.11+local.2 on 2026.11 in 12s: local/x86_64/system abababababab",
        "Nothing is deployed yet: `sudo os upgrade` brings it to the next boot.",
    ]


def test_a_build_with_nothing_to_do_says_so(machine, capsys):
    machine(replace(BUILT, is_new=False))
    assert main(["build"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == (
        "Nothing to build: 2026.11+local.2 is this Systemfile on 2026.11 (abababababab)."
    )


def test_json_is_events_and_then_the_build(machine, capsys):
    machine()
    assert main(["build", "--json"]) == 0
    notice, last = map(json.loads, capsys.readouterr().out.splitlines())
    assert notice["type"] == "notice"
    assert last == {
        "schema": 1,
        "type": "machine-build",
        "action": "build",
        "reasons": [],
        "base": BUILT.base,
        "base_version": "2026.11",
        "ref": BUILT.ref,
        "commit": BUILT.commit,
        "version": BUILT.version,
        "key": BUILT.key,
        "seconds": 12.3,
    }


def test_quiet_says_nothing(machine, capsys):
    machine()
    assert main(["build", "--quiet"]) == 0
    assert capsys.readouterr().out == ""


def test_only_root_builds_and_everybody_may_look(machine, capsys):
    reasons = (Reason(text="content changed", where="files/motd"),)
    action = Action(node="system", type=ActionType.BUILD, reasons=reasons, key="ef" * 32)
    machine(uid=1000, action=action)
    assert main(["build"]) == 26
    assert "needs root" in capsys.readouterr().err
    assert main(["build", "--plan"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "To be built on 2026.11 (cdcdcdcdcdcd):",
        "  files/motd: content changed",
    ]


def test_a_plan_with_nothing_to_do_and_as_json(machine, capsys):
    reasons = (Reason(text="unchanged since abababababab"),)
    action = Action(node="system", type=ActionType.REUSE, reasons=reasons, key="ef" * 32)
    machine(action=action)
    assert main(["build", "--plan"]) == 0
    assert capsys.readouterr().out == (
        "Nothing to build on 2026.11 (cdcdcdcdcdcd): unchanged since abababababab.\n"
    )
    assert main(["build", "--plan", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["action"], told["ref"], told["commit"]) == ("reuse", "local/x86_64/system", "")


def test_two_builds_at_once_are_refused(machine, capsys, tmp_path):
    from arkes_build.host.lock import held

    machine()
    with held(Host(root=tmp_path), doing="upgrade"):
        assert main(["build"]) == 19
    assert "`os upgrade`" in capsys.readouterr().err
