"""An update with something of everything, and the screens and files to hold it against."""

import io
import os
from pathlib import Path

import pytest

from arkes_build.history.model import Kind, NameChange, PackageChange
from arkes_build.host.etc.drift import Drift, Drifts
from arkes_build.host.etc.joining import Effect, Fate
from arkes_build.host.updates.outlook import Cost, Outlook, Release, State
from arkes_build.ui.screen import Screen

GOLDEN = Path(__file__).parents[3] / "golden" / "system" / "updates"
BEFORE = Release(commit="ab" * 32, version="2026.11", timestamp=1, kernel="6.12.57")
AFTER = Release(commit="cd" * 32, version="2026.12", timestamp=2, kernel="6.12.63")


@pytest.fixture
def outlook():
    """Return a release that touches all there is."""
    return Outlook(
        ref="arkes/x86_64/base",
        url="https://example.org/repo",
        state=State.NEWER,
        before=BEFORE,
        after=AFTER,
        signer="Example OS",
        packages=(
            PackageChange(name="bash", before="5.2-1", after="5.2-2", kind=Kind.UPGRADED),
            PackageChange(name="gone", before="1.0", after="", kind=Kind.REMOVED),
            PackageChange(name="\x1b[31mred", before="", after="1\r\n", kind=Kind.ADDED),
        ),
        units=(NameChange(name="nginx.service", kind=Kind.ADDED, detail="enabled by x.target"),),
        users=(NameChange(name="www", kind=Kind.ADDED, detail="user 33:33 /srv"),),
        kernel_arguments=(NameChange(name="quiet", kind=Kind.REMOVED),),
        defaults=(
            NameChange(name="motd", kind=Kind.CHANGED),
            NameChange(name="ssh/sshd_config", kind=Kind.CHANGED),
        ),
        effects=(
            Effect(path="conf.d", fate=Fate.BLOCKS, detail="directory → file"),
            Effect(path="issue", fate=Fate.SAME, detail="content"),
            Effect(path="motd", fate=Fate.STAYS_AWAY),
            Effect(path="old.conf", fate=Fate.OUTLIVES, detail="content"),
            Effect(path="ssh", fate=Fate.RESET, detail="mode 0755 → 0700", is_folder=True),
            Effect(path="ssh/sshd_config", fate=Fate.SHADOWS, detail="content"),
        ),
        cost=Cost(download=38 << 20, disk=112 << 20, at_most=1 << 30, by_delta=True),
        fetched=4321,
    )


@pytest.fixture
def drifts():
    """Return changes of /etc of every kind."""
    return Drifts(
        found=(
            Drift(path="added", kind=Kind.ADDED, is_folder=True),
            Drift(path="added-beside", kind=Kind.ADDED),
            Drift(path="added/one", kind=Kind.ADDED),
            Drift(path="added/two", kind=Kind.ADDED),
            Drift(path="gone", kind=Kind.REMOVED),
            Drift(path="hosts", kind=Kind.CHANGED, detail="content, mode 0644 → 0600"),
            Drift(
                path="ssh",
                kind=Kind.CHANGED,
                detail="mode 0755 → 0700",
                is_folder=True,
                is_kept=False,
            ),
        ),
        unread=("shadow",),
    )


@pytest.fixture
def screen():
    """Return the function that makes a screen of so many columns, or a pipe."""

    def make(columns=None):
        return Screen(stream=io.StringIO(), moves=False, colour=False, width=columns)

    return make


@pytest.fixture
def golden():
    """Return the function that compares lines with a file, or writes it."""

    def compare(name, lines):
        path, text = GOLDEN / name, "".join(f"{line}\n" for line in lines)
        if os.environ.get("ARKES_WRITE_GOLDEN"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text("utf-8")

    return compare
