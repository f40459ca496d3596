"""Sign commits in libostree's own way too, where it was built with ed25519.

Many are built without; so it is asked, and GPG, which machines verify everywhere, is never
left out for it. A secret key is the text that libostree takes: base64 of the 32 bytes of the
seed and the 32 of the public key (ostree's tests/libtest.sh makes them so). Public keys are
lines of base64 in files of a folder (ostree-sign-ed25519.c).
"""

from __future__ import annotations

import base64
import binascii
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arkes_build.core.atomic import write_atomically
from arkes_build.core.process import run
from arkes_build.store.binding import binding

if TYPE_CHECKING:
    from collections.abc import Sequence

KIND = "ed25519"
SECRETS = "ed25519"
"""Folder of the secret keys, in that of our other keys."""
FOLDER = "overlay/rootfs/usr/share/ostree/trusted.ed25519.d"
"""Where a project has the public keys."""
_HALF = 32
_MOST = 4096


def is_available() -> bool:
    """Tell whether this libostree can do it.

    It is asked by name: ``OSTree.Sign.get_all`` ends the process through the binding of 2022.7.
    """
    modules = binding()
    try:
        return modules.ostree.Sign.get_by_name(KIND) is not None
    except (AttributeError, modules.glib.Error):
        return False


def make(home: Path, name: str, root: Path) -> Path:
    """Make a key; its secret half goes to ``home``, its public one to the project.

    Returns the public one's path. Raises ``ToolMissing`` without openssl.
    """
    with tempfile.TemporaryDirectory(prefix="arkes-ed25519-") as folder:
        secret, public = Path(folder) / "secret", Path(folder) / "public"
        run(("openssl", "genpkey", "-algorithm", KIND, "-outform", "DER", "-out", str(secret)))
        known = ("-in", str(secret), "-inform", "DER")
        run(("openssl", "pkey", *known, "-pubout", "-outform", "DER", "-out", str(public)))
        seed, point = (path.read_bytes()[-_HALF:] for path in (secret, public))
    (home / SECRETS).mkdir(mode=0o700, exist_ok=True)
    write_atomically(home / SECRETS / f"{name}.key", base64.b64encode(seed + point), mode=0o600)
    path = root / FOLDER / f"{name}.ed25519"
    write_atomically(path, base64.b64encode(point) + b"\n")
    return path


def public_of(secret: str) -> str:
    """Return the public half of a secret key, empty when it is none."""
    try:
        data = base64.b64decode(secret, validate=True)
    except (binascii.Error, ValueError):
        return ""
    return base64.b64encode(data[_HALF:]).decode() if len(data) == 2 * _HALF else ""


def trusted(root: Path) -> tuple[str, ...]:
    """Return the public keys that a project trusts, sorted."""
    texts = (_text(path) for path in sorted((root / FOLDER).glob("*.ed25519")))
    return tuple(sorted({line for text in texts for line in text.split() if line}))


def usable(root: Path, home: Path) -> tuple[str, ...]:
    """Return the secret keys to sign with: the project trusts them, and libostree can."""
    paths = sorted((home / SECRETS).glob("*.key"))
    known = frozenset(trusted(root)) if paths else frozenset()
    if not known or not is_available():
        return ()
    return tuple(secret for path in paths if public_of(secret := _text(path)) in known)


def sign_commit(repo: Any, checksum: str, secrets: Sequence[str]) -> int:
    """Sign a commit with each key that has not yet; return how many did."""
    modules = binding()
    new = [secret for secret in secrets if not is_signed(repo, checksum, public_of(secret))]
    for secret in new:
        sign = modules.ostree.Sign.get_by_name(KIND)
        sign.set_sk(modules.glib.Variant("s", secret))
        sign.commit(repo, checksum, None)
    return len(new)


def is_signed(repo: Any, checksum: str, public: str) -> bool:
    """Tell whether a commit has a good signature by a key."""
    modules = binding()
    sign = modules.ostree.Sign.get_by_name(KIND)
    try:
        sign.set_pk(modules.glib.Variant("s", public))
        return bool(sign.commit_verify(repo, checksum, None)[0])
    except modules.glib.Error:
        return False


def _text(path: Path) -> str:
    """Return a small file of ASCII; empty for a link, or what is no such file."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as stream:
            return stream.read(_MOST).decode("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
