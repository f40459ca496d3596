"""Damage a store in ways that no single bit does, and make it whole again."""

import functools
import http.server
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from arkes_build.delivery.soundness.damage import Kind, State
from arkes_build.delivery.soundness.donor import DonorUnusable
from arkes_build.delivery.soundness.fsck import NoRepository, fsck
from arkes_build.store import refs
from arkes_build.store.repository import Repository

pytestmark = pytest.mark.engine

KILLS = 20
CHILD = """
import sys
from pathlib import Path
sys.path[:0] = [sys.argv[1], str(Path(sys.argv[1]) / "tests/integration/faults")]
import conftest
made = conftest.Made(Path(sys.argv[2]))
for line in sys.argv[3:]:
    image, *chain = line.split(",")
    made.chains[image] = tuple(
        conftest.LayerDiff(chain_id=f"sha256:{name}", path=made.root / "layers" / name)
        for name in chain
    )
print("ready", flush=True)
made.repair()
"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def address(archive):
    handler = functools.partial(Quiet, directory=str(archive))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def objects(repo, *endings):
    found = sorted(repo.glob("objects/??/*"))
    return [path for path in found if path.suffix[1:] in (endings or ("file", "dirtree"))]


def ruin(paths, chance):
    """Remove every second, fill the others with something else."""
    for at, path in enumerate(paths):
        if at % 2 or path.is_symlink():
            path.unlink()
        else:
            path.write_bytes(chance.randbytes(50))


def is_clean(repo):
    argv = ["ostree", "fsck", f"--repo={repo}"]
    return subprocess.run(argv, check=False, capture_output=True).returncode == 0


def test_all_files_and_directories_come_back_from_the_layers(made, tools, chance):
    before = tools.contents(made.path)
    ruin(objects(made.repo, "file", "dirtree", "dirmeta"), chance)
    assert made.repair().left == ()
    assert tools.contents(made.path) == before


@pytest.mark.parametrize("source", ["folder", "server"])
def test_all_of_a_node_comes_back_from_what_was_published(source, made, archive, address, chance):
    nodes = refs.read(made.repo, "test/x86_64/server")
    ruin(objects(made.repo, "file", "dirtree", "dirmeta"), chance)
    ruin([made.repo / "objects" / nodes[:2] / f"{nodes[2:]}.commit"], chance)
    made.repair(images=False, source=archive if source == "folder" else address)
    assert refs.read(made.repo, "test/x86_64/server") == nodes
    assert made.look().damages == ()
    assert is_clean(made.repo)


def test_a_published_repository_is_repaired_from_the_store(made, published, tools, chance):
    ruin(objects(published, "filez", "dirtree", "dirmeta", "commit"), chance)
    told = tools.repair(published, source=made.repo)
    assert told.left == ()
    assert is_clean(published)


def test_what_no_source_has_is_named_with_the_remedy(made, chance):
    victim = next(path for path in objects(made.repo, "file") if b"release" in path.read_bytes())
    victim.write_bytes(b"something else")
    checksum = victim.parent.name + victim.stem
    told = made.repair(images=False)
    (damage,) = told.left
    assert (damage.kind, damage.name) == (Kind.FILE, checksum)
    assert "--from" in damage.told
    waits = made.repo / "arkes-damaged" / victim.parent.name / victim.name
    assert str(waits) in damage.told
    assert waits.read_bytes() == b"something else"
    # With the layers at hand again it is as before, and nothing waits any more.
    assert made.repair().left == ()
    assert not waits.exists()


def test_a_lost_release_goes_back_to_the_one_before(made, chance):
    ref = "test/x86_64/server"
    lost = refs.read(made.repo, ref)
    path = made.repo / "objects" / lost[:2] / f"{lost[2:]}.commit"
    data = bytearray(path.read_bytes())
    data[-80:-60] = bytes(20)
    path.write_bytes(data)
    told = made.repair()
    (damage, record) = told.left
    assert (damage.name, record.kind) == (lost, Kind.RECORD)
    assert "went back to" in damage.told
    before = refs.read(made.repo, ref)
    assert before
    assert before != lost
    left = made.look().damages
    assert [one.kind for one in left] == [Kind.RECORD]
    assert is_clean(made.repo)


def test_records_and_the_identity_are_told_and_mended(made):
    (made.path / "store.json").write_text("{")
    (made.path / "records/server.json").write_text('{"format": 1}')
    found = {(one.kind, one.name) for one in made.look().damages}
    assert found == {(Kind.STORE, "store.json"), (Kind.RECORD, "records/server.json")}
    told = made.repair()
    assert [(one.kind, one.told) for one in told.left] == [
        (Kind.RECORD, "the next build makes it anew")
    ]
    assert '"family": "debian"' in (made.path / "store.json").read_text()


def test_a_kill_at_any_moment_of_a_repair_loses_nothing(made, tools, chance):
    before = tools.contents(made.path)
    root = Path(__file__).parents[3]
    lines = [
        ",".join([image, *(one.chain_id.removeprefix("sha256:") for one in chain)])
        for image, chain in made.chains.items()
    ]
    kills = 0
    for _ in range(KILLS):
        ruin(chance.sample(objects(made.repo, "file", "dirtree"), 8), chance)
        argv = [sys.executable, "-c", CHILD, str(root), str(made.root), *lines]
        with subprocess.Popen(argv, stdout=subprocess.PIPE, start_new_session=True) as child:
            assert child.stdout.readline() == b"ready\n"
            time.sleep(chance.uniform(0, 0.25))
            os.killpg(child.pid, signal.SIGKILL)
            kills += child.wait() == -signal.SIGKILL
        assert made.repair().left == ()
        assert tools.contents(made.path) == before
    assert kills > KILLS // 4


def test_a_damaged_donor_gives_what_it_has_right(made, published, chance):
    ruin(chance.sample(objects(made.repo, "file"), 6), chance)
    ruin(objects(published, "filez")[::2], chance)
    told = made.repair(images=False, source=published)
    assert {one.state for one in told.damages} == {State.LEFT, State.REPAIRED}
    assert made.repair().left == ()


def test_a_folder_in_the_place_of_an_object_is_told(made):
    victim = objects(made.repo, "dirtree")[0]
    victim.unlink()
    victim.mkdir()
    assert "Is a directory" in made.look().damages[0].what


def test_a_large_file_is_read_in_pieces(tmp_path):
    import resource

    folder = tmp_path / "layer"
    folder.mkdir()
    with (folder / "large").open("wb") as stream:
        stream.truncate(300 << 20)
    repo = tmp_path / "repo"
    from arkes_build.store.model import LayerDiff

    Repository.open(repo).commit_layers([LayerDiff(chain_id="1" * 64, path=folder)])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert fsck(repo)[0].damages == ()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 40 << 10


@pytest.mark.parametrize("name", ["", "nowhere"])
def test_what_is_no_repository_is_refused(name, tmp_path):
    with pytest.raises(NoRepository):
        fsck(tmp_path / name)


@pytest.mark.parametrize("where", ["/nowhere", "ftp://example.org/repo", "http://127.0.0.1:9/repo"])
def test_a_donor_that_is_none_is_refused_before_anything_is_touched(where, made, tools, chance):
    ruin(objects(made.repo)[:3], chance)
    before = tools.contents(made.path)
    with pytest.raises(DonorUnusable):
        made.repair(source=where)
    assert tools.contents(made.path) == before
