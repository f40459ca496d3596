"""What an earlier build tells is offered and told of as well."""

from __future__ import annotations

import pytest

WEB = "variants/web.Systemfile"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        pytest.param("FROM arkes:base\nENABLE |", {"ssh.service", "hello.service"}, id="units"),
        pytest.param("FROM arkes:base\nMASK --user |", {"pipewire.socket"}, id="users' units"),
        pytest.param("FROM arkes:base\nREMOVE n|", {"nano", "nginx-core"}, id="packages"),
    ],
)
def test_it_is_offered(editor, built, text, wanted):
    uri = editor.open_file(built, WEB)
    assert set(editor.offered(uri, text)) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("FROM arkes:ba|se\n", "As built last: 2 packages, 1 system units."),
        ("FROM arkes:base\nREMOVE na|no\n", "In `base` as built last: 7.2-1"),
        ("FROM arkes:base\nMASK ssh.ser|vice\n", "`ssh.service` is in `base`."),
    ],
    ids=["a node", "a package", "a unit"],
)
def test_it_is_told(editor, built, text, wanted):
    uri = editor.open_file(built, WEB)
    editor.type(uri, 2, text)
    assert wanted in editor.about("hover", uri, text)["contents"]["value"]
