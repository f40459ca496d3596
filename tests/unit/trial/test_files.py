"""Checks are found without being run, by name and in their order."""

from datetime import date

import pytest

from arkes_build.trial.denied import denials, denied
from arkes_build.trial.errors import CheckUnusable
from arkes_build.trial.files import chosen, find, fingerprint, interpreter
from arkes_build.trial.headers import BadHeader, Headers, headers

PYTHON = '''\
# x-nodes=base,atomic*
# x-timeout=90
"""Words."""


def test_b(guest):
    """It is b.

    More.
    """


def helper(guest):
    raise SystemExit


def test_a(guest):
    pass
'''


@pytest.fixture
def folder(tmp_path):
    files = {"b.sh": "#!/bin/sh\n# x-nodes=server\n# A server serves.\ntrue\n", "a.py": PYTHON}
    files |= {"_part.py": "1/0", ".hidden.sh": "", "notes.md": "", "denied.toml": ""}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "scenarios").mkdir()
    return tmp_path


def test_files_come_by_name_and_functions_as_they_stand(folder):
    assert [(one.name, one.title, one.line) for one in find(folder)] == [
        ("a.py::test_b", "It is b.", 6),
        ("a.py::test_a", "", 17),
        ("b.sh", "A server serves.", 0),
    ]


def test_a_project_without_the_folder_has_no_checks(tmp_path):
    assert find(tmp_path / "none") == ()


@pytest.mark.parametrize(
    ("node", "only", "names"),
    [
        pytest.param("base", (), ["a.py::test_b", "a.py::test_a"], id="those for the node"),
        pytest.param("atomic-nvidia", (), ["a.py::test_b", "a.py::test_a"], id="by pattern"),
        pytest.param("server", (), ["b.sh"], id="another node"),
        pytest.param("base", ("*_a",), ["a.py::test_a"], id="by a pattern of the name"),
        pytest.param("base", ("a.py",), ["a.py::test_b", "a.py::test_a"], id="a whole file"),
        pytest.param("base", ("b.sh",), [], id="one that is not for the node"),
    ],
)
def test_what_is_chosen(folder, node, only, names):
    assert [one.name for one in chosen(find(folder), node, only)] == names


def test_a_changed_check_is_another_test(folder):
    before = fingerprint(find(folder))
    (folder / "notes.md").write_text("more")
    assert fingerprint(find(folder)) == before
    (folder / "b.sh").write_text("#!/bin/sh\nfalse\n")
    assert fingerprint(find(folder)) != before


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        pytest.param("a.py", "def test_(:\n", "invalid syntax (line 1)", id="no Python"),
        pytest.param("a.py", "a\0b", "source code", id="a null byte"),
        pytest.param("a.sh", "# x-node=base\n", "x-node is no header", id="an unknown header"),
        pytest.param("a.sh", "# x-timeout=soon\n", "x-timeout is a number", id="a bad number"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path, name, text, why):
    (tmp_path / name).write_text(text)
    with pytest.raises(CheckUnusable, match=f"^{name} is no file of boot checks: ") as raised:
        find(tmp_path)
    assert why in raised.value.brief


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("", Headers(), id="none"),
        pytest.param("#!/bin/sh\n#x-timeout=5\n", Headers(timeout=5.0), id="behind the first line"),
        pytest.param("\n# x-nodes = a , b\n", Headers(nodes=("a", "b")), id="blanks"),
        pytest.param("true\n# x-timeout=5\n", Headers(), id="not after the first word of code"),
    ],
)
def test_headers(text, found):
    assert headers(text) == found


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("# x-timeout=0", id="no time at all"),
        pytest.param("# x-timeout=99999999999999999999", id="for ever"),
        pytest.param("# x-timeout=٣", id="digits of another script"),
        pytest.param("# x-nodes=", id="for nobody"),
        pytest.param("# x-nodes=a\n# x-nodes=b", id="twice"),
    ],
)
def test_headers_that_say_nothing(text):
    with pytest.raises(BadHeader):
        headers(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("true\n", ("/bin/sh",), id="none"),
        pytest.param("#!/bin/bash\n", ("/bin/bash",), id="a program"),
        pytest.param("#! /usr/bin/env bash -e\n", ("/usr/bin/env", "bash -e"), id="one argument"),
        pytest.param("#!\n", ("/bin/sh",), id="an empty one"),
    ],
)
def test_the_interpreter_is_what_the_kernel_would_take(text, words):
    assert interpreter(text) == words


DENY = '[[deny]]\ncheck = "a.py::*"\nnodes = ["base"]\nwhy = "moving"\nuntil = 2026-12-31\n'


@pytest.mark.parametrize(
    ("check", "node", "today", "why"),
    [
        pytest.param("a.py::test_a", "base", (2026, 12, 31), "moving (until 2026-12-31)", id="yes"),
        pytest.param("a.py::test_a", "base", (2027, 1, 1), "", id="its time is over"),
        pytest.param("b.sh", "base", (2026, 1, 1), "", id="another check"),
        pytest.param("a.py::test_a", "atomic", (2026, 1, 1), "", id="another node"),
    ],
)
def test_a_denied_check_is_left_out_until_a_day(tmp_path, check, node, today, why):
    (tmp_path / "denied.toml").write_text(DENY)
    assert denied(denials(tmp_path / "denied.toml"), check, node, date(*today)) == why


def test_without_the_file_nothing_is_denied(tmp_path):
    assert denials(tmp_path / "denied.toml") == ()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("deny = 3", id="no table"),
        pytest.param("[[deny]]\ncheck = 'a'", id="no reason"),
        pytest.param("[[deny]]\ncheck = 'a'\nwhy = 'b'", id="for ever"),
        pytest.param("[[deny]]\ncheck = 'a'\nwhy = 'b'\nuntil = 2026-01-01T00:00:00", id="a time"),
        pytest.param("[[deny]]\ncheck='a'\nwhy='b'\nuntil=2026-01-01\nnodes='x'", id="no list"),
        pytest.param("[[deny]]\nchek = 'a'", id="an unknown key"),
        pytest.param("x = ", id="no TOML"),
    ],
)
def test_a_list_of_denials_that_cannot_be_used(tmp_path, text):
    (tmp_path / "denied.toml").write_text(text)
    with pytest.raises(CheckUnusable):
        denials(tmp_path / "denied.toml")
