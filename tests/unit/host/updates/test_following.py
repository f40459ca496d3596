"""Where updates come from is in a deployment's origin and the repository's configuration."""

import dataclasses
from pathlib import Path

import pytest

from arkes_build.host.updates.following import Following, FollowsNothing, following
from arkes_build.sysroot.model import Deployment

DEPLOYMENT = Deployment(
    index=0,
    stateroot="arkes",
    checksum="a" * 64,
    serial=0,
    version="1",
    node="base",
    ref="arkes:arkes/x86_64/base",
    base="",
    path=Path("/nowhere"),
    boot="",
    kargs=(),
    timestamp=0,
    is_booted=True,
    is_staged=False,
    is_rollback=False,
    is_pinned=False,
    unlocked="none",
    tries=None,
    tries_done=0,
    is_blessed=True,
)
CONFIG = '[core]\nmode=bare\n\n[remote "arkes"]\nurl=https://example.org/repo\ngpg-verify=true\n'


def test_a_release_is_followed(host):
    (host.repo / "config").write_text(CONFIG)
    found = following(host, DEPLOYMENT)
    assert found == Following(
        remote="arkes", ref="arkes/x86_64/base", url="https://example.org/repo"
    )
    assert found.refspec == "arkes:arkes/x86_64/base"


def test_what_was_built_here_follows_its_base(host):
    (host.repo / "config").write_text(CONFIG)
    local = dataclasses.replace(
        DEPLOYMENT, ref="local/x86_64/system", base="arkes:arkes/x86_64/base"
    )
    assert following(host, local).is_base
    assert following(host, local).ref == "arkes/x86_64/base"


def test_a_remote_may_be_in_etc(host):
    folder = host.etc / "ostree/remotes.d"
    folder.mkdir(parents=True)
    (folder / "arkes.conf").write_text('[remote "arkes"]\nurl=https://example.org/other\n')
    assert following(host, DEPLOYMENT).url == "https://example.org/other"


@pytest.mark.parametrize(
    ("ref", "config"),
    [
        pytest.param("", CONFIG, id="no origin"),
        pytest.param("local/x86_64/system", CONFIG, id="a ref of the machine itself"),
        pytest.param("arkes:../../etc/passwd", CONFIG, id="what is no ref"),
        pytest.param("arkes:arkes/x86_64/base", "[core]\nmode=bare\n", id="no remote"),
        pytest.param("arkes:arkes/x86_64/base", "\0\xff[[[", id="a config that is none"),
    ],
)
def test_what_follows_nothing_says_why(host, ref, config):
    (host.repo / "config").write_text(config, "latin-1")
    with pytest.raises(FollowsNothing, match="does not know where its updates come from"):
        following(host, dataclasses.replace(DEPLOYMENT, ref=ref))
