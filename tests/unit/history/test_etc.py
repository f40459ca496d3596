"""What is said about a changed default."""

import pytest

from arkes_build.history.etc import etc_changes
from arkes_build.history.model import Kind, PathChange
from arkes_build.history.view import Files


@pytest.mark.parametrize(
    ("before", "after", "modes", "detail"),
    [
        pytest.param("a", "bb", (), "content", id="content"),
        pytest.param("a", "b", (), "content", id="content of the same size"),
        pytest.param("a", "a", (0o644, 0o600), "mode 0644 → 0600", id="only the mode"),
        pytest.param("a", "b", (0o644, 0o600), "content, mode 0644 → 0600", id="both"),
        pytest.param("→ x", "→ y", (), "link x → y", id="where a link leads"),
        pytest.param("→ x", "a", (), "link → file", id="another kind of thing"),
    ],
)
def test_a_change_says_what_is_another(garden, before, after, modes, detail):
    roots = [
        garden.plant({"usr/etc/f": text}, {"usr/etc/f": mode})
        for text, mode in zip((before, after), modes or (0o644, 0o644), strict=True)
    ]
    trees = garden.trees
    (found,) = etc_changes(trees.changes(*roots), Files(trees))
    assert (found.path, found.kind, found.detail) == ("/etc/f", Kind.CHANGED, detail)


def test_folders_are_told_when_they_are_others(garden):
    before = garden.plant({"usr/etc/a/x": "1", "usr/etc/gone/y": "1", "usr/share/z": "1"})
    after = garden.plant(
        {"usr/etc/a/x": "1", "usr/etc/new/y": "22", "usr/share/z": "2"}, {"usr/etc/a": 0o700}
    )
    trees = garden.trees
    assert etc_changes(trees.changes(before, after), Files(trees)) == (
        PathChange(
            path="/etc/a", kind=Kind.CHANGED, size=0, detail="mode 0755 → 0700", is_folder=True
        ),
        PathChange(path="/etc/gone/y", kind=Kind.REMOVED, size=1),
        PathChange(path="/etc/new/y", kind=Kind.ADDED, size=2),
    )
