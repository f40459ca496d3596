"""Every way in which a node can deviate from its lock is one row here."""

import pytest

from arkes_build.project.lockfile import (
    Download,
    LockFile,
    NodeLock,
    PackageFile,
    TargetLock,
    deviations,
    resolve,
)

ONE, TWO = "1" * 64, "2" * 64


def file(name, version="1", **fields):
    known = {"arch": "amd64", "size": 10, "sha256": ONE, "file": f"pool/{name}_{version}.deb"}
    return PackageFile(name=name, version=version, **(known | fields))


YAY = PackageFile(name="yay", version="12-1", arch="x86_64", file="aur:yay@" + "a" * 40)


@pytest.mark.parametrize(
    ("locked", "found", "told"),
    [
        pytest.param([file("a")], [file("a")], [], id="the same"),
        pytest.param([file("a")], [file("a", "2")], ["a: locked 1, found 2"], id="newer"),
        pytest.param(
            [file("a")],
            [file("a", sha256=TWO)],
            [f"a: locked 1 sha256:{ONE}, found sha256:{TWO}"],
            id="other bytes of the same version",
        ),
        pytest.param(
            [file("a")],
            [file("a", arch="i386")],
            ["a: locked 1 for amd64, found for i386"],
            id="another architecture",
        ),
        pytest.param(
            [file("a")],
            [file("a", file="pool/b.deb")],
            ["a: locked 1 pool/a_1.deb, found pool/b.deb"],
            id="from another place",
        ),
        pytest.param([], [file("a")], ["a 1 is not in the lock"], id="one more"),
        pytest.param(
            [file("a")], [], ["a 1 is in the lock, but not in the node"], id="one is missing"
        ),
        pytest.param(
            [file("a"), file("a", arch="i386")],
            [file("a")],
            ["a 1 is in the lock, but not in the node"],
            id="one of two architectures is missing",
        ),
        pytest.param([YAY], [YAY], [], id="the same commit of the AUR"),
    ],
)
def test_a_deviation_is_said_in_one_line(locked, found, told):
    pair = (NodeLock(packages=tuple(each)) for each in (locked, found))
    assert [str(each) for each in deviations(*pair)] == told


@pytest.mark.parametrize(
    ("tools", "found", "told"),
    [
        pytest.param([file("gcc")], [file("gcc")], [], id="the same tool"),
        pytest.param([file("gcc")], [], [], id="a tool that was not wanted this time"),
        pytest.param([], [file("gcc")], ["gcc 1 is not in the lock"], id="a tool of elsewhere"),
        pytest.param(
            [file("gcc")], [file("gcc", "2")], ["gcc: locked 1, found 2"], id="a newer tool"
        ),
    ],
)
def test_a_tool_is_held_to_the_lock_when_it_was_there(tools, found, told):
    changed = deviations(NodeLock(tools=tuple(tools)), NodeLock(tools=tuple(found)))
    assert [str(each) for each in changed] == told


def test_what_is_gone_again_is_a_tool_and_what_was_below_is_none():
    noted = [file("a"), file("gcc"), file("old"), file("libc", arch="i386"), file("libc")]
    made, missing = resolve(["a=1", "libc:amd64=1", "strange=3"], noted, [file("old")])
    assert made.packages == (file("a"), file("libc"))
    assert made.tools == (file("gcc"), file("libc", arch="i386"))
    assert missing == ("strange=3",)


def test_another_version_of_the_same_name_is_not_taken_for_it():
    made, missing = resolve(["a=2"], [file("a")], [])
    assert (made.packages, missing) == ((), ("a=2",))


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(NodeLock(packages=(file("a", sha256=TWO),)), id="other bytes"),
        pytest.param(NodeLock(packages=(file("a"),), images={"x": f"sha256:{ONE}"}), id="an image"),
        pytest.param(
            NodeLock(
                packages=(file("a"),),
                downloads=(Download(url="https://example.org/a", size=1, sha256=ONE),),
            ),
            id="a download",
        ),
    ],
)
def test_a_fingerprint_knows_all_that_a_node_is_made_of(other):
    assert other.fingerprint != NodeLock(packages=(file("a"),)).fingerprint


def test_a_node_installs_itself_what_it_has_beyond_the_one_below():
    target = TargetLock(
        nodes={
            "base": NodeLock(packages=(file("a"), file("b"))),
            "app": NodeLock(on="base", packages=(file("a"), file("c")), tools=(file("gcc"),)),
        }
    )
    assert target.own("app") == (file("c"), file("gcc"))
    assert target.own("base") == (file("a"), file("b"))


def test_one_part_of_a_lock_is_replaced_and_the_others_stay():
    debian, arch = TargetLock(suite="trixie"), TargetLock(snapshot="2026/11/01")
    lock = LockFile(targets={("debian", "x86_64"): debian})
    both = lock.with_target("arch", "x86_64", arch)
    assert both.target("debian", "x86_64") == debian
    assert both.target("arch", "x86_64") == arch
    assert both.target("arch", "riscv64") == TargetLock()
