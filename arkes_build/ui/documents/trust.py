"""Type what is said about keys and signatures: ``keys``, ``pull``, ``verify``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from arkes_build.delivery.trust.verification import Part
from arkes_build.store.trust import State
from arkes_build.ui.documents.words import Schema, described

StateName = Annotated[str, Field(json_schema_extra={"enum": [each.value for each in State]})]
PartName = Annotated[str, Field(json_schema_extra={"enum": [each.value for each in Part]})]


@described
class SigningKey(TypedDict):
    """A key that can sign."""

    fingerprint: str
    """Of the primary key, 40 hexadecimal digits in upper case."""
    owner: str
    algorithm: str
    created: int
    """Seconds since 1970."""
    expires: int | None
    """Seconds since 1970; null for a key that does not."""
    trouble: str
    """Why it cannot be used; empty when it can."""
    is_secret: bool
    """Its secret half is here, so it can sign."""
    is_trusted: bool
    """The project has its public half, so machines take what it signs."""
    keyrings: list[str]
    """Names of the project's keyrings that have it."""


@described
class Schemes(TypedDict):
    """Kinds of signatures, and whether libostree can make and verify them here."""

    gpg: bool
    ed25519: bool
    """Signatures of libostree's own kind, without GnuPG."""


@described
class SignedCommit(TypedDict):
    """A commit, and which keys signed it now: none, when all had before."""

    name: str
    commit: str
    keys: list[str]


@described
class KeysDocument(TypedDict):
    """What ``keys`` prints."""

    schema: Schema
    type: Literal["keys"]
    home: str
    """The folder of the secret keys."""
    folder: str
    """The folder of the project's keyrings."""
    keys: list[SigningKey]
    """With ``new`` the one that was made."""
    schemes: Schemes
    signed: list[SignedCommit]
    """What ``sign`` looked at."""


@described
class Signature(TypedDict):
    """One signature, and what it is worth."""

    state: StateName
    key: str
    """Fingerprint of the primary key; of an unknown key, of what signed."""
    owner: str
    timestamp: int


@described
class PulledRef(TypedDict):
    """A ref that was pulled."""

    ref: str
    commit: str
    before: str | None
    """What the store had there; null when it had nothing."""
    version: str
    timestamp: int
    signature: Signature
    releases: int
    """How many commits of it were verified: the newest, and those before it."""
    is_older: bool
    """What was there before is newer."""


class PullDocument(TypedDict):
    """What ``pull`` prints."""

    schema: Schema
    type: Literal["pull"]
    source: str
    refs: list[PulledRef]


class Trouble(TypedDict):
    """Something about a commit that is not as it says, or must be."""

    part: PartName
    text: str


@described
class VerifiedCommit(TypedDict):
    """What was found of one commit."""

    name: str
    """As it was named."""
    ref: str
    commit: str
    version: str
    is_good: bool
    signatures: list[Signature]
    objects: int
    """How many its tree has."""
    troubles: list[Trouble]
    notes: list[str]


class VerifyDocument(TypedDict):
    """What ``verify`` prints."""

    schema: Schema
    type: Literal["verify"]
    exit_code: int
    commits: list[VerifiedCommit]
