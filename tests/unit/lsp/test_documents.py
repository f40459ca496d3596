"""Texts as an editor changes them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from arkes_build.lsp.documents import Document, path_of, read
from arkes_build.lsp.positions import UTF8, UTF16, UTF32

ROOT = Path("/srv/project")


def part(start, end, text):
    place = types.Range(start=types.Position(*start), end=types.Position(*end))
    return types.TextDocumentContentChangePartial(range=place, text=text)


def test_changes_apply_one_after_the_other():
    before = Document("file:///a", "one\r\ntwo\r\n", 1)
    after = before.changed([part((0, 0), (0, 3), "1"), part((0, 1), (1, 1), "x\n")], 2)
    assert (after.text, after.version) == ("1x\nwo\r\n", 2)
    assert before.text == "one\r\ntwo\r\n"


def test_a_change_without_a_place_replaces_all():
    whole = types.TextDocumentContentChangeWholeDocument(text="new")
    assert Document("file:///a", "old", 1).changed([whole], 2).text == "new"


@given(
    before=st.text(alphabet="a𝒜ä\n\r\t", max_size=30),
    cut=st.tuples(st.integers(0, 30), st.integers(0, 30)),
    text=st.text(alphabet="x𝒜\n", max_size=5),
    encoding=st.sampled_from([UTF8, UTF16, UTF32]),
)
def test_any_edit_makes_the_text_that_the_editor_has(before, cut, text, encoding):
    document = Document("file:///a", before, 1, encoding=encoding)
    start, end = sorted(min(each, len(before)) for each in cut)
    # no editor has a place between CR and LF
    if any(before[at - 1 : at + 1] == "\r\n" for at in (start, end) if at):
        return
    place = document.ruler.range(start, end)
    change = types.TextDocumentContentChangePartial(range=place, text=text)
    assert document.changed([change], 2).text == before[:start] + text + before[end:]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/srv/project/variants/web.Systemfile", "variants/web.Systemfile"),
        ("/srv/project/templates/slim.Containerfile", "templates/slim.Containerfile"),
        ("/srv/project/arkes.toml", "arkes.toml"),
        ("/srv/project/machine/Systemfile", "/srv/project/machine/Systemfile"),
        ("/srv/project/variants/deep/Systemfile", "/srv/project/variants/deep/Systemfile"),
    ],
)
def test_a_document_is_called_as_the_project_calls_it(path, name):
    assert Document(Path(path).as_uri(), "", 1, root=ROOT).name == name


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///a%20b/c", Path("/a b/c")),
        ("untitled:Untitled-1", None),
        ("file:///a%00b", None),
        ("https://example.org/x", None),
    ],
)
def test_only_files_have_a_path(uri, path):
    assert path_of(uri) == path


@pytest.mark.parametrize("text", ["", "\0", "x" * 70_000, "\ud800", "FROM a\n" * 10_001])
def test_every_text_is_read_somehow(text):
    _, findings = read("a", text)
    assert findings
