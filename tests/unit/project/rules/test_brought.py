"""Hold which files COPY, ADD and OVERLAY are known to bring, and what is known of them."""

import pytest

from arkes_build.core.names import Arch, Family
from arkes_build.core.source import Source
from arkes_build.language.parser import attempt
from arkes_build.project.loader import load_what_can_be
from arkes_build.project.model import NodeKind, Part
from arkes_build.project.rules.brought import LARGEST, brought
from arkes_build.project.rules.subjects import Subjects

FILES = {
    "overlay/web/etc/motd": "web\n",
    "overlay/web/usr/bin/web": "#!/bin/sh\n",
    "site.conf": "a\n",
    "more/b/c": "c\n",
    "link": "-> site.conf",
    "tools.tar.gz": "x",
}


@pytest.fixture
def bring(tmp_path, cases):
    """Return a function that lists what a text brings."""
    cases.write(tmp_path, {"arkes.toml": cases.bootstrap, **FILES})

    def bring(text):
        source = Source("variants/example.Systemfile", f"FROM arkes:base\n{text}\n")
        file, _ = attempt(source)
        part = Part(name="example", kind=NodeKind.VARIANT, file=file, context=tmp_path)
        project = load_what_can_be(tmp_path).project
        subject = Subjects(project=project, arch=Arch.X86_64, known={}).of(part, Family.DEBIAN)
        return brought(subject)

    return bring


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("OVERLAY web", ["etc/motd web", "usr/bin/web web"], id="an overlay"),
        pytest.param("COPY overlay/web /", ["etc/motd web", "usr/bin/web web"], id="copied whole"),
        pytest.param("COPY overlay/web/etc /etc/", ["etc/motd "], id="a part of an overlay"),
        pytest.param("COPY site.conf /etc/", ["etc/site.conf "], id="into a folder"),
        pytest.param("COPY site.conf /etc/a.conf", ["etc/a.conf "], id="under another name"),
        pytest.param("COPY site.conf /etc", ["etc/site.conf "], id="into a folder of the top"),
        pytest.param(
            "COPY site.conf more /usr/a", ["usr/a/site.conf ", "usr/a/b/c "], id="several sources"
        ),
        pytest.param("COPY <<EOF /usr/a\nx\nEOF", ["usr/a "], id="a here-document"),
        pytest.param('COPY ["site.conf", "/usr/a"]', ["usr/a "], id="a list"),
        pytest.param("ARG A=site\nCOPY $A.conf /usr/a", ["usr/a "], id="a variable with a value"),
        pytest.param("COPY $B /usr/a", [], id="a variable without one"),
        pytest.param("COPY *.conf /usr/a/", [], id="a pattern is left out"),
        pytest.param("COPY missing /usr/a", [], id="what is not there is left out"),
        pytest.param("COPY ../x . /usr/", [], id="what leaves the context, and the whole of it"),
        pytest.param("COPY site.conf etc/", [], id="a folder that depends on WORKDIR"),
        pytest.param("COPY --from=arkes:base /a /usr/b", ["usr/b "], id="from another image"),
        pytest.param("ADD tools.tar.gz /usr/", [], id="an archive is unpacked"),
        pytest.param(
            "ADD https://example.org/a.conf /etc/", ["etc/a.conf "], id="a file that is fetched"
        ),
    ],
)
def test_brought(bring, text, expected):
    assert [f"{each.path} {each.overlay}" for each in bring(text)] == expected


def test_content_of_text_files(bring, tmp_path):
    (tmp_path / "more/large").write_text("x" * (LARGEST + 1))
    (tmp_path / "more/binary").write_bytes(b"a\0b")
    (tmp_path / "more/latin1").write_bytes(b"caf\xe9")
    found = {each.path: each.text() for each in bring("COPY more /\nCOPY link /usr/link")}
    assert found == {"b/c": "c\n", "binary": None, "large": None, "latin1": None, "usr/link": None}


def test_links_and_modes(bring, tmp_path):
    (tmp_path / "site.conf").chmod(0o600)
    (tmp_path / "more/b/c").chmod(0o4711)
    found = bring("COPY link /usr/link\nCOPY site.conf more /usr/\nCOPY --chmod=440 link /usr/b")
    shown = [(each.path, each.link(), each.permissions()) for each in found[:3]]
    assert shown == [
        ("usr/link", "site.conf", 0o755),
        ("usr/site.conf", None, 0o644),
        ("usr/b/c", None, 0o4755),
    ]
    assert found[3].permissions() == 0o440
