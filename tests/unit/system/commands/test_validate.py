import json

import pytest

from arkes_build.core.errors import ExitCode
from arkes_build.host.machine import Host
from arkes_build.system import command
from arkes_build.system.main import main


@pytest.fixture
def machine(tmp_path, monkeypatch):
    for name, code in {"10-well": 0, "20-unwell": 1}.items():
        path = tmp_path / "usr/lib/system/validate.d" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\nexit {code}\n")
        path.chmod(0o755)
    host = Host(root=tmp_path, clock=lambda: 1, uid=lambda: 0)
    monkeypatch.setattr(command, "make_host", lambda: host)


@pytest.mark.usefixtures("machine")
@pytest.mark.parametrize(
    ("words", "results", "code"),
    [
        pytest.param((), ["passed", "failed"], ExitCode.BOOT, id="all of them"),
        pytest.param(("10-well",), ["passed"], ExitCode.OK, id="one of them"),
        pytest.param(("--list",), ["not-run", "not-run"], ExitCode.OK, id="a list"),
    ],
)
def test_the_document_has_each_check(capsys, words, results, code):
    assert main(["validate", *words, "--json"]) == code
    told = json.loads(capsys.readouterr().out)
    assert (told["type"], told["exit_code"]) == ("machine-checks", code)
    assert [each["result"] for each in told["checks"]] == results


@pytest.mark.usefixtures("machine")
def test_a_list_is_their_names(capsys):
    assert main(["validate", "--list"]) == ExitCode.OK
    assert capsys.readouterr().out == "10-well\n20-unwell\n"
