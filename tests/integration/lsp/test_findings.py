"""What an editor is told of mistakes: at each keypress, and of the whole project a moment later."""

from __future__ import annotations

import os

import pytest

WEB = "variants/web.Systemfile"


def codes(findings):
    return [finding["code"] for finding in findings]


def test_a_good_file_has_no_findings(editor, project):
    assert editor.codes(editor.open_file(project, WEB)) == []


def test_a_finding_has_place_words_code_and_page(editor, project):
    uri = editor.open_file(project, WEB, "FROM arkes:base\nRUNN true\n")
    (finding,) = editor.codes(uri, "instruction-unknown")
    page = finding.pop("codeDescription")["href"]
    assert page.startswith("file:///")
    assert page.endswith("/instruction-unknown.md")
    assert finding == {
        "range": {"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 4}},
        "severity": 1,
        "code": "instruction-unknown",
        "source": "arkes",
        "message": "unknown instruction 'RUNN'\ndid you mean 'RUN'?",
    }


def test_what_needs_the_project_comes_after_what_needs_the_text(editor, project):
    uri = editor.open_file(project, WEB)
    editor.codes(uri)
    editor.change(uri, 2, "FROM arkes:bse\nCOPY overlay/bas/ /\nLABLE a=b\n")
    editor.codes(uri, "instruction-unknown")
    found = editor.codes(uri, "instruction-unknown")
    editor.change(uri, 3, (2, 2, 2, 5, "BEL"))
    found = editor.codes(uri, "unknown-variant", "context-missing")
    assert found[0]["message"] == "there is no node arkes:bse\ndid you mean 'base'?"


def test_other_files_show_their_findings_and_lose_them(editor, project):
    base = (project / "variants/base.Containerfile").as_uri()
    uri = editor.open_file(project, "templates/slim.Containerfile", "FROM scratch\n")
    editor.findings(uri, lambda d: codes(d) == ["template-parent"])
    editor.change(uri, 2, "FROM arkes:${BASE_VARIANT_ID}\n")
    editor.codes(uri)
    (project / "overlay/base").rename(project / "overlay/other")
    editor.tell("textDocument/didSave", textDocument={"uri": uri})
    (finding,) = editor.codes(base, "context-missing")
    assert finding["range"]["start"]["line"] == 5
    (project / "overlay/other").rename(project / "overlay/base")
    editor.tell("workspace/didChangeWatchedFiles", changes=[{"uri": uri, "type": 2}])
    editor.codes(base)


def test_a_finding_names_the_other_place(editor, project):
    uri = editor.open_file(project, WEB, "FROM a:1 AS x\nFROM b:1 AS x\nRUN true\n")
    found = editor.findings(uri, lambda d: "stage-duplicate" in codes(d))
    (twice,) = [d for d in found if d["code"] == "stage-duplicate"]
    (other,) = twice["relatedInformation"]
    assert other["message"] == "first used here"
    assert other["location"] == {
        "uri": uri,
        "range": {"start": {"line": 0, "character": 12}, "end": {"line": 0, "character": 13}},
    }


def test_findings_of_the_project_move_with_the_text(editor, project):
    uri = editor.open_file(project, WEB, "FROM arkes:bse\nRUN true\n")
    editor.codes(uri, "unknown-variant")
    seen = len(editor.history)
    editor.change(uri, 2, (0, 0, 0, 0, "\n\n\n"))
    found = editor.findings(uri, lambda d: d and d[0]["range"]["start"]["line"] == 3)
    assert codes(found) == ["unknown-variant"]
    shown = [codes(p["diagnostics"]) for p in editor.history[seen:] if p["uri"] == uri]
    assert [] not in shown


def test_the_last_of_many_rapid_changes_counts(editor, project):
    uri = editor.open_file(project, WEB)
    for number in range(100):
        editor.change(uri, number + 2, f"FROM arkes:base\nRUN{'N' * (number % 2)} {number}\n")
    editor.change(uri, 200, "FROM arkes:base\nRUN true\n")
    editor.wait(lambda: any(p.get("version") == 200 for p in editor.history))
    versions = [p["version"] for p in editor.history if p["uri"] == uri]
    assert versions == sorted(versions)
    assert codes(editor.history[-1]["diagnostics"]) == []


def test_an_edit_counts_utf_16_and_mixed_line_ends(editor, project):
    text = "FROM arkes:base\r\n# 𝒜𝒜\x0c𝒜\r\nRUN true\r\nLABEL a=𝒜b c=d\r\n"
    uri = editor.open_file(project, WEB, text)
    editor.codes(uri)
    editor.change(uri, 2, (2, 0, 2, 3, "RUNN"), (3, 8, 3, 11, "x"), (3, 0, 3, 5, "LABEL"))
    (finding,) = editor.codes(uri, "instruction-unknown")
    assert finding["range"]["end"] == {"line": 2, "character": 4}
    editor.change(uri, 3, (2, 0, 2, 4, "RUN"), (3, 9, 3, 9, " 'open"))
    (finding,) = editor.codes(uri, "quote-unclosed")
    assert finding["range"]["start"] == {"line": 3, "character": 10}


@pytest.mark.parametrize(
    ("encoding", "column"), [("utf-8", 15), ("utf-16", 13), ("utf-32", 12)], ids=str
)
def test_the_encoding_that_an_editor_offers_is_taken(cold_editor, project, encoding, column):
    can = cold_editor.start(general={"positionEncodings": [encoding]})
    assert can["positionEncoding"] == encoding
    uri = cold_editor.open_file(project, WEB, "FROM scratch\nLABEL a=𝒜b 'open\n")
    (finding,) = cold_editor.codes(uri, "quote-unclosed")
    assert finding["range"]["start"] == {"line": 1, "character": column - 1}


BROKEN = [
    pytest.param("", id="nothing"),
    pytest.param("\0", id="a NUL"),
    pytest.param("FROM a\nRUN <<A <<B\n", id="open here-documents"),
    pytest.param("\\\n" * 1000, id="nothing but continuations"),
    pytest.param("FROM ${" * 500, id="open braces"),
    pytest.param("# x-\ud800\nFROM \udc00\n", id="lone surrogates"),
    pytest.param("FROM a\n" * 10_001, id="too many instructions"),
    pytest.param("# " + "x" * 70_000, id="a line that is too long"),
    pytest.param("\r\r\n\n\r\u2028\x85", id="line ends of all kinds"),
    pytest.param("\ufeffFRM a\n", id="a byte-order mark"),
]


@pytest.mark.parametrize("text", BROKEN)
def test_no_text_ends_the_server(shared, text):
    editor, project = shared
    uri = editor.open_file(project, WEB, text)
    assert editor.findings(uri, bool)
    document = {"uri": uri}
    editor.ask("textDocument/documentSymbol", textDocument=document)
    editor.ask("textDocument/foldingRange", textDocument=document)
    for at in ({"line": 0, "character": 0}, {"line": 9999, "character": 9999}):
        for question in ("completion", "hover", "definition", "prepareRename"):
            editor.ask(f"textDocument/{question}", textDocument=document, position=at)


def test_a_byte_order_mark_is_counted_as_the_editor_has_it(editor, project):
    uri = editor.open_file(project, WEB, "\ufeffFRM a\nFROM b\n")
    (finding, *_) = editor.findings(uri, bool)
    assert finding["range"]["start"] == {"line": 0, "character": 1}


def test_a_file_outside_a_project_is_looked_at_alone(editor, tmp_path):
    uri = (tmp_path / "Containerfile").as_uri()
    editor.open(uri, "FROM docker.example.org/x@sha256:" + "0" * 64 + "\nRUNN true\n")
    editor.codes(uri, "instruction-unknown")
    editor.tell("textDocument/didClose", textDocument={"uri": uri})
    editor.codes(uri)


def test_a_text_that_is_no_file_yet_is_looked_at_alone(editor):
    editor.open("untitled:Untitled-1", "FROM scratch AS x\nFROM scratch AS x\nRUNN true\n")
    found = editor.findings("untitled:Untitled-1", lambda d: "stage-duplicate" in codes(d))
    (twice,) = [d for d in found if d["code"] == "stage-duplicate"]
    assert twice["relatedInformation"][0]["location"]["uri"] == "untitled:Untitled-1"


def test_a_systemfile_of_a_machine_stands_on_the_project(editor, project):
    path = project / "machines/server/Systemfile"
    path.parent.mkdir(parents=True)
    path.write_text("FROM arkes:base\nCOPY site.conf /etc/\n")
    uri = editor.open_file(project, "machines/server/Systemfile")
    editor.findings(uri, lambda d: "context-missing" in codes(d))
    (path.parent / "site.conf").touch()
    editor.change(uri, 2, "FROM arkes:bse\nCOPY site.conf /etc/\n")
    editor.findings(uri, lambda d: "unknown-variant" in codes(d))


def test_closing_shows_what_the_disk_has(editor, project):
    uri = editor.open_file(project, WEB, "FROM arkes:bse\n")
    editor.codes(uri, "unknown-variant")
    editor.tell("textDocument/didClose", textDocument={"uri": uri})
    editor.codes(uri)


def test_mistakes_of_arkes_toml_are_shown_there(editor, project):
    config = editor.open_file(project, "arkes.toml")
    editor.codes(config)
    editor.change(config, 2, "[project]\nnam = 'x'\n")
    (finding,) = editor.codes(config, "config-unknown-key")
    assert finding["range"]["start"] == {"line": 1, "character": 0}
    (project / "arkes.toml").write_text("[")
    editor.tell("textDocument/didClose", textDocument={"uri": config})
    web = editor.open_file(project, WEB)
    editor.codes(config, "config-syntax")
    editor.codes(web)


def test_a_file_that_cannot_be_a_variant_is_told_of_although_it_is_not_open(editor, project):
    path = project / "variants/a-b.Containerfile"
    path.write_text("FROM scratch\n")
    editor.open_file(project, WEB)
    editor.codes(path.as_uri(), "bad-name")


def test_a_strange_path_is_an_uri(editor, tmp_path):
    path = tmp_path / "a b%𝒜" / "Containerfile"
    path.parent.mkdir()
    path.touch()
    editor.open(path.as_uri(), "RUNN\n")
    assert editor.findings(path.as_uri(), bool)
    assert os.fspath(path) not in path.as_uri()
