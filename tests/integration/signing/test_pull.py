"""Nothing comes in that a trusted key has not signed, whatever way it comes."""

import subprocess

import pytest

from arkes_build.core.errors import ExitCode
from arkes_build.delivery.trust.source import SourceBroken, SourceUnknown
from arkes_build.delivery.trust.verified import RefForeign, pull
from arkes_build.store.signed import ObjectTampered
from arkes_build.store.trust import (
    NobodyTrusted,
    SignatureBad,
    SignatureForeign,
    SignatureMissing,
    State,
)

pytestmark = pytest.mark.engine

REF = "tiny/x86_64/base"
OTHER = "tiny/x86_64/other"


def ostree(*words):
    done = subprocess.run(["ostree", *map(str, words)], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def take(store, address, keys, *refs, **more):
    wanted = refs or (REF,)
    return pull(store, address, lambda _known: wanted, keyrings=[keys.keyring], **more)


def refs(store):
    return sorted(ostree("refs", f"--repo={store}").split())


def is_untouched(store):
    objects = [path for path in (store / "objects").rglob("*") if path.is_file()]
    return (refs(store), objects, list((store / "state").iterdir())) == ([], [], [])


def flip(path, at=-3):
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.unlink()
    path.write_bytes(data)


def the(published, kind, commit=None):
    """Return the largest object of a kind; for a commit, its own."""
    if commit:
        return published / "objects" / commit[:2] / f"{commit[2:]}.{kind}"
    found = (path for path in published.glob(f"objects/*/*.{kind}") if not path.is_symlink())
    return max(found, key=lambda path: path.stat().st_size)


def tip(published, ref=REF):
    return (published / "refs/heads" / ref).read_text().strip()


def test_what_is_signed_comes_in(store, address, published, keys):
    (came,) = take(store, address, keys)
    assert (came.ref, came.commit, came.before, came.version) == (REF, tip(published), None, "1.2")
    assert (came.signature.state, came.signature.key) == (State.GOOD, keys.ours.fingerprint)
    assert (came.releases, came.is_older) == (1, False)
    assert refs(store) == [REF]
    ostree("fsck", f"--repo={store}")
    assert ostree("cat", f"--repo={store}", REF, "/usr/etc/motd") == "release 2"
    assert "arkes-source" not in (store / "config").read_text()


def test_what_came_keeps_its_signature(store, address, published, keys):
    take(store, address, keys)
    # What came can be pulled from here in turn.
    further = store.parent / "further"
    ostree("init", f"--repo={further}", "--mode=bare")
    assert take(further, str(store), keys)[0].commit == tip(published)


def test_history_comes_as_far_as_it_is_wanted(store, address, keys):
    assert take(store, address, keys, depth=-1)[0].releases == 2
    assert ostree("cat", f"--repo={store}", f"{REF}^", "/usr/etc/motd") == "release 1"


@pytest.mark.parametrize("depth", [-1, 3], ids=["all", "more than there is"])
def test_history_may_end_where_the_source_pruned_it(store, address, published, keys, depth):
    first = ostree("rev-parse", f"--repo={published}", f"{REF}^")
    ostree("prune", f"--repo={published}", f"--delete-commit={first}")
    assert not the(published, "commit", first).exists()
    assert take(store, address, keys, depth=depth)[0].releases == 1
    ostree("fsck", f"--repo={store}")


def test_an_older_release_is_taken_and_told(store, address, published, keys):
    take(store, address, keys)
    newest = tip(published)
    first = ostree("rev-parse", f"--repo={published}", f"{REF}^")
    (published / "refs/heads" / REF).write_text(first + "\n")
    ostree("summary", f"--repo={published}", "--update")
    keys.sign_summary(published)
    (came,) = take(store, address, keys)
    assert (came.commit, came.before, came.is_older) == (first, newest, True)


# --- what is refused -------------------------------------------------------------------------


def _unsigned(published, keys):
    for path in published.glob("objects/*/*.commitmeta"):
        path.unlink()


def _foreign(published, keys):
    _unsigned(published, keys)
    keys.sign_commits(published, keys.foreign)


def _foreign_before(published, keys):
    """Sign the newest commit rightly, and the one before it with another key."""
    first = ostree("rev-parse", f"--repo={published}", f"{REF}^")
    the(published, "commitmeta", first).unlink()
    keys.sign_commit(published, first, keys.foreign)


def _signature_of_another(published, keys):
    theirs = the(published, "commitmeta", tip(published, OTHER))
    the(published, "commitmeta", tip(published)).write_bytes(theirs.read_bytes())


def _signature_flipped(published, keys):
    flip(the(published, "commitmeta", tip(published)), -20)


def _signature_garbage(published, keys):
    the(published, "commitmeta", tip(published)).write_bytes(b"\xff" * 400)


def _other_release(published, keys):
    """Offer a commit that was signed for another ref."""
    (published / "refs/heads" / REF).write_text(tip(published, OTHER) + "\n")
    ostree("summary", f"--repo={published}", "--update")
    keys.sign_summary(published)


REFUSED = [
    pytest.param(_unsigned, SignatureMissing, id="not signed"),
    pytest.param(_foreign, SignatureForeign, id="signed by another key"),
    pytest.param(_foreign_before, SignatureForeign, id="a release before it by another key"),
    pytest.param(_signature_of_another, SignatureBad, id="with the signature of another commit"),
    pytest.param(_signature_flipped, SignatureBad, id="one bit of the signature"),
    pytest.param(_signature_garbage, (SignatureMissing, SignatureBad), id="a garbage signature"),
    pytest.param(_other_release, RefForeign, id="another ref's commit"),
    *(
        pytest.param(
            lambda published, _keys, kind=kind: flip(the(published, kind)),
            ObjectTampered,
            id=f"one bit of a {kind}",
        )
        for kind in ("filez", "dirtree", "dirmeta")
    ),
    pytest.param(
        lambda published, _keys: flip(the(published, "commit", tip(published))),
        ObjectTampered,
        id="one bit of the commit",
    ),
    pytest.param(
        lambda published, _keys: the(published, "filez").unlink(), SourceBroken, id="a file is gone"
    ),
]


@pytest.mark.parametrize(("tamper", "error"), REFUSED)
def test_it_is_refused_and_nothing_stays(store, address, published, keys, tamper, error):
    tamper(published, keys)
    with pytest.raises(error) as refused:
        take(store, address, keys, depth=-1)
    assert refused.value.exit_code in (ExitCode.SIGNATURE, ExitCode.NETWORK)
    assert is_untouched(store)


@pytest.mark.parametrize("kind", ["file", "dirtree", "dirmeta", "commit"])
def test_a_bare_repository_is_believed_no_more(store, published, tmp_path, keys, kind):
    bare = tmp_path / "bare" / "repo"
    bare.mkdir(parents=True)
    ostree("init", f"--repo={bare}", "--mode=bare")
    take(bare, str(published), keys)
    flip(the(bare, kind, tip(published) if kind == "commit" else None))
    with pytest.raises(ObjectTampered):
        take(store, str(bare), keys)
    assert is_untouched(store)


def test_a_refused_pull_leaves_what_was_there(store, address, published, keys):
    before = take(store, address, keys, OTHER)[0].commit
    for path in published.glob("objects/*/*.dirtree"):
        if not (store / path.relative_to(published)).exists():
            flip(path)
    with pytest.raises(ObjectTampered):
        take(store, address, keys)
    assert refs(store) == [OTHER]
    assert ostree("rev-parse", f"--repo={store}", OTHER) == before
    ostree("fsck", f"--repo={store}")


def test_after_a_refusal_the_whole_one_is_taken(store, address, published, keys):
    file = the(published, "filez")
    whole = file.read_bytes()
    flip(file)
    with pytest.raises(ObjectTampered):
        take(store, address, keys)
    file.write_bytes(whole)
    take(store, address, keys)
    ostree("fsck", f"--repo={store}")


def test_one_good_signature_among_others_is_enough(store, address, published, keys):
    _foreign(published, keys)
    keys.sign_commits(published)
    (came,) = take(store, address, keys)
    assert came.signature.key == keys.ours.fingerprint


def test_a_commit_that_was_here_unsigned_gets_its_signature(store, address, published, keys):
    ostree("pull-local", f"--repo={store}", published, tip(published))
    for path in store.glob("objects/*/*.commitmeta"):
        path.unlink()
    take(store, address, keys)
    assert the(store, "commitmeta", tip(published)).exists()


def test_the_keys_of_this_machine_and_of_remotes_do_not_count(store, published, keys):
    """libostree would take a keyring beside the repository, whoever put it there."""
    _foreign(published, keys)
    (store / "somebody.trustedkeys.gpg").write_bytes(keys.other.read_bytes())
    with pytest.raises(SignatureForeign):
        take(store, str(published), keys)


def test_without_a_key_nothing_is_believed(store, address):
    with pytest.raises(NobodyTrusted):
        pull(store, address, lambda known: known, keyrings=[])


# --- the summary, which only http needs ------------------------------------------------------


def _no_signature(published, keys):
    (published / "summary.sig").unlink()


def _foreign_signature(published, keys):
    keys.sign_summary(published, keys.foreign)


def _changed(published, keys):
    data = (published / "summary").read_bytes()
    (published / "summary").write_bytes(data.replace(b"tiny/x86_64/other", b"tiny/x86_64/othor"))


@pytest.mark.parametrize(
    ("tamper", "error"),
    [
        pytest.param(_no_signature, SignatureMissing, id="not signed"),
        pytest.param(_foreign_signature, SignatureForeign, id="signed by another key"),
        pytest.param(_changed, SignatureBad, id="changed after it was signed"),
        pytest.param(
            lambda published, _keys: (published / "summary.sig").write_bytes(b"\xff" * 99),
            (SignatureBad, SignatureMissing),
            id="a garbage signature",
        ),
        pytest.param(
            lambda published, _keys: (published / "summary").unlink(), SourceBroken, id="none"
        ),
    ],
)
def test_a_summary_is_refused(store, published, keys, serving, tamper, error):
    tamper(published, keys)
    with serving(published) as url, pytest.raises(error):
        take(store, url, keys)
    assert is_untouched(store)


# --- sources that are none -------------------------------------------------------------------


@pytest.mark.parametrize(
    "location",
    ["/nowhere", "file:///nowhere", "ftp://example.org/", "http://", "http://a b/", "-x", "a\0b"],
)
def test_it_is_no_source(store, keys, location):
    with pytest.raises(SourceUnknown):
        take(store, location, keys)


def test_a_server_that_is_not_there(store, keys):
    with pytest.raises(SourceBroken) as refused:
        take(store, "http://user:secret@127.0.0.1:9/repo", keys)
    assert "secret" not in str(refused.value) + refused.value.details
    assert refused.value.exit_code == ExitCode.NETWORK


def test_no_agent_stays(store, address, keys):
    take(store, address, keys)
    listed = subprocess.run(["ps", "ax"], capture_output=True, text=True, check=True).stdout
    assert "arkes-gpg-" not in listed


# --- deltas, which only http uses ------------------------------------------------------------


@pytest.fixture
def with_deltas(published, keys):
    for words in (["--empty"], ["--from", f"{tip(published)}^"]):
        ostree("static-delta", "generate", f"--repo={published}", f"--to={tip(published)}", *words)
    ostree("summary", f"--repo={published}", "--update")
    keys.sign_summary(published)
    return published


def test_a_delta_brings_what_was_signed(store, with_deltas, keys, serving):
    with serving(with_deltas) as url:
        take(store, url, keys)
    ostree("fsck", f"--repo={store}")


@pytest.mark.parametrize("at", [0, 40, -3], ids=["its first byte", "its middle", "its end"])
@pytest.mark.parametrize("name", ["superblock", "0"])
def test_a_delta_that_was_changed_brings_nothing(store, with_deltas, keys, serving, name, at):
    for path in with_deltas.glob(f"deltas/*/*/{name}"):
        flip(path, at)
    with serving(with_deltas) as url, pytest.raises((ObjectTampered, SourceBroken)):
        take(store, url, keys)
    assert refs(store) == []
    ostree("fsck", f"--repo={store}")
