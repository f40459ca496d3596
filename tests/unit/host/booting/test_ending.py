import pytest

from arkes_build.core import process
from arkes_build.core.process import Completed
from arkes_build.host import health
from arkes_build.host.booting import ending, tries
from arkes_build.host.booting.tries import Try
from arkes_build.sysroot import fallen
from arkes_build.sysroot.fallen import Fallen

CHECKSUM = "a" * 64
NAME = f"{CHECKSUM}.0"
BOOT = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def booted(host, monkeypatch):
    for name, text in {
        "proc/cmdline": f"rw ostree=/ostree/boot-0/arkes/{CHECKSUM}/0 quiet\n",
        "proc/sys/kernel/random/boot_id": f"{BOOT}\n",
        f"efi/loader/entries/arkes-{'a' * 12}-0+2-1.conf": "version 1\noptions rw\n",
    }.items():
        (host.root / name).parent.mkdir(parents=True, exist_ok=True)
        (host.root / name).write_text(text)
    jobs = "   12 app.service start running\n   13 multi-user.target start waiting\n"
    monkeypatch.setattr(ending, "run", lambda *_, **__: Completed(code=0, output=jobs, errors=""))
    return host


def entries(host):
    return [path.name for path in (host.esp / "loader/entries").iterdir()]


def test_a_blessing_ends_the_counting_and_all_that_was_held_against_it(booted):
    tries.began(booted.var, NAME, Try(boot=BOOT, when=1))
    fallen.write(
        booted.var, Fallen(commit=CHECKSUM, version="", ref="", when=1, reason="", tries=3)
    )
    assert ending.bless(booted)
    assert entries(booted) == [f"arkes-{'a' * 12}-0.conf"]
    assert tries.read(booted.var, NAME) == ()
    assert fallen.read(booted.var) == ()
    assert (booted.run / "blessed").exists()
    assert not ending.bless(booted)


def test_a_blessed_boot_is_not_given_up_whatever_its_notes_meet(booted):
    (booted.var / f"tries/{NAME}.json").mkdir(parents=True)
    with pytest.raises(OSError, match="Is a directory"):
        ending.bless(booted)
    assert entries(booted) == [f"arkes-{'a' * 12}-0.conf"]
    assert (booted.run / "blessed").exists()


def test_a_system_that_was_started_by_another_name_is_left_alone(booted):
    (booted.root / "proc/cmdline").write_text("root=/dev/vda rw\n")
    assert not ending.bless(booted)
    assert entries(booted) == [f"arkes-{'a' * 12}-0+2-1.conf"]


def test_a_failed_check_is_the_reason(booted):
    check = booted.root / "etc/arkes/health.d/10-web"
    check.parent.mkdir(parents=True)
    check.write_text("#!/bin/sh\necho the site does not answer\nexit 1\n")
    check.chmod(0o755)
    health.run(booted)
    assert ending.give_up(booted) == "health check 10-web: the site does not answer"
    (noted,) = tries.read(booted.var, NAME)
    assert (noted.boot, noted.reason) == (BOOT, "health check 10-web: the site does not answer")


def test_a_hang_names_what_it_waited_for(booted):
    reason = "it did not reach boot-complete.target in time: it waited for app.service"
    assert ending.give_up(booted) == reason


def test_a_hang_of_systemd_itself_is_noted_too(booted, monkeypatch):
    def hangs(argv, **_):
        return process.run(["sleep", "60"], timeout=0.1, check=False)

    monkeypatch.setattr(ending, "run", hangs)
    assert ending.give_up(booted) == "it did not reach boot-complete.target in time"
    (noted,) = tries.read(booted.var, NAME)
    assert noted.reason == "it did not reach boot-complete.target in time"


def test_the_result_of_another_boot_is_no_reason(booted):
    check = booted.root / "etc/arkes/health.d/10-web"
    check.parent.mkdir(parents=True)
    check.write_text("#!/bin/sh\nexit 1\n")
    check.chmod(0o755)
    health.run(booted)
    (booted.root / "proc/sys/kernel/random/boot_id").write_text("f" * 32)
    assert ending.give_up(booted).startswith("it did not reach boot-complete.target in time")
