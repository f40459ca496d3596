"""How the server begins and ends, and what it outlives."""

from __future__ import annotations

import json

import pytest


def test_it_says_what_it_can_do(cold_editor):
    can = cold_editor.start()
    able = {name for name, value in can.items() if name.endswith("Provider") and value}
    assert able == {
        "codeActionProvider",
        "completionProvider",
        "definitionProvider",
        "documentFormattingProvider",
        "documentSymbolProvider",
        "executeCommandProvider",
        "foldingRangeProvider",
        "hoverProvider",
        "referencesProvider",
        "renameProvider",
    }
    assert can["positionEncoding"] == "utf-16"
    assert can["textDocumentSync"]["change"] == 2
    assert cold_editor.stop() == 0


def test_exit_without_shutdown_is_a_failure(cold_editor):
    cold_editor.start()
    cold_editor.tell("exit", params=None)
    assert cold_editor.process.wait(60) == 1


def test_an_editor_that_is_gone_ends_it(cold_editor):
    cold_editor.start()
    cold_editor.process.stdin.close()
    assert cold_editor.process.wait(60) == 1


def test_it_asks_to_be_told_of_files_that_change(cold_editor):
    cold_editor.start(workspace={"didChangeWatchedFiles": {"dynamicRegistration": True}})
    cold_editor.wait(lambda: cold_editor.requests)
    (registration,) = cold_editor.requests[0]["params"]["registrations"]
    assert registration["method"] == "workspace/didChangeWatchedFiles"


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b'"x"', b'{"jsonrpc": "2.0", "id": 1, "method": "no/such"}', b"\xff\xff"],
    ids=["no JSON", "a list", "a text", "an unknown question", "no UTF-8"],
)
def test_it_outlives_messages_that_are_none(cold_editor, project, body):
    cold_editor.start()
    stream = cold_editor.process.stdin
    stream.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
    stream.flush()
    uri = cold_editor.open_file(project, "variants/web.Systemfile", "RUNN\n")
    assert cold_editor.findings(uri, bool)
    assert cold_editor.stop() == 0


def test_a_question_about_a_text_that_is_not_open_has_no_answer(editor, project):
    document = {"uri": (project / "variants/web.Systemfile").as_uri()}
    at = {"line": 0, "character": 0}
    assert editor.ask("textDocument/hover", textDocument=document, position=at) is None


def test_a_question_with_wrong_parameters_is_an_error(cold_editor, refused):
    cold_editor.start()
    with pytest.raises(refused):
        cold_editor.ask("textDocument/hover", textDocument={"uri": 1}, position="here")
    assert cold_editor.stop() == 0


def test_standard_output_has_nothing_but_the_protocol(cold_editor, project):
    cold_editor.start()
    uri = cold_editor.open_file(project, "variants/web.Systemfile")
    cold_editor.codes(uri)
    cold_editor.stop()
    for thread in cold_editor.threads:
        thread.join(60)
    assert json.dumps(cold_editor.messages)


def test_the_log_goes_to_standard_error(editor_that_talks, project):
    editor_that_talks.start()
    editor_that_talks.stop()
    for thread in editor_that_talks.threads:
        thread.join(60)
    assert b"INFO pygls" in editor_that_talks.errors
