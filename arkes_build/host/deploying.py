"""Go to a release by name: one that is here already, or one that its source still has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from arkes_build.core.events import silent
from arkes_build.host import releases
from arkes_build.host.acting import acting
from arkes_build.host.going import Gone, StagedWaits, note
from arkes_build.host.journal import Message
from arkes_build.host.naming import is_checksum, is_role, matching, named, origin_of, title
from arkes_build.host.status import default_of
from arkes_build.store.binding import binding

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from arkes_build.core.events import Sink
    from arkes_build.host.acting import Account
    from arkes_build.host.machine import Host
    from arkes_build.sysroot.model import Deployment
    from arkes_build.sysroot.sysroot import Sysroot

_BINDING = "ostree.ref-binding"


def deploy(
    host: Host,
    word: str,
    *,
    again: bool = False,
    on_progress: Callable[[str], None] = lambda _text: None,
    sink: Sink = silent,
) -> Gone:
    """Let a release boot next; what is followed stays the same.

    1. A deployment of this machine is chosen, and nothing has to be fetched.
    2. A commit that the repository has whole is deployed again.
    3. Everything else is looked for at the source: a ref of it, or a release of the ref
       that is followed. It is verified before anything of it is taken.

    Raises ``StagedWaits``, ``ReleaseUnknown``, ``FellHere``, ``DeploymentUnknown`` for a role
    that none has, and what a pull raises.
    """
    with acting(host, "deploy", Message.DEPLOYED) as account:
        sysroot = host.sysroot()
        default = default_of(sysroot.deployments())
        found = _here(sysroot.deployments(), word)
        if found is not None:
            if not again and found != default:
                releases.must_not_have_fallen(host, found.checksum, title(found))
            gone = _choose(sysroot, default, found)
        else:
            with sysroot.changing():
                after = _brought(host, sysroot, word, again=again, say=on_progress, sink=sink)
            gone = Gone(action="deploy", before=default, after=after, is_staged=after.is_staged)
        _tell(account, gone)
        return gone


def _here(deployments: Sequence[Deployment], word: str) -> Deployment | None:
    """Return the deployment that a word means, of several with one version the newest.

    None when it may mean a release of elsewhere; a role never does.
    """
    found = matching(deployments, word)
    is_vague = len({each.checksum for each in found}) > 1 and found[0].version != word
    if is_role(word) or is_vague:
        return named(deployments, word)
    return found[0] if found else None


def _choose(sysroot: Sysroot, default: Deployment, wanted: Deployment) -> Gone:
    if wanted == default:
        return Gone(action="deploy", before=default, after=default, is_staged=default.is_staged)
    if default.is_staged:
        raise StagedWaits(default)
    sysroot.set_default(wanted)
    return Gone(action="deploy", before=default, after=wanted)


def _brought(
    host: Host,
    sysroot: Sysroot,
    word: str,
    *,
    again: bool,
    say: Callable[[str], None],
    sink: Sink,
) -> Deployment:
    from arkes_build.host.updates.following import following

    default = default_of(sysroot.deployments())
    commit = _in_repository(sysroot, word)
    if commit is not None:
        if not again:
            releases.must_not_have_fallen(host, commit, word)
        if default.base and not _was_built_here(sysroot.repo, commit):
            return releases.put_in_place(host, sysroot, commit, default.base, sink=sink)
        return releases.deployed(sysroot, commit, origin_of(default))
    follows = following(host, default)
    say(f"looking for {word}")
    wanted = releases.find(host, word, ref=follows.ref, remote=follows.remote, url=follows.url)
    pulled = releases.fetch(host, wanted, again=again, on_progress=say)
    return releases.put_in_place(host, sysroot, pulled.commit, follows.refspec, sink=sink)


def _in_repository(sysroot: Sysroot, word: str) -> str | None:
    """Return the commit that a word begins, when there is one and all of it is there."""
    from arkes_build.host.facts import resolved

    if not is_checksum(word) or "." in word:
        return None
    found = resolved(sysroot.repo, word)
    if len(found) != 1:
        return None
    state = sysroot.repo.load_commit(found[0])[2]
    is_partial = bool(state & binding().ostree.RepoCommitState.PARTIAL)
    return None if is_partial else found[0]


def _was_built_here(repo: Any, commit: str) -> bool:
    about = repo.load_commit(commit)[1].get_child_value(0)
    bound = about.lookup_value(_BINDING, binding().glib.VariantType.new("as"))
    names = bound.unpack() if bound is not None else []
    return any(name.startswith("local/") for name in names)


def _tell(account: Account, gone: Gone) -> None:
    note(account, gone.before, gone.after)
    account.text = f"{title(gone.after)} boots next"
    account.is_nothing = gone.before == gone.after
