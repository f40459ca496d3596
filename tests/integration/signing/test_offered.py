"""What a source offers is looked at without taking it, and judged as strictly as a pull."""

import pytest

from arkes_build.delivery.trust.offered import look
from arkes_build.delivery.trust.source import RefUnknown
from arkes_build.history.commits import History
from arkes_build.history.view import View
from arkes_build.store.trust import NobodyTrusted, SignatureForeign, SignatureMissing, State

pytestmark = pytest.mark.engine

REF = "tiny/x86_64/base"


def tip(published):
    return (published / "refs/heads" / REF).read_text().strip()


def files(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_a_commit_comes_without_its_tree(store, address, published, keys):
    before = files(store / "objects")
    with look(store, address, REF, keyrings=[keys.keyring]) as (offered, rings):
        assert offered.commit == tip(published)
        link = offered.judge(rings)
        assert (link.version, link.signature.state) == ("1.2", State.GOOD)
        assert {path.suffix for path in files(offered.folder / "objects")} <= {
            ".commit",
            ".commitmeta",
        }
        assert History(offered.folder).commit(offered.commit).version == "1.2"
        folder = offered.folder
    assert not folder.exists()
    assert files(store / "objects") == before


def test_single_files_of_a_tree_come(store, address, keys):
    with look(store, address, REF, keyrings=[keys.keyring]) as (offered, rings):
        offered.judge(rings)
        offered.fetch(["/usr/etc/motd", "/usr/etc/nothing"])
        history = History(offered.folder)
        view = View(history.trees, history.commit(offered.commit).root)
        assert view.text("usr/etc/motd") == "release 2\n"
        assert not [path for path in files(offered.folder) if path.stat().st_size > 20_000]
        assert offered.delta() is None


@pytest.mark.parametrize(
    ("key", "error"),
    [
        pytest.param(None, SignatureMissing, id="by nobody"),
        pytest.param("foreign", SignatureForeign, id="by another key"),
    ],
)
def test_a_commit_that_is_not_signed_rightly_is_refused(
    store, address, published, keys, key, error
):
    for path in published.glob("objects/*/*.commitmeta"):
        path.unlink()
    if key:
        keys.sign_commits(published, getattr(keys, key))
    with (
        look(store, address, REF, keyrings=[keys.keyring]) as (offered, rings),
        pytest.raises(error),
    ):
        offered.judge(rings)


def test_without_keys_nobody_is_asked(store):
    with pytest.raises(NobodyTrusted), look(store, "http://127.0.0.1:9/", REF, keyrings=[]):
        pass


def test_a_ref_that_is_not_there_is_named(store, address, keys):
    wanted = "tiny/x86_64/nothing"
    with (
        pytest.raises(RefUnknown, match=wanted),
        look(store, address, wanted, keyrings=[keys.keyring]),
    ):
        pass
