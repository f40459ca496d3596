from __future__ import annotations

import os
import py_compile
import subprocess
from pathlib import Path
from py_compile import PycInvalidationMode

import pytest


def run_tidy(tree):
    done = tree.run("tidy")
    assert done.code == 0, done.said


@pytest.fixture
def user():
    """Return the name and the group of whoever runs the tests."""
    import grp
    import pwd

    return pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name


def test_what_is_of_this_build_only_is_gone(debian):
    gone = [
        *("etc/passwd-", "etc/shadow-", "etc/.pwd.lock", "etc/ssh/ssh_host_rsa_key"),
        *("etc/ssh/ssh_host_rsa_key.pub", "var/lib/dbus/machine-id", "tmp/x", "var/tmp/y"),
        *("var/lib/systemd/random-seed", "var/log/dpkg.log", "var/cache/ldconfig/aux-cache"),
    ]
    for path in gone:
        debian.write(path, "of this build")
    debian.write("etc/machine-id", "0123456789abcdef\n")
    debian.write("etc/ssh/sshd_config", "kept")
    run_tidy(debian)
    assert [path for path in gone if (debian.root / path).exists()] == []
    assert debian.read("etc/machine-id") == ""
    assert debian.read("etc/ssh/sshd_config") == "kept"


def test_the_day_of_a_password_is_forgotten(debian):
    debian.write("etc/shadow", "root:*:20778:0:99999:7:::\nguest:!:20779::::::\n")
    run_tidy(debian)
    assert debian.read("etc/shadow") == "root:*::0:99999:7:::\nguest:!:::::::\n"


def test_what_packages_expect_in_var_is_described_once(debian, user):
    owner = " ".join(user)
    for path in (
        "var/lib/nginx/body",
        "var/lib/apt/lists",
        "var/tmp/x",
        "var/lib/a b",
        "var/known",
    ):
        (debian.root / path).mkdir(parents=True, exist_ok=True)
    (debian.root / "var/lib/nginx").chmod(0o750)
    (debian.root / "var/lib/dpkg").symlink_to("../../usr/lib/sysimage/dpkg")
    debian.write("usr/lib/tmpfiles.d/other.conf", "d /var/known 0700 root root -\n")
    debian.write("usr/lib/tmpfiles.d/arkes-var.conf", "d /var/gone 0755 root root -\n")
    run_tidy(debian)
    first = debian.read("usr/lib/tmpfiles.d/arkes-var.conf")
    assert first.splitlines() == [
        "# Made when the image was built: what its packages expect in /var.",
        "L /var/lib/dpkg - - - - ../../usr/lib/sysimage/dpkg",
        f"d /var/cache 0755 {owner} -",
        f"d /var/lib 0755 {owner} -",
        f"d /var/lib/nginx 0750 {owner} -",
        f"d /var/lib/nginx/body 0755 {owner} -",
    ]
    run_tidy(debian)
    assert debian.read("usr/lib/tmpfiles.d/arkes-var.conf") == first


def test_accounts_keep_their_numbers(debian):
    debian.write(
        "etc/passwd",
        (
            "root:x:0:0:root:/root:/bin/sh\n"
            'www:x:33:33:web "server" 100%:/var/www:/usr/sbin/nologin\n'
            "daemon:x:1:1::/:/usr/sbin/nologin\n"
            "person:x:1000:1000::/home/person:/bin/sh\n"
        ),
    )
    debian.write(
        "etc/group", "root:x:0:\nwww:x:33:\ndaemon:x:1:\nvideo:x:44:www,person\nperson:x:1000:\n"
    )
    debian.write("usr/lib/sysusers.d/basic.conf", "u daemon 1:1 - -\ng video - - -\n")
    run_tidy(debian)
    assert debian.read("usr/lib/sysusers.d/arkes-image.conf").splitlines() == [
        "# Made when the image was built: the system accounts of its packages.",
        "g root 0",
        "g video 44",
        "g www 33",
        "m person video",
        "m www video",
        'u www 33:33 "web server 100" /var/www /usr/sbin/nologin',
    ]


def test_the_top_of_the_tree_becomes_links_and_keeps_what_was_there(debian):
    debian.write("opt/app/data", "kept")
    debian.write("usr/local/bin/tool", "kept")
    (debian.root / "root").mkdir(mode=0o700)
    done = debian.run("lay_out_root")
    assert done.code == 0, done.said
    links = {
        name: str((debian.root / name).readlink())
        for name in ("home", "root", "opt", "srv", "mnt", "usr/local", "ostree")
    }
    assert links == {
        "home": "var/home",
        "root": "var/roothome",
        "opt": "var/opt",
        "srv": "var/srv",
        "mnt": "var/mnt",
        "usr/local": "../var/usrlocal",
        "ostree": "sysroot/ostree",
    }
    assert debian.read("var/opt/app/data") == debian.read("usr/local/bin/tool") == "kept"
    assert (debian.root / "var/roothome").stat().st_mode & 0o777 == 0o700
    assert debian.run("lay_out_root").code == 0


def test_byte_code_is_believed_without_a_look_at_its_source(debian):
    folder = debian.root / "usr/lib/python3/dist-packages"
    modes = {
        "checked": PycInvalidationMode.CHECKED_HASH,
        "timed": PycInvalidationMode.TIMESTAMP,
        "unchecked": PycInvalidationMode.UNCHECKED_HASH,
        "stale": PycInvalidationMode.TIMESTAMP,
    }
    compiled = {}
    for name, mode in modes.items():
        source = debian.write(f"usr/lib/python3/dist-packages/{name}.py", "value = 1\n")
        cache = folder / f"__pycache__/{name}.cpython-313.pyc"
        py_compile.compile(str(source), cfile=str(cache), doraise=True, invalidation_mode=mode)
        compiled[name] = cache
    debian.write("usr/lib/python3/dist-packages/stale.py", "value = 22\n")
    lost = compiled["checked"].with_name("lost.cpython-313.pyc")
    lost.write_bytes(before := compiled["checked"].read_bytes())
    run_tidy(debian)
    kinds = {name: cache.read_bytes()[4] for name, cache in compiled.items()}
    assert kinds == {"checked": 1, "timed": 1, "unchecked": 1, "stale": 0}
    # All three came from the same text, so their code is the same from header to end.
    codes = {compiled[name].read_bytes()[4:16] for name in ("checked", "timed", "unchecked")}
    assert len(codes) == 1
    assert lost.read_bytes() == before


STEPS = Path(__file__).resolve().parents[3] / "overlay/base/usr/lib/system/post_build.d"


def test_the_journals_catalogue_moves_to_where_a_commit_keeps_it(debian):
    debian.write("usr/bin/journalctl").chmod(0o755)
    made = debian.write("var/lib/systemd/catalog/database", "of a package's own script")
    debian.write("usr/lib/systemd/system/any.service")
    journalctl = debian.fakes / "bin/journalctl"
    journalctl.write_text(f"#!/bin/sh\nprintf '%s' \"$*\" >{made}\n")
    journalctl.chmod(0o755)
    subprocess.run([STEPS / "80-catalog"], env=debian.environment, check=True)
    kept = debian.read("usr/lib/systemd/catalog.database")
    assert kept == f"--root={debian.root} --update-catalog"
    assert not made.exists()


def test_without_a_journal_there_is_no_catalogue(debian):
    subprocess.run([STEPS / "80-catalog"], env=debian.environment, check=True)
    assert not (debian.root / "usr/lib/systemd/catalog.database").exists()
