"""Hold the lock while the machine is changed, and write down how that ended."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from arkes_build.core.errors import ArkesError, ExitCode
from arkes_build.host import journal, lock, records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arkes_build.host.journal import Message
    from arkes_build.host.machine import Host

_REFUSALS = frozenset({ExitCode.USAGE, ExitCode.SYSTEM, ExitCode.STORE_BUSY, ExitCode.DENIED})
"""Ends that are no event of the machine: nothing was tried."""


@dataclass(slots=True, kw_only=True)
class Account:
    """What is to be written down; who acts fills it in on the way.

    With ``is_nothing`` there is nothing to tell, because nothing had to be done.
    """

    text: str = ""
    before: str = ""
    after: str = ""
    version: str = ""
    ref: str = ""
    size: int = 0
    detail: str = ""
    is_nothing: bool = False
    fields: dict[str, str] = field(default_factory=dict)


@contextmanager
def acting(host: Host, action: str, message: Message) -> Iterator[Account]:
    """Hold the machine's lock while the block runs; record and tell what came of it.

    Raises ``HostBusy``. What cannot be written down (a full disk) is told to the journal alone.
    """
    began = time.monotonic()
    with lock.held(host, doing=action):
        account = Account()
        try:
            yield account
        except ArkesError as error:
            if error.exit_code not in _REFUSALS:
                _record(host, action, account, began, error)
            raise
        if not account.is_nothing:
            _record(host, action, account, began, None)
            _tell(host, message, account)


def kind_of(error: ArkesError) -> str:
    """Return the kind of an error as records and JSON have it: ``disk-full``."""
    return ExitCode(error.exit_code).name.lower().replace("_", "-")


def _record(
    host: Host, action: str, account: Account, began: float, error: ArkesError | None
) -> None:
    records.append(
        host,
        action=action,
        result=kind_of(error) if error else "ok",
        before=account.before,
        after=account.after,
        version=account.version,
        ref=account.ref,
        seconds=time.monotonic() - began,
        size=account.size,
        detail=error.brief if error else account.detail,
    )


def _tell(host: Host, message: Message, account: Account) -> None:
    fields = {"version": account.version, "commit": account.after, "ref": account.ref}
    journal.send(
        host,
        message,
        account.text,
        priority=journal.Priority.NOTICE,
        **{**fields, **account.fields},
    )
