import sys

import pytest

from arkes_build.bootstrap.errors import (
    BootstrapDiskFull,
    BootstrapFailed,
    BootstrapNetworkDown,
    BootstrapPackageUnknown,
)
from arkes_build.bootstrap.tool import run_tool
from arkes_build.core.errors import ExitCode


def failing(*lines):
    return [sys.executable, "-c", f"import sys; print({chr(10).join(lines)!r}); sys.exit(3)"]


@pytest.mark.parametrize(
    ("line", "kind", "code"),
    [
        pytest.param(
            "E: Unable to locate package x", BootstrapPackageUnknown, ExitCode.PACKAGE, id="package"
        ),
        pytest.param(
            "Could not resolve 'm.example.org'",
            BootstrapNetworkDown,
            ExitCode.NETWORK,
            id="network",
        ),
        pytest.param(
            "No space left on device", BootstrapDiskFull, ExitCode.DISK_FULL, id="a full disk"
        ),
        pytest.param("boom", BootstrapFailed, ExitCode.BOOTSTRAP, id="anything else"),
    ],
)
def test_the_last_lines_decide_the_kind(line, kind, code):
    with pytest.raises(BootstrapFailed) as caught:
        run_tool(failing("I: begin", line), lambda _line: None)
    assert (type(caught.value), caught.value.exit_code) == (kind, code)
    assert line in caught.value.details


def test_nobody_sees_a_password():
    heard = []
    with pytest.raises(BootstrapFailed) as caught:
        run_tool(failing("Err http://me:secret@m.example.org/debian"), heard.append)
    assert heard == ["Err http://***@m.example.org/debian"]
    assert caught.value.details == heard[0]
