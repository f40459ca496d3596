"""What an editor is told of mistakes: at each keypress, and of the whole project a moment later."""

from __future__ import annotations


def where(finding):
    start, end = finding["range"]["start"], finding["range"]["end"]
    return (start["line"], start["character"], end["line"], end["character"])


def test_a_good_file_has_no_findings(editor, project):
    assert editor.codes(editor.open_file(project, "variants/web.Systemfile")) == []


def test_a_finding_has_place_words_code_and_page(editor, project):
    uri = editor.open_file(project, "variants/web.Systemfile", "FROM arkes:base\nRUNN true\n")
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
