"""Tell which files of /etc are never shown: their names are, what is in them is not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from arkes_build.host.etc.things import Sort

if TYPE_CHECKING:
    from arkes_build.host.etc.things import Thing

_EVERYBODY = 0o004
_NAMES = re.compile(
    r"""
    (^|/)(g?shadow-?|opasswd|.*\.keytab|.*_key|.*\.key|\.netrc|.*password.*|.*secret.*)$
    | ^(ssl/private|wireguard|NetworkManager/system-connections|credstore(\.encrypted)?)/
    """,
    re.VERBOSE | re.IGNORECASE,
)
_KEY = re.compile(rb"PRIVATE KEY|BEGIN PGP PRIVATE|(?i:pass(word|phrase)|secret|token)\s*[=:]\s*\S")


def is_secret(path: str, *things: Thing | None, data: bytes = b"") -> bool:
    """Tell whether what is in a file must not be shown.

    It must not when its name says so, when there is a key or a password in it, or when not
    everybody may read it: whoever closed it had a reason, and a screen is not a closed place.
    """
    closed = (
        one.sort is Sort.FILE and not one.mode & _EVERYBODY for one in things if one is not None
    )
    return bool(_NAMES.search(path)) or any(closed) or bool(_KEY.search(data))
