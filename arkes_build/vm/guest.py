"""Ask the agent in the guest: run a program, read a file, write one, hear the verdict."""

from __future__ import annotations

import base64
import binascii
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arkes_build.vm.errors import GuestRefused, GuestSpeaksNonsense, TooLate
from arkes_build.vm.lines import Lines
from arkes_build.vm.verdict import Verdict

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping, Sequence

PART = 1 << 20
"""Bytes of a file that go in one message."""
MOST_FETCHED = 1 << 30
_SLACK = 30.0
"""Seconds that an answer may take beyond the program's own time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a program in the guest left: exit code (negative: signal) and both streams.

    ``is_late`` says that it was killed after its timeout; ``is_cut`` that it printed more
    than 8 MiB, of which only the first are here.
    """

    exit: int
    out: str
    err: str
    is_late: bool = False
    is_cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request whose answer was not yet waited for."""

    number: int
    doing: str


class Guest:
    """The host's end of the two ports. Nothing that the guest sends is believed unseen."""

    def __init__(self, agent: socket.socket, verdicts: socket.socket) -> None:
        self._lines = Lines(agent, "the guest's agent")
        self._verdicts = Lines(verdicts, "the guest's verdict")
        self._next = secrets.randbits(48)  # a guest set back may still answer an older host
        self._waiting: set[int] = set()
        self._answers: dict[int, dict[str, Any]] = {}

    def run(
        self,
        argv: Sequence[str] | str,
        *,
        stdin: bytes = b"",
        env: Mapping[str, str] | None = None,
        timeout: float = 120.0,
    ) -> Result:
        """Run a program, or a text as a shell script, to its end in the guest."""
        return self.result(self.start(argv, stdin=stdin, env=env, timeout=timeout), timeout=timeout)

    def start(
        self,
        argv: Sequence[str] | str,
        *,
        stdin: bytes = b"",
        env: Mapping[str, str] | None = None,
        timeout: float = 120.0,
    ) -> Asked:
        """Start a program in the guest and return at once; ``result`` waits for it."""
        words = ["/bin/sh", "-c", argv] if isinstance(argv, str) else list(argv)
        return self._ask(
            "run", f"run {words[-1] if isinstance(argv, str) else ' '.join(words)}"[:200],
            argv=words, input=_encode(stdin), env=dict(env or {}), timeout=timeout,
        )  # fmt: skip

    def result(self, asked: Asked, *, timeout: float = 120.0) -> Result:
        """Wait for a program that was started."""
        answer = self._answer(asked, timeout + _SLACK)
        code = answer.get("exit")
        if not isinstance(code, int):
            raise GuestSpeaksNonsense(f"exit code {code!r}")
        return Result(
            exit=code,
            out=_decode(answer.get("out")).decode("utf-8", "replace"),
            err=_decode(answer.get("err")).decode("utf-8", "replace"),
            is_late=answer.get("late") is True,
            is_cut=answer.get("cut") is True,
        )

    def put(self, source: Path | bytes, target: str, *, mode: int = 0o644) -> None:
        """Write a file, or these bytes, to a path of the guest."""
        data = source.read_bytes() if isinstance(source, Path) else source
        for offset in range(0, max(len(data), 1), PART):
            part = _encode(data[offset : offset + PART])
            asked = self._ask(
                "put", f"write {target}", path=target, offset=offset, data=part, mode=mode
            )
            self._answer(asked, 120.0)

    def get(self, path: str, *, most: int = MOST_FETCHED) -> bytes:
        """Return a file of the guest; raises ``GuestSpeaksNonsense`` above ``most`` bytes."""
        data = bytearray()
        while True:
            asked = self._ask("get", f"read {path}", path=path, offset=len(data), length=PART)
            part = _decode(self._answer(asked, 120.0).get("data"))
            if not part:
                return bytes(data)
            data += part
            if len(data) > most or len(part) > PART:
                raise GuestSpeaksNonsense(f"{path} is longer than {most} bytes")

    def wait(self, *, timeout: float) -> str:
        """Wait until the agent answers; return the kernel's id of this boot."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            try:
                answer = self._answer(self._ask("ping", "answer"), 3.0)
            except TooLate:
                continue
            return str(answer.get("boot", ""))[:64]
        raise TooLate("waiting for the guest's agent", seconds=timeout)

    def verdict(self, *, timeout: float) -> Verdict | None:
        """Return how the next boot to be decided went, None when none was in time."""
        deadline = time.monotonic() + timeout
        while (message := self._verdicts.receive(deadline)) is not None:
            if message.get("verdict") == 1:
                return Verdict.from_json(message)
        return None

    def _ask(self, action: str, doing: str, **words: Any) -> Asked:
        self._next += 1
        self._lines.send({"id": self._next, "do": action, **words})
        self._waiting.add(self._next)
        return Asked(number=self._next, doing=doing)

    def _answer(self, asked: Asked, seconds: float) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        while asked.number not in self._answers:
            message = self._lines.receive(deadline)
            if message is None:
                self._waiting.discard(asked.number)
                raise TooLate(f"waiting for the guest to {asked.doing}", seconds=seconds)
            number = message.get("id")
            if isinstance(number, int) and number in self._waiting:
                self._waiting.discard(number)
                self._answers[number] = message
        answer = self._answers.pop(asked.number)
        if isinstance(answer.get("error"), str):
            raise GuestRefused(asked.doing, answer["error"][:2000])
        return answer


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _decode(text: Any) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (TypeError, ValueError, binascii.Error) as error:
        raise GuestSpeaksNonsense(f"not base64: {str(text)[:40]}") from error
