"""Read refs as files, whatever is in them."""

from collections import defaultdict

from arkes_build.delivery.soundness.damage import Kind
from arkes_build.delivery.soundness.names import partial, ref_damages, refs
from arkes_build.delivery.soundness.scan import Seen

COMMIT = "a" * 64


def ref(folder, name, data):
    path = folder / "refs" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def test_refs_are_told_with_what_they_hold(tmp_path):
    ref(tmp_path, "heads/x/base", f"{COMMIT}\n".encode())
    ref(tmp_path, "remotes/far/base", b"\xff\n")
    ref(tmp_path, "heads/x/.base.1.new", b"half")
    assert refs(tmp_path) == {"refs/heads/x/base": COMMIT, "refs/remotes/far/base": "�"}


def test_refs_that_name_nothing_are_damages():
    present = defaultdict(set, {Kind.COMMIT: {COMMIT}})
    found = {
        "refs/heads/good": COMMIT,
        "refs/heads/gone": "b" * 64,
        f"refs/heads/arkes-layers/{COMMIT}": "",
    }
    told = [(one.name, one.what, one.users) for one in ref_damages(found, Seen(present=present))]
    assert told == [
        ("refs/heads/gone", f"it names the commit {'b' * 64}, which is not there", ("gone",)),
        (f"refs/heads/arkes-layers/{COMMIT}", "it holds no checksum", ()),
    ]


def test_what_fsck_cut_is_not_meant_to_be_partial(tmp_path):
    (tmp_path / "state").mkdir()
    (tmp_path / f"state/{COMMIT}.commitpartial").touch()
    (tmp_path / f"state/{'b' * 64}.commitpartial").write_bytes(b"f")
    assert partial(tmp_path) == {COMMIT}
