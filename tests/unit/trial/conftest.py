"""A machine that plays a part: no QEMU, no guest."""

from dataclasses import dataclass, field, replace
from datetime import date

import pytest

from arkes_build.trial.model import Subject
from arkes_build.trial.session import Order
from arkes_build.vm.errors import GuestRefused, MachineEnded, TooLate
from arkes_build.vm.guest import Result
from arkes_build.vm.verdict import Verdict

COMMIT = "0123456789abcdef" * 4
GOOD = Verdict(
    state="running",
    is_complete=True,
    failed=(),
    deployment=f"{COMMIT}.0",
    kernel="6.12.0",
    times={"total": 91.5},
    boot="first",
    uptime=95.0,
)


def result(code=0, out="", err="", **rest):
    return Result(exit=code, out=out, err=err, **rest)


@dataclass
class FakeGuest:
    """Answers by the words of a program: what was prepared, else success."""

    answers: dict = field(default_factory=dict)
    """Part of the command line → result, or an error to raise."""
    asked: list = field(default_factory=list)
    written: dict = field(default_factory=dict)
    is_alive: bool = True
    boots: list = field(default_factory=list)
    """Ids of the boots that answer, one after another."""

    def run(self, argv, *, env=None, timeout=120.0):
        line = argv if isinstance(argv, str) else " ".join(argv)
        self.asked.append(line)
        for part, answer in self.answers.items():
            if part in line:
                if isinstance(answer, BaseException):
                    self.is_alive = not isinstance(answer, (MachineEnded, TooLate))
                    raise answer
                return answer
        return result()

    def put(self, source, target, *, mode=0o644):
        self.written[target] = (source, mode)

    def wait(self, *, timeout):
        if not self.is_alive:
            raise TooLate("waiting for the guest's agent", seconds=timeout)
        return self.boots.pop(0) if self.boots else "boot"


@dataclass
class FakeMachine:
    verdicts: list = field(default_factory=lambda: [GOOD])
    console: str = "Welcome to Arkes!\n"
    guest: FakeGuest = field(default_factory=FakeGuest)
    saved: list = field(default_factory=list)

    def verdict(self, timeout):
        found = self.verdicts.pop(0) if self.verdicts else None
        if isinstance(found, BaseException):
            raise found
        if found is None:
            raise TooLate("waiting for the boot's verdict", seconds=timeout)
        return found

    def save(self, name):
        self.saved.append(name)

    def screenshot(self, path):
        path.write_bytes(b"\x89PNG\r\n\x1a\n")


@pytest.fixture
def machine():
    return FakeMachine()


@pytest.fixture
def make_order(tmp_path):
    """Return the function that makes an order of checks, given as files of a folder."""
    from arkes_build.trial.files import find

    def make(files=None, **fields):
        folder = tmp_path / "tests-boot"
        folder.mkdir(exist_ok=True)
        for name, text in (files or {}).items():
            (folder / name).write_text(text)
        known = Order(
            subject=Subject(node="base", commit=COMMIT, version="1"),
            folder=tmp_path / "evidence",
            found=find(folder),
            today=date(2026, 11, 22),
        )
        return replace(known, **fields)

    return make


@pytest.fixture
def refused():
    return GuestRefused("run it", "FileNotFoundError: [Errno 2] No such file: 'nosuch'")
