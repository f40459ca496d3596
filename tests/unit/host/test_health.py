import json
import os

import pytest

from arkes_build.host import health
from arkes_build.host.health import Check, Health, checks_of

BOOT = "0123456789abcdef0123456789abcdef"
DASHED = "01234567-89ab-cdef-0123-456789abcdef"


def put(host, name, text, *, folder="usr/lib/arkes/health.d", mode=0o755):
    path = host.root / folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path


@pytest.fixture
def booted(host):
    path = host.root / "proc/sys/kernel/random/boot_id"
    path.parent.mkdir(parents=True)
    path.write_text(f"{DASHED}\n")
    return host


def timeless(result):
    return [(each.name, each.is_well, each.code, each.output) for each in result.checks]


def test_checks_run_by_name_and_their_result_is_kept(booted):
    put(booted, "20-bad", "#!/bin/sh\necho before\necho broken >&2\nexit 3\n")
    put(booted, "10-good", "#!/bin/sh\necho fine\n")
    result = health.run(booted)
    assert timeless(result) == [
        ("10-good", True, 0, "fine\n"),
        ("20-bad", False, 3, "before\nbroken\n"),
    ]
    assert not result.is_well
    assert [each.brief for each in result.failed] == ["20-bad: broken"]
    assert health.read(booted) == result
    value = json.loads((booted.var / "health.json").read_text())
    assert (value["boot"], value["is_well"], value["when"]) == (BOOT, False, 1_793_900_000)


def test_a_machine_without_checks_is_well(booted):
    assert health.run(booted) == Health(when=1_793_900_000, boot=BOOT, checks=())
    assert health.run(booted).is_well


def test_the_owner_replaces_masks_and_adds(booted):
    etc = "etc/arkes/health.d"
    put(booted, "10-replaced", "#!/bin/sh\nexit 1\n")
    put(booted, "20-masked", "#!/bin/sh\nexit 1\n")
    own = put(booted, "10-replaced", "#!/bin/sh\n", folder=etc)
    added = put(booted, "30-added", "#!/bin/sh\n", folder=etc)
    put(booted, ".hidden", "", folder=etc)
    put(booted, "40-backup~", "", folder=etc)
    (booted.root / etc / "20-masked").symlink_to("/dev/null")
    assert checks_of(booted.root) == (own, added)


def test_a_check_that_hangs_is_killed_with_all_it_started(booted):
    put(booted, "10-hang", "#!/bin/sh\nsleep 600 &\necho started\nsleep 600\n")
    result = health.run(booted, timeout=0.3)
    assert timeless(result) == [
        ("10-hang", False, None, "started\n\nno answer within 0 s"),
    ]
    assert result.checks[0].seconds < 30


def test_what_a_check_leaves_running_is_not_waited_for(booted):
    put(booted, "10-daemon", "#!/bin/sh\nsleep 600 &\n")
    result = health.run(booted, timeout=20)
    assert (result.is_well, result.checks[0].seconds < 15) == (True, True)


def test_of_much_output_the_end_is_kept(booted):
    put(booted, "10-loud", "#!/bin/sh\nhead -c 3000000 /dev/zero | tr '\\0' x\necho\necho end\n")
    output = health.run(booted).checks[0].output
    assert (len(output), output[-5:]) == (4096, "\nend\n")


@pytest.mark.parametrize(
    ("text", "mode", "why"),
    [
        pytest.param("#!/bin/sh\n", 0o644, "Permission denied", id="not executable"),
        pytest.param("#!/nowhere\n", 0o755, "No such file or directory", id="no interpreter"),
        pytest.param("echo hello\n", 0o755, "Exec format error", id="no program at all"),
    ],
)
def test_a_check_that_cannot_be_started_has_failed(booted, text, mode, why):
    put(booted, "10-check", text, mode=mode)
    assert timeless(health.run(booted)) == [
        ("10-check", False, None, f"cannot be started: {why}"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "[" * 9000,
        '{"when": 1e999, "checks": []}',
        '{"when": 1, "boot": "x", "checks": [1]}',
    ],
)
def test_a_result_that_cannot_be_read_is_none(booted, text):
    booted.var.mkdir(parents=True)
    (booted.var / "health.json").write_text(text)
    assert health.read(booted) is None


def test_a_check_that_says_nothing_has_its_code_for_a_reason():
    check = Check(name="x", is_well=False, code=7, seconds=0.1, output=" \n")
    assert check.brief == "x: exit code 7"


def test_the_checks_that_ship_can_be_run():
    from pathlib import Path

    folder = Path("overlay/base/usr/lib/arkes/health.d")
    found = sorted(folder.iterdir())
    assert [path.name for path in found] == ["10-units", "20-writable", "30-repository"]
    assert all(os.access(path, os.X_OK) for path in found)
    assert all(path.read_text().startswith("#!/bin/sh\n") for path in found)
