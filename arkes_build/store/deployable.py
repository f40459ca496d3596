"""Give a tree the form that OSTree deploys: surgery on it, in constant time.

Nothing of the file system is touched: the tree's directories are names and checksums, so
moving ``/etc`` to ``/usr/etc`` or emptying ``/var`` costs the same for any size. The form
is that of ostree's manual, "Adapting existing mainstream distributions".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from arkes_build.store.layers import lookup, replace, subtree
from arkes_build.store.trees import contents

if TYPE_CHECKING:
    from arkes_build.store.objects import Objects

EMPTY = {"dev": 0o755, "proc": 0o555, "run": 0o755, "sys": 0o555, "tmp": 0o1777, "var": 0o755}
"""Directories that are filled on the running system, with their modes."""
LINKS = {
    "home": "var/home",
    "mnt": "var/mnt",
    "opt": "var/opt",
    "root": "var/roothome",
    "srv": "var/srv",
}
"""Top-level directories whose content belongs to the machine, not to the image."""
HOSTS = b"""127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
ff02::1\tip6-allnodes
ff02::2\tip6-allrouters
"""
HOSTNAME = b"localhost\n"
GIVEN_HOSTNAME = "lib/arkes/hostname"
"""Where ``setup_machine`` leaves a name, below ``/usr``: ``/etc/hostname`` is the engine's."""
RESOLVED_LINK = "../run/systemd/resolve/stub-resolv.conf"
_RESOLVED_UNIT = "systemd-resolved.service"
_BUILD_HOSTS = re.compile(rb"containers\.internal|docker\.internal|buildkitsandbox")
_BUILD_HOSTNAME = re.compile(rb"[0-9a-f]{12}")
_WANTS = ("multi-user.target.wants", "sysinit.target.wants")


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What the surgery found: the kernel's version if there is one, and what is odd."""

    kernel: str | None
    warnings: tuple[str, ...]


class Deployable:
    """Change one tree into its deployable form; use once."""

    def __init__(self, repo: Any, objects: Objects, tree: Any) -> None:
        self._repo = repo
        self._objects = objects
        self._root = tree
        self._warnings: list[str] = []

    def make(self) -> Made:
        """Do all of it and say what was found."""
        usr = self._folder(self._root, "usr")
        etc = self._move_etc(usr)
        self._machine_files(usr, etc)
        for name, mode in EMPTY.items():
            self._root.remove(name, True)
            self._new_folder(self._root, name, mode)
        for name, target in LINKS.items():
            self._link_out(self._root, name, target, shown=f"/{name}")
        self._link_out(usr, "local", "../var/usrlocal", shown="/usr/local")
        if subtree(self._root, "sysroot") is None:
            self._root.remove("sysroot", True)
            self._new_folder(self._root, "sysroot", 0o755)
        self._link_out(self._root, "ostree", "sysroot/ostree", shown="/ostree")
        return Made(kernel=self._kernel(usr), warnings=tuple(self._warnings))

    def _move_etc(self, usr: Any) -> Any:
        """Make ``/etc`` into ``/usr/etc`` and return that.

        1. No directory ``/etc`` (none, or a link to ``usr/etc``): ``/usr/etc`` stays.
        2. Only ``/etc``: it moves, which is one name and two checksums.
        3. Both: they merge, and what ``/etc`` has wins, as it would on the running system.
        """
        etc, before = subtree(self._root, "etc"), subtree(usr, "etc")
        self._root.remove("etc", True)
        if etc is None:
            return before if before is not None else self._folder(usr, "etc")
        usr.remove("etc", True)
        made = usr.ensure_dir("etc")[1]
        _copy(self._repo, etc, made)
        if before is not None:
            self._merge(before, made, "/etc")
        return made

    def _merge(self, lower: Any, upper: Any, path: str) -> None:
        """Add to ``upper`` what only ``lower`` has."""
        for name, checksum in sorted(lower.get_files().items()):
            kept, inner = lookup(upper, name)
            if kept is None and inner is None:
                upper.replace_file(name, checksum)
            elif kept != checksum:
                self._warnings.append(f"/usr{path}/{name} is left out: {path}/{name} differs")
        for name, inside in sorted(lower.get_subdirs().items()):
            kept, inner = lookup(upper, name)
            if inner is not None:
                self._merge(inside, inner, f"{path}/{name}")
            elif kept is None:
                _copy(self._repo, inside, upper.ensure_dir(name)[1])
            else:
                self._warnings.append(f"/usr{path}/{name} is left out: {path}/{name} is a file")

    def _machine_files(self, usr: Any, etc: Any) -> None:
        """Write anew what the engine owned while it built, and what makes a machine itself."""
        self._put(etc, "machine-id", b"", mode=0o444)
        hosts = self._text(etc, "hosts")
        if not hosts.strip() or _BUILD_HOSTS.search(hosts):
            self._put(etc, "hosts", HOSTS)
        self._hostname(usr, etc)
        self._resolver(usr, etc)

    def _hostname(self, usr: Any, etc: Any) -> None:
        """Take the name that ``setup_machine`` was given, else one that is in ``/etc``."""
        given = _file(usr, GIVEN_HOSTNAME)
        if given is not None:
            replace(etc, "hostname", given)
            return
        hostname = self._text(etc, "hostname").strip()
        if not hostname or _BUILD_HOSTNAME.fullmatch(hostname):
            self._put(etc, "hostname", HOSTNAME)

    def _resolver(self, usr: Any, etc: Any) -> None:
        """Decide who will write ``/etc/resolv.conf`` on the running system.

        1. A link was made by a person: it stays.
        2. systemd-resolved is there and enabled: the link that it documents.
        3. Else no file: NetworkManager and others make their own. With the link of 2
           NetworkManager would hand its servers to a resolved that does not run.
        """
        checksum = lookup(etc, "resolv.conf")[0]
        if checksum and self._is_link(checksum):
            return
        etc.remove("resolv.conf", True)
        if self._has_resolved(usr, etc):
            etc.replace_file("resolv.conf", self._objects.link(RESOLVED_LINK))

    def _has_resolved(self, usr: Any, etc: Any) -> bool:
        if not _has_file(usr, f"lib/systemd/system/{_RESOLVED_UNIT}"):
            return False
        return any(
            _has_file(tree, f"{folder}/{wants}/{_RESOLVED_UNIT}")
            for tree, folder in ((etc, "systemd/system"), (usr, "lib/systemd/system"))
            for wants in _WANTS
        )

    def _link_out(self, parent: Any, name: str, target: str, *, shown: str) -> None:
        """Make ``name`` a link, unless there is something in it that would be lost."""
        checksum, inner = lookup(parent, name)
        if checksum is not None:
            if not self._is_link(checksum):
                self._warnings.append(f"{shown} is a file; it stays, and is no link to {target}")
            return
        found = _first_file(inner) if inner is not None else None
        if found is not None:
            self._warnings.append(
                f"{shown} has content ({shown}/{found}) and stays, read-only, instead of "
                f"becoming a link to {target}: put it under /usr or /etc, "
                "or let tmpfiles.d make it"
            )
            return
        parent.remove(name, True)
        parent.replace_file(name, self._objects.link(target))

    def _kernel(self, usr: Any) -> str | None:
        """Return the version of the kernel in ``/usr/lib/modules/VERSION/vmlinuz``."""
        lib = subtree(usr, "lib")
        modules = subtree(lib, "modules") if lib is not None else None
        versions = sorted(modules.get_subdirs()) if modules is not None else []
        found = [version for version in versions if _has_file(modules, f"{version}/vmlinuz")]
        if len(found) > 1:
            shown = ", ".join(found)
            self._warnings.append(f"several kernels ({shown}): OSTree boots one, keep only that")
        return found[-1] if found else None

    def _folder(self, parent: Any, name: str) -> Any:
        """Return the directory ``name``, made (root, 0755) when it is not there."""
        found = subtree(parent, name)
        return found if found is not None else self._new_folder(parent, name, 0o755)

    def _new_folder(self, parent: Any, name: str, mode: int) -> Any:
        made = parent.ensure_dir(name)[1]
        made.set_metadata_checksum(self._objects.folder_metadata(mode))
        return made

    def _put(self, tree: Any, name: str, data: bytes, *, mode: int = 0o644) -> None:
        replace(tree, name, self._objects.text(data, mode=mode))

    def _text(self, tree: Any, name: str) -> bytes:
        """Return a regular file's content, empty when there is none; a link counts as content."""
        checksum = lookup(tree, name)[0]
        if checksum is None:
            return b""
        return b"a link" if self._is_link(checksum) else contents(self._repo, checksum)

    def _is_link(self, checksum: str) -> bool:
        info = self._repo.load_file(checksum, None)[2]
        return bool(info.get_is_symlink())


def _copy(repo: Any, source: Any, target: Any) -> None:
    """Let an empty directory be what another, unchanged one is."""
    checksums = source.get_contents_checksum(), source.get_metadata_checksum()
    target.fill_empty_from_dirtree(repo, *checksums)


def _has_file(tree: Any, path: str) -> bool:
    return _file(tree, path) is not None


def _file(tree: Any, path: str) -> str | None:
    """Return the checksum of a file or link, None when there is none at this path."""
    *folders, name = path.split("/")
    for folder in folders:
        tree = subtree(tree, folder)
        if tree is None:
            return None
    return lookup(tree, name)[0]


def _first_file(tree: Any, path: str = "") -> str | None:
    """Return the path of the first file below, None when there are only directories.

    A link does not count when it points inside, as ``/usr/local/man`` does in Debian: that
    is told by its name, since it is the only one that a distribution ships.
    """
    names = sorted(name for name in tree.get_files() if (path, name) != ("", "man"))
    if names:
        return f"{path}{names[0]}"
    for name, inner in sorted(tree.get_subdirs().items()):
        found = _first_file(inner, f"{path}{name}/")
        if found is not None:
            return found
    return None
