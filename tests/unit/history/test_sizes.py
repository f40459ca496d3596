"""Add up what the bytes of a tree are spent on."""

from arkes_build.history.model import Share
from arkes_build.history.sizes import Sizes, shares, written_by
from arkes_build.history.trees import Change, Entry
from arkes_build.plan.state import Origin

FILES = {
    "/usr/bin/a": 100,
    "/usr/bin/b": 50,
    "/usr/lib/x/one": 400,
    "/usr/lib/x/two": 300,
    "/usr/lib/y": 100,
    "/usr/share/doc/tiny": 1,
    "/boot/z": 49,
}


def share(name, files, size):
    return Share(name=name, files=files, size=size)


def test_bytes_are_added_up_by_name_the_largest_first():
    assert shares(FILES, {"/usr/bin/a": "p", "/usr/bin/b": "p", "/usr/lib/y": "q"}) == (
        share("", 4, 750),
        share("p", 2, 150),
        share("q", 1, 100),
    )


def test_the_largest_folders_are_told_apart_and_together_are_the_whole():
    sizes = Sizes(files=FILES, packages={}, lines={})
    found = sizes.by_folder(6)
    assert found == (
        share("/usr/lib/x", 2, 700),
        share("/usr/bin", 2, 150),
        share("/usr/lib", 1, 100),
        share("/boot", 1, 49),
        share("/usr", 1, 1),
    )
    assert sum(one.size for one in found) == sizes.total


class Trees:
    """Play layers: each is the paths that it writes (True) or removes (False)."""

    def __init__(self, layers):
        self.layers = layers

    def changes(self, before, after):
        for at in range(0 if before is None else before + 1, after + 1):
            for path, is_there in self.layers[at].items():
                yield Change(path, None, Entry("x") if is_there else None)


LAYERS = (
    Origin(chain_id="1", node="base", brief="bootstrap"),
    Origin(chain_id="2", node="base", where="variants/base.Containerfile:3"),
    Origin(chain_id="3", node="leaf", where="variants/leaf.Containerfile:9"),
)
WRITTEN = (
    {"/etc/hosts": True, "/usr/bin/a": True, "/gone": True},
    {"/usr/bin/a": True, "/gone": False},
    {"/usr/bin/b": True},
)
PATHS = ("/usr/etc/hosts", "/usr/bin/a", "/usr/bin/b", "/gone", "/made/later")


def test_a_path_belongs_to_the_line_that_wrote_it_last():
    assert written_by(Trees(WRITTEN), PATHS, LAYERS, (0, 1, 2)) == {
        "/usr/etc/hosts": "base (bootstrap)",
        "/usr/bin/a": "variants/base.Containerfile:3",
        "/usr/bin/b": "variants/leaf.Containerfile:9",
    }


def test_what_may_be_of_a_layer_that_is_gone_was_written_by_nobody_known():
    assert written_by(Trees(WRITTEN), PATHS, LAYERS, (0, None, 2)) == {}
    assert written_by(Trees(WRITTEN), PATHS, LAYERS, (None, 1, 2)) == {
        "/usr/bin/b": "variants/leaf.Containerfile:9"
    }
