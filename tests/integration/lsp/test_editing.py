"""What changes the text: the layout, and what mends or silences a finding."""

from __future__ import annotations

WEB = "variants/web.Systemfile"


def applied(text, edits):
    """Return a text after the edits of an answer, as an editor applies them (ASCII only)."""
    lines = text.splitlines(keepends=True)
    starts = [sum(map(len, lines[:n])) for n in range(len(lines) + 1)]
    offset = lambda p: starts[p["line"]] + p["character"]  # noqa: E731 - two words
    for edit in sorted(edits, key=lambda e: offset(e["range"]["start"]), reverse=True):
        start, end = (offset(edit["range"][side]) for side in ("start", "end"))
        text = text[:start] + edit["newText"] + text[end:]
    return text


def formatted(editor, uri):
    options = {"tabSize": 4, "insertSpaces": True}
    return editor.ask("textDocument/formatting", textDocument={"uri": uri}, options=options)


def offered(editor, uri, findings, **context):
    return editor.ask(
        "textDocument/codeAction",
        textDocument={"uri": uri},
        range=findings[0]["range"],
        context={"diagnostics": findings, **context},
    )


def test_the_layout_is_one_edit_of_what_differs(editor, project):
    text = "FROM arkes:base\nrun   true\nRUN false\n"
    uri = editor.open_file(project, WEB, text)
    (edit,) = formatted(editor, uri)
    assert applied(text, [edit]) == "FROM arkes:base\nRUN true\nRUN false\n"
    assert edit["range"] == {
        "start": {"line": 1, "character": 0},
        "end": {"line": 2, "character": 0},
    }


def test_a_text_in_order_or_with_errors_is_left_alone(editor, project):
    uri = editor.open_file(project, WEB, "FROM arkes:base\n")
    assert formatted(editor, uri) == []
    editor.change(uri, 2, "FROM arkes:base\nrun <<EOT\n")
    assert formatted(editor, uri) == []


def test_a_finding_is_mended(editor, project):
    text = "FROM arkes:base\nMAINTAINER somebody\n"
    uri = editor.open_file(project, WEB, text)
    found = editor.findings(uri, lambda d: "maintainer-deprecated" in {x["code"] for x in d})
    found = [d for d in found if d["code"] == "maintainer-deprecated"]
    assert found[0]["tags"] == [2]
    mend = next(a for a in offered(editor, uri, found) if a.get("isPreferred"))
    assert mend["kind"] == "quickfix"
    assert mend["diagnostics"] == found
    after = applied(text, mend["edit"]["changes"][uri])
    editor.change(uri, 2, after)
    editor.findings(uri, lambda d: "maintainer-deprecated" not in {x["code"] for x in d})
    assert "LABEL" in after


def test_a_rule_is_silenced_and_a_reason_asked_for(editor, project):
    text = "FROM arkes:base\n  RUN cd /tmp && echo a > /var/lib/x\n"
    uri = editor.open_file(project, WEB, text)
    found = editor.findings(uri, lambda d: "var-content" in {x["code"] for x in d})
    found = [d for d in found if d["code"] == "var-content"]
    skip = next(a for a in offered(editor, uri, found) if a["title"].startswith("Skip"))
    after = applied(text, skip["edit"]["changes"][uri])
    assert "\n  # check=skip=var-content \n  RUN " in after
    editor.change(uri, 2, after)
    editor.findings(uri, lambda d: {"skip-without-reason"} == {x["code"] for x in d})
    editor.change(uri, 3, after.replace("var-content ", "var-content it is a test"))
    assert editor.codes(uri) == []


def test_a_skip_that_is_there_names_another_rule(editor, project):
    text = "FROM arkes:base\n# check=skip=sudo-needless why\nRUN sudo echo a > /var/lib/x\n"
    uri = editor.open_file(project, WEB, text)
    found = editor.findings(uri, lambda d: "var-content" in {x["code"] for x in d})
    found = [d for d in found if d["code"] == "var-content"]
    skip = next(a for a in offered(editor, uri, found) if a["title"].startswith("Skip"))
    after = applied(text, skip["edit"]["changes"][uri])
    assert "# check=skip=sudo-needless,var-content why\n" in after


def test_an_error_cannot_be_silenced(editor, project):
    uri = editor.open_file(project, WEB, "FROM arkes:bse\n")
    found = editor.codes(uri, "unknown-variant")
    assert [a for a in offered(editor, uri, found) if a["title"].startswith("Skip")] == []


def test_nothing_is_offered_to_who_wants_other_actions(editor, project):
    uri = editor.open_file(project, WEB, "FROM arkes:base\nMAINTAINER somebody\n")
    found = editor.findings(uri, lambda d: "maintainer-deprecated" in {x["code"] for x in d})
    assert offered(editor, uri, found, only=["refactor"]) == []
    assert offered(editor, uri, found, only=["quickfix"]) != []
