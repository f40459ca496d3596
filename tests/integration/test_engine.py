"""Build with the real podman of this machine, whatever isolation works here."""

import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from arkes_build.core import tape
from arkes_build.core.digest import bytes_digest, file_digest
from arkes_build.core.errors import ToolMissing
from arkes_build.core.events import Notice, OutputLine, StepStarted, silent
from arkes_build.core.names import machine_arch
from arkes_build.engine.errors import (
    BuildStepFailed,
    EngineUnreachable,
    Interrupted,
    PackageUnknown,
    StorageUnfit,
)
from arkes_build.engine.podman import PodmanEngine
from arkes_build.engine.protocol import BuildRequest
from arkes_build.engine.service import PrivateService
from arkes_build.project.model import ContextFile
from arkes_build.render.model import Rendered

pytestmark = pytest.mark.engine

BUSYBOX = Path("/usr/bin/busybox")
EPOCH = 1_700_000_000


@pytest.fixture(scope="module")
def memory(tmp_path_factory):
    return tmp_path_factory.mktemp("memory") / "engine.json"


@pytest.fixture(scope="module")
def notices():
    return []


@pytest.fixture(scope="module")
def engine(memory, notices):
    engine = PodmanEngine(memory=memory, sink=notices.append)
    engine.start()
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """Return the tar of a tree with nothing but busybox."""
    path = tmp_path_factory.mktemp("tree") / "tree.tar"
    digest = file_digest(BUSYBOX)
    with path.open("wb") as stream:
        stream.write(tape.folder("bin"))
        stream.writelines(
            tape.from_disk("bin/busybox", BUSYBOX, kind="file", mode=0o755, digest=digest)
        )
        stream.write(tape.END)
    return path


@pytest.fixture(scope="module")
def base(engine, tree):
    return engine.load(tree, tag="localhost/arkes-test:base", arch=machine_arch(), epoch=EPOCH)


@pytest.fixture
def make_request(tmp_path, base):
    def make(text, *, node="leaf", files=(), context=None, **fields):
        rendered = Rendered(node=node, text=f"FROM sha256:{base.id}\n{text}", files=files)
        return BuildRequest(
            rendered=rendered,
            context=context or tmp_path,
            tag=f"localhost/arkes-test:{node}",
            arch=machine_arch(),
            epoch=EPOCH,
            log=tmp_path / "logs" / node / "build.log",
            **fields,
        )

    return make


@pytest.fixture
def new():
    """Return a word that no layer of an earlier test run knows."""
    return uuid.uuid4().hex


def run(script):
    return f'RUN ["/bin/busybox", "sh", "-c", "{script}"]\n'


def test_the_engine_says_once_what_works_and_remembers_it(engine, memory, notices):
    assert engine.describe().startswith("podman ")
    assert [type(n) for n in notices] == [Notice]
    assert notices[0].message.startswith("builds run in ")
    again = PodmanEngine(memory=memory, sink=notices.append)
    try:
        assert again.describe() == engine.describe()
    finally:
        again.close()
    assert len(notices) == 1


def test_a_build_tells_its_steps_and_output_and_keeps_a_log(engine, make_request, new):
    events = []
    request = make_request(run(f"echo {new}"))
    image = engine.build(request, events.append)
    assert events == [
        StepStarted(node="leaf", index=1, total=2, text=request.rendered.text.splitlines()[0]),
        StepStarted(node="leaf", index=2, total=2, text=run(f"echo {new}")[:-1]),
        OutputLine(node="leaf", text=new),
    ]
    assert engine.images([image.id, "0" * 64]) == {image.id}
    assert "STEP 2/2" in request.log.read_text()


def test_layers_name_the_folders_of_their_diffs(engine, base, make_request):
    image = engine.build(make_request(run("echo text >/file")), silent)
    assert image.layers[:-1] == base.layers
    assert (image.layers[-1].path / "file").read_text() == "text\n"
    assert (base.layers[0].path / "bin/busybox").stat().st_mode & 0o7777 == 0o755


def test_the_second_build_runs_nothing(engine, make_request, tmp_path, new):
    (tmp_path / "file").write_text(new)
    file = ContextFile(path="file", type="file", mode=0o644, digest=bytes_digest(new.encode()))
    request = make_request("COPY file /file\n" + run("echo once >/once"), files=(file,))
    first = engine.build(request, silent)
    (tmp_path / "file").unlink()
    (tmp_path / "file").write_text(new)
    (tmp_path / "file").chmod(0o755)
    os.utime(tmp_path / "file", (1, 1))
    before = request.log.read_text()
    second = engine.build(request, silent)
    assert second == first
    log = request.log.read_text()
    assert log.startswith(before)
    assert log.removeprefix(before).count("Using cache") == 2


def test_attributes_and_modes_of_the_context_arrive(engine, make_request, tmp_path):
    (tmp_path / "file").write_text("")
    os.setxattr(tmp_path / "file", "user.note", b"\xff\x00")
    capability = bytes.fromhex("0100000200040000000000000000000000000000")
    os.setxattr(tmp_path / "file", "security.capability", capability)
    file = ContextFile(
        path="file",
        type="file",
        mode=0o640,
        digest=bytes_digest(b""),
        xattrs=(
            ("security.capability", bytes_digest(capability)),
            ("user.note", bytes_digest(b"\xff\x00")),
        ),
    )
    image = engine.build(make_request("COPY file /file\n", files=(file,)), silent)
    found = image.layers[-1].path / "file"
    assert (found.stat().st_mode & 0o7777, found.stat().st_uid) == (0o640, 0)
    assert os.getxattr(found, "user.note") == b"\xff\x00"
    assert os.getxattr(found, "security.capability") == capability


@pytest.mark.parametrize(
    ("script", "kind", "code"),
    [
        pytest.param("echo broken; exit 7", BuildStepFailed, 7, id="a program fails"),
        pytest.param(
            "echo E: Unable to locate package foo; exit 100", PackageUnknown, 100, id="no package"
        ),
    ],
)
def test_a_failed_step_names_itself(engine, make_request, script, kind, code):
    with pytest.raises(BuildStepFailed) as caught:
        engine.build(make_request(run(script)), silent)
    error = caught.value
    assert (type(error), error.code, error.index) == (kind, code, 2)
    assert error.step == run(script).strip()
    assert error.log.read_text()


def test_arguments_reach_the_steps_that_declare_them(engine, make_request):
    events = []
    request = make_request(
        "ARG WORD\n" + run("echo said $WORD"),
        arguments={"WORD": "a b", "OTHER": "x"},
        no_cache=True,
    )
    engine.build(request, events.append)
    assert events[-1] == OutputLine(node="leaf", text="said a b")


def test_builds_run_side_by_side(engine, make_request):
    requests = [
        make_request(run(f"echo {n} >/n; busybox sleep 1"), node=f"leaf{n}", no_cache=True)
        for n in range(4)
    ]
    begin = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        images = list(pool.map(lambda request: engine.build(request, silent), requests))
    found = [(image.layers[-1].path / "n").read_text() for image in images]
    assert found == ["0\n", "1\n", "2\n", "3\n"]
    assert time.monotonic() - begin < 60


def test_the_same_tree_is_the_same_image_and_is_loaded_once(engine, base, tree):
    again = engine.load(tree, tag="localhost/arkes-test:twin", arch=machine_arch(), epoch=EPOCH)
    assert again == base
    twin, never = (f"localhost/arkes-test:{name}" for name in ("twin", "never"))
    assert engine.images([twin, never]) == {twin}
    assert [layer.chain_id for layer in base.layers] == [f"sha256:{file_digest(tree)}"]


def processes(marker):
    found = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True)
    return [line for line in found.stdout.splitlines() if f"sleep {marker}" in line]


def containers():
    """Return our working containers; podman fails while another run removes one of its own."""
    while True:
        found = subprocess.run(
            ["podman", "ps", "--all", "--external", "--format", "{{.Names}}"],
            capture_output=True,
            text=True,
            check=False,
        )
        if found.returncode == 0:
            return {name for name in found.stdout.split() if name.startswith("arkes-test")}
        assert "no such container" in found.stderr or "not known" in found.stderr, found.stderr
        time.sleep(0.1)


def wait_for(condition, seconds=90):
    end = time.monotonic() + seconds
    while time.monotonic() < end and not condition():
        time.sleep(0.05)
    return condition()


def test_closing_ends_a_running_build_with_all_it_started(memory, make_request):
    before = containers()
    engine = PodmanEngine(memory=memory)
    caught = []

    def build():
        try:
            engine.build(make_request(run("busybox sleep 98765 & busybox sleep 98765")), silent)
        except Interrupted as error:
            caught.append(error)

    thread = threading.Thread(target=build)
    thread.start()
    assert wait_for(lambda: len(processes(98765)) >= 2)
    engine.close()
    thread.join(timeout=30)
    assert len(caught) == 1
    assert processes(98765) == []
    assert containers() <= before
    engine.close()


def test_a_killed_run_leaves_nothing_running(memory, base):
    before = containers()
    text = f"FROM sha256:{base.id}\n" + run("busybox sleep 98764 & busybox sleep 98764")
    body = f"""
from pathlib import Path
from arkes_build.core.events import silent
from arkes_build.core.names import machine_arch
from arkes_build.engine.podman import PodmanEngine
from arkes_build.engine.protocol import BuildRequest
from arkes_build.render.model import Rendered
PodmanEngine(memory=Path({str(memory)!r})).build(BuildRequest(
    rendered=Rendered(node="n", text={text!r}), context=None, tag="localhost/arkes-test:n",
    arch=machine_arch(), epoch=0, log=Path({str(memory.with_name("log"))!r})), silent)
"""
    with subprocess.Popen([sys.executable, "-c", body]) as process:
        begun = wait_for(lambda: len(processes(98764)) >= 2)
        process.send_signal(signal.SIGKILL)
    assert begun
    assert wait_for(lambda: processes(98764) == [])
    assert wait_for(lambda: containers() <= before)


def test_container_host_is_respected(monkeypatch, base):
    service = PrivateService()
    monkeypatch.setenv("CONTAINER_HOST", service.address().url)
    engine = PodmanEngine()
    try:
        assert engine.describe().endswith("a service that was there")
        assert engine.images([base.id]) == {base.id}
        engine.close()
        assert service.address().is_own
    finally:
        service.close()


def test_storage_that_keeps_no_folders_is_refused_before_anything_is_built(monkeypatch, tmp_path):
    places = f'graphroot = "{tmp_path}/graph"\nrunroot = "{tmp_path}/run"\n'
    (tmp_path / "storage.conf").write_text(f'[storage]\ndriver = "vfs"\n{places}')
    monkeypatch.setenv("CONTAINERS_STORAGE_CONF", str(tmp_path / "storage.conf"))
    monkeypatch.delenv("CONTAINER_HOST", raising=False)
    monkeypatch.setattr("arkes_build.engine.service._usual_socket", lambda: None)
    engine = PodmanEngine(memory=tmp_path / "memory")
    try:
        with pytest.raises(StorageUnfit, match="podman's storage driver is vfs"):
            engine.capabilities()
    finally:
        engine.close()
    assert not (tmp_path / "memory").exists()


def test_a_service_that_is_not_there_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("CONTAINER_HOST", f"unix://{tmp_path}/none.sock")
    engine = PodmanEngine()
    with pytest.raises(EngineUnreachable) as caught:
        engine.describe()
    assert (
        caught.value.brief == f"the container engine does not answer at unix://{tmp_path}/none.sock"
    )
    engine.close()


def test_without_podman_it_says_so(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    engine = PodmanEngine()
    with pytest.raises(ToolMissing, match="podman is not installed"):
        engine.capabilities()
    engine.close()
