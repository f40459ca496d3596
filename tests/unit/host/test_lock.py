"""One command at a time changes the machine; everybody else is told who does."""

import os

import pytest

from arkes_build.core.errors import ExitCode
from arkes_build.host.lock import HostBusy, held, holder, lock_path

NOW = 1_793_900_000


def test_the_second_one_is_told_who_holds_it(host, monkeypatch):
    monkeypatch.setenv("SUDO_USER", "alice")
    monkeypatch.setenv("TZ", "UTC")
    with held(host, doing="upgrade"), pytest.raises(HostBusy) as caught, held(host, doing="prune"):
        pass
    assert caught.value.exit_code == ExitCode.STORE_BUSY
    began = "17:33:20"
    assert caught.value.brief == (
        f"`os upgrade` (process {os.getpid()} for alice, since {began}) is changing this machine"
    )


@pytest.mark.parametrize(
    ("uid", "user"),
    [("0", "root"), ("4294967290", ""), ("x", ""), ("9" * 30, "")],
    ids=["somebody", "nobody here", "no number", "no uid"],
)
def test_whoever_called_pkexec_is_named(host, monkeypatch, uid, user):
    monkeypatch.delenv("SUDO_USER", raising=False)
    monkeypatch.setenv("PKEXEC_UID", uid)
    with held(host, doing="upgrade"), pytest.raises(HostBusy) as caught, held(host, doing="prune"):
        pass
    assert caught.value.holder.user == user


def test_it_is_free_again_after_every_end(host):
    with pytest.raises(RuntimeError), held(host, doing="upgrade"):
        raise RuntimeError
    with held(host, doing="prune"):
        pass
    assert holder(host) is None


def test_one_who_only_asks_waits_for_nobody(host):
    assert holder(host) is None
    with held(host, doing="upgrade"):
        found = holder(host)
        assert (found.pid, found.doing, found.since) == (os.getpid(), "upgrade", NOW)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"{", id="half of it"),
        pytest.param(b"[" * 9000, id="too deep"),
        pytest.param(
            b'{"pid": 1, "doing": "", "user": "", "since": 99999999999999999999}',
            id="a time that nobody can show",
        ),
        pytest.param(b"[1]", id="something else"),
        pytest.param(b'{"pid": "x"}', id="no number"),
        pytest.param(b"\xff\xfe", id="no text"),
    ],
)
def test_what_nobody_can_read_still_means_busy(host, text):
    with held(host, doing="upgrade"):
        lock_path(host).write_bytes(text)
        assert holder(host) is None
        with pytest.raises(HostBusy, match="another command"), held(host, doing="prune"):
            pass


def test_a_link_in_its_place_is_not_followed(host, tmp_path):
    lock_path(host).parent.mkdir(parents=True)
    (tmp_path / "other").write_text("precious")
    lock_path(host).symlink_to(tmp_path / "other")
    with pytest.raises(OSError, match="symbolic"), held(host, doing="upgrade"):
        pass
    assert (tmp_path / "other").read_text() == "precious"
