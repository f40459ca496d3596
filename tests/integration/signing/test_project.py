"""A project gets a key, builds with it, verifies what it built, and takes nothing tampered with."""

import json
import shutil
import stat
import subprocess
from pathlib import Path

import gi
import pytest

from arkes_build.cli.main import main
from arkes_build.core.errors import ExitCode

gi.require_version("OSTree", "1.0")
from gi.repository import Gio, GLib, OSTree  # noqa: E402 - the version comes first

pytestmark = pytest.mark.engine

TINY = Path(__file__).parents[3] / "examples" / "tiny"
KEYRINGS = "overlay/rootfs/usr/share/ostree/trusted.gpg.d"
REF = "tiny/x86_64/rootfs"


def ostree(*words):
    done = subprocess.run(["ostree", *map(str, words)], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Return a project with two keys, built, and the folder of the keys (with a long path)."""
    folder = tmp_path_factory.mktemp("project")
    root = Path(shutil.copytree(TINY, folder / "tiny"))
    home = folder / ("long" * 40) / "keys"
    rootfs = root / "variants/rootfs.Containerfile"
    text = rootfs.read_text()
    rootfs.write_text(text.replace("\n\n#", "\n\nCOPY overlay/rootfs/ /\n\n#", 1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ARKES_KEYS", str(home))
        for words in (["keys", "new"], ["keys", "new", "--name", "tiny-2"], ["build", "rootfs"]):
            assert main([*words, "--project", str(root), "-q"]) == ExitCode.OK
    return root, home


@pytest.fixture
def project(built, tmp_path, monkeypatch):
    """Return a copy of the built project to play with."""
    root, home = built
    monkeypatch.setenv("ARKES_KEYS", str(home))
    copy = tmp_path / "tiny"
    subprocess.run(["cp", "-a", root, copy], check=True)
    return copy


@pytest.fixture
def call(project, capsys):
    """Return what calls a command on the project and gives its code and what it printed."""

    def call(*words, at=project):
        code = main([*map(str, words), "--project", str(at), "--json"])
        return code, json.loads(capsys.readouterr().out)

    return call


def repo_of(project):
    repo = OSTree.Repo.new(Gio.File.new_for_path(str(project / ".arkes/repo")))
    repo.open(None)
    return repo


def troubles(document):
    (commit,) = document["commits"]
    return [each["part"] for each in commit["troubles"]]


# --- keys ------------------------------------------------------------------------------------


def test_the_halves_of_a_key_are_where_they_belong(built):
    root, home = built
    assert sorted(path.name for path in (root / KEYRINGS).iterdir()) == ["tiny-2.gpg", "tiny.gpg"]
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    secret = list((home / "private-keys-v1.d").iterdir())
    assert [stat.S_IMODE(path.stat().st_mode) for path in secret] == [0o600, 0o600]
    shown = subprocess.run(
        ["gpg", "--batch", "--show-keys", "--with-colons", root / KEYRINGS / "tiny.gpg"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert [line[:4] for line in shown.splitlines()] == ["pub:", "fpr:", "uid:"]


def test_no_secret_is_in_the_project_the_store_or_a_log(built):
    root, home = built
    secrets = [path.read_bytes() for path in (home / "private-keys-v1.d").iterdir()]
    markers = [b"PGP PRIVATE KEY", b"(private-key", *(secret[-60:] for secret in secrets)]
    for path in root.rglob("*"):
        if path.is_file() and not path.is_symlink():
            data = path.read_bytes()
            assert not any(marker in data for marker in markers), path


def test_a_keyring_is_not_written_over(call, project):
    before = (project / KEYRINGS / "tiny.gpg").read_bytes()
    code, said = call("keys", "new")
    assert (code, said["type"]) == (ExitCode.USAGE, "error")
    assert "--name tiny-2" in said["resolution"]
    assert (project / KEYRINGS / "tiny.gpg").read_bytes() == before


def test_keys_are_listed_with_what_they_can_do(call, project):
    (project / KEYRINGS / "tiny-2.gpg").unlink()
    code, said = call("keys", "list")
    assert code == ExitCode.OK
    assert said["schemes"]["gpg"] is True
    uses = sorted((key["owner"], key["is_secret"], key["keyrings"]) for key in said["keys"])
    assert uses == [("Tiny", True, ["tiny"]), ("Tiny tiny-2", True, [])]


def test_an_exported_key_is_the_keyring(project, capfdbinary):
    shown = ["gpg", "--batch", "--show-keys", "--with-colons", project / KEYRINGS / "tiny.gpg"]
    listed = subprocess.run(shown, capture_output=True, text=True, check=True).stdout
    fingerprint = listed.split("fpr:::::::::")[1][:40]
    assert main(["keys", "export", fingerprint[-16:], "--project", str(project)]) == ExitCode.OK
    assert capfdbinary.readouterr().out == (project / KEYRINGS / "tiny.gpg").read_bytes()


# --- what a build signs ----------------------------------------------------------------------


def test_what_was_built_is_good_and_has_both_signatures_and_keyrings(call, project):
    code, said = call("verify", "rootfs")
    (commit,) = said["commits"]
    assert (code, commit["is_good"], commit["troubles"], commit["notes"]) == (0, True, [], [])
    assert sorted(each["owner"] for each in commit["signatures"]) == ["Tiny", "Tiny tiny-2"]
    assert {each["state"] for each in commit["signatures"]} == {"good"}
    listed = ostree("ls", f"--repo={project}/.arkes/repo", REF, "/usr/share/ostree/trusted.gpg.d")
    assert "tiny.gpg" in listed
    assert "tiny-2.gpg" in listed


def test_a_machine_with_that_tree_believes_the_commit(project, tmp_path):
    """As libostree itself does it: the keyrings of the tree, a remote with gpg-verify."""
    machine, keyrings = tmp_path / "machine", tmp_path / "keyrings"
    store = project / ".arkes/repo"
    folder = "/usr/share/ostree/trusted.gpg.d"
    ostree("checkout", f"--repo={store}", "-U", f"--subpath={folder}", REF, keyrings)
    ostree("init", f"--repo={machine}", "--mode=bare")
    url = store.as_uri()
    words = ["--set=gpg-verify=true", f"--set=gpgkeypath={keyrings}"]
    ostree("remote", "add", f"--repo={machine}", *words, "arkes", url)
    ostree("pull", f"--repo={machine}", "arkes", REF)
    assert "Good signature" in ostree(
        "show", f"--repo={machine}", "--gpg-verify-remote=arkes", f"arkes:{REF}"
    )


def test_what_was_not_signed_is_signed_later(call, project):
    for path in (project / ".arkes/repo").glob("objects/*/*.commitmeta"):
        path.unlink()
    code, said = call("verify", "rootfs")
    assert (code, troubles(said)) == (ExitCode.SIGNATURE, ["signature"])
    assert call("verify", "rootfs", "--unsigned")[0] == ExitCode.OK
    code, said = call("keys", "sign", "rootfs")
    assert [len(each["keys"]) for each in said["signed"]] == [2]
    assert call("verify", "rootfs")[0] == ExitCode.OK
    assert [each["keys"] for each in call("keys", "sign", "rootfs")[1]["signed"]] == [[]]


def test_without_the_secret_halves_nothing_is_signed_and_a_notice_says_so(
    project, capsys, monkeypatch, tmp_path
):
    monkeypatch.setenv("ARKES_KEYS", str(tmp_path / "nowhere"))
    (project / KEYRINGS / "tiny-2.gpg").unlink()
    assert main(["build", "rootfs", "--project", str(project)]) == ExitCode.OK
    out = capsys.readouterr().out
    assert out.count("commits are not signed: ") == 1
    assert main(["verify", "rootfs", "--project", str(project)]) == ExitCode.SIGNATURE


def test_keys_that_others_can_read_are_not_used(call, built, monkeypatch, tmp_path):
    home = tmp_path / "keys"
    subprocess.run(["cp", "-a", built[1], home], check=True)
    home.chmod(0o750)
    monkeypatch.setenv("ARKES_KEYS", str(home))
    code, said = call("keys", "list")
    assert (code, said["kind"]) == (ExitCode.SIGNATURE, "signature")
    assert "mode 0750" in said["brief"]


def test_keyrings_are_not_written_through_a_link_out_of_the_project(call, project, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    shutil.rmtree(project / "overlay/rootfs/usr/share/ostree")
    (project / "overlay/rootfs/usr/share/ostree").symlink_to(outside)
    code, said = call("keys", "new", "--name", "other")
    assert (code, list(outside.iterdir())) == (ExitCode.PROJECT, [])
    assert "leads out of the project" in said["brief"]


# --- what verify finds -----------------------------------------------------------------------


def rewrite(project, **changes):
    """Commit the same tree with other metadata, in the place of the node's commit."""
    repo = repo_of(project)
    old = repo.resolve_rev(REF, False)[1]
    loaded = repo.load_commit(old)[1]
    about = {
        loaded.get_child_value(0)
        .get_child_value(at)
        .get_child_value(0)
        .get_string(): loaded.get_child_value(0)
        .get_child_value(at)
        .get_child_value(1)
        .get_variant()
        for at in range(loaded.get_child_value(0).n_children())
    }
    about |= {name.replace("_", ".", 1).replace("_", "-"): value for name, value in changes.items()}
    root = repo.read_commit(old, None)[1]
    made = repo.write_commit_with_time(
        None, "x", None, GLib.Variant("a{sv}", about), root, 1735689700, None
    )[1]
    repo.set_ref_immediate(None, REF, made, None)


@pytest.mark.parametrize(
    ("changes", "parts"),
    [
        pytest.param({}, [], id="the same again is good"),
        pytest.param(
            {"arkes_inputs": GLib.Variant("ay", b"{}")}, ["inputs"], id="other inputs than the key"
        ),
        pytest.param(
            {"arkes_key": GLib.Variant("s", "0" * 64)},
            ["inputs", "os-release"],
            id="another key than the inputs and os-release",
        ),
        pytest.param(
            {"arkes_kernel": GLib.Variant("s", "6.1")}, ["kernel"], id="a kernel that is not there"
        ),
        pytest.param(
            {"ostree_ref-binding": GLib.Variant("as", ["tiny/x86_64/base"])},
            ["ref"],
            id="another ref",
        ),
    ],
)
def test_a_signed_commit_that_does_not_say_the_truth(call, project, changes, parts):
    rewrite(project, **changes)
    call("keys", "sign", "rootfs")
    code, said = call("verify", "rootfs")
    assert (code, troubles(said)) == (ExitCode.SIGNATURE if parts else ExitCode.OK, parts)


def flip(path):
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.unlink()
    path.write_bytes(data)


@pytest.mark.parametrize("kind", ["file", "dirtree", "dirmeta"])
def test_a_damaged_object_is_named(call, project, kind):
    found = (project / ".arkes/repo").glob(f"objects/*/*.{kind}")
    largest = max((p for p in found if not p.is_symlink()), key=lambda p: p.stat().st_size)
    flip(largest)
    code, said = call("verify", "rootfs")
    assert code == ExitCode.SIGNATURE
    assert {"objects"} == set(troubles(said))
    checksum = largest.parent.name + largest.stem
    assert any(checksum in each["text"] for each in said["commits"][0]["troubles"])


def test_a_record_that_disagrees_is_named(call, project):
    path = project / ".arkes/records/rootfs.json"
    record = json.loads(path.read_text())
    record["packages"] = ["evil=1"]
    path.write_text(json.dumps(record))
    code, said = call("verify", "rootfs")
    assert (code, troubles(said)) == (ExitCode.SIGNATURE, ["record"])


def test_files_that_changed_since_are_a_note(call, project):
    (project / "overlay/rootfs/usr/share/more").write_text("more\n")
    code, said = call("verify", "rootfs")
    assert code == ExitCode.OK
    (note,) = said["commits"][0]["notes"]
    assert note.startswith("the project's files would give another key now: ")
    assert "overlay/rootfs/usr/share/more" in note


# --- pull ------------------------------------------------------------------------------------


def test_a_new_store_gets_its_history_and_verifies(call, project, tmp_path):
    fresh = tmp_path / "fresh"
    subprocess.run(["cp", "-a", project, fresh], check=True)
    shutil.rmtree(fresh / ".arkes")
    code, said = call("pull", project / ".arkes/repo", "rootfs", at=fresh)
    assert code == ExitCode.OK
    assert [(each["ref"], each["before"]) for each in said["refs"]] == [(REF, None)]
    code, said = call("verify", at=fresh)
    assert (code, troubles(said)) == (ExitCode.OK, [])
    assert said["commits"][0]["notes"] == ["no build here made it: there is no record of it"]


def test_a_name_that_the_source_does_not_have(call, project):
    code, said = call("pull", project / ".arkes/repo", "rootsf")
    assert code == ExitCode.USAGE
    assert "no ref 'rootsf'" in said["brief"]


def test_a_tampered_source_is_refused(call, project, tmp_path):
    fresh = tmp_path / "fresh"
    subprocess.run(["cp", "-a", project, fresh], check=True)
    shutil.rmtree(fresh / ".arkes")
    flip(next((project / ".arkes/repo").glob("objects/*/*.dirtree")))
    for path in (project / ".arkes/repo").glob("objects/*/*.commitmeta"):
        path.unlink()
    code, said = call("pull", project / ".arkes/repo", "rootfs", at=fresh)
    assert (code, said["kind"]) == (ExitCode.SIGNATURE, "signature")
    assert "is not signed" in said["brief"]
    assert ostree("refs", f"--repo={fresh}/.arkes/repo") == ""
