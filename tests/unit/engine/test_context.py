import io
import tarfile

import pytest

from arkes_build.core.digest import bytes_digest
from arkes_build.core.tape import ContentChanged
from arkes_build.engine.context import CONTAINERFILE, pack
from arkes_build.project.model import ContextFile
from arkes_build.render.model import Rendered


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "overlay/base/etc"
    folder.mkdir(parents=True)
    (folder / "motd").write_text("hello")
    (folder / "link").symlink_to("motd")
    (tmp_path / "secret").write_text("not for the context")
    return tmp_path


FILES = (
    ContextFile(path="overlay/base/etc", type="dir", mode=0o711),
    ContextFile(path="overlay/base/etc/link", type="link", mode=0o777, target="motd"),
    ContextFile(
        path="overlay/base/etc/motd", type="file", mode=0o640, digest=bytes_digest(b"hello")
    ),
)


def rendered(files=FILES):
    return Rendered(
        node="base", text="FROM scratch\n", files=files, inline={".arkes/os-release": b"ID=x\n"}
    )


def test_the_context_is_exactly_what_was_planned(project):
    with tarfile.open(fileobj=io.BytesIO(b"".join(pack(rendered(), project)))) as tar:
        found = [(m.name, oct(m.mode), m.mtime, m.uid) for m in tar]
        text = tar.extractfile(CONTAINERFILE).read()
    assert found == [
        (".arkes", "0o755", 0, 0),
        (".arkes/Containerfile", "0o644", 0, 0),
        (".arkes/os-release", "0o644", 0, 0),
        ("overlay", "0o755", 0, 0),
        ("overlay/base", "0o755", 0, 0),
        ("overlay/base/etc", "0o711", 0, 0),
        ("overlay/base/etc/link", "0o777", 0, 0),
        ("overlay/base/etc/motd", "0o640", 0, 0),
    ]
    assert text == b"FROM scratch\n"


def test_modes_and_times_of_the_checkout_and_the_order_of_files_do_not_matter(project):
    before = b"".join(pack(rendered(), project))
    (project / "overlay/base/etc/motd").chmod(0o777)
    (project / "overlay/base/etc").chmod(0o700)
    assert b"".join(pack(rendered(FILES[::-1]), project)) == before


def test_a_file_that_changed_meanwhile_ends_the_packing(project):
    (project / "overlay/base/etc/motd").write_text("HELLO")
    with pytest.raises(ContentChanged, match="overlay/base/etc/motd changed"):
        list(pack(rendered(), project))


def test_a_node_without_files_needs_no_folder():
    data = b"".join(pack(Rendered(node="n", text="FROM scratch\n"), None))
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        assert tar.getnames() == [".arkes", ".arkes/Containerfile"]
