"""A lock is written in one way only, and none of it is believed when it is read."""

import os
from pathlib import Path

import pytest

from arkes_build.core.errors import ExitCode
from arkes_build.project import lock_text
from arkes_build.project.lock_text import (
    LockMissing,
    LockUnreadable,
    parse,
    read_lock,
    text,
    write_lock,
)
from arkes_build.project.lockfile import Download, LockFile, NodeLock, PackageFile, TargetLock

GOLDEN = Path(__file__).parents[2] / "golden" / "project" / "arkes.lock"
ONE, TWO = "1" * 64, "2" * 64


def file(name, version, sha256=ONE, **fields):
    known = {"arch": "amd64", "size": 1234, "file": f"pool/main/{name}_{version}_amd64.deb"}
    return PackageFile(name=name, version=version, sha256=sha256, **(known | fields))


APT, LIBC, NANO = file("apt", "3.0.4"), file("libc6", "1:2.41-12"), file("nano", "8.4-1+deb13u1")
YAY = PackageFile(name="yay", version="12.4-1", arch="x86_64", file=f"aur:yay@{'a' * 40}")
LOCK = LockFile(
    targets={
        ("debian", "x86_64"): TargetLock(
            suite="trixie",
            nodes={
                "bootstrap": NodeLock(packages=(APT, LIBC), asked=("ca-certificates",)),
                "base": NodeLock(
                    on="bootstrap",
                    asked=("nano", "dracut=1"),
                    packages=(file("libc6", "1:2.41-13", TWO), NANO),
                    tools=(file("gcc", "14"),),
                    images={"registry.example.org/tool:1": f"sha256:{TWO}"},
                    downloads=(Download(url="https://example.org/a?b=%20", size=7, sha256=TWO),),
                ),
                "base-slim": NodeLock(on="base", packages=(NANO,)),
            },
        ),
        ("arch", "x86_64"): TargetLock(
            snapshot="2026/11/01", nodes={"bootstrap": NodeLock(packages=(YAY,))}
        ),
    }
)


def test_a_lock_is_written_as_the_golden_file_says():
    if os.environ.get("ARKES_WRITE_GOLDEN"):
        GOLDEN.write_text(text(LOCK))
    assert text(LOCK) == GOLDEN.read_text()


def test_what_is_written_is_read_again():
    assert text(parse(text(LOCK))) == text(LOCK)
    read = parse(text(LOCK)).target("debian", "x86_64").nodes["base"]
    assert read.packages == LOCK.target("debian", "x86_64").nodes["base"].packages
    assert read.fingerprint == LOCK.target("debian", "x86_64").nodes["base"].fingerprint


def test_an_update_of_one_package_below_changes_one_line():
    target = LOCK.target("debian", "x86_64")
    newer = file("apt", "3.0.5", TWO)
    nodes = dict(target.nodes)
    nodes["bootstrap"] = NodeLock(packages=(newer, LIBC), asked=("ca-certificates",))
    after = LOCK.with_target("debian", "x86_64", TargetLock(suite="trixie", nodes=nodes))
    before = set(text(LOCK).splitlines())
    assert len([line for line in text(after).splitlines() if line not in before]) == 1


def test_the_same_lock_is_not_written_twice(tmp_path):
    assert write_lock(tmp_path, LOCK)
    assert not write_lock(tmp_path, LOCK)
    assert read_lock(tmp_path).target("arch", "x86_64").snapshot == "2026/11/01"


def test_a_lock_that_is_not_there_is_missed(tmp_path):
    with pytest.raises(LockMissing) as caught:
        read_lock(tmp_path)
    assert caught.value.exit_code is ExitCode.LOCKED
    assert "arkes-build lock" in caught.value.resolution


def package(**fields):
    table = {
        "name": '"a"',
        "version": '"1"',
        "arch": '"amd64"',
        "size": "1",
        "sha256": f'"{ONE}"',
        "file": '"pool/a.deb"',
    } | fields
    line = ", ".join(f"{name} = {value}" for name, value in table.items() if value)
    return f"format = 1\n[debian.x86_64.nodes.base]\npackages = [\n  {{ {line} }},\n]\n"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param("format = 1\nx = y", "line 2", id="no TOML"),
        pytest.param("", "its format is not 1", id="nothing"),
        pytest.param("format = 2\n", "its format is not 1", id="a later format"),
        pytest.param("format = 1\n[suse.x86_64]\n", "'suse' is no family", id="no family"),
        pytest.param("format = 1\n[debian.z80]\n", "'z80' is no arch", id="no architecture"),
        pytest.param("format = 1\ndebian = 3\n", "debian is no table", id="a number for a table"),
        pytest.param(
            "format = 1\n[debian.x86_64.nodes.'../x']\n", "cannot be a node", id="a node with a /"
        ),
        pytest.param(
            'format = 1\n[debian.x86_64.nodes.a]\non = "b"\n[debian.x86_64.nodes.b]\non = "a"\n',
            "in a circle: a, b",
            id="a circle",
        ),
        pytest.param(
            'format = 1\n[debian.x86_64.nodes.a]\non = "gone"\n', "'gone', which", id="on nothing"
        ),
        pytest.param(package(name='"../a"'), "name cannot be", id="a name with a slash"),
        pytest.param(package(name='"-y"'), "name cannot be", id="a name like an option"),
        pytest.param(package(name='"a b"'), "name cannot be", id="a name with a space"),
        pytest.param(package(name='"a\\nb"'), "name cannot be", id="a name with a line end"),
        pytest.param(package(version='"1;x"'), "version cannot be", id="a version with a ;"),
        pytest.param(package(version='"$(x)"'), "version cannot be", id="a substitution"),
        pytest.param(package(sha256='"abc"'), "sha256 cannot be", id="a short hash"),
        pytest.param(package(sha256=f'"{ONE}0"'), "sha256 cannot be", id="a long hash"),
        pytest.param(package(sha256=f'"{"A" * 64}"'), "sha256 cannot be", id="a hash in capitals"),
        pytest.param(package(sha256=""), "sha256 cannot be", id="no hash"),
        pytest.param(package(size="-1"), "size cannot be", id="less than nothing"),
        pytest.param(package(size="true"), "size cannot be", id="a size that is a yes"),
        pytest.param(package(size="1e3"), "size cannot be", id="a size with a fraction"),
        pytest.param(package(file='"/etc/passwd"'), "file cannot be", id="an absolute path"),
        pytest.param(package(file='"pool/../../x"'), "file cannot be", id="a path out"),
        pytest.param(package(file='"pool//x"'), "file cannot be", id="an empty part of a path"),
        pytest.param(package(file='"pool/x/"'), "file cannot be", id="a folder"),
        pytest.param(package(file='"aur:x@main"'), "file cannot be", id="a branch of the AUR"),
        pytest.param(package(colour='"red"'), "'colour' is not known", id="a strange field"),
        pytest.param(
            package().replace("packages", "tools").replace("[\n", "3\n#").replace("]\n", "\n"),
            "",
            id="a number for a list",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(tmp_path, content, why):
    (tmp_path / "arkes.lock").write_text(content)
    with pytest.raises(LockUnreadable) as caught:
        read_lock(tmp_path)
    assert why in caught.value.brief
    assert caught.value.exit_code is ExitCode.LOCKED


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param(
            b"format = 1\n#" + b"x" * (lock_text.LARGEST + 1), "more than 16 MiB", id="vast"
        ),
        pytest.param(b"format = 1\n\xff", "utf-8", id="no UTF-8"),
        pytest.param(b"x = " + b"[" * 20_000, "", id="nested without an end"),
    ],
)
def test_bytes_that_are_no_lock_are_refused(tmp_path, content, why):
    (tmp_path / "arkes.lock").write_bytes(content)
    with pytest.raises(LockUnreadable) as caught:
        read_lock(tmp_path)
    assert why in caught.value.brief


def test_a_folder_in_its_place_is_refused(tmp_path):
    (tmp_path / "arkes.lock").mkdir()
    with pytest.raises(LockUnreadable):
        read_lock(tmp_path)
