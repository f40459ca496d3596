"""No text makes a rule stumble that looks at overlays, paths, packages and units."""

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arkes_build.core.diagnostics import render
from arkes_build.core.names import Arch, Family
from arkes_build.core.source import Source
from arkes_build.language.parser import attempt
from arkes_build.project.known import Known
from arkes_build.project.loader import load_what_can_be
from arkes_build.project.model import NodeKind, Part
from arkes_build.project.rules import catalogue
from arkes_build.project.rules.subjects import Subjects

CONFIG = '[bootstrap.debian]\ntool = "files"\nfiles = ["/bin/sh"]\n'
KNOWN = {"base": Known(units=frozenset({"a.service"}), packages={"vim": "1"})}
PIECES = st.sampled_from(
    [
        *("a", "a.service", "a@b", "vim", "vim=2", "quiet", "root=/a", "--user", "--from=a", "--"),
        *("/var/lib/a", "/etc/hosts", "/usr/etc/a", "/opt/$A", "/run/", "/", "overlay/web", "web"),
        *("mkdir -p", "rm -rf", "useradd", "systemctl enable", "systemctl start", "chmod u+s"),
        *("&&", "|", ">", ">>", "<<EOT", "\nEOT\n", "\\\n", "'", '"', "$(", ")", "`", "${", "#"),
        *("/usr/lib/system/package_layer", "--rm", "--aur", "install", "sh -c", "date", "case"),
    ]
)
KEYWORDS = st.sampled_from(
    [
        *("RUN", "COPY", "ADD", "OVERLAY", "PACKAGES", "REMOVE", "AUR", "ENABLE", "MASK", "KARGS"),
        *("SYSCTL", "WORKDIR", "VOLUME", "FROM arkes:base AS a\nRUN", "FROM a\nCOPY --from=a / /"),
    ]
)
LINES = st.builds(
    lambda head, rest: " ".join((head, *rest)),
    KEYWORDS,
    st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=7),
)


@pytest.fixture(scope="module")
def subjects(tmp_path_factory):
    root = tmp_path_factory.mktemp("project")
    unit = root / "overlay/web/usr/lib/systemd/system/a.service"
    unit.parent.mkdir(parents=True)
    unit.write_text("[Service]\nExecStart=/usr/bin/a\n")
    (root / "arkes.toml").write_text(CONFIG)
    return Subjects(project=load_what_can_be(root).project, arch=Arch.X86_64, known=KNOWN)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(LINES, max_size=10), st.sampled_from(list(Family)))
def test_any_text_can_be_looked_at(subjects, lines, family):
    source = Source("variants/x.Systemfile", "\n".join(["FROM arkes:base", *lines]))
    file, _ = attempt(source)
    root = subjects.project.root
    part = Part(name="x", kind=NodeKind.VARIANT, file=file, context=root)
    subject = subjects.of(part, family)
    for check in catalogue.CHECKS if subject else ():
        for finding in check(subject):
            assert finding.code in catalogue.RULES
            assert render(finding)
            spans = [edit.span for edit in finding.fix.edits] if finding.fix else []
            for span in (finding.span, *spans):
                assert span.source is source
                assert 0 <= span.start <= span.end <= len(source.text)
            assert all(a.end <= b.start for a, b in pairwise(spans))
