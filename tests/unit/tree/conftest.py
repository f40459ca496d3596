"""Run the image's helper scripts in a folder, with package managers that only take notes."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[3]
SCRIPTS = REPOSITORY / "overlay/rootfs/usr/lib/system"

# Each word ends with a unit separator, each call with a record separator.
NOTES = r"""#!/bin/sh
name=${0##*/}
{ printf '%s\037' "$name" "$@"; printf '\036'; } >>"$FAKES/calls"
if [ -e "$FAKES/$name.sh" ]; then . "$FAKES/$name.sh"; fi
"""
TOOLS = (
    *("apt-get", "dpkg-query", "pacman", "pacman-key", "gpgconf", "gpg", "curl", "git"),
    *("makepkg", "setpriv", "chown", "dracut", "depmod", "dkms", "locale-gen", "update-initramfs"),
)


@dataclass(frozen=True, kw_only=True)
class Done:
    """What a script said and did."""

    code: int
    said: str
    printed: str
    calls: list[list[str]]

    def of(self, tool: str) -> list[list[str]]:
        return [call[1:] for call in self.calls if call[0] == tool]


@dataclass(frozen=True, kw_only=True)
class Tree:
    """A root folder of one family, and the fakes before it on PATH."""

    family: str
    root: Path
    fakes: Path
    environment: dict[str, str] = field(default_factory=dict)

    def answer(self, tool: str, script: str) -> None:
        """Say what a tool does once it has noted its call."""
        (self.fakes / f"{tool}.sh").write_text(script, "utf-8")

    def write(self, path: str, text: str = "") -> Path:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
        return target

    def read(self, path: str) -> str:
        return (self.root / path).read_text("utf-8")

    def run(self, script: str, *words: str, **environment: str) -> Done:
        calls = self.fakes / "calls"
        calls.write_bytes(b"")
        done = subprocess.run(
            [str(SCRIPTS / script), *words],
            check=False,
            capture_output=True,
            env=self.environment | environment,
            cwd=self.root,
            timeout=60,
        )
        noted = calls.read_text("utf-8", "surrogateescape").split("\036")[:-1]
        return Done(
            code=done.returncode,
            said=done.stderr.decode("utf-8", "replace"),
            printed=done.stdout.decode("utf-8", "replace"),
            calls=[call.split("\037")[:-1] for call in noted],
        )


def _tree(family: str, folder: Path) -> Tree:
    root, fakes = folder / "root", folder / "fakes"
    (fakes / "bin").mkdir(parents=True)
    for tool in TOOLS:
        (fakes / "bin" / tool).write_text(NOTES, "utf-8")
        (fakes / "bin" / tool).chmod(0o755)
    for path in ("etc", "run", "tmp", "var/lib", "var/tmp", "usr/lib"):
        (root / path).mkdir(parents=True)
    environment = {
        "PATH": f"{fakes / 'bin'}:{os.environ['PATH']}",
        "SYSTEM_ROOT": str(root),
        "FAKES": str(fakes),
    }
    tree = Tree(family=family, root=root, fakes=fakes, environment=environment)
    if family == "debian":
        tree.write("usr/lib/sysimage/dpkg/status")
        tree.write("var/lib/apt/lists/lock")
        tree.write("var/cache/apt/pkgcache.bin")
    else:
        tree.write("usr/lib/sysimage/pacman/local/ALPM_DB_VERSION", "9\n")
        tree.write("etc/pacman.conf", "[options]\nArchitecture = auto\n\n[core]\nInclude = x\n")
        # Nothing is unused unless a test says so.
        tree.answer("pacman", 'case "$*" in *-Qdtq*) exit 1 ;; esac\n')
    # Prints the words after its own options, as the real one runs them.
    tree.answer("setpriv", 'while [ "${1#--}" != "$1" ]; do shift; done\nexec "$@"\n')
    return tree


@pytest.fixture
def make_tree(tmp_path):
    """Return the function that makes a tree of a family."""
    return lambda family: _tree(family, tmp_path)


@pytest.fixture
def debian(tmp_path):
    return _tree("debian", tmp_path)


@pytest.fixture
def arch(tmp_path):
    return _tree("arch", tmp_path)


@pytest.fixture(scope="session")
def shellcheck():
    """Return the path of shellcheck, which the set-up of the tests installs."""
    found = shutil.which("shellcheck")
    assert found, "shellcheck is missing: ./test installs it"
    return found
