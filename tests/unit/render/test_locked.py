"""A locked build names nothing that the lock does not have."""

import pytest

from arkes_build.project.model import ContextFile
from arkes_build.render.locked import Locked
from arkes_build.render.model import Capabilities
from arkes_build.render.renderer import render

TEXT = """\
FROM registry.example.org/tool:1 AS tool
FROM arkes:base
ARG VERSION=2
ADD https://example.org/a-$VERSION.sh /opt/
ADD --chmod=755 https://example.org/b /usr/bin/b
ADD https://example.org/unknown /c
RUN make
COPY --from=tool /x /x
"""


def downloaded(number):
    return ContextFile(
        path=f".arkes/lock/{str(number) * 64}", type="file", mode=0o600, digest=str(number) * 64
    )


@pytest.fixture
def rendered(make_node):
    locked = Locked(
        packages="a 1 amd64 7 x pool/a.deb\n",
        images={"registry.example.org/tool:1": f"registry.example.org/tool@sha256:{'f' * 64}"},
        downloads={
            "https://example.org/a-2.sh": downloaded(1),
            "https://example.org/b": downloaded(2),
        },
    )
    return render(
        make_node("app", TEXT),
        key="0" * 64,
        parents={"base": "b" * 64},
        capabilities=Capabilities(),
        locked=locked,
    )


def test_an_image_of_elsewhere_is_named_by_its_digest(rendered):
    assert f"FROM registry.example.org/tool@sha256:{'f' * 64} AS tool" in rendered.own


def test_a_download_is_copied_from_the_file_that_was_compared(rendered):
    lines = rendered.own.splitlines()
    assert f"COPY --chmod=0600 .arkes/lock/{'1' * 64} /opt/a-2.sh" in lines
    assert f"COPY --chmod=755 .arkes/lock/{'2' * 64} /usr/bin/b" in lines
    assert {downloaded(1), downloaded(2)} <= set(rendered.files)


def test_what_the_lock_does_not_know_stays_as_it_is(rendered):
    assert "ADD https://example.org/unknown /c" in rendered.own


def test_a_run_sees_the_list_and_the_cache_knows_which(rendered):
    (path,) = [name for name in rendered.inline if name.startswith(".arkes/lock/")]
    assert rendered.inline[path] == b"# locked\na 1 amd64 7 x pool/a.deb\n"
    assert f"--mount=type=bind,source={path},target=/run/arkes-lock" in rendered.own


def test_a_node_without_packages_gets_no_list(make_node):
    rendered = render(
        make_node("app", "FROM arkes:base\nRUN make\n"),
        key="0" * 64,
        parents={},
        capabilities=Capabilities(),
        locked=Locked(),
    )
    assert "arkes-lock" not in rendered.own
    assert not [name for name in rendered.inline if "lock" in name]
