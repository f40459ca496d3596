from __future__ import annotations

import resource
from typing import TYPE_CHECKING

import pytest

from arkes_build.engine.limits import containers_conf

if TYPE_CHECKING:
    from pathlib import Path

NONE = "CapEff:\t000001fffeffffff\n"
ALL = "CapEff:\t000001ffffffffff\n"
KEPT = '[containers]\ndefault_ulimits = ["nofile=1024:20000", "nproc=9000:9000"]\n'
ENDLESS = resource.RLIM_INFINITY


@pytest.mark.parametrize(
    ("nofile", "nproc", "capabilities", "text"),
    [
        pytest.param((1024, 20000), (9000, 9000), NONE, KEPT, id="low, and may not be raised"),
        pytest.param((1024, 20000), (9000, 9000), ALL, "", id="low, but podman may raise them"),
        pytest.param((1024, 1048576), (ENDLESS, ENDLESS), NONE, "", id="high enough"),
        pytest.param(
            (1024, 524288),
            (ENDLESS, ENDLESS),
            NONE,
            '[containers]\ndefault_ulimits = ["nofile=1024:524288", "nproc=-1:-1"]\n',
            id="one low, the other without end",
        ),
        pytest.param((1024, 20000), (9000, 9000), "", KEPT, id="nothing known about capabilities"),
    ],
)
def test_our_limits_are_kept_where_podman_could_not_raise_them(
    nofile: tuple[int, int],
    nproc: tuple[int, int],
    capabilities: str,
    text: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limits = {resource.RLIMIT_NOFILE: nofile, resource.RLIMIT_NPROC: nproc}
    monkeypatch.setattr(resource, "getrlimit", limits.__getitem__)
    status = tmp_path / "status"
    status.write_text(f"Name:\tpython\n{capabilities}")
    assert containers_conf(status) == text
