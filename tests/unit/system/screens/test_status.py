"""What `os status` says in the situations that a machine gets into."""

import json
from dataclasses import replace

import pytest

from arkes_build.host.facts import Facts
from arkes_build.host.health import Check, Health
from arkes_build.host.lock import Holder
from arkes_build.host.records import Record
from arkes_build.host.status import Shown, Status, role_of
from arkes_build.host.updates.remembered import Remembered
from arkes_build.store.trust import Signature, State
from arkes_build.sysroot.fallen import Fallen
from arkes_build.system.screens.status import status_lines, status_shape

NOW = 1_793_900_000
WELL = Health(
    when=NOW,
    boot="b",
    checks=(Check(name="10-units", is_well=True, code=0, seconds=0.1, output=""),),
)
ILL = replace(
    WELL,
    checks=(
        *WELL.checks,
        Check(name="20-net", is_well=False, code=1, seconds=2.0, output="a\nno address on eth0\n"),
    ),
)
QUIET = Status(
    deployments=(),
    health=WELL,
    fallen=(),
    available=None,
    last=None,
    busy=None,
    has_systemfile=False,
)
GOOD = (Signature(state=State.GOOD, key="A" * 40, owner="Example <os@example.org>", timestamp=1),)
OFFER = Remembered(
    when=NOW,
    state="newer",
    ref="arkes/x86_64/base",
    commit="4" * 64,
    version="2026.11.4",
    is_available=True,
)
FELL = Fallen(
    commit="9" * 64,
    version="2026.11.9",
    ref="arkes:arkes/x86_64/base",
    when=NOW - 86400,
    reason="health check 20-net: no address on eth0",
    tries=3,
)


@pytest.fixture
def situations(make_deployment):
    """Return each situation by its name."""

    def shown(*deployments, signatures=GOOD):
        facts = Facts(packages=412, kernel="6.12.48", key="k1", image="i1")
        ordered = [replace(each, index=n) for n, each in enumerate(deployments)]
        return tuple(
            Shown(
                deployment=each,
                role=role_of(each, ordered),
                facts=facts,
                signatures=signatures,
            )
            for each in ordered
        )

    old, now = make_deployment("2026.11.1"), make_deployment("2026.11.2", is_booted=True)
    new = make_deployment("2026.11.3", is_staged=True, is_blessed=False)
    own = replace(
        now,
        version="2026.11.2+local.1",
        ref="local/x86_64/machine",
        base="arkes:arkes/x86_64/base",
    )
    trial = replace(now, tries=2, is_blessed=False)
    far = make_deployment("2026.10.7", is_pinned=True)
    failed = Record(
        action="upgrade", when=NOW, result="network", detail="the server did not answer"
    )
    busy = Holder(pid=77, doing="upgrade", user="alice", since=NOW)
    unsigned, strange = (), (replace(GOOD[0], state=State.UNKNOWN),)
    return {
        "fresh": replace(QUIET, deployments=shown(now)),
        "two": replace(QUIET, deployments=shown(now, old)),
        "staged": replace(QUIET, deployments=shown(new, now, old, far)),
        "kargs": replace(
            QUIET,
            deployments=shown(
                replace(now, serial=1, is_booted=False, is_staged=True, kargs=("rw",)), now
            ),
        ),
        "reverted": replace(QUIET, deployments=shown(old, now)),
        "lost": replace(QUIET, deployments=shown(replace(old, is_blessed=False), now)),
        "menu-unread": replace(
            QUIET,
            deployments=shown(replace(old, is_blessed=False), replace(now, is_blessed=False)),
        ),
        "trial": replace(QUIET, deployments=shown(trial, old), health=None),
        "ill": replace(QUIET, deployments=shown(now, old), health=ILL),
        "fell": replace(QUIET, deployments=shown(now, old), fallen=(FELL,)),
        "own": replace(QUIET, deployments=shown(own, old, signatures=unsigned)),
        "own-waits": replace(QUIET, deployments=shown(now), has_systemfile=True),
        "unlocked": replace(QUIET, deployments=shown(replace(now, unlocked="hotfix"))),
        "strange": replace(QUIET, deployments=shown(now, signatures=strange)),
        "busy": replace(QUIET, deployments=shown(now), busy=busy, last=failed),
        "offered": replace(QUIET, deployments=shown(now), available=OFFER),
        "folder": replace(QUIET, deployments=shown(old), health=None),
        "hostile": replace(
            QUIET,
            deployments=shown(replace(now, version="\x1b[2J1", ref="a\nb", node="\x07")),
            fallen=(replace(FELL, reason="\x1b]0;x\x07bad\nline"),),
        ),
    }


NAMES = (
    "fresh", "two", "staged", "kargs", "reverted", "trial", "ill", "fell", "own", "own-waits",
    "unlocked", "strange", "offered", "busy", "folder", "hostile", "lost", "menu-unread",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_in_words(situations, golden, make_screen, name):
    golden(f"status/{name}.txt", status_lines(situations[name], make_screen(100)))


@pytest.mark.parametrize("width", [None, 60], ids=["in a pipe", "on a narrow screen"])
def test_on_other_screens(situations, golden, make_screen, width):
    golden(
        f"status/staged-{width or 'pipe'}.txt",
        status_lines(situations["staged"], make_screen(width)),
    )


def test_in_colour(situations, golden, make_screen):
    golden(
        "status/staged-colour.txt",
        status_lines(situations["staged"], make_screen(100, colour=True)),
    )


def test_in_json(situations, golden):
    shape = status_shape(situations["staged"])
    golden("status/staged.json", json.dumps(shape, indent=2).splitlines())
