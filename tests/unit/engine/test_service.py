import os
import socket
import threading
from pathlib import Path

import pytest

from arkes_build.core.errors import ExitCode
from arkes_build.engine import service
from arkes_build.engine.errors import EngineElsewhere, EngineUnreachable
from arkes_build.engine.service import Address, PrivateService, answers, given_address


@pytest.fixture
def listen(tmp_path):
    """Return the function that answers once at a socket."""
    threads = []

    def begin(answer, name="s"):
        path = tmp_path / name
        server = socket.socket(socket.AF_UNIX)
        server.bind(str(path))
        server.listen()

        def serve():
            connection, _ = server.accept()
            with server, connection:
                connection.recv(1000)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        threads.append(thread)
        return path

    yield begin
    for thread in threads:
        thread.join()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(b"HTTP/1.0 200 OK\r\n\r\nOK", True, id="a web server's answer"),
        pytest.param(b"220 mail.example.org\r\n", False, id="some other service"),
        pytest.param(b"", False, id="nothing"),
    ],
)
def test_only_a_ping_that_is_answered_counts(listen, answer, expected):
    assert answers(listen(answer)) is expected


def test_no_socket_no_answer(tmp_path):
    assert not answers(tmp_path / "none")
    assert not answers(tmp_path / ("x" * 200))


def test_the_named_service_goes_first(monkeypatch, listen):
    path = listen(b"HTTP/1.1 200 OK\r\n\r\n")
    monkeypatch.setenv("CONTAINER_HOST", f"unix://{path}")
    assert given_address() == Address(url=f"unix://{path}", is_own=False)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("tcp://builder.example.org:8080", "tcp://builder.example.org:8080"),
        ("ssh://me:secret@example.org/run/podman.sock", "ssh://***@example.org/run/podman.sock"),
    ],
)
def test_a_service_on_another_machine_is_refused_before_it_is_asked(monkeypatch, address, shown):
    monkeypatch.setenv("CONTAINER_HOST", address)
    with pytest.raises(EngineElsewhere) as caught:
        given_address()
    assert caught.value.brief == f"the container engine at {shown} is on another machine"
    assert caught.value.exit_code is ExitCode.ENGINE
    assert "unset CONTAINER_HOST" in caught.value.resolution


def test_a_named_socket_that_does_not_answer_is_an_error(monkeypatch, tmp_path):
    monkeypatch.setenv("CONTAINER_HOST", f"unix://{tmp_path}/none")
    with pytest.raises(EngineUnreachable, match="does not answer"):
        given_address()


def test_the_usual_socket_is_used_when_it_answers(monkeypatch, listen):
    monkeypatch.delenv("CONTAINER_HOST", raising=False)
    path = listen(b"HTTP/1.1 200 OK\r\n\r\n")
    monkeypatch.setattr(service, "_usual_socket", lambda: path)
    assert given_address() == Address(url=f"unix://{path}", is_own=False)
    monkeypatch.setattr(service, "_usual_socket", lambda: path.with_name("none"))
    assert given_address() is None


@pytest.fixture
def podman(monkeypatch, tmp_path):
    """Put a program in podman's place that does as the test says."""

    def put(body):
        program = tmp_path / "bin/podman"
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\n{body}\n")
        program.chmod(0o755)
        runtime = tmp_path / "run"
        runtime.mkdir(exist_ok=True)
        monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
        return runtime

    return put


def test_a_service_that_ends_at_once_says_why(podman):
    runtime = podman("echo cannot find a storage.conf >&2; exit 125")
    private = PrivateService("runc")
    with pytest.raises(EngineUnreachable) as caught:
        private.address()
    assert caught.value.details == "cannot find a storage.conf"
    private.close()
    assert list(runtime.iterdir()) == []


def test_the_private_folder_is_for_nobody_else_and_goes_with_the_service(podman):
    runtime = podman('echo "$@"; exec sleep 600')
    private = PrivateService("runc")
    private.start()
    (folder,) = runtime.iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700
    private.close()
    private.close()
    assert list(runtime.iterdir()) == []
    with pytest.raises(EngineUnreachable):
        private.address()


def test_what_killed_runs_left_is_swept_and_nothing_else(podman):
    runtime = podman("exec sleep 600")
    for name, content in (("arkes-old", "service.log"), ("arkes-kept", "notes"), ("other", "x")):
        (runtime / name).mkdir()
        (runtime / name / content).write_text("")
        os.utime(runtime / name, (1, 1))
    (runtime / "arkes-new").mkdir()
    private = PrivateService()
    private.start()
    private.close()
    assert {path.name for path in runtime.iterdir()} == {"arkes-kept", "other", "arkes-new"}


def test_folders_of_sockets_are_on_a_file_system_that_a_restart_empties(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert service._runtime_folder() == str(tmp_path)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(Path("/no/such/folder")))
    assert service._runtime_folder() in {"/run", None}
