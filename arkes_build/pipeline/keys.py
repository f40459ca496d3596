"""Make and list the keys of a project, and sign with them what was committed before."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from arkes_build.core.atomic import write_atomically
from arkes_build.core.errors import ArkesError, ExitCode
from arkes_build.core.events import Notice, Sink, silent
from arkes_build.pipeline.opening import open_store
from arkes_build.project.loader import find_project, load_config
from arkes_build.store import ed25519
from arkes_build.store.gnupg import keys_home
from arkes_build.store.signing import (
    SigningKey,
    for_project,
    keyring_keys,
    secret_keys,
    trusted_folder,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arkes_build.pipeline.options import Options
    from arkes_build.project.settings import Config
    from arkes_build.store.model import Holder


class KeyThere(ArkesError):
    """Report that a project has a keyring of that name already."""

    exit_code = ExitCode.USAGE

    def __init__(self, path: Path, name: str) -> None:
        super().__init__(
            f"{path} is there already",
            details="machines that run now trust the key in it",
            resolution=f"for a second key beside it, choose another name: --name {name}-2\n"
            "to put a new key in its place, which those machines will not trust: --replace",
        )


class FolderOutside(ArkesError):
    """Report that the folder of a project's keyrings is not inside the project."""

    exit_code = ExitCode.PROJECT

    def __init__(self, folder: Path, *, to: Path) -> None:
        super().__init__(
            f"{folder} leads out of the project, to {to}",
            resolution="make it a folder of the project: nothing outside is written",
        )


class KeyUnknown(ArkesError):
    """Report a key that we do not have."""

    exit_code = ExitCode.USAGE

    def __init__(self, name: str, *, home: Path) -> None:
        super().__init__(
            f"{home} has no key {name[:80]!r}",
            resolution="`arkes-build keys list` lists them; a fingerprint or its last digits do",
        )


class NoKey(ArkesError):
    """Report that there is no key to sign with."""

    exit_code = ExitCode.SIGNATURE

    def __init__(self, *, home: Path, folder: Path) -> None:
        super().__init__(
            "there is no key to sign with",
            details=f"{home} has no usable key whose public half is in {folder}",
            resolution="make one with `arkes-build keys new`, or let ARKES_KEYS name the folder "
            "that has it",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key that was made. ``is_copied`` tells whether any node has the keyring in its files."""

    name: str
    key: SigningKey
    home: Path
    keyring: Path
    is_copied: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownKey:
    """A key of ours, or one that the project trusts, or both."""

    key: SigningKey
    is_secret: bool
    keyrings: tuple[str, ...]
    """Names of the project's keyrings that have it; without any it is not trusted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownKeys:
    """All keys; ``has_ed25519`` tells whether libostree has signatures of its own kind."""

    home: Path
    folder: Path
    keys: tuple[KnownKey, ...]
    has_ed25519: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A commit, and the fingerprints of the keys that signed it now."""

    name: str
    commit: str
    keys: tuple[str, ...]


def new_key(
    options: Options,
    *,
    name: str | None,
    algorithm: str,
    expires: str,
    replace: bool = False,
) -> NewKey:
    """Make a key, and put its public half among the keyrings of the project.

    Without a ``name`` it is the project's. Raises ``KeyThere``, ``BadKeyWish``,
    ``FolderOutside``, ``KeysUnsafe``, ``SigningFailed``, ``ToolMissing``.
    """
    from arkes_build.store.keymaking import check_name, make_key

    root = find_project(options.project or Path())
    config = load_config(root)
    called = check_name(config.project.name if name is None else name)
    folder = _inside(root, trusted_folder(root))
    _inside(root, root / ed25519.FOLDER)
    keyring = folder / f"{called}.gpg"
    if not replace and (keyring.exists() or keyring.is_symlink()):
        raise KeyThere(keyring, called)
    home = keys_home()
    owner = _owner(config, called)
    key, public = make_key(home, owner=owner, algorithm=algorithm, expires=expires)
    write_atomically(keyring, public)
    if ed25519.is_available():
        ed25519.make(home, called, root)
    return NewKey(
        name=called,
        key=key,
        home=home,
        keyring=keyring,
        is_copied=_is_copied(options, keyring.relative_to(root)),
    )


def list_keys(options: Options) -> KnownKeys:
    """Return our keys and those that the project trusts. Raises ``KeyringUnreadable``."""
    root = find_project(options.project or Path())
    held = {key.fingerprint: key for key in secret_keys()}
    trusted: dict[str, list[str]] = {}
    known = dict(held)
    for name, keys in keyring_keys(root).items():
        for key in keys:
            trusted.setdefault(key.fingerprint, []).append(name)
            known.setdefault(key.fingerprint, key)
    return KnownKeys(
        home=keys_home(),
        folder=trusted_folder(root),
        keys=tuple(
            KnownKey(
                key=known[fingerprint],
                is_secret=fingerprint in held,
                keyrings=tuple(trusted.get(fingerprint, ())),
            )
            for fingerprint in sorted(known)
        ),
        has_ed25519=ed25519.is_available(),
    )


def export_key(name: str) -> bytes:
    """Return the public half of one of our keys; ``name`` is a fingerprint or its end."""
    from arkes_build.store.keymaking import export_public

    digits = name.upper()
    found = [key for key in secret_keys() if key.fingerprint.endswith(digits)]
    if not digits.isalnum() or len(found) != 1:
        raise KeyUnknown(name, home=keys_home())
    return export_public(keys_home(), found[0].fingerprint)


def sign(options: Options, names: Sequence[str], sink: Sink = silent) -> tuple[Signed, ...]:
    """Sign commits that were made without a key; without names the newest of every node.

    A key that has signed a commit does not sign it again. Raises ``NoKey``,
    ``CommitUnknown``.
    """
    from arkes_build.history.commits import History
    from arkes_build.store.refs import is_of_node

    opened = open_store(options, read_only=False)
    if not opened.store.has_repository:
        return ()

    def on_wait(holder: Holder | None) -> None:
        sink(Notice(message=f"waiting for the store: {holder or 'another run'} holds it"))

    with ExitStack() as stack:
        signer = stack.enter_context(for_project(opened.root))
        if signer is None:
            raise NoKey(home=keys_home(), folder=trusted_folder(opened.root))
        stack.enter_context(opened.store.lock(on_wait))
        history = History(opened.repository)
        refs = {ref: commit for ref, commit in history.refs().items() if is_of_node(ref)}
        wanted = {name: history.resolve(name) for name in names} or refs
        return tuple(
            Signed(
                name=name,
                commit=commit,
                keys=tuple(key.fingerprint for key in signer.sign_commit(history.repo, commit)),
            )
            for name, commit in wanted.items()
        )


def _inside(root: Path, folder: Path) -> Path:
    """Return a folder for public keys; a link must not lead what is written elsewhere."""
    real = folder.resolve()
    if not real.is_relative_to(root.resolve()):
        raise FolderOutside(folder, to=real)
    return folder


def _owner(config: Config, name: str) -> str:
    """Return the user id of a new key: what people read where it is verified."""
    from arkes_build.store.keymaking import BadKeyWish, check_owner

    title = config.project.title or config.project.name
    try:
        return check_owner(title if name == config.project.name else f"{title} {name}")
    except BadKeyWish:
        return name


def _is_copied(options: Options, keyring: Path) -> bool:
    """Tell whether some node copies the keyring, so that machines get it."""
    from arkes_build.pipeline.blueprint import read

    try:
        nodes = read(options).expansion.nodes
    except ArkesError:
        return False
    return any(file.path == str(keyring) for node in nodes for file in node.files)
