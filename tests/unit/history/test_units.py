"""Units: files, links of those who enable them, masks, presets."""

import pytest

from arkes_build.history.model import Kind
from arkes_build.history.units import unit_changes
from arkes_build.history.view import View

LIB, ETC = "usr/lib/systemd/system", "usr/etc/systemd/system"
PRESET = "usr/lib/systemd/system-preset"
WANTS = f"{ETC}/multi-user.target.wants"


def told(garden, before, after):
    old, new = garden.plant({"usr/x": "", **before}), garden.plant({"usr/x": "", **after})
    trees = garden.trees
    found = unit_changes(tuple(trees.changes(old, new)), View(trees, old), View(trees, new))
    return [(one.name, one.kind, one.detail) for one in found]


A, R, C = Kind.ADDED, Kind.REMOVED, Kind.CHANGED


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param({}, {f"{LIB}/a.service": "x"}, [("a.service", A, "")], id="new"),
        pytest.param({f"{LIB}/a.timer": "x"}, {}, [("a.timer", R, "")], id="gone"),
        pytest.param(
            {f"{LIB}/a.socket": "x"},
            {f"{LIB}/a.socket": "y"},
            [("a.socket", C, "")],
            id="changed",
        ),
        pytest.param(
            {}, {f"{ETC}/a.service": "x"}, [("a.service", A, "in /etc")], id="one in /etc"
        ),
        pytest.param(
            {},
            {f"{WANTS}/a.service": "→ ../a.service"},
            [("a.service", A, "enabled by multi-user.target")],
            id="enabled",
        ),
        pytest.param(
            {f"{ETC}/b.target.requires/a.service": "→ ../a.service"},
            {},
            [("a.service", R, "enabled by b.target")],
            id="disabled",
        ),
        pytest.param(
            {},
            {f"{LIB}/sysinit.target.wants/a.service": "→ ../a.service"},
            [("a.service", A, "wanted by sysinit.target")],
            id="brought with its link",
        ),
        pytest.param(
            {}, {f"{ETC}/a.service": "→ /dev/null"}, [("a.service", A, "masked")], id="masked"
        ),
        pytest.param(
            {f"{ETC}/a.service": "→ /dev/null"},
            {f"{ETC}/a.service": "x"},
            [("a.service", A, "in /etc"), ("a.service", R, "masked")],
            id="a file in the place of a mask",
        ),
        pytest.param(
            {},
            {f"{ETC}/dbus-x.service": "→ /usr/lib/systemd/system/a.service"},
            [("dbus-x.service", A, "alias of a.service")],
            id="an alias",
        ),
        pytest.param(
            {},
            {f"{LIB}/a.service.d/10-x.conf": "x"},
            [("a.service", A, "drop-in 10-x.conf")],
            id="a drop-in",
        ),
        pytest.param(
            {},
            {"usr/lib/systemd/user/a.service": "x"},
            [("a.service", A, "user")],
            id="of the user manager",
        ),
        pytest.param(
            {f"{PRESET}/50-a.preset": "enable a.service\n# enable c.service\n"},
            {f"{PRESET}/50-a.preset": "disable a.service\nenable b.service\n"},
            [("a.service", C, "preset enable → disable"), ("b.service", A, "preset enable")],
            id="presets",
        ),
        pytest.param(
            {f"{PRESET}/90-z.preset": "disable *\n"},
            {
                f"{PRESET}/90-z.preset": "disable *\n",
                f"{PRESET}/10-a.preset": "enable *\n",
            },
            [("*", C, "preset disable → enable")],
            id="the first preset that names a unit wins",
        ),
        pytest.param(
            {},
            {f"{LIB}/README": "x", "usr/lib/systemd/libx.so": "x", f"{LIB}/a.d/x.conf": "y"},
            [],
            id="what is no unit",
        ),
    ],
)
def test_units(garden, before, after, expected):
    assert told(garden, before, after) == expected
