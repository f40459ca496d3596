"""Make a signing key: the secret half among ours, the public half as bytes for a project."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from arkes_build.core.atomic import write_atomically
from arkes_build.core.errors import ArkesError, ExitCode
from arkes_build.store.gnupg import PUBLIC, REVOCATIONS, SECRET, Session, check_home
from arkes_build.store.lock import held
from arkes_build.store.signing import all_secret

if TYPE_CHECKING:
    from pathlib import Path

    from arkes_build.store.signing import SigningKey

ALGORITHMS = ("ed25519", "rsa4096")
"""What GnuPG calls them; machines with an old GnuPG may only know the second."""
NEVER = "never"
_OWNER_LENGTH = 100
_EXPIRES = re.compile(r"never|[1-9][0-9]{0,3}[dwmy]|[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")


class BadKeyWish(ArkesError):
    """Report that a key cannot be named, or last, as somebody wishes."""

    exit_code = ExitCode.USAGE


def check_name(name: str) -> str:
    """Return what may name a keyring's file, or raise ``BadKeyWish``."""
    if _NAME.fullmatch(name):
        return name
    raise BadKeyWish(
        f"{name[:80]!r} cannot be a key's name",
        resolution="a name is lower case letters, digits, '.', '_' and '-', and begins with a "
        "letter or digit",
    )


def check_expiry(text: str) -> str:
    """Return when a key expires, as GnuPG takes it, or raise ``BadKeyWish``."""
    if _EXPIRES.fullmatch(text):
        return text
    raise BadKeyWish(
        f"{text[:80]!r} is no time at which a key can expire",
        resolution="say never, a date (2030-12-31), or a time from now on: 90d, 8w, 18m, 2y",
    )


def check_owner(text: str) -> str:
    """Return what may be a key's user id, or raise ``BadKeyWish``."""
    if text and len(text) <= _OWNER_LENGTH and text.isprintable() and not text.startswith("-"):
        return text
    raise BadKeyWish(
        f"{text[:80]!r} cannot be the owner of a key",
        resolution=f"an owner is one line of at most {_OWNER_LENGTH} characters",
    )


def make_key(home: Path, *, owner: str, algorithm: str, expires: str) -> tuple[SigningKey, bytes]:
    """Make a key without a passphrase; return it with its public half as a binary keyring.

    ``home`` is made when it is not there. Raises ``BadKeyWish``, ``KeysUnsafe``,
    ``SigningFailed``, ``ToolMissing``.
    """
    check_owner(owner)
    check_expiry(expires)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    check_home(home)
    for name in (SECRET, REVOCATIONS):
        (home / name).mkdir(mode=0o700, exist_ok=True)
    with (
        held(home / "arkes.lock", on_wait=lambda _holder: None),
        Session(home, changes=True) as session,
    ):
        before = set(all_secret(session))
        session.call(
            "--pinentry-mode=loopback",
            "--passphrase=",
            "--quick-generate-key",
            "--",
            owner,
            algorithm,
            "sign",
            expires,
            doing="making a key",
        )
        (key,) = set(all_secret(session)) - before
        public = session.output("--export", key.fingerprint, doing="writing the public key")
        write_atomically(home / PUBLIC, (session.home / PUBLIC).read_bytes(), mode=0o600)
    return key, public


def export_public(home: Path, fingerprint: str) -> bytes:
    """Return the public half of one of our keys as a binary keyring."""
    check_home(home)
    with Session(home) as session:
        return session.output("--export", fingerprint, doing="writing the public key")
