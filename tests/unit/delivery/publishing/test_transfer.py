"""Find what a tree needs that another does not have."""

from dataclasses import dataclass

import pytest

from arkes_build.delivery.publishing.transfer import Needed, needed
from arkes_build.store.folders import Folder


@dataclass(frozen=True)
class Root:
    tree: str
    meta: str = "m"


FOLDERS = {
    "old": Folder({"a": "1", "b": "2"}, {"in": ("old in", "m"), "same": ("same", "m")}),
    "old in": Folder({"x": "3"}, {}),
    "new": Folder({"a": "1", "b": "4"}, {"in": ("new in", "m2"), "same": ("same", "m")}),
    "new in": Folder({"x": "3", "y": "5"}, {}),
    "same": Folder({"z": "6"}, {}),
}


@pytest.mark.parametrize(
    ("root", "base", "expected"),
    [
        pytest.param(
            Root("new"),
            None,
            Needed({"new", "new in", "same"}, {"m", "m2"}, {"1", "3", "4", "5", "6"}),
            id="all of it without another",
        ),
        pytest.param(
            Root("new"),
            Root("old"),
            Needed({"new", "new in"}, {"m2"}, {"4", "5"}),
            id="what differs at its place",
        ),
        pytest.param(Root("old"), Root("old"), Needed(), id="nothing of the same"),
        pytest.param(
            Root("old", "other"), Root("old"), Needed(set(), {"other"}), id="only the root's mode"
        ),
    ],
)
def test_what_is_needed(root, base, expected):
    looked = []

    def read(tree):
        looked.append(tree)
        return FOLDERS[tree]

    assert needed(root, base, read) == expected
    assert "same" not in looked or base is None


def test_what_was_found_already_is_not_looked_into_again():
    found = needed(Root("new"), None, FOLDERS.__getitem__)
    assert needed(Root("new"), Root("old"), lambda _tree: pytest.fail("read again"), found) == found
