"""Sign what is published with every key of ours that the project trusts.

Secret keys live in a GnuPG home of our own (``gnupg.keys_home``), never in a project or a
store. The public halves are keyrings of the project, in the folder of its overlay from
which they get into every machine: whoever has the project can see which keys count. So a
new key is used from the moment its public half lies there, beside the old one or instead.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from arkes_build.core.errors import ArkesError, ExitCode
from arkes_build.store import ed25519
from arkes_build.store.binding import binding
from arkes_build.store.gnupg import PUBLIC, Session, check_home, keys_home, lines
from arkes_build.store.signed import commit_blobs, commit_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

FOLDER = "overlay/rootfs/usr/share/ostree/trusted.gpg.d"
"""Where a project has the public keys, and behind the overlay's name where libostree looks."""
MOST = 1 << 20
"""Bytes of a keyring that are read."""
_ESCAPE = re.compile(r"\\x([0-9a-f]{2})")
_UNUSABLE = {"e": "it has expired", "r": "it was revoked", "i": "it is not valid"}


class KeyringUnreadable(ArkesError):
    """Report a file among the trusted keyrings that is none."""

    exit_code = ExitCode.SIGNATURE

    def __init__(self, path: Path, *, why: str) -> None:
        super().__init__(
            f"{path} is no keyring: {why}",
            resolution="it must hold public OpenPGP keys in binary form, as `gpg --export` "
            "writes them; `arkes-build keys new` makes one",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """A key that can sign; its secret half, where there is one, is with GnuPG.

    ``fingerprint`` is that of the primary key, 40 hexadecimal digits in upper case;
    ``subkeys`` are those of its subkeys. ``created`` and ``expires`` are in seconds since
    1970, ``expires`` is None for a key that does not. ``trouble`` says why it cannot be used.
    """

    fingerprint: str
    owner: str
    algorithm: str
    created: int
    expires: int | None
    trouble: str = ""
    subkeys: tuple[str, ...] = ()


def trusted_folder(root: Path) -> Path:
    """Return the folder of a project's trusted keyrings, which need not be there."""
    return root / FOLDER


def trusted_keyrings(root: Path) -> tuple[Path, ...]:
    """Return the keyrings that a project trusts, sorted: what its machines will trust.

    libostree takes ``*.gpg``; links and folders do not count. Raises ``KeyringUnreadable``
    for one that is too large to be a keyring.
    """
    found = sorted(trusted_folder(root).glob("*.gpg"))
    keyrings = tuple(path for path in found if path.is_file() and not path.is_symlink())
    for path in keyrings:
        if path.stat().st_size > MOST:
            raise KeyringUnreadable(path, why="it is larger than 1 MiB")
    return keyrings


def keyring_keys(root: Path) -> dict[str, tuple[SigningKey, ...]]:
    """Return the keys that a project trusts, by the name of the keyring that has them."""
    keyrings = trusted_keyrings(root)
    if not keyrings:
        return {}
    with Session() as session:
        return {path.stem: keys_in(path, session) for path in keyrings}


def keys_in(keyring: Path, session: Session) -> tuple[SigningKey, ...]:
    """Return the keys of one keyring; raises ``KeyringUnreadable``."""
    done = session.attempt("--with-colons", "--show-keys", "--", str(keyring))
    found = tuple(_keys(done.output, "pub"))
    if done.code or not found:
        raise KeyringUnreadable(keyring, why=done.errors.strip() or "it has no key")
    return found


def secret_keys(home: Path | None = None) -> tuple[SigningKey, ...]:
    """Return the keys whose secret half we have, by fingerprint; raises ``KeysUnsafe``."""
    home = home or keys_home()
    if not check_home(home) or not (home / PUBLIC).exists():
        return ()
    with Session(home) as session:
        return all_secret(session)


def available_keys(root: Path) -> tuple[SigningKey, ...]:
    """Return the keys to sign with: we have the secret half, and the project trusts them.

    Those that have expired or were revoked are left out. Starts nothing where there is
    no keyring or no key.
    """
    with for_project(root) as signer:
        return signer.keys if signer else ()


@contextmanager
def for_project(root: Path) -> Iterator[Signer | None]:
    """Open a signer with the ``available_keys`` of a project; None when there are none."""
    keyrings, home = trusted_keyrings(root), keys_home()
    if not keyrings or not check_home(home) or not (home / PUBLIC).exists():
        yield None
        return
    with Signer((), home) as signer:
        trusted = {key.fingerprint for path in keyrings for key in keys_in(path, signer)}
        held = all_secret(signer)
        signer.keys = tuple(k for k in held if k.fingerprint in trusted and not k.trouble)
        signer.own = ed25519.usable(root, home)
        yield signer if signer.keys else None


def sign_detached(data: bytes, keys: Sequence[SigningKey]) -> list[bytes]:
    """Return one binary detached OpenPGP signature of ``data`` for each key, in their order.

    Raises ``SigningFailed``, ``KeysUnsafe``, ``ToolMissing``.
    """
    with Signer(keys) as signer:
        return signer.detached(data)


class Signer(Session):
    """Sign several things with the same keys; the agent is started once for all of them."""

    def __init__(self, keys: Sequence[SigningKey], home: Path | None = None) -> None:
        self.keys = tuple(keys)
        self.own: tuple[str, ...] = ()
        home = home or keys_home()
        super().__init__(home if check_home(home) else None)

    def detached(self, data: bytes) -> list[bytes]:
        """Return one binary detached signature of ``data`` for each key, in their order."""
        return [self.signature(data, key) for key in self.keys]

    def signature(self, data: bytes, key: SigningKey) -> bytes:
        """Return the binary detached signature of ``data`` by one key."""
        return self.output(
            "--digest-algo=SHA512",
            f"--local-user={key.fingerprint}",
            "--detach-sign",
            doing=f"signing with {key.fingerprint}",
            stdin=data,
        )

    def sign_commit(self, repo: Any, checksum: str) -> tuple[SigningKey, ...]:
        """Sign a commit with each key that has not signed it yet, and return those of GnuPG.

        ``repo`` is libostree's object. Within its transaction the signature becomes durable
        with the commit, else at once.
        """
        data, there = commit_bytes(repo, checksum), commit_blobs(repo, checksum)
        new = tuple(key for key in self.keys if not any(_is_by(key, blob) for blob in there))
        for key in new:
            blob = binding().glib.Bytes.new(self.signature(data, key))
            repo.append_gpg_signature(checksum, blob, None)
        ed25519.sign_commit(repo, checksum, self.own)
        return new


def _is_by(key: SigningKey, blob: bytes) -> bool:
    """Tell whether a signature names a key as its maker (RFC 9580, 5.2.3.35; 4 is the version)."""
    return any(b"\x04" + bytes.fromhex(each) in blob for each in (key.fingerprint, *key.subkeys))


def all_secret(session: Session) -> tuple[SigningKey, ...]:
    """Return the keys whose secret half a session has, by fingerprint."""
    done = session.call("--with-colons", "--list-secret-keys", doing="listing the keys")
    return _each_once(_keys(done.output, "sec"))


def _each_once(keys: Iterable[SigningKey]) -> tuple[SigningKey, ...]:
    found = {key.fingerprint: key for key in keys}
    return tuple(found[fingerprint] for fingerprint in sorted(found))


def _keys(listing: str, kind: str) -> Iterator[SigningKey]:
    """Give the keys of a listing; ``kind`` is how the line of a primary key begins."""
    block: list[list[str]] = []
    for fields in [*lines(listing.splitlines()), [kind]]:
        if fields[0] == kind and block:
            yield _key(block)
            block = []
        if fields[0] == kind or block:
            block.append(fields)


def _key(block: Sequence[Sequence[str]]) -> SigningKey:
    """Return the key of one block: fields 2, 4, 6, 7, 10, 12 and 17 of GnuPG's doc/DETAILS."""
    first = block[0]
    prints = [fields[9] for fields in block if fields[0] == "fpr"]
    owners = [fields[9] for fields in block if fields[0] == "uid"]
    trouble = _UNUSABLE.get(first[1], "")
    if not trouble and "S" not in first[11]:
        trouble = "it cannot sign"
    return SigningKey(
        fingerprint=prints[0],
        owner=_unescaped(owners[0]) if owners else "",
        algorithm=first[16] or {"1": f"rsa{first[2]}"}.get(first[3], f"{first[3]}/{first[2]}"),
        created=int(first[5] or 0),
        expires=int(first[6]) if first[6] else None,
        trouble=trouble,
        subkeys=tuple(prints[1:]),
    )


def _unescaped(text: str) -> str:
    r"""Return a user id: colons and controls come as ``\x3a``."""
    parts = _ESCAPE.split(text)
    odd = (bytes.fromhex(part) if at % 2 else part.encode() for at, part in enumerate(parts))
    return b"".join(odd).decode("utf-8", "replace")
