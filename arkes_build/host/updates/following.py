"""Know which ref a deployment follows, and from where it comes."""

from __future__ import annotations

import configparser
from dataclasses import dataclass
from typing import TYPE_CHECKING

from arkes_build.core.errors import ArkesError, ExitCode
from arkes_build.store.refs import is_ref

if TYPE_CHECKING:
    from arkes_build.host.machine import Host
    from arkes_build.sysroot.model import Deployment


class FollowsNothing(ArkesError):
    """Report a deployment for which nobody knows where updates come from."""

    exit_code = ExitCode.SYSTEM

    def __init__(self, *, why: str) -> None:
        super().__init__(
            f"this machine does not know where its updates come from: {why}",
            resolution="`os rebase --url ADDRESS REF` names a published repository and its ref",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """What a deployment follows: a ref of a remote, and the remote's address.

    ``is_base`` says that the machine builds its own Systemfile on what comes.
    """

    remote: str
    ref: str
    url: str
    is_base: bool = False

    @property
    def refspec(self) -> str:
        """Return remote and ref as libostree writes them."""
        return f"{self.remote}:{self.ref}"


def following(host: Host, deployment: Deployment) -> Following:
    """Return what a deployment follows; raises ``FollowsNothing``."""
    refspec = deployment.base or deployment.ref
    remote, _, ref = refspec.rpartition(":")
    if not remote or not is_ref(ref):
        said = f"it follows {refspec!r}" if refspec else "its origin names no ref"
        raise FollowsNothing(why=f"{said}, which no remote has")
    url = remote_url(host, remote)
    if not url:
        raise FollowsNothing(why=f"the remote {remote} has no address")
    return Following(remote=remote, ref=ref, url=url, is_base=bool(deployment.base))


def remote_url(host: Host, remote: str) -> str:
    """Return the address of a remote, as the repository's configuration or remotes.d has it."""
    folder = host.etc / "ostree/remotes.d"
    for path in (host.repo / "config", *sorted(folder.glob("*.conf"))):
        parser = configparser.ConfigParser(interpolation=None, strict=False)
        try:
            parser.read(path, "utf-8")
        except (configparser.Error, UnicodeDecodeError):
            continue
        url = parser.get(f'remote "{remote}"', "url", fallback="").strip()
        if url:
            return url
    return ""
