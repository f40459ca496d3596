"""Each locked file is held against its hash, wherever it comes from."""

import hashlib

import pytest

from arkes_build.bootstrap.kept import LockedFileDiffers, LockedFileGone, collect
from arkes_build.core.errors import ExitCode
from arkes_build.project.lockfile import PackageFile

DATA = b"a package\n"


def file(data=DATA):
    digest = hashlib.sha256(data).hexdigest()
    return PackageFile(
        name="a", version="1", arch="all", size=len(data), sha256=digest, file="pool/a.deb"
    )


def served(data):
    def fetch(wanted):
        for path in wanted:
            path.write_bytes(data)

    return fetch


def never(_wanted):
    raise AssertionError("nothing is to be fetched")


def gather(tmp_path, fetch, kept=b""):
    old = tmp_path / "old.deb"
    if kept:
        old.write_bytes(kept)
    return collect([file()], tmp_path / "locked", kept={file(): old}, fetch=fetch, node="bootstrap")


def test_a_download_of_before_serves_and_then_the_collection_itself(tmp_path):
    made = gather(tmp_path, never, kept=DATA)
    assert made[file()].read_bytes() == DATA
    (tmp_path / "old.deb").unlink()
    assert gather(tmp_path, never) == made


@pytest.mark.parametrize("kept", [b"", b"tampered"], ids=["none is kept", "the kept one differs"])
def test_a_server_serves_where_nothing_fit_is_kept(tmp_path, kept):
    assert gather(tmp_path, served(DATA), kept=kept)[file()].read_bytes() == DATA


def test_what_was_tampered_with_in_the_collection_is_fetched_anew(tmp_path):
    gather(tmp_path, served(DATA))[file()].write_bytes(b"tampered")
    assert gather(tmp_path, served(DATA))[file()].read_bytes() == DATA


def test_other_bytes_of_a_server_are_refused_and_not_kept(tmp_path):
    with pytest.raises(LockedFileDiffers) as caught:
        gather(tmp_path, served(b"evil"))
    assert caught.value.exit_code is ExitCode.LOCKED
    assert list((tmp_path / "locked").iterdir()) == []


def test_what_no_server_has_is_named(tmp_path):
    with pytest.raises(LockedFileGone) as caught:
        gather(tmp_path, lambda wanted: None)
    assert caught.value.brief == "bootstrap: no mirror has a 1 of arkes.lock any more"
    assert caught.value.details == "a 1: pool/a.deb"


def test_a_link_to_a_file_of_this_machine_becomes_a_file(tmp_path):
    (tmp_path / "there.deb").write_bytes(DATA)

    def fetch(wanted):
        for path in wanted:
            path.symlink_to(tmp_path / "there.deb")

    path = gather(tmp_path, fetch)[file()]
    assert not path.is_symlink()
    assert path.read_bytes() == DATA
