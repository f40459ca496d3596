"""A machine knows where its things are, and what it is not."""

import pytest

from arkes_build.core.errors import ExitCode
from arkes_build.host.machine import Host, NotDeployed
from arkes_build.host.privilege import RootNeeded


def test_everything_is_below_the_root(host, tmp_path):
    places = (host.repo, host.etc, host.var, host.run, host.esp, host.systemfile)
    assert [str(place.relative_to(tmp_path)) for place in places] == [
        "ostree/repo",
        "etc",
        "var/lib/arkes",
        "run/arkes",
        "efi",
        "etc/system/Systemfile",
    ]


def test_the_keyrings_of_the_image_come_first(host, tmp_path):
    names = ("etc/ostree/trusted.gpg.d/a.gpg", "usr/share/ostree/trusted.gpg.d/z.gpg")
    for name in (*names, "etc/ostree/trusted.gpg.d/note.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert host.keyrings == (tmp_path / names[1], tmp_path / names[0])


def test_a_machine_without_a_repository_is_none_of_ours(tmp_path):
    with pytest.raises(NotDeployed) as caught:
        Host(root=tmp_path).must_be_deployed()
    assert caught.value.exit_code == ExitCode.SYSTEM
    assert caught.value.brief == "this machine does not run from an OSTree deployment"


def test_who_may_only_look_is_told_how_to_change(tmp_path):
    with pytest.raises(RootNeeded) as caught:
        Host(root=tmp_path, uid=lambda: 1000).need_root("os upgrade")
    assert caught.value.exit_code == ExitCode.DENIED
    assert (caught.value.brief, caught.value.resolution) == (
        "`os upgrade` needs root",
        "sudo os upgrade   (or, on a desktop: pkexec os upgrade)",
    )


def test_root_may_change(host):
    host.need_root("os upgrade")
    host.must_be_deployed()
