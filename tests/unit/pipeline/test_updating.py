"""What a package manager would do today becomes the lock of tomorrow."""

from arkes_build.pipeline.updating import Answer, parse
from arkes_build.project.lockfile import NodeLock, PackageFile

ONE, TWO = "1" * 64, "2" * 64


def file(name, version, sha256=ONE):
    return PackageFile(
        name=name, version=version, arch="all", size=1, sha256=sha256, file=f"pool/{name}.deb"
    )


LINES = f"""\
Reading package lists...
arkes-update + {file("openssl", "3.1", TWO).line} security
arkes-update + {file("linux-image-6.2", "6.2").line}
arkes-update - linux-image-6.1
arkes-update ? {file("gcc", "15").line}
arkes-update + broken
arkes-update * strange 1
""".splitlines()


def test_the_answer_is_read_among_other_lines():
    assert parse(LINES) == Answer(
        comes=(file("linux-image-6.2", "6.2"), file("openssl", "3.1", TWO)),
        goes=frozenset({"linux-image-6.1"}),
        tools=(file("gcc", "15"),),
        security=frozenset({"openssl"}),
    )


def test_it_replaces_adds_and_removes_and_leaves_the_rest():
    before = NodeLock(
        packages=(file("apt", "3"), file("linux-image-6.1", "6.1"), file("openssl", "3.0")),
        tools=(file("gcc", "14"), file("make", "4")),
    )
    after = parse(LINES).applied(before)
    assert after.packages == (
        file("apt", "3"),
        file("linux-image-6.2", "6.2"),
        file("openssl", "3.1", TWO),
    )
    assert after.tools == (file("gcc", "15"), file("make", "4"))


def test_a_bootstrap_takes_only_what_is_about_its_own_packages():
    answer = parse(LINES).only(["openssl", "apt"])
    assert answer.comes == (file("openssl", "3.1", TWO),)
    assert answer.goes == frozenset()
