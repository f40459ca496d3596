"""What a commit says of itself is held against its tree, its inputs and its record."""

from dataclasses import dataclass, replace

import pytest

from arkes_build.core.digest import bytes_digest
from arkes_build.delivery.trust import claims
from arkes_build.delivery.trust.verification import Part

INPUTS = b'{"files":{}}'
KEY = bytes_digest(INPUTS)
STATUS = "Package: bash\nStatus: install ok installed\nVersion: 5.2\n"


@dataclass(frozen=True, kw_only=True)
class Said:
    checksum: str = "c" * 64
    node: str = "base"
    key: str = KEY
    inputs: bytes = INPUTS
    kernel: str = "6.1"
    packages: tuple[str, ...] = ("bash=5.2",)
    refs: tuple[str, ...] = ("tiny/x86_64/base",)


class Tree:
    def __init__(self, files):
        self._files = files

    def read(self, path):
        return self._files.get(path)

    def names(self, path):
        inside = (name[len(path) + 1 :] for name in self._files if name.startswith(f"{path}/"))
        return tuple(sorted({name.partition("/")[0] for name in inside}))


FILES = {
    "usr/lib/os-release": f"ID=tiny\nBUILD_ID={KEY[:16]}\n".encode(),
    "usr/lib/sysimage/dpkg/status": STATUS.encode(),
    "usr/lib/modules/6.1/vmlinuz": b"",
}


def texts(troubles):
    return [(each.part, each.text) for each in troubles]


def test_the_truth_is_no_trouble():
    said = Said()
    assert texts(claims.wrong_tree(said, Tree(FILES))) == []
    assert texts(claims.wrong_inputs(said)) == []
    assert texts(claims.wrong_ref(said, "tiny/x86_64/base")) == []
    assert list(claims.notes(said)) == []


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param(
            {"usr/lib/os-release": b'BUILD_ID="other"\n'},
            (
                Part.OS_RELEASE,
                f"os-release in the tree names the build 'other', the commit {KEY[:16]!r}",
            ),
            id="another build",
        ),
        pytest.param(
            {"usr/lib/os-release": b"ID=tiny\n"},
            (Part.OS_RELEASE, f"os-release in the tree names no build, the commit {KEY[:16]!r}"),
            id="no build",
        ),
        pytest.param(
            {"usr/lib/sysimage/dpkg/status": STATUS.replace("5.2", "5.3").encode()},
            (
                Part.PACKAGES,
                "packages differ: bash=5.2 not in the tree; bash=5.3 not in the commit's list",
            ),
            id="another version of a package",
        ),
        pytest.param(
            {"usr/lib/modules/6.1/vmlinuz": None, "usr/lib/modules/6.2/vmlinuz": b""},
            (Part.KERNEL, "the tree does not have the kernel 6.1"),
            id="another kernel",
        ),
    ],
)
def test_a_tree_that_is_another(files, expected):
    held = {name: data for name, data in (FILES | files).items() if data is not None}
    assert texts(claims.wrong_tree(Said(), Tree(held))) == [expected]


def test_a_kernel_that_the_commit_does_not_name():
    said = Said(kernel="")
    text = "the tree has the kernel 6.1, the commit names none"
    assert texts(claims.wrong_tree(said, Tree(FILES))) == [(Part.KERNEL, text)]


def test_a_database_that_was_in_var_says_nothing():
    files = {name: data for name, data in FILES.items() if "dpkg" not in name}
    assert texts(claims.wrong_tree(Said(), Tree(files))) == []


def test_the_bootstrap_has_no_identity():
    said = Said(node="bootstrap", packages=(), kernel="")
    assert texts(claims.wrong_tree(said, Tree({}))) == []


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            Said(inputs=b"{}"),
            [f"the inputs it names give the key {bytes_digest(b'{}')[:12]}, not {KEY[:12]}"],
        ),
        (Said(inputs=b"{", key=bytes_digest(b"{")), ["the inputs it names are no JSON"]),
        (
            Said(inputs=b"[" * 10_000, key=bytes_digest(b"[" * 10_000)),
            ["the inputs it names are no JSON"],
        ),
        (Said(inputs=b""), []),
    ],
    ids=["another key", "no JSON", "deep nesting", "none, as from an earlier version"],
)
def test_inputs(said, expected):
    assert [text for _part, text in texts(claims.wrong_inputs(said))] == expected


@pytest.mark.parametrize(
    ("refs", "text"),
    [
        ((), "it was made for no ref at all, not for tiny/x86_64/base"),
        (("a", "b"), "it was made for a and b, not for tiny/x86_64/base"),
    ],
    ids=["none", "others"],
)
def test_a_ref_that_is_another(refs, text):
    assert texts(claims.wrong_ref(Said(refs=refs), "tiny/x86_64/base")) == [(Part.REF, text)]


@pytest.mark.parametrize(
    ("said", "note"),
    [
        (Said(key=""), "it does not say what it was made from: something else made it"),
        (Said(inputs=b""), "it does not say its inputs: an earlier version made it"),
    ],
    ids=["a foreign commit", "an early commit"],
)
def test_what_cannot_be_verified_is_noted(said, note):
    assert list(claims.notes(said)) == [note]


def test_a_record(make_node, make_record):
    record = replace(make_record(make_node("base")), packages=("bash=5.2",))
    from arkes_build.core.digest import canonical_json
    from arkes_build.plan.keys import named

    inputs = canonical_json(named(record.inputs))
    said = Said(key=record.key, inputs=inputs)
    assert texts(claims.wrong_record(said, record)) == []
    assert texts(claims.wrong_record(replace(said, packages=()), record)) == [
        (Part.RECORD, "its record names other packages than the commit")
    ]
    assert texts(claims.wrong_record(replace(said, inputs=b"{}"), record)) == [
        (Part.RECORD, "its record names other inputs than the commit")
    ]
    assert texts(claims.wrong_record(replace(said, key=KEY), record)) == [
        (Part.RECORD, f"its record has the key {record.key[:12]}, the commit {KEY[:12]}")
    ]
