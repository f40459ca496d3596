"""Open a store to look at it: what was never built is told as that, by every command."""

import pytest

from arkes_build.core.events import silent
from arkes_build.history.commits import CommitUnknown
from arkes_build.pipeline.history import diff
from arkes_build.pipeline.log import releases
from arkes_build.pipeline.materials import sbom
from arkes_build.pipeline.options import Options
from arkes_build.pipeline.pinning import pin, unpin
from arkes_build.pipeline.sizes import spending


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda options: diff(options, "base", "", silent), id="diff"),
        pytest.param(lambda options: releases(options, "base", 1), id="log"),
        pytest.param(lambda options: spending(options, "base"), id="size"),
        pytest.param(lambda options: sbom(options, "base", "spdx"), id="sbom"),
        pytest.param(lambda options: pin(options, "base"), id="pin"),
        pytest.param(lambda options: unpin(options, "base"), id="unpin"),
    ],
)
def test_before_the_first_build_no_release_is_known(ask, tmp_path):
    (tmp_path / "arkes.toml").write_text("")
    with pytest.raises(CommitUnknown, match="nothing was built here yet"):
        ask(Options(project=tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["arkes.toml"]
