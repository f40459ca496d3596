"""Decide whether a signature makes something trusted: whose it is, and whether it is good.

One good signature by a trusted key is enough, whatever others say (so that a key can be
changed). Bytes are verified, not what somebody says about them: a commit is first held
against its own checksum.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any, Self

from arkes_build.store.binding import binding
from arkes_build.store.gnupg import Session
from arkes_build.store.scratch import Scratch
from arkes_build.store.signed import Distrusted, commit_blobs, commit_bytes
from arkes_build.store.signing import keys_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path
    from types import TracebackType


class NobodyTrusted(Distrusted):
    """Report that there is no key to verify with."""

    def __init__(self, where: Path | str) -> None:
        super().__init__(
            "no key is trusted, so nothing can be verified",
            details=f"there is no keyring in {where}",
            resolution="put the signer's public key there (`gpg --export KEY > NAME.gpg`), or "
            "make a key of your own with `arkes-build keys new`",
        )


class SignatureMissing(Distrusted):
    """Report something that nobody has signed."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} is not signed",
            resolution="sign it where it was made (`arkes-build keys sign`), then publish it anew",
        )


class SignatureBad(Distrusted):
    """Report something whose signatures are not of its content."""

    def __init__(self, what: str, *, found: Sequence[Signature]) -> None:
        super().__init__(
            f"the signature of {what} does not fit its content",
            details=described(found),
            resolution="it was changed after it was signed, or the signature was: take it from "
            "a source that has it whole",
        )


class SignatureForeign(Distrusted):
    """Report something that only keys have signed which nobody here trusts (any more)."""

    def __init__(self, what: str, *, found: Sequence[Signature]) -> None:
        super().__init__(
            f"{what} is signed, but by no key that is trusted here",
            details=described(found),
            resolution="find out whose key it is; to trust it, put its public half beside the "
            "trusted keyrings",
        )


class State(Enum):
    """Say what a signature is worth."""

    GOOD = "good"
    BAD = "bad"
    UNKNOWN = "unknown"
    """By a key that is not trusted."""
    EXPIRED = "expired"
    """The key, or the signature itself, was good for a time that is over."""
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One signature, and what it is worth.

    ``key`` is the fingerprint of the primary key, or of what signed where the key is unknown;
    ``timestamp`` is in seconds since 1970.
    """

    state: State
    key: str
    owner: str
    timestamp: int

    def __str__(self) -> str:
        """Return it in words."""
        owner = f" ({self.owner})" if self.owner else ""
        return f"{_WORDS[self.state]} {self.key}{owner}"


_WORDS = {
    State.GOOD: "a good signature by",
    State.BAD: "a signature that does not fit, by",
    State.UNKNOWN: "a signature by the unknown key",
    State.EXPIRED: "a signature that has expired, by",
    State.REVOKED: "a signature by the revoked key",
}


def described(found: Iterable[Signature]) -> str:
    """Return signatures in words, one on a line."""
    return "\n".join(str(signature) for signature in found)


class Keyrings:
    """Some keyrings, and nothing else that this machine may trust; use it in a ``with``.

    ``keys`` are theirs, by fingerprint; ``folder`` has a copy of each, as libostree wants
    them. Raises ``KeyringUnreadable``.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = tuple(paths)

    def __enter__(self) -> Self:
        with Session() as session:
            keys = [key for path in self._paths for key in keys_in(path, session)]
        self.keys = {key.fingerprint: key for key in keys}
        self._scratch = Scratch("arkes-keyrings-")
        self.folder = self._scratch.path
        for at, path in enumerate(self._paths):
            shutil.copyfile(path, self.folder / f"{at}.gpg")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._scratch.close()

    def signatures(self, repo: Any, data: bytes, blobs: Sequence[bytes]) -> tuple[Signature, ...]:
        """Return what each signature of some bytes is worth; ``repo`` is any repository."""
        modules = binding()
        folder = modules.gio.File.new_for_path(str(self.folder))
        found = []
        for blob in blobs:
            # One at a time: bytes that are no signature would take the good ones with them.
            try:
                result = repo.gpg_verify_data(
                    None, modules.glib.Bytes.new(data), modules.glib.Bytes.new(blob), folder, None
                )
            except modules.glib.Error:
                found.append(Signature(state=State.BAD, key="?", owner="", timestamp=0))
                continue
            found += [self._signature(result.get_all(at)) for at in range(result.count_all())]
        return tuple(found)

    def _signature(self, attributes: Any) -> Signature:
        signature = _signature(attributes.unpack())
        # libostree also takes the keyrings of this machine and of the repository's remotes.
        if signature.key in self.keys or signature.state is State.BAD:
            return signature
        return replace(signature, state=State.UNKNOWN)


def _signature(fields: tuple[Any, ...]) -> Signature:
    """Return a signature from the attributes that libostree gives (``OstreeGpgSignatureAttr``)."""
    valid, expired, key_expired, revoked, missing, own, made, _, _, _, name, mail = fields[:12]
    state = (
        State.GOOD
        if valid
        else State.UNKNOWN
        if missing
        else State.REVOKED
        if revoked
        else State.EXPIRED
        if expired or key_expired
        else State.BAD
    )
    return Signature(
        state=state,
        key=fields[12] or own,
        owner=f"{name} <{mail}>" if mail else name,
        timestamp=int(made),
    )


def commit_signatures(repo: Any, checksum: str, keyrings: Keyrings) -> tuple[Signature, ...]:
    """Return what each signature of a commit is worth."""
    return keyrings.signatures(repo, commit_bytes(repo, checksum), commit_blobs(repo, checksum))


def must_be_good(what: str, found: Sequence[Signature]) -> Signature:
    """Return the first good signature; raises what there is instead.

    ``SignatureMissing``, ``SignatureBad`` or ``SignatureForeign``; ``what`` names the thing.
    """
    for signature in found:
        if signature.state is State.GOOD:
            return signature
    if not found:
        raise SignatureMissing(what)
    if any(signature.state is State.BAD for signature in found):
        raise SignatureBad(what, found=found)
    raise SignatureForeign(what, found=found)
