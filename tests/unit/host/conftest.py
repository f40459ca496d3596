"""A machine that is a folder, and whose clock stands still."""

import pytest

from arkes_build.host.machine import Host

NOW = 1_793_900_000


@pytest.fixture
def host(tmp_path):
    (tmp_path / "ostree/repo").mkdir(parents=True)
    (tmp_path / "ostree/repo/config").write_text("[core]\nmode=bare\n")
    return Host(root=tmp_path, clock=lambda: NOW, uid=lambda: 0)
