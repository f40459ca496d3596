"""Only a right Systemfile is saved, whole; what was written by hand is never lost."""

import pytest

from arkes_build.core.diagnostics import SourceError
from arkes_build.core.errors import ToolMissing
from arkes_build.host.editing import (
    EditorFailed,
    FileChanged,
    NotSaved,
    edit,
    editor_of,
    put,
    start_editor,
)

RIGHT = "FROM arkes:base\n\nPACKAGES htop\n"
WRONG = "FROM arkes:base\n\nINSTALL htop\n"


@pytest.fixture
def machine(with_deployments, make_deployment):
    return with_deployments(make_deployment("1.1", is_booted=True))[0]


def writing(*texts):
    """Return an editor that writes one text after the other."""
    left = list(texts)
    return lambda path: path.write_text(left.pop(0))


def drafts(machine):
    return [path for path in machine.systemfile.parent.iterdir() if path.name != "Systemfile"]


def never(_findings):
    raise AssertionError


def test_a_right_one_is_saved(machine):
    edited = edit(machine, writing(RIGHT), never)
    assert (edited.is_changed, machine.systemfile.read_text()) == (True, RIGHT)
    assert machine.systemfile.stat().st_mode & 0o777 == 0o644
    assert drafts(machine) == []


def test_a_new_one_begins_with_words_that_help_and_is_right_as_it_is(machine):
    seen = []
    edit(machine, lambda path: seen.append(path.read_text()), never)
    assert "FROM arkes:base\n" in seen[0]
    assert machine.systemfile.read_text() == seen[0]


def test_a_wrong_one_is_opened_again(machine):
    asked = []
    edited = edit(machine, writing(WRONG, RIGHT), lambda found: asked.append(found) or True)
    assert [finding.code for finding in asked[0]] == ["instruction-unknown"]
    assert edited.is_changed


def test_a_wrong_one_is_kept_and_never_saved(machine):
    edit(machine, writing(RIGHT), never)
    with pytest.raises(NotSaved) as caught:
        edit(machine, writing(WRONG), lambda _found: False)
    (draft,) = drafts(machine)
    assert caught.value.brief == "nothing was saved: the draft has 1 error"
    assert caught.value.details == f"what you wrote is in {draft}"
    assert (machine.systemfile.read_text(), draft.read_text()) == (RIGHT, WRONG)


def test_nothing_written_changes_nothing(machine):
    edit(machine, writing(RIGHT), never)
    before = machine.systemfile.stat().st_ino
    assert not edit(machine, lambda _path: None, never).is_changed
    assert machine.systemfile.stat().st_ino == before


def test_two_at_once_lose_nothing(machine):
    edit(machine, writing(RIGHT), never)

    def slow(path):
        path.write_text(RIGHT + "# mine\n")
        machine.systemfile.write_text(RIGHT + "# theirs\n")

    with pytest.raises(FileChanged):
        edit(machine, slow, never)
    assert machine.systemfile.read_text().endswith("# theirs\n")
    assert drafts(machine)[0].read_text().endswith("# mine\n")


def test_an_editor_that_fails_saves_nothing(machine):
    def broken(_path):
        raise EditorFailed("ed", code=1)

    with pytest.raises(EditorFailed):
        edit(machine, broken, never)
    assert list(machine.systemfile.parent.iterdir()) == []


def test_an_editor_that_is_not_there_leaves_no_draft(machine):
    with pytest.raises(ToolMissing):
        edit(machine, lambda path: start_editor(["/nowhere/editor"], path), never)
    assert drafts(machine) == []


def test_a_script_may_put_a_right_one(machine):
    assert put(machine, RIGHT.encode()).is_changed
    assert not put(machine, RIGHT.encode()).is_changed
    with pytest.raises(SourceError):
        put(machine, WRONG.encode())
    assert machine.systemfile.read_text() == RIGHT
    assert drafts(machine) == []


@pytest.mark.parametrize(
    ("environ", "argv"),
    [
        pytest.param({"VISUAL": "a -b", "EDITOR": "c"}, ("a", "-b"), id="VISUAL first"),
        pytest.param({"VISUAL": "", "EDITOR": "c 'd e'"}, ("c", "d e"), id="then EDITOR"),
    ],
)
def test_which_editor(environ, argv):
    assert editor_of(environ) == argv
