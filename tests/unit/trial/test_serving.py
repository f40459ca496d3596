"""A folder on the loopback, for a guest that may be gone at any moment."""

import http.client
import socket
import struct
import threading

from arkes_build.trial.serving import GUESTS_HOST, served

LARGE = 64 << 20
ABORT = struct.pack("ii", 1, 0)
"""A reset in place of an end (socket(7), SO_LINGER)."""


def port_of(address):
    return int(address.removeprefix(f"http://{GUESTS_HOST}:"))


def test_files_are_served_to_who_stays(tmp_path):
    (tmp_path / "summary").write_bytes(b"all of it")
    with served(tmp_path) as address:
        asked = http.client.HTTPConnection("127.0.0.1", port_of(address))
        asked.request("GET", "/summary")
        assert asked.getresponse().read() == b"all of it"
        asked.close()


def test_a_guest_that_hangs_up_is_nobodys_fault(tmp_path, capsys):
    with (tmp_path / "large").open("wb") as stream:
        stream.truncate(LARGE)
    with served(tmp_path) as address:
        with socket.create_connection(("127.0.0.1", port_of(address))) as guest:
            guest.sendall(b"GET /large HTTP/1.0\r\n\r\n")
            guest.recv(1)
            guest.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
        for thread in threading.enumerate():
            if "process_request_thread" in thread.name:
                thread.join(10)
    assert capsys.readouterr().err == ""
