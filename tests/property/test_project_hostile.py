"""Law of hostile projects: whatever the files say, what comes out is nodes or findings."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from arkes_build.core.diagnostics import render
from arkes_build.core.errors import ArkesError
from arkes_build.core.names import Arch, Family
from arkes_build.project.reading import read_project

PIECES = [
    "FROM arkes:a",
    "FROM arkes:${BASE_VARIANT_ID}",
    "FROM arkes:${X:?y} AS s",
    "FROM s",
    "FROM $X",
    "FROM --family=arch --arch=x86_64 scratch",
    "ARG X=a HASH",
    "ENV X=$X$X",
    "ENV X $Y",
    "COPY $X/*[ ${Y%%[} /",
    "COPY --from=$X . ..",
    'ADD ["../x", "\\u0000", "/"]',
    "RUN --mount=type=bind,source=.. true",
    'RUN --mount="type=bind true',
    "RUN --mount=,=,from=arkes: true",
    "FROM arkes:\x1b[1m${X:?\x1b[2m}",
    "COPY --from=arkes:\x1b[1m / /",
    "COPY <<A <<B /\nx\nA\nB",
    "ONBUILD COPY --family=x . .",
    "PACKAGES a",
    "# x-templates=t-t,t,-,a-",
    "# x-depends=a,,b",
    "# x-families=,",
    "# x-arch=x86_64",
    "# escape=`",
    "\\",
    "\udcff\0",
]
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=10), max_size=8).map("\n".join)
OURS = {
    "config-unknown-key",
    "config-value",
    "context-ignored",
    "context-missing",
    "context-outside",
    "depends-disagree",
    "from-missing",
    "template-parent",
    "template-twice",
    "unknown-template",
    "unknown-variable",
    "unknown-variant",
}
CONFIGS = st.sampled_from(["", "[bootstrap.debian]\ntool = 'files'\nfiles = ['/bin/sh']\n"]) | TEXTS


@settings(max_examples=150, deadline=None)
@given(TEXTS, TEXTS, TEXTS, CONFIGS, TEXTS, st.sampled_from(Family))
def test_nothing_else_comes_out(a, b, t, config, ignored, family):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        texts = {
            "arkes.toml": config,
            "variants/a.Containerfile": a,
            "variants/b.Systemfile": b,
            "templates/t.Containerfile": t,
            ".dockerignore": ignored,
        }
        for path, text in texts.items():
            (root / path).parent.mkdir(exist_ok=True)
            (root / path).write_bytes(text.encode("utf-8", "surrogateescape"))
        for finding in findings(root, family):
            assert render(finding)
            assert finding.code not in OURS or (finding.message + finding.remedy).isprintable()


def findings(root, family):
    try:
        return read_project(root, family=family, arch=Arch.X86_64).warnings
    except ArkesError as error:
        return getattr(error, "diagnostics", ())
