"""Say what was tried when the source of updates does not answer."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from arkes_build.core.errors import ArkesError, ExitCode
from arkes_build.delivery.trust.source import SourceBroken

if TYPE_CHECKING:
    from collections.abc import Iterator

_FETCHING = re.compile(r"While fetching (?P<tried>\S+): (?:\[\d+\] )?(?P<why>.+)")
"""How libostree reports an error of its HTTP client (``ostree-fetcher-curl.c``)."""


class SourceAway(ArkesError):
    """Report a source that did not answer, or broke off."""

    exit_code = ExitCode.NETWORK

    def __init__(self, *, tried: str, why: str) -> None:
        super().__init__(
            f"the source of updates does not answer: {why}",
            details=f"tried {tried}; this machine boots what it would have booted",
            resolution="look at the network (`nmcli`) and at the address (`os status`), then run "
            "again: what was fetched so far is used",
        )


@contextmanager
def reached() -> Iterator[None]:
    """Turn what libostree says of a source that is away into ``SourceAway``."""
    try:
        yield
    except SourceBroken as error:
        found = _FETCHING.search(error.details)
        if found is None:
            raise
        raise SourceAway(tried=found["tried"], why=found["why"]) from error
