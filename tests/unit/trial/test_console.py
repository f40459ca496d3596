"""What no good boot has on its console; nothing that the guest prints drives a terminal."""

import pytest

from arkes_build.trial.console import last_line, lines, scanned


@pytest.mark.parametrize(
    ("line", "message"),
    [
        pytest.param("[    1.0] Kernel panic - not syncing: x", "kernel panic", id="a panic"),
        pytest.param("[   12.345678] BUG: unable to handle page fault", "kernel bug", id="a BUG"),
        pytest.param("[   12.3] kernel BUG at mm/slub.c:1!", "kernel bug", id="a BUG with place"),
        pytest.param("[   12.3] Oops: 0002 [#1] SMP", "kernel bug", id="an Oops"),
        pytest.param("[ 1.5] Call Trace:", "call trace", id="a call trace"),
        pytest.param("[FAILED] Failed to start foo.service", "unit failed", id="systemd's status"),
        pytest.param("systemd[1]: Failed to start foo.", "unit failed", id="systemd's log"),
        pytest.param("[\x1b[0;1;31mFAILED\x1b[0m] Failed to x", "unit failed", id="in colour"),
        pytest.param("[DEPEND] Dependency failed for x", "dependency failed", id="a dependency"),
        pytest.param("You are in emergency mode. After", "emergency mode", id="emergency mode"),
        pytest.param("[ 9.1] EXT4-fs error (device vda2)", "file system error", id="ext4"),
    ],
)
def test_a_bad_line(line, message):
    check = scanned(f"Welcome\r\n{line}\r\nlogin: ")
    assert check.status.value == "failed"
    assert check.message.startswith(f"{message}: ")


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("[  OK  ] Started foo.service", id="a started unit"),
        pytest.param("[    0.0] Command line: oops=panic debug", id="a kernel argument"),
        pytest.param("Report BUGS at https://example.org/bugs", id="an address"),
        pytest.param("debugging Call Trace: is off", id="words amid a line"),
    ],
)
def test_a_line_that_is_fine(line):
    assert scanned(line).status.value == "passed"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("a\x1b[2Jb\x1b]0;title\x07c", ["abc"], id="escape sequences"),
        pytest.param("50%\r100%\r\n", ["100%"], id="what was overwritten"),
        pytest.param("a\x00\x07\x9b31mb", ["a31mb"], id="control characters"),
        pytest.param("a\u202eb", ["ab"], id="text that runs backwards"),
        pytest.param("\x1b]0;never closed", [], id="a sequence without end"),
        pytest.param("x" * 1000, ["x" * 500], id="an endless line"),
        pytest.param("\n\n  \n", [], id="nothing"),
    ],
)
def test_lines_for_people(text, shown):
    assert list(lines(text)) == shown


def test_the_last_line_that_says_something():
    assert last_line("a\r\nStarting b...\r\n\x1b[0m\r\n\r\n") == "Starting b..."
    assert last_line("") == ""


def test_a_flood_of_bad_lines_is_cut():
    assert len(scanned("[FAILED] x\n" * 100_000).output.splitlines()) == 20
