"""Whatever happens, the command line answers with a clear word and an exit code."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from arkes_build import __version__
from arkes_build.cli import main
from arkes_build.core.diagnostics import Diagnostic, SourceError
from arkes_build.core.errors import ArkesError, DiskFull, ExitCode, ToolMissing, ToolTooOld
from arkes_build.core.source import Source

SOURCE = Source("variants/base.Containerfile", "FROM arkes:rotfs\n")
FINDING = Diagnostic(
    code="unknown-variant",
    message="there is no variant rotfs",
    span=SOURCE.span(5, 16),
    remedy="did you mean 'rootfs'?",
)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        pytest.param(
            ["biuld"],
            "error: no such command 'biuld'; did you mean 'build'?\n"
            "  = help: `arkes-build --help` shows what it takes\n",
            id="a command that is nearly one",
        ),
        pytest.param(
            ["frobnicate"],
            "error: no such command 'frobnicate'\n"
            "  = help: `arkes-build --help` shows what it takes\n",
            id="a command that is none",
        ),
        pytest.param(
            ["build"],
            "error: missing argument 'NODE...'\n"
            "  = help: `arkes-build build --help` shows what it takes\n",
            id="build without a node",
        ),
        pytest.param(
            ["plan", "--jsno"],
            "error: no such option '--jsno'; did you mean '--json'?\n"
            "  = help: `arkes-build plan --help` shows what it takes\n",
            id="an option that is nearly one",
        ),
        pytest.param(
            ["all", "-j", "0"],
            "error: invalid value for '-j' / '--jobs': 0 is not in the range x>=1\n"
            "  = help: `arkes-build all --help` shows what it takes\n",
            id="no hands at all",
        ),
        pytest.param(
            ["all", "--family", "suse"],
            "error: invalid value for '--family': 'suse' is not one of 'arch', 'debian'\n"
            "  = help: `arkes-build all --help` shows what it takes\n",
            id="a family that we do not know",
        ),
        pytest.param(
            ["plan", "-q", "-v"],
            "error: --quiet and --verbose contradict each other\n"
            "  = help: `arkes-build plan --help` shows what it takes\n",
            id="quiet and verbose",
        ),
        pytest.param(
            ["\x1b[2Jplan"],
            "error: no such command '\\x1b[2Jplan'; did you mean 'plan'?\n"
            "  = help: `arkes-build --help` shows what it takes\n",
            id="a hostile command",
        ),
    ],
)
def test_usage_errors(fake, capsys, arguments, text):
    assert main.main(arguments) == ExitCode.USAGE
    assert capsys.readouterr() == ("", text)


def test_a_node_in_the_place_of_a_command(fake, capsys, tmp_path, monkeypatch):
    (tmp_path / "arkes.toml").touch()
    (tmp_path / "variants").mkdir()
    (tmp_path / "variants" / "base.Containerfile").write_text("FROM arkes:rootfs\n")
    monkeypatch.chdir(tmp_path)
    assert main.main(["base"]) == ExitCode.USAGE
    assert "to build that node: arkes-build build base" in capsys.readouterr().err


def test_version_and_help(capsys):
    assert main.main(["--version"]) == 0
    assert capsys.readouterr() == (f"arkes-build {__version__}\n", "")
    assert main.main(["--help"]) == 0
    assert capsys.readouterr().out.startswith("Usage: arkes-build ")
    assert main.main([]) == ExitCode.USAGE
    assert capsys.readouterr().out.startswith("Usage: arkes-build ")


class Odd(ArkesError):
    exit_code = ExitCode.NETWORK


@pytest.mark.parametrize(
    ("trouble", "code", "text"),
    [
        pytest.param(
            ToolMissing("podman", wanted_for="building"),
            10,
            "error: podman is not installed (needed for building)\n"
            "  = help: install podman with this machine's package manager, "
            "or run ./run, which sets up what is missing\n",
            id="a tool is missing",
        ),
        pytest.param(
            ToolTooOld("podman", found="3.0", needed="4.3"),
            11,
            "error: podman 3.0 is too old: 4.3 or newer is needed\n"
            "  = help: upgrade podman to at least 4.3\n",
            id="a tool is too old",
        ),
        pytest.param(
            DiskFull("/srv", doing="committing"),
            16,
            "error: no space left on the file system of /srv while committing\n"
            "  nothing was left half-written; what was finished is kept\n"
            "  = help: free some space (old images: `podman image prune`), then run again\n",
            id="the disk is full",
        ),
        pytest.param(
            SourceError([FINDING]),
            3,
            "variants/base.Containerfile:1:6: error: there is no variant rotfs [unknown-variant]\n"
            "  1 | FROM arkes:rotfs\n"
            "    |      ^^^^^^^^^^^\n"
            "  = help: did you mean 'rootfs'?\n"
            "\n"
            "1 error\n",
            id="a file is wrong",
        ),
        pytest.param(Odd("no network"), 15, "error: no network\n", id="no network"),
        pytest.param(
            KeyboardInterrupt(),
            130,
            "error: interrupted\n"
            "  = help: what was finished is kept: the next run continues from there\n",
            id="Ctrl-C",
        ),
    ],
)
@pytest.mark.parametrize("command", ["all", "plan"])
def test_trouble_has_its_text_and_exit_code(fake, capsys, trouble, code, text, command):
    fake.trouble = trouble
    assert main.main([command]) == code
    assert capsys.readouterr() == ("", text)
    assert fake.is_closed


@pytest.mark.parametrize("command", ["all", "plan", "refs"])
def test_trouble_in_json_is_on_standard_output(fake, capsys, command):
    fake.trouble = ToolMissing("podman")
    assert main.main([command, "--json"]) == ExitCode.TOOL_MISSING
    out, err = capsys.readouterr()
    shape = json.loads(out)
    assert err == ""
    assert (shape["type"], shape["exit_code"], shape["kind"], shape["brief"]) == (
        "error",
        10,
        "tool-missing",
        "podman is not installed",
    )


def test_usage_errors_in_json(capsys):
    assert main.main(["plan", "--json", "--bogus"]) == ExitCode.USAGE
    assert json.loads(capsys.readouterr().out)["kind"] == "usage"


def test_an_internal_error_is_one_line_and_a_file(fake, capsys, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    fake.trouble = ValueError("what\x07ever")
    assert main.main(["plan"]) == ExitCode.INTERNAL
    out, err = capsys.readouterr()
    (written,) = tmp_path.iterdir()
    assert (out, err) == (
        "",
        f"""\
error: internal error: ValueError: what\\x07ever
  = help: this is a bug in arkes-build; please report it with {written}
""",
    )
    text = written.read_text()
    assert "Traceback (most recent call last)" in text
    assert "arguments: ['plan']" in text


def test_an_internal_error_without_any_place_to_write(fake, capsys, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", "/nonexistent/place")
    fake.trouble = ValueError("whatever")
    assert main.main(["plan"]) == ExitCode.INTERNAL
    assert "ARKES_DEBUG=1 shows the traceback" in capsys.readouterr().err


def test_debug_raises_the_internal_error(fake, monkeypatch):
    monkeypatch.setenv("ARKES_DEBUG", "1")
    fake.trouble = ValueError("whatever")
    with pytest.raises(ValueError, match="whatever"):
        main.main(["plan"])


def test_help_imports_nothing_heavy():
    script = (
        "import sys\n"
        "from arkes_build.cli.main import main\n"
        "main(['--help'])\n"
        "heavy = {'rich', 'pydantic', 'networkx', 'jinja2', 'lark', 'podman', 'gi'}\n"
        "sys.exit(' '.join(sorted(heavy & set(sys.modules))) or 0)\n"
    )
    argv = [sys.executable, "-c", script]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_module_runs_as_a_program():
    root = Path(__file__).parents[3]
    argv = [sys.executable, "-m", "arkes_build", "--version"]
    done = subprocess.run(argv, cwd=root, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, f"arkes-build {__version__}\n")
