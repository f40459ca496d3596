"""Rendered texts, lowered ones too, mean to a real engine what their sources say."""

import hashlib
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from arkes_build.core.digest import file_digest
from arkes_build.core.events import silent
from arkes_build.core.names import Arch
from arkes_build.engine.podman import PodmanEngine
from arkes_build.engine.protocol import BuildRequest
from arkes_build.project.model import ContextFile
from arkes_build.render.model import Capabilities
from arkes_build.render.renderer import render, render_identity

pytestmark = pytest.mark.engine

KEY = "0123456789abcdef" * 4
LOWERED = Capabilities(heredocs=False)
ROOTFS = """\
FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox", "sh", "-c", "for d in etc tmp usr/lib var; do /bin/busybox mkdir -p /$d; done"]
RUN ["/bin/busybox", "--install", "-s", "/bin"]
ENV FROM_PARENT=yes
USER 1000
"""


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    made = PodmanEngine(memory=tmp_path_factory.mktemp("engine") / "engine.json")
    yield made
    made.close()


@pytest.fixture(scope="module")
def build(engine, make_node, tmp_path_factory):
    """Return a function that renders and builds a text, and returns the image."""
    context = tmp_path_factory.mktemp("context")
    shutil.copy("/bin/busybox", context / "busybox")
    (context / "busybox").chmod(0o755)
    file = ContextFile(
        path="busybox", type="file", mode=0o755, digest=file_digest(context / "busybox")
    )

    def make(name, text, *, parents=None, capabilities=None, **options):
        fields = options.pop("fields", {})
        files = (file,) if "COPY busybox" in text else ()
        node = make_node(name, text, **{"files": files, **fields})
        key = options.pop("key", KEY)
        rendered = render(
            node,
            key=key,
            parents=parents or {},
            capabilities=capabilities or engine.capabilities(),
        )

        def call(part, **more):
            request = BuildRequest(
                rendered=part,
                arguments=part.arguments,
                context=context,
                arch=Arch.X86_64,
                epoch=0,
                log=context / f"{name}.log",
                **more,
            )
            return engine.build(request, silent)

        own = call(replace(rendered, text=rendered.own))
        found = {"packages": (), "mirrors": (), **options}
        identity = render_identity(node, key=key, image=own.id, **found)
        return call(identity, tag=f"localhost/arkes-render-test:{name}", keeps_steps=False)

    return make


@pytest.fixture(scope="module")
def rootfs(build):
    return build("rootfs", ROOTFS)


def on_rootfs(build, rootfs, capabilities):
    def make(text, **options):
        images = {"rootfs": rootfs.id}
        known = {"parents": images, "capabilities": capabilities}
        return build("app", text, **{**known, **options})

    return make


@pytest.fixture(scope="module", params=["as the engine likes it", "without here-documents"])
def app(request, build, rootfs):
    """Return a function that builds a text on the root file system."""
    return on_rootfs(build, rootfs, LOWERED if request.param == "without here-documents" else None)


@pytest.fixture(scope="module")
def lowered(build, rootfs):
    """Return the same for texts whose here-documents we put into other words.

    An engine that has here-documents reads them its own way: buildah 1.39 forgets the flags
    of SHELL, and expands nothing between single quotes.
    """
    return on_rootfs(build, rootfs, LOWERED)


def read(image, path):
    return find(image, path).read_text()


def find(image, path):
    return next(p for layer in reversed(image.layers) if (p := layer.path / path).exists())


def test_here_documents_of_run_run_as_written(lowered):
    image = lowered(
        """\
FROM arkes:rootfs
USER 0
ARG VERSION_ID
RUN <<EOT
set -e
# a comment, and what begins like one
echo "$VERSION_ID $FROM_PARENT 'quoted' back\\\\slash" > /plain

printf '\\ttab\\n' >> /plain
EOT
RUN cat <<one > /one && cat <<'two' > /two
# $VERSION_ID
one
$VERSION_ID
two
RUN <<-"EOT"
	#!/bin/awk -f
	BEGIN { print "by awk" > "/awk" }
	EOT
SHELL ["/bin/sh", "-e", "-x", "-c"]
RUN <<EOT
case $- in *e*) echo strict > /shell;; esac
EOT
"""
    )
    assert read(image, "plain") == "2026.10 yes 'quoted' back\\slash\n\ttab\n"
    assert read(image, "one") == "# 2026.10\n"
    assert read(image, "two") == "$VERSION_ID\n"
    assert read(image, "awk") == "by awk\n"
    assert read(image, "shell") == "strict\n"


def test_a_failing_line_of_a_script_fails_the_build(app):
    with pytest.raises(Exception, match="exit"):
        app("FROM arkes:rootfs\nUSER 0\nRUN <<EOT\nset -e\nfalse\necho no\nEOT\n")


def test_here_documents_of_copy_become_files_of_root(lowered):
    image = lowered(
        """\
FROM arkes:rootfs
ARG HASH
ENV NAME="big  world"
COPY <<EOF /etc/greeting
Hello '$NAME' "${NAME:+yes}" \\$NAME $HASH
EOF
COPY --chmod=0600 <<a.conf <<"b.conf" /etc/conf.d/
a
a.conf
$NAME
b.conf
""",
        key="ab" * 32,
    )
    assert read(image, "etc/greeting") == f"Hello 'big  world' \"yes\" $NAME {'ab' * 32}\n"
    assert read(image, "etc/conf.d/a.conf") == "a\n"
    assert read(image, "etc/conf.d/b.conf") == "$NAME\n"
    status = find(image, "etc/conf.d/b.conf").stat()
    assert (status.st_mode & 0o7777, status.st_uid, status.st_gid) == (0o600, 0, 0)
    assert find(image, "etc/greeting").stat().st_mode & 0o7777 == 0o644


def test_the_identity_is_the_last_layer_and_only_that(app):
    hostile = "a \"b\" $(id) `id` ${HOME} \\ 'c'"
    packages = tuple(f"package-{i}=1.2.3-{i}+deb12u1" for i in range(3000))
    image = app(
        "FROM arkes:rootfs\nARG VARIANT\nENV SAID=$VARIANT\n",
        packages=(*packages, "z=$1"),
        mirrors=("https://example.org/debian",),
        fields={"display_name": hostile, "arguments": {"VARIANT": hostile}},
    )
    top = image.layers[-1].path
    files = sorted(str(p.relative_to(top)) for p in top.rglob("*") if not p.is_dir())
    assert files == ["usr/lib/os-release"]
    status = (top / "usr/lib/os-release").stat()
    assert (status.st_mode & 0o7777, status.st_uid, status.st_gid) == (0o644, 0, 0)
    labels = image.config["Labels"]
    assert labels["packages"] == " ".join([*packages, "z=$1"])
    assert labels["mirrorlist"] == "https://example.org/debian"
    assert labels["os-release.VARIANT"] == hostile
    assert labels["hash"] == KEY
    assert f"SAID={hostile}" in image.config["Env"]
    assert image.config["User"] == "1000"


def test_a_changed_argument_is_never_answered_from_the_cache(app):
    """Hold off buildah 1.28, which looks at an instruction's text only."""
    text = "FROM arkes:rootfs\nARG A=1\nARG VERSION_ID\nENV SAID=$VERSION_ID-$A\n"
    for version in ("1", "2"):
        image = app(text, fields={"arguments": {"VERSION_ID": version}}, packages=(version,))
        assert f"SAID={version}-1" in image.config["Env"]
        assert image.config["Labels"]["packages"] == version
    image = app(text.replace("A=1", "A=2"), fields={"arguments": {"VERSION_ID": "2"}})
    assert "SAID=2-2" in image.config["Env"]


def test_the_identity_runs_nothing_of_what_people_wrote_again(app):
    text = "FROM arkes:rootfs\nUSER 0\nRUN cat /proc/sys/kernel/random/uuid > /uuid\n"
    first, second = (app(text, packages=(name,)) for name in ("a", "b"))
    assert [layer.diff_id for layer in first.layers] == [layer.diff_id for layer in second.layers]


def test_other_nodes_are_found_by_their_image(app, build, rootfs):
    tools = build("tools", "FROM scratch\nCOPY busybox /tools/busybox\n")
    image = app(
        """\
FROM scratch AS files
COPY --from=arkes:tools /tools/busybox /copied
FROM arkes:rootfs
USER 0
COPY --from=files /copied /from-stage
RUN --mount=type=bind,from=arkes:tools,source=/tools,target=/mnt cp /mnt/busybox /from-mount
""",
        parents={"rootfs": rootfs.id, "tools": tools.id},
    )
    expected = file_digest(Path("/bin/busybox"))
    assert file_digest(find(image, "from-stage")) == expected
    assert file_digest(find(image, "from-mount")) == expected


def test_downloads_are_shared_between_builds_and_never_in_a_layer(app):
    mark = hashlib.sha256(os.urandom(8)).hexdigest()[:12]
    app(f"FROM arkes:rootfs\nUSER 0\nRUN echo {mark} > /var/cache/arkes/test-{mark}\n")
    image = app(
        f"FROM arkes:rootfs\nUSER 0\nRUN cat /var/cache/arkes/test-{mark} > /seen && "
        f"rm /var/cache/arkes/test-{mark}\n"
    )
    assert read(image, "seen") == f"{mark}\n"
    assert not any(list(layer.path.glob("var/cache/arkes/*")) for layer in image.layers)


def test_overlong_lines_reach_the_engine_whole(app):
    long = "x" * 70_000
    image = app(
        f"FROM arkes:rootfs\nUSER 0\nRUN echo {long} | wc -c > /shell\n"
        f"RUN <<EOT\necho {long} | wc -c > /script\nEOT\nENV LAST=reached\n"
    )
    assert read(image, "shell") == "70001\n"
    assert read(image, "script") == "70001\n"
    assert "LAST=reached" in image.config["Env"]


def test_a_node_on_another_architecture_would_have_its_own_cache(make_node):
    node = make_node("app", "FROM scratch\nRUN x\n")
    other = replace(node, arch=Arch.AARCH64)
    texts = {render(n, key=KEY, parents={}, capabilities=LOWERED).text for n in (node, other)}
    assert len({text.partition("id=arkes-debian-")[2].split()[0] for text in texts}) == 2
