from types import SimpleNamespace

import pytest

from arkes_build.core.names import Family, machine_arch
from arkes_build.pipeline.ground import BaseUnfit, Ground, ground, parse_release
from arkes_build.store.adopting import Told

COMMIT = "ab" * 32
RELEASE = 'NAME="Example OS"\nID=example\nID_LIKE="debian"\nVERSION="7"\nVARIANT_ID=base-slim\n'


def repository(text=RELEASE, **words):
    said = {"arkes.node": "base", "version": "7.1"} | words
    told = Told(words=said, timestamp=1000, text=text)
    return SimpleNamespace(tell=lambda commit, names, path: told)


def test_a_commit_says_what_it_is():
    assert ground(repository(), COMMIT) == Ground(
        commit=COMMIT,
        node="base",
        version="7.1",
        epoch=1000,
        family=Family.DEBIAN,
        arch=machine_arch(),
        release=parse_release(RELEASE),
    )


def test_what_it_does_not_say_is_in_os_release():
    found = ground(repository(**{"arkes.node": "", "version": ""}), COMMIT)
    assert (found.node, found.version) == ("base-slim", "7")


def test_the_family_is_that_of_the_tree_and_not_of_who_builds():
    assert ground(repository("ID=example\nID_LIKE=arch"), COMMIT).family is Family.ARCH


@pytest.mark.parametrize("node", ["", "../etc", "Base", "a b"])
def test_a_commit_without_a_node_s_name_is_unfit(node):
    with pytest.raises(BaseUnfit) as caught:
        ground(repository(None, **{"arkes.node": node}), COMMIT)
    assert caught.value.brief == (
        "no Systemfile can stand on abababababab: it does not say which node of a project it is"
    )


CASES = {
    "quotes of both kinds": ("A=\"b c\"\nB='d'", {"A": "b c", "B": "d"}),
    "nothing behind the sign": ("A=", {"A": ""}),
    "comments and other lines": ("# A=b\nno sign\n", {}),
    "an open quote": ('A="b\nC=d', {"C": "d"}),
}


@pytest.mark.parametrize(("text", "wanted"), CASES.values(), ids=CASES.keys())
def test_os_release_is_read(text, wanted):
    assert parse_release(text) == wanted
