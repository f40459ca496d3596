"""`size` and `log`, from the words of the command line to what is printed."""

import json
from types import SimpleNamespace

import pytest

from arkes_build.cli.main import main
from arkes_build.core.errors import ExitCode
from arkes_build.history.log import Log, Release, Told
from arkes_build.history.sizes import Sizes, Spending
from arkes_build.pipeline import log as logs
from arkes_build.pipeline import sizes
from arkes_build.project.settings import Budget


@pytest.fixture
def spending(monkeypatch):
    asked = []

    def answer(options, name):
        asked.append(name)
        return Spending(
            name=name,
            about=SimpleNamespace(checksum="ab" * 32, node="base", version="1.0"),
            sizes=Sizes(files={"/usr/bin/x": 10}, packages={"/usr/bin/x": "p"}, lines={}),
            budget=Budget(),
            update=None,
        )

    monkeypatch.setattr(sizes, "spending", answer)
    return asked


def test_size_prints_tables(spending, capsys):
    assert main(["size", "base~2"]) == ExitCode.OK
    assert capsys.readouterr().out.startswith("base 1.0 abababababab: 10 B in 1 file\n")
    assert spending == ["base~2"]


def test_size_speaks_json(spending, capsys):
    assert main(["size", "base", "--json"]) == ExitCode.OK
    assert json.loads(capsys.readouterr().out)["packages"] == [
        {"name": "p", "brief": "", "files": 1, "bytes": 10}
    ]


def test_size_writes_a_page_and_says_where(spending, capsys, tmp_path):
    page = tmp_path / "new" / "sizes.html"
    assert main(["size", "base", "--html", str(page)]) == ExitCode.OK
    assert capsys.readouterr().out == f"{page} shows it.\n"
    assert page.read_text().startswith("<!doctype html>")


def test_a_page_that_cannot_be_written_is_no_bug(spending, capsys):
    assert main(["size", "base", "--html", "/proc/none/sizes.html"]) == ExitCode.PROJECT
    assert "/proc/none/sizes.html" in capsys.readouterr().err


@pytest.fixture
def log(monkeypatch):
    asked = []
    release = Release(
        commit="ab" * 32,
        parent=None,
        node="base",
        version="1.0",
        timestamp=0,
        kernel="",
        packages=0,
        signers=(),
        is_pinned=False,
        bytes=0,
        told=Told.FIRST,
        since=None,
    )

    def answer(options, name, count):
        asked.append((name, count))
        return Log(name=name, releases=(release,), is_cut=False, oldest_parent=None)

    monkeypatch.setattr(logs, "releases", answer)
    return asked


@pytest.mark.parametrize(
    ("words", "asked", "last"),
    [
        pytest.param(["base"], ("base", 10), "1 release.", id="ten by default"),
        pytest.param(["base", "-n", "3"], ("base", 3), "1 release.", id="as many as asked for"),
        pytest.param(
            ["base", "--oneline"],
            ("base", 10),
            "abababababab  1.0  1970-01-01                         first release",
            id="one line for each",
        ),
    ],
)
def test_log_prints_releases(log, capsys, words, asked, last):
    assert main(["log", *words]) == ExitCode.OK
    assert capsys.readouterr().out.splitlines()[-1] == last
    assert log == [asked]


def test_log_speaks_json(log, capsys):
    assert main(["log", "base", "--json"]) == ExitCode.OK
    assert json.loads(capsys.readouterr().out)["releases"][0]["told"] == "first"


def test_a_project_without_a_store_has_no_releases(tmp_path, capsys):
    (tmp_path / "arkes.toml").write_text("")
    for command in ("log", "size"):
        assert main([command, "base", "--project", str(tmp_path)]) == ExitCode.SOURCE
        assert "nothing was built here yet" in capsys.readouterr().err
