"""Give the readers of trees one that is held in memory."""

import pytest


class PlainTree:
    def __init__(self, files):
        self._files = dict(files)

    def read(self, path):
        return self._files.get(path)

    def names(self, path):
        start = f"{path}/"
        inside = (name[len(start) :] for name in self._files if name.startswith(start))
        return tuple(sorted({name.partition("/")[0] for name in inside}))


@pytest.fixture
def plain_tree():
    """Return what makes a tree of path → content."""
    return PlainTree
