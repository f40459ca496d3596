"""A machine that is a folder, whose clock stands still, with deployments that are a list."""

from contextlib import contextmanager
from dataclasses import replace

import pytest

from arkes_build.host.machine import Host

NOW = 1_793_900_000


class FakeSysroot:
    """Hold deployments as a list; what is asked of it is in ``asked``."""

    def __init__(self, deployments):
        self._list = list(deployments)
        self.asked = []
        self.depth = 0

    def deployments(self):
        return tuple(replace(each, index=n) for n, each in enumerate(self._list))

    @property
    def booted(self):
        return next((each for each in self.deployments() if each.is_booted), None)

    @contextmanager
    def changing(self):
        self.depth += 1
        yield
        self.depth -= 1

    def set_default(self, wanted):
        self.asked.append(("default", wanted.version))
        rest = [each for each in self.deployments() if each != wanted and not each.is_staged]
        self._list = [wanted, *rest]

    def undeploy(self, wanted):
        self.asked.append(("undeploy", wanted.version))
        self._list = [each for each in self.deployments() if each != wanted]

    def pin(self, wanted, on):
        self.asked.append(("pin", wanted.version, on))
        self._list = [
            replace(each, is_pinned=on) if each == wanted else each for each in self.deployments()
        ]

    def stage(self, commit, *, origin, kargs=None):
        self.asked.append(("stage", commit[:4], origin.refspec, kargs))
        model = self.booted
        made = replace(
            model,
            checksum=commit,
            serial=1,
            is_booted=False,
            is_staged=True,
            kargs=tuple(kargs or model.kargs),
        )
        self._list = [made, *(each for each in self._list if not each.is_staged)]
        return self.deployments()[0]


@pytest.fixture
def host(tmp_path):
    (tmp_path / "ostree/repo").mkdir(parents=True)
    (tmp_path / "ostree/repo/config").write_text("[core]\nmode=bare\n")
    return Host(root=tmp_path, clock=lambda: NOW, uid=lambda: 0)


@pytest.fixture
def with_deployments(host):
    """Return what makes a machine with some deployments, and its sysroot."""

    def make(*deployments):
        sysroot = FakeSysroot(deployments)
        return replace(host, opener=lambda _host: sysroot), sysroot

    return make
