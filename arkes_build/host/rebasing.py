"""Follow another ref from now on, of the same source or of another one."""

from __future__ import annotations

import configparser
from typing import TYPE_CHECKING

from arkes_build.core.events import silent
from arkes_build.delivery.trust.source import open_source, shown
from arkes_build.host import releases
from arkes_build.host.acting import acting
from arkes_build.host.going import Gone, note
from arkes_build.host.journal import Message
from arkes_build.host.machine import REMOTE
from arkes_build.host.naming import title
from arkes_build.host.releases import Wanted
from arkes_build.host.status import default_of
from arkes_build.host.updates.following import following
from arkes_build.store.trust import Keyrings

if TYPE_CHECKING:
    from collections.abc import Callable

    from arkes_build.core.events import Sink
    from arkes_build.host.machine import Host
    from arkes_build.sysroot.model import Deployment
    from arkes_build.sysroot.sysroot import Sysroot


def rebase(
    host: Host,
    word: str,
    *,
    url: str | None = None,
    again: bool = False,
    on_progress: Callable[[str], None] = lambda _text: None,
    sink: Sink = silent,
) -> Gone:
    """Verify and deploy the newest release of a ref, and follow that ref from then on.

    Another source gets a remote of its own, and the old one stays: what ran before goes on to
    follow what it followed, so `revert` undoes all of this. Raises ``RefUnknown``,
    ``FellHere``, and what a pull raises; then nothing has changed.
    """
    with acting(host, "rebase", Message.REBASED) as account:
        sysroot = host.sysroot()
        default = default_of(sysroot.deployments())
        address = url or following(host, default).url
        wanted = _wanted(host, sysroot, word, address)
        account.ref = wanted.refspec
        if (default.ref, default.checksum) == (wanted.refspec, wanted.commit):
            account.is_nothing = True
            return _gone(default, default, "")
        with sysroot.changing():
            pulled = releases.fetch(host, wanted, again=again, on_progress=on_progress)
            _know(sysroot, wanted)
            on_progress(f"deploying {pulled.version or pulled.commit[:12]}")
            after = releases.put_in_place(host, sysroot, pulled.commit, wanted.refspec, sink=sink)
        gone = _gone(default, after, str(pulled.signature.owner or pulled.signature.key))
        note(account, gone.before, gone.after)
        account.ref = wanted.refspec
        account.text = f"this machine follows {wanted.refspec}; {title(after)} boots next"
        return gone


def _gone(default: Deployment, after: Deployment, signer: str) -> Gone:
    return Gone(
        action="rebase", before=default, after=after, is_staged=after.is_staged, signer=signer
    )


def _wanted(host: Host, sysroot: Sysroot, word: str, url: str) -> Wanted:
    """Return what a word means at a source; over http the source's own list must be signed."""
    releases.must_trust(host)
    with Keyrings(host.keyrings) as rings, open_source(url, rings) as source:
        ref = releases.ref_among(word, sorted(source.refs), url=shown(url))
        commit = source.refs[ref]
    return Wanted(remote=remote_for(sysroot, url), url=url, ref=ref, commit=commit)


def remote_for(sysroot: Sysroot, url: str) -> str:
    """Return the name of the remote with an address, or one that is free for it."""
    known = _remotes(sysroot)
    for name, address in known.items():
        if address == url:
            return name
    names = (f"{REMOTE}{number}" for number in range(2, len(known) + 3))
    return next(name for name in (REMOTE, *names) if name not in known)


def _remotes(sysroot: Sysroot) -> dict[str, str]:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.read(sysroot.repo_path / "config", "utf-8")
    sections = (name for name in parser.sections() if name.startswith('remote "'))
    return {
        name.removeprefix('remote "').removesuffix('"'): parser.get(name, "url", fallback="")
        for name in sections
    }


def _know(sysroot: Sysroot, wanted: Wanted) -> None:
    """Write a remote into the repository's configuration, unless it is there."""
    if _remotes(sysroot).get(wanted.remote) == wanted.url:
        return
    repo = sysroot.repo
    config = repo.copy_config()
    section = f'remote "{wanted.remote}"'
    config.set_string(section, "url", wanted.url)
    config.set_boolean(section, "gpg-verify", True)  # noqa: FBT003 - GLib's way
    repo.write_config(config)
