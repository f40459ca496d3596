"""Draw keys, signatures and what was verified, as tables and as JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from arkes_build.ui.grid import Grid, Row
from arkes_build.ui.phrases import SHORT_COMMIT
from arkes_build.ui.screen import Style
from arkes_build.ui.shapes import SCHEMA
from arkes_build.ui.text import counted, safe

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Protocol

    from arkes_build.delivery.trust.verification import Verdict
    from arkes_build.delivery.trust.verified import Pulled
    from arkes_build.store.signing import SigningKey
    from arkes_build.store.trust import Signature
    from arkes_build.ui import documents
    from arkes_build.ui.screen import Screen

    class KnownKey(Protocol):
        """A key of ours, or one that the project trusts, or both."""

        @property
        def key(self) -> SigningKey:
            """Return the key."""

        @property
        def is_secret(self) -> bool:
            """Tell whether it can sign here."""

        @property
        def keyrings(self) -> tuple[str, ...]:
            """Return the names of the project's keyrings that have it."""

    class KnownKeys(Protocol):
        """All keys."""

        @property
        def home(self) -> Path:
            """Return the folder of the secret keys."""

        @property
        def folder(self) -> Path:
            """Return the folder of the project's keyrings."""

        @property
        def keys(self) -> Sequence[KnownKey]:
            """Return the keys."""

        @property
        def has_ed25519(self) -> bool:
            """Tell whether libostree has signatures of its own kind."""

    class Signed(Protocol):
        """A commit, and the keys that signed it now."""

        @property
        def name(self) -> str:
            """Return how it was named."""

        @property
        def commit(self) -> str:
            """Return the commit."""

        @property
        def keys(self) -> tuple[str, ...]:
            """Return fingerprints."""


NONE = "-"


def keys_lines(known: KnownKeys, screen: Screen) -> list[str]:
    """Return the table of keys, and where they are."""
    where = f"secret keys: {safe(str(known.home))}"
    trusted = f"trusted by the project: {safe(str(known.folder))}"
    if not known.keys:
        return ["No keys yet: `arkes-build keys new` makes one.", where, trusted]
    grid = Grid(titles=("KEY", "KIND", "OWNER", "EXPIRES"), telling="USE")
    rows = [
        Row(
            cells=(
                one.key.fingerprint,
                safe(one.key.algorithm),
                safe(one.key.owner),
                NONE if one.key.expires is None else _date(one.key.expires),
            ),
            telling=(_use(one),),
            styles=(None, None, None, None),
        )
        for one in known.keys
    ]
    own = "also" if known.has_ed25519 else "not"
    kinds = f"libostree verifies GPG signatures here, and {own} ed25519 of its own kind"
    return [*grid.draw(rows, screen), "", where, trusted, kinds]


def _use(one: KnownKey) -> str:
    names = ", ".join(safe(name) for name in one.keyrings)
    if one.key.trouble:
        return f"none: {one.key.trouble}"
    if one.is_secret:
        return f"signs, trusted ({names})" if names else "none: the project does not trust it"
    return f"verifies ({names}); the secret half is not here"


def keys_shape(
    known: KnownKeys, signed: Sequence[Signed] = (), *, only: str = ""
) -> documents.KeysDocument:
    """Return keys, with ``only`` the one of that fingerprint; nothing of a secret half is in it."""
    return {
        "schema": SCHEMA,
        "type": "keys",
        "home": str(known.home),
        "folder": str(known.folder),
        "keys": [_key(one) for one in known.keys if only in ("", one.key.fingerprint)],
        "schemes": {"gpg": True, "ed25519": known.has_ed25519},
        "signed": [
            {"name": each.name, "commit": each.commit, "keys": list(each.keys)} for each in signed
        ],
    }


def _key(one: KnownKey) -> documents.SigningKey:
    return {
        "fingerprint": one.key.fingerprint,
        "owner": one.key.owner,
        "algorithm": one.key.algorithm,
        "created": one.key.created,
        "expires": one.key.expires,
        "trouble": one.key.trouble,
        "is_secret": one.is_secret,
        "is_trusted": bool(one.keyrings),
        "keyrings": list(one.keyrings),
    }


def signed_lines(signed: Sequence[Signed]) -> list[str]:
    """Return a line for each commit that was to be signed."""
    return [
        f"{safe(each.name)}  {each.commit[:SHORT_COMMIT]}  "
        + (f"signed by {' and '.join(each.keys)}" if each.keys else "was signed before")
        for each in signed
    ]


def pulled_lines(pulled: Sequence[Pulled], screen: Screen) -> list[str]:
    """Return the table of what was pulled."""
    grid = Grid(
        titles=("REF", "COMMIT", "VERSION", "DATE", "RELEASES"),
        right=frozenset({"RELEASES"}),
        telling="",
    )
    rows = [
        Row(
            cells=(
                safe(one.ref),
                one.commit[:SHORT_COMMIT],
                safe(one.version) or NONE,
                _date(one.timestamp),
                str(one.releases),
            ),
            telling=(_came(one), safe(str(one.signature))),
        )
        for one in pulled
    ]
    return grid.draw(rows, screen)


def _came(one: Pulled) -> str:
    if one.before is None:
        return "new here"
    if one.before == one.commit:
        return "the same as before"
    older = "OLDER than what was here: " if one.is_older else "in the place of "
    return f"{older}{one.before[:SHORT_COMMIT]}"


def pull_shape(source: str, pulled: Sequence[Pulled]) -> documents.PullDocument:
    """Return what was pulled."""
    return {
        "schema": SCHEMA,
        "type": "pull",
        "source": source,
        "refs": [
            {
                "ref": one.ref,
                "commit": one.commit,
                "before": one.before,
                "version": one.version,
                "timestamp": one.timestamp,
                "signature": _signature(one.signature),
                "releases": one.releases,
                "is_older": one.is_older,
            }
            for one in pulled
        ],
    }


def verify_lines(verdicts: Sequence[Verdict], screen: Screen, *, verbose: bool) -> list[str]:
    """Return the table of what was verified, and a line that sums it up."""
    grid = Grid(
        titles=("COMMIT", "VERDICT", "OBJECTS", "REF"), right=frozenset({"OBJECTS"}), telling="WHY"
    )
    rows = [
        Row(
            cells=(
                one.commit[:SHORT_COMMIT],
                "good" if one.is_good else "WRONG",
                str(one.objects),
                safe(one.ref) or NONE,
            ),
            telling=_told(one, verbose=verbose),
            styles=(None, Style.GOOD if one.is_good else Style.BAD),
        )
        for one in verdicts
    ]
    wrong = sum(not one.is_good for one in verdicts)
    end = f"{wrong} of them wrong" if wrong else "all of it good"
    return [*grid.draw(rows, screen), "", f"{counted(len(verdicts), 'commit')} verified: {end}"]


def _told(one: Verdict, *, verbose: bool) -> tuple[str, ...]:
    troubles = [f"{each.part.value}: {each.text}" for each in one.troubles]
    most = len(troubles) if verbose else 5
    more = [f"and {len(troubles) - most} more (-v)"] if len(troubles) > most else []
    signatures = [str(signature) for signature in one.signatures]
    return tuple(safe(text) for text in (*troubles[:most], *more, *signatures, *one.notes))


def verify_shape(verdicts: Sequence[Verdict], exit_code: int) -> documents.VerifyDocument:
    """Return what was verified."""
    return {
        "schema": SCHEMA,
        "type": "verify",
        "exit_code": exit_code,
        "commits": [
            {
                "name": one.name,
                "ref": one.ref,
                "commit": one.commit,
                "version": one.version,
                "is_good": one.is_good,
                "signatures": [_signature(each) for each in one.signatures],
                "objects": one.objects,
                "troubles": [{"part": each.part.value, "text": each.text} for each in one.troubles],
                "notes": list(one.notes),
            }
            for one in verdicts
        ],
    }


def _signature(signature: Signature) -> documents.Signature:
    return {
        "state": signature.state.value,
        "key": signature.key,
        "owner": signature.owner,
        "timestamp": signature.timestamp,
    }


def _date(timestamp: int) -> str:
    try:
        return datetime.fromtimestamp(timestamp, UTC).date().isoformat()
    except (OverflowError, ValueError, OSError):
        return NONE
