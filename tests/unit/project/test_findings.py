"""Hold what people read when a project is wrong, character by character.

Each golden file is a whole project and the findings about it. ``ARKES_WRITE_GOLDEN=1``
writes what comes out into the files; read the difference before it is committed.
"""

import os
from pathlib import Path

import pytest

from arkes_build.core.diagnostics import render

GOLDEN = Path(__file__).parents[2] / "golden/project/findings"
CASES = sorted(GOLDEN.glob("*.txt"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem.replace("-", " "))
def test_finding(path, tmp_path, cases):
    files, family, expected = cases.read(path)
    cases.write(tmp_path, {"arkes.toml": cases.bootstrap, **files})
    found = "\n".join(render(each) for each in cases.findings(tmp_path, family))
    if os.environ.get("ARKES_WRITE_GOLDEN"):
        head = path.read_text().partition("=== findings")[0]
        path.write_text(f"{head}=== findings {family.value}\n{found}\n")
        return
    assert found == expected


def test_there_are_cases():
    assert len(CASES) > 30
