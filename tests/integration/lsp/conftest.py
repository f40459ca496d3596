"""Speak with `arkes-build lsp` as an editor does: JSON-RPC over the pipes of a real process."""

from __future__ import annotations

import itertools
import json
import queue
import subprocess
import sys
import threading

import pytest

from arkes_build.project.known import Known
from arkes_build.store.index import write_index

PATIENCE = 60
"""Seconds that any one answer may take on a machine that is busy."""


class Client:
    """One editor; texts are kept so that changes can be made by line and column."""

    def __init__(self, *arguments, env=None):
        argv = [sys.executable, "-X", "utf8", "-m", "arkes_build", "lsp", *arguments]
        self.process = subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env
        )
        self.ids = itertools.count(1)
        self.incoming = queue.Queue()
        self.answers = {}
        self.requests = []
        self.messages = []
        self.diagnostics = {}
        self.history = []
        self.errors = b""
        self.threads = [
            threading.Thread(target=self._read, daemon=True),
            threading.Thread(target=self._read_errors, daemon=True),
        ]
        for thread in self.threads:
            thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for thread in self.threads:
            thread.join()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            stream.close()

    def start(self, root=None, **capabilities):
        """Say hello; returns what the server can do."""
        answer = self.ask(
            "initialize",
            processId=None,
            rootUri=root.as_uri() if root else None,
            capabilities=capabilities,
        )
        self.tell("initialized")
        return answer["capabilities"]

    def stop(self):
        """Say good-bye in order; returns the exit code."""
        self.ask("shutdown", params=None)
        self.tell("exit", params=None)
        return self.process.wait(PATIENCE)

    def ask(self, method, **params):
        """Return the result of a request; raises ``Refused`` for an error."""
        return self.result(self.send(method, **params))

    def send(self, method, **params):
        """Send a request and return its number."""
        number = next(self.ids)
        self._send({"id": number, "method": method, "params": params.get("params", params)})
        return number

    def result(self, number):
        self.wait(lambda: number in self.answers)
        answer = self.answers.pop(number)
        if "error" in answer:
            raise Refused(answer["error"])
        return answer["result"]

    def tell(self, method, **params):
        self._send({"method": method, "params": params.get("params", params)})

    def open(self, uri, text, version=1, language="systemfile"):
        item = {"uri": uri, "languageId": language, "version": version, "text": text}
        self.tell("textDocument/didOpen", textDocument=item)

    def open_file(self, project, name, text=None):
        """Open a file of a project, with another text than it has on disk if one is given."""
        path = project / name
        self.diagnostics.pop(path.as_uri(), None)
        self.open(path.as_uri(), path.read_text() if text is None else text)
        return path.as_uri()

    def type(self, uri, version, text):
        """Replace a text by one with a ``|`` where the cursor is; returns the cursor's place."""
        before, _, after = text.partition("|")
        self.change(uri, version, before + after)
        return place(before)

    def offered(self, uri, text):
        """Return what is offered at the ``|`` of a text: label → item."""
        at = self.type(uri, next(self.ids), text)
        answer = self.ask("textDocument/completion", textDocument={"uri": uri}, position=at)
        return {item["label"]: item for item in answer["items"]}

    def about(self, method, uri, text, **more):
        """Ask about the ``|`` of a text that the server has already, without the mark."""
        at = place(text.partition("|")[0])
        return self.ask(f"textDocument/{method}", textDocument={"uri": uri}, position=at, **more)

    def change(self, uri, version, *changes):
        """Send changes: a text replaces all, a (line, column, line, column, text) a part."""
        told = [c if isinstance(c, str) else (span(*c[:4]), c[4]) for c in changes]
        self.tell(
            "textDocument/didChange",
            textDocument={"uri": uri, "version": version},
            contentChanges=[
                {"text": c} if isinstance(c, str) else {"range": c[0], "text": c[1]} for c in told
            ],
        )

    def findings(self, uri, wanted):
        """Wait until ``wanted`` is true of the diagnostics of a file, and return them."""
        self.wait(lambda: uri in self.diagnostics and wanted(self.diagnostics[uri]))
        return self.diagnostics[uri]

    def codes(self, uri, *codes):
        """Wait until the diagnostics of a file have just these codes, in the order of places."""
        return self.findings(uri, lambda all_: [d["code"] for d in all_] == [*codes])

    def wait(self, condition):
        while not condition():
            try:
                message = self.incoming.get(timeout=PATIENCE)
            except queue.Empty:
                pytest.fail(f"no answer; {self.history[-3:]} {self.errors.decode()}")
            assert message is not None, f"the server is gone: {self.errors.decode()}"
            self._take(message)

    def _take(self, message):
        if "method" not in message:
            self.answers[message["id"]] = message
        elif message["method"] == "textDocument/publishDiagnostics":
            params = message["params"]
            self.diagnostics[params["uri"]] = params["diagnostics"]
            self.history.append(params)
        elif "id" in message:
            self.requests.append(message)
            self._send({"id": message["id"], "result": None})
        else:
            self.messages.append(message)

    def _send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def _read(self):
        stream = self.process.stdout
        while header := stream.readline():
            length = 0
            while header.strip():
                name, _, value = header.partition(b":")
                assert name in (b"Content-Length", b"Content-Type"), header
                if name == b"Content-Length":
                    length = int(value)
                header = stream.readline()
            self.incoming.put(json.loads(stream.read(length)))
        self.incoming.put(None)

    def _read_errors(self):
        for line in self.process.stderr:
            self.errors += line


class Refused(Exception):
    """An answer that is an error; ``message`` is what the server says."""

    def __init__(self, error):
        super().__init__(error["message"])
        self.message = error["message"]


def place(before):
    """Return the position behind a text, in UTF-16 as the protocol has it."""
    line = before.rpartition("\n")[2]
    return {"line": before.count("\n"), "character": len(line.encode("utf-16-le")) // 2}


def span(line, column, end_line, end_column):
    return {
        "start": {"line": line, "character": column},
        "end": {"line": end_line, "character": end_column},
    }


FILES = {
    "arkes.toml": """\
[bootstrap.debian]
tool = "files"
files = ["/bin/sh"]

[bootstrap.arch]
tool = "files"
files = ["/bin/sh"]
""",
    "variants/rootfs.Containerfile": "FROM arkes:bootstrap\nRUN true\n",
    "variants/base.Containerfile": """\
# x-name=Base System
# x-depends=rootfs
# x-templates=slim
FROM arkes:rootfs

COPY overlay/base/ /
""",
    "variants/web.Systemfile": """\
# x-name=Web
FROM arkes:base AS build
ARG PORT=8080
RUN make -C /src

FROM arkes:base
COPY --from=build /src/site /usr/share/site
""",
    "templates/slim.Containerfile": """\
ARG BASE_VARIANT_ID
FROM arkes:${BASE_VARIANT_ID}
RUN rm -rf /usr/share/man
""",
    "overlay/base/etc/motd": "welcome\n",
    "overlay/base/usr/lib/systemd/system/hello.service": "[Service]\nExecStart=/bin/true\n",
    "overlay/site/usr/share/site/index.html": "<p>hello\n",
    "nginx/site.conf": "server {}\n",
}


KNOWN = Known(
    units=frozenset({"ssh.service"}),
    user_units=frozenset({"pipewire.socket"}),
    packages={"nano": "7.2-1", "nginx-core": "1.22"},
)


def write_project(folder):
    """Write a small project into a folder, and return it."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.fixture
def project(tmp_path):
    """Return the folder of a small project."""
    return write_project(tmp_path / "project")


@pytest.fixture
def cold_editor():
    """Return an editor whose server waits for the first word."""
    with Client() as client:
        yield client


@pytest.fixture
def editor_that_talks():
    """Return an editor whose server says more of what it does."""
    with Client("--log-level", "info") as client:
        yield client


@pytest.fixture
def editor(cold_editor):
    """Return an editor that has said hello; at the end the server must go in order."""
    cold_editor.start()
    yield cold_editor
    assert cold_editor.stop() == 0
    assert cold_editor.errors == b""


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """Return an editor and a project for questions that change nothing."""
    with Client() as client:
        client.start()
        yield client, write_project(tmp_path_factory.mktemp("shared") / "project")
        assert client.stop() == 0
        assert client.errors == b""


@pytest.fixture(scope="session")
def refused():
    """Return the class of an answer that is an error."""
    return Refused


@pytest.fixture
def built(project):
    """Return a project whose store tells of one node that was built."""
    store = project / ".arkes"
    (store / "index").mkdir(parents=True)
    write_index(store, "base", KNOWN)
    (store / "store.json").write_text('{"family": "debian"}')
    return project
