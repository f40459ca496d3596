"""Keys, what was pulled and what was verified, as tables and as JSON."""

from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from arkes_build.delivery.trust.verification import Part, Trouble, Verdict
from arkes_build.delivery.trust.verified import Pulled
from arkes_build.pipeline.keys import KnownKey, KnownKeys, Signed
from arkes_build.store.signing import SigningKey
from arkes_build.store.trust import Signature, State
from arkes_build.ui import schemas, trust
from arkes_build.ui.screen import screen_of

KEY = SigningKey(
    fingerprint="A" * 40, owner="Tiny", algorithm="ed25519", created=1_700_000_000, expires=None
)
OURS = KnownKey(key=KEY, is_secret=True, keyrings=("tiny",))
OLD = KnownKey(
    key=replace(KEY, fingerprint="B" * 40, expires=1_750_000_000, trouble="it has expired"),
    is_secret=True,
    keyrings=("old",),
)
THEIRS = KnownKey(key=replace(KEY, fingerprint="C" * 40), is_secret=False, keyrings=("x", "y"))
UNUSED = KnownKey(key=replace(KEY, fingerprint="D" * 40), is_secret=True, keyrings=())
KNOWN = KnownKeys(
    home=Path("/home/me/keys"),
    folder=Path("/p/trusted.gpg.d"),
    keys=(OURS, OLD, THEIRS, UNUSED),
    has_ed25519=False,
)
GOOD = Signature(state=State.GOOD, key="A" * 40, owner="Tiny", timestamp=1_700_000_000)
PULLED = Pulled(
    ref="tiny/x86_64/base",
    commit="c" * 64,
    before=None,
    timestamp=1_735_689_600,
    version="1.0",
    signature=GOOD,
    releases=2,
    is_older=False,
)
VERDICT = Verdict(
    name="base",
    ref="tiny/x86_64/base",
    commit="c" * 64,
    version="1.0",
    signatures=(GOOD,),
    objects=29,
    troubles=(),
    notes=("a note",),
)
WRONG = replace(
    VERDICT,
    name="evil",
    ref="",
    troubles=tuple(Trouble(part=Part.OBJECTS, text=f"\x1b[31m{n}") for n in range(7)),
)


@pytest.fixture
def screen(tmp_path):
    with (tmp_path / "out").open("w") as stream:
        yield screen_of(stream, {})


def valid(name, shape):
    jsonschema.validate(shape, schemas.schema(name), jsonschema.Draft202012Validator)
    return shape


def test_keys(screen):
    assert trust.keys_lines(KNOWN, screen) == [
        "KEY                                       KIND     OWNER  EXPIRES     USE",
        f"{'A' * 40}  ed25519  Tiny   -           signs, trusted (tiny)",
        f"{'B' * 40}  ed25519  Tiny   2025-06-15  none: it has expired",
        f"{'C' * 40}  ed25519  Tiny   -           verifies (x, y); the secret half is not here",
        f"{'D' * 40}  ed25519  Tiny   -           none: the project does not trust it",
        "",
        "secret keys: /home/me/keys",
        "trusted by the project: /p/trusted.gpg.d",
        "libostree verifies GPG signatures here, and not ed25519 of its own kind",
    ]


def test_no_keys(screen):
    lines = trust.keys_lines(replace(KNOWN, keys=()), screen)
    assert lines[0] == "No keys yet: `arkes-build keys new` makes one."


def test_keys_as_json():
    signed = (Signed(name="base", commit="c" * 64, keys=("A" * 40,)),)
    shape = valid("keys", trust.keys_shape(KNOWN, signed))
    assert [(key["is_secret"], key["is_trusted"]) for key in shape["keys"]] == [
        (True, True),
        (True, True),
        (False, True),
        (True, False),
    ]
    assert shape["schemes"] == {"gpg": True, "ed25519": False}
    assert [key["fingerprint"] for key in trust.keys_shape(KNOWN, only="C" * 40)["keys"]] == [
        "C" * 40
    ]


def test_signed():
    signed = [Signed(name="base", commit="c" * 64, keys=keys) for keys in ((), ("A", "B"))]
    assert trust.signed_lines(signed) == [
        "base  cccccccccccc  was signed before",
        "base  cccccccccccc  signed by A and B",
    ]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "new here"),
        ({"before": "c" * 64}, "the same as before"),
        ({"before": "d" * 64}, "in the place of dddddddddddd"),
        ({"before": "d" * 64, "is_older": True}, "OLDER than what was here: dddddddddddd"),
    ],
    ids=["new", "the same", "newer", "older"],
)
def test_pulled(screen, fields, told):
    pulled = replace(PULLED, **fields)
    assert trust.pulled_lines([pulled], screen)[1:] == [
        f"tiny/x86_64/base  cccccccccccc  1.0      2025-01-01         2  {told}",
        " " * 63 + f"a good signature by {'A' * 40} (Tiny)",
    ]
    valid("pull", trust.pull_shape("https://example.org", [pulled]))


def test_verified(screen):
    assert trust.verify_lines([VERDICT, WRONG], screen, verbose=False) == [
        "COMMIT        VERDICT  OBJECTS  REF               WHY",
        f"cccccccccccc  good          29  tiny/x86_64/base  a good signature by {'A' * 40} (Tiny)",
        " " * 50 + "a note",
        "cccccccccccc  WRONG         29  -                 objects: 0",
        *(" " * 50 + f"objects: {n}" for n in range(1, 5)),
        " " * 50 + "and 2 more (-v)",
        " " * 50 + f"a good signature by {'A' * 40} (Tiny)",
        " " * 50 + "a note",
        "",
        "2 commits verified: 1 of them wrong",
    ]


def test_verified_as_json():
    shape = valid("verify", trust.verify_shape([VERDICT, WRONG], 20))
    assert [commit["is_good"] for commit in shape["commits"]] == [True, False]
    assert shape["exit_code"] == 20


def test_all_good(screen):
    last = trust.verify_lines([VERDICT], screen, verbose=False)[-1]
    assert last == "1 commit verified: all of it good"
