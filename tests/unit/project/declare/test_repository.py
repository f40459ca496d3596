"""Check what a REPOSITORY must say, for both families."""

import pytest

from arkes_build.core.names import Arch, Family
from arkes_build.core.source import Source
from arkes_build.language.parser import parse
from arkes_build.project.declare.declaration import read
from arkes_build.project.declare.repository import check_repository
from arkes_build.project.lower import lower
from arkes_build.project.scope import walk

KEY = "0123456789ABCDEF0123456789ABCDEF01234567"
SERVER = "--server=https://example.org/repo"

CASES = {
    "a path for the key": (f"mine {SERVER} --keyfile=keys/a.asc", [], []),
    "a fingerprint for pacman's key server": (f"mine {SERVER} --key={KEY}", [], ["--key"]),
    "a fingerprint and a fetched file": (
        f"mine {SERVER} --key={KEY} --keyfile=https://example.org/a.asc",
        [],
        [],
    ),
    "pacman's words": (
        "mine --server=https://example.org/$repo/$arch --keyfile=a",
        [],
        ["--server"],
    ),
    "a folder of the image": ("mine --server=file:///srv/repo --keyfile=a", [], []),
    "no server": ("mine --keyfile=a", ["mine"], ["mine"]),
    "no key": (f"mine {SERVER}", ["mine"], ["mine"]),
    "two names": (f"mine yours {SERVER} --keyfile=a", ["mine"], ["mine"]),
    "a short key": (f"mine {SERVER} --key=89ABCDEF --keyfile=a", ["--key"], ["--key"]),
    "a fetched key without a fingerprint": (
        f"mine {SERVER} --keyfile=https://example.org/a.asc",
        ["--keyfile"],
        ["--keyfile"],
    ),
    "a key over http": (
        f"mine {SERVER} --key={KEY} --keyfile=http://example.org/a.asc",
        ["--keyfile"],
        ["--keyfile"],
    ),
    "a path that leaves": (f"mine {SERVER} --keyfile=../a", ["--keyfile"], ["--keyfile"]),
    "a path with a comma": (f"mine {SERVER} --keyfile=a,ro=false", ["--keyfile"], ["--keyfile"]),
    "an address of another kind": (
        "mine --server=ftp://example.org --keyfile=a",
        ["--server"],
        ["--server"],
    ),
    "an address with a space": (
        "mine '--server=https://example.org/a b' --keyfile=a",
        ["mine"],
        ["mine"],
    ),
    "a name of pacman's": (f"options {SERVER} --keyfile=a", ["options"], ["options"]),
    "a wrong suite": (f"mine {SERVER} --keyfile=a --suite=../x", ["--suite"], ["--suite"]),
    "a flat repository": (f"mine {SERVER} --keyfile=a --suite=all/", [], []),
    "two components": (f"mine {SERVER} --keyfile=a --component=main --component=extra", [], []),
}


@pytest.mark.parametrize(("text", "arch", "debian"), CASES.values(), ids=CASES.keys())
def test_repository(text, arch, debian):
    for family, expected in ((Family.ARCH, arch), (Family.DEBIAN, debian)):
        file = parse(Source("test", f"FROM x\nREPOSITORY {text}\n"))
        instructions = lower(file.instructions, family=family, arch=Arch.X86_64)
        step = walk(instructions, {}).steps[1]
        found = [each.span.text for each in check_repository(read(step, []), family)]
        shown = [span.removeprefix("REPOSITORY ").partition("=")[0].split()[0] for span in found]
        assert shown[: len(expected) or None] == expected
