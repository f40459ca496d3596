"""Check what is said of settings that an overlay wins over, and of an AUR of nowhere."""

import pytest

from arkes_build.core.names import Family
from arkes_build.project.declare import aur, overridden

FILES = {
    "overlay/own/etc/hostname": "theirs\n",
    "overlay/own/etc/sysctl.d/50-x.conf": "# vm.dirty_ratio = 1\nnet/ipv4/ip_forward=1\n",
    "overlay/own/etc/sysctl.d/README": "vm.swappiness = 1\n",
    "overlay/late/etc/hostname": "last\n",
}

CASES = {
    "the overlay first": ("OVERLAY own\nHOSTNAME web", ["2:1 overlay/own/etc/hostname HOSTNAME"]),
    "the setting first": ("HOSTNAME web\nOVERLAY own", ["1:1 overlay/own/etc/hostname HOSTNAME"]),
    "in another segment": (
        "OVERLAY own\nRUN true\nHOSTNAME web",
        ["3:1 overlay/own/etc/hostname HOSTNAME"],
    ),
    "the last of two overlays": (
        "OVERLAY own\nOVERLAY late\nHOSTNAME web",
        ["3:1 overlay/late/etc/hostname HOSTNAME"],
    ),
    "a kernel parameter in another spelling": (
        "OVERLAY own\nSYSCTL vm.swappiness=1 net.ipv4.ip_forward=0 vm.dirty_ratio=3",
        ["2:24 overlay/own/etc/sysctl.d/50-x.conf net.ipv4.ip_forward"],
    ),
    "a setting that no overlay touches": ("OVERLAY own\nTIMEZONE UTC", []),
    "an overlay of another stage": ("OVERLAY own\nFROM arkes:base\nHOSTNAME web", []),
    "an overlay of the stage below": (
        "FROM arkes:base AS low\nOVERLAY own\nFROM low\nHOSTNAME web",
        ["3:1 overlay/own/etc/hostname HOSTNAME"],
    ),
    "no overlay at all": ("HOSTNAME web", []),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES.keys())
def test_overridden(text, expected, judged):
    whole = text if text.startswith("FROM") else f"FROM arkes:base\n{text}"
    found = judged(overridden.check, whole, FILES)
    shown = [line.replace("setting-overridden ", "").replace("wins over ", "") for line in found]
    moved = [f"{int(line.partition(':')[0]) - 1}:{line.partition(':')[2]}" for line in shown]
    assert moved == expected


BASES = {
    "nothing said": ("AUR yay\nAUR paru", ["1:1"]),
    "in the file": ("FROM arkes:base\nARG AUR_BASE=https://example.org\nAUR yay", []),
    "declared, and nothing more": ("FROM arkes:base\nARG AUR_BASE\nAUR yay", ["3:1"]),
    "no AUR": ("PACKAGES yay", []),
}


@pytest.mark.parametrize(("text", "places"), BASES.values(), ids=BASES.keys())
def test_where_the_aur_is(text, places, judged):
    found = judged(aur.check, text, family=Family.ARCH)
    assert [line.partition(" ")[0] for line in found] == places
    assert judged(aur.check, text, family=Family.DEBIAN) == []


def test_the_projects_own_base(judged):
    config = {"arkes.toml": '[aur]\nbase = "https://example.org"\n'}
    assert judged(aur.check, "AUR yay", config, family=Family.ARCH) == []
