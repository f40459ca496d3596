"""No text makes a rule stumble, and whatever it finds lies in the text."""

from functools import cache
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arkes_build.core.diagnostics import render
from arkes_build.core.names import Arch
from arkes_build.core.source import Source
from arkes_build.project.inspection import inspect_file
from arkes_build.project.loader import load_what_can_be
from arkes_build.project.rules.catalogue import RULES

HERE = Path(__file__).parents[2]
KEYWORDS = (
    *("FROM", "from", "RUN", "COPY", "ADD", "ARG", "ENV", "LABEL", "USER", "WORKDIR", "EXPOSE"),
    *("CMD", "ENTRYPOINT", "HEALTHCHECK", "SHELL", "ONBUILD RUN", "MAINTAINER", "VOLUME", "Run"),
    *("PACKAGES", "OVERLAY", "SYSCTL", "# check=skip=", "# x-families="),
)
PIECES = st.sampled_from(
    [
        *("arkes:base", "debian", "scratch", "AS a", "as A", "--from=a", "--platform=x", "$A"),
        *("${A:-b}", "${A", "A=1", "A b", "'", '"', "\\\n", "\n", "<<EOT\nx\nEOT", "| sh", "&&"),
        *("curl -o a https://example.org/a", "wget", "git clone x", "-b", "pip install", "chmod"),
        *("777", "sudo", "cd", "apt-get install", "pacman -S", "PASSWORD=x", "id_rsa", "80/TCP"),
        *("sudo-needless", "all", ",", ";", "$(", ")", "`", "https://u:p@h", '["a"]', "[", "\t"),
    ]
)
LINES = st.builds(
    lambda head, rest: " ".join((head, *rest)),
    st.sampled_from(KEYWORDS),
    st.lists(st.one_of(PIECES, st.text(max_size=6)), max_size=6),
)


@cache
def project():
    # no fixture: hypothesis would write the whole value down
    return load_what_can_be(HERE).project


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(LINES, max_size=12), st.booleans())
def test_any_text_can_be_inspected(lines, begins_well):
    text = "\n".join((["FROM arkes:base"] if begins_well else []) + lines)
    source = Source("variants/x.Systemfile", text)
    for finding in inspect_file(source, project(), arch=Arch.X86_64):
        assert finding.code in RULES
        assert finding.span is not None
        assert 0 <= finding.span.start <= finding.span.end <= len(text)
        assert render(finding)
        for edit in finding.fix.edits if finding.fix else ():
            assert 0 <= edit.span.start <= edit.span.end <= len(text)
