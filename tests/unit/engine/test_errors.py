from pathlib import Path

import pytest

from arkes_build.core.errors import ExitCode
from arkes_build.engine.errors import (
    BuildStepFailed,
    EngineUnreachable,
    NetworkDown,
    PackageUnknown,
    Step,
    StepDiskFull,
    shorten,
    step_failure,
)

STEP = Step(stage=2, index=3, text="RUN /usr/lib/system/package_layer vimm")


@pytest.mark.parametrize(
    ("output", "kind", "code", "subject"),
    [
        pytest.param(
            ["E: Unable to locate package vimm"],
            PackageUnknown,
            ExitCode.PACKAGE,
            "vimm",
            id="an unknown package",
        ),
        pytest.param(
            ["Could not resolve 'mirror.example.org'"],
            NetworkDown,
            ExitCode.NETWORK,
            "mirror.example.org",
            id="no network",
        ),
        pytest.param(
            ["cp: No space left on device"], StepDiskFull, ExitCode.DISK_FULL, "", id="a full disk"
        ),
        pytest.param(["Error 2"], BuildStepFailed, ExitCode.BUILD_STEP, "", id="anything else"),
    ],
)
def test_the_output_decides_the_kind(output, kind, code, subject):
    error = step_failure("base", step=STEP, output=output, log=Path("/log"), code=100)
    assert (type(error), error.exit_code, error.subject) == (kind, code, subject)
    assert (error.step, error.stage, error.index, error.code) == (STEP.text, 2, 3, 100)
    assert error.details == output[0]


def test_a_failed_step_says_which_how_and_where_the_log_is():
    lines = [f"line {number}" for number in range(60)]
    error = step_failure("base", step=STEP, output=lines, log=Path("/x/y.log"), code=2)
    assert error.brief.endswith("`RUN /usr/lib/system/package_layer vimm` ended with exit code 2")
    assert error.details.splitlines() == lines[-20:]
    assert error.resolution == "the full log is in /x/y.log"


def test_passwords_of_urls_are_not_shown():
    error = EngineUnreachable("tcp://me:secret@host:1", reason="x://a:b@c", own=False)
    assert "secret" not in error.brief + error.details
    assert "a:b" not in error.details


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("RUN a", "RUN a", id="short"),
        pytest.param("RUN a\nb", "RUN a…", id="more lines"),
        pytest.param("x" * 100, "x" * 71 + "…", id="long"),
        pytest.param("RUN --mount=type=cache,target=/x make", "RUN make", id="mounts"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_a_step_is_shown_in_one_line(text, expected):
    assert shorten(text) == expected
