"""Name the repository that something is pulled from, and say what it offers.

libostree knows sources as remotes of a configuration. Ours stands in a folder of its own for
as long as the pull lasts, so no repository keeps a word of it.
"""

from __future__ import annotations

import re
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit, urlunsplit

from arkes_build.core.errors import ArkesError, DiskFull, ExitCode
from arkes_build.store.binding import binding
from arkes_build.store.refs import CHECKSUM, is_ref
from arkes_build.store.signed import ObjectTampered, blobs_in
from arkes_build.store.trust import SignatureMissing, must_be_good

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from arkes_build.store.trust import Keyrings

REMOTE = "arkes-source"
_SUMMARY = "(a(s(taya{sv}))a{sv})"
_URL = re.compile(r"[!-~]+")
_CORRUPT = re.compile(
    r"(?i)corrupt|checksum|zlib|invalid|malformed|normal form|unexpected eof|^fsck"
)


class SourceUnknown(ArkesError):
    """Report a source that is none, or that cannot be told apart from an option."""

    exit_code = ExitCode.USAGE

    def __init__(self, location: str, *, why: str) -> None:
        super().__init__(
            f"nothing can be pulled from {shown(location)!r}: {why}",
            resolution="name a folder with an OSTree repository, or its address with http://, "
            "https:// or file://",
        )


class SourceBroken(ArkesError):
    """Report a source that cannot be reached, or does not have what it names."""

    exit_code = ExitCode.NETWORK

    def __init__(self, source: Source | str, *, said: str) -> None:
        super().__init__(
            f"{source} did not give what was asked for",
            details=said,
            resolution="look whether it can be reached and is whole, then run again: what was "
            "finished is kept",
        )


class RefUnknown(ArkesError):
    """Report a ref that the source does not have."""

    exit_code = ExitCode.USAGE

    def __init__(self, name: str, *, source: str, known: tuple[str, ...]) -> None:
        from arkes_build.core.diagnostics import did_you_mean

        super().__init__(
            f"{shown(source)} has no ref {name[:120]!r}",
            resolution=did_you_mean(name, known) or f"it has: {', '.join(known[:20]) or 'none'}",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where to pull from; ``folder`` has it as a remote of libostree's configuration.

    ``summary`` and its signature are None for a repository on this machine: there the refs
    are read as they are, and the commits' own signatures and bindings count.
    """

    url: str
    folder: Path
    refs: Mapping[str, str]
    summary: bytes | None = None
    summary_signature: bytes = b""

    def __str__(self) -> str:
        """Return its address, without a password."""
        return shown(self.url)


@contextmanager
def open_source(location: str, rings: Keyrings) -> Iterator[Source]:
    """Open a source and read what it offers; over http its summary must be signed.

    Raises ``SourceUnknown``, ``SourceBroken``, and a ``Distrusted`` for the summary.
    """
    url = _url(location)
    with tempfile.TemporaryDirectory(prefix="arkes-source-") as name:
        folder = Path(name)
        remote = {"url": url, "gpg-verify": "true", "gpgkeypath": str(rings.folder)}
        lines = [f'[remote "{REMOTE}"]', *(f"{key}={value}" for key, value in remote.items())]
        (folder / "source.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")
        if url.startswith("file:"):
            yield Source(url=url, folder=folder, refs=_refs_here(url))
            return
        summary, signature = _summary(url, folder)
        _must_be_signed(url, summary, signature, rings)
        yield Source(
            url=url,
            folder=folder,
            refs=_refs_in(url, summary),
            summary=summary,
            summary_signature=signature,
        )


def _url(location: str) -> str:
    """Return the address of a source; a folder gets one with ``file://``."""
    if location.startswith(("http://", "https://")):
        if not _URL.fullmatch(location) or not urlsplit(location).netloc:
            raise SourceUnknown(location, why="this is no address")
        return location
    path = Path(unquote(urlsplit(location).path) if location.startswith("file://") else location)
    if "\0" in str(path) or not (path / "config").is_file() or not (path / "objects").is_dir():
        why = "another kind of address" if "://" in location else "there is no repository"
        raise SourceUnknown(location, why=why)
    return path.resolve().as_uri()


def _summary(url: str, folder: Path) -> tuple[bytes, bytes]:
    """Return summary and signature of a published repository."""
    modules = binding()
    with tempfile.TemporaryDirectory(prefix="arkes-summary-") as name:
        path = modules.gio.File.new_for_path(name)
        modules.ostree.Repo.new(path).create(modules.ostree.RepoMode.ARCHIVE, None)
        repo = modules.ostree.Repo(path=path, remotes_config_dir=str(folder))
        try:
            repo.open(None)
            _, summary, signature = repo.remote_fetch_summary(REMOTE, None)
        except modules.glib.Error as error:
            raise SourceBroken(shown(url), said=_clean(str(error.message), url)) from error
    if summary is None:
        raise SourceBroken(shown(url), said="it has no summary: is it a published repository?")
    return bytes(summary.get_data()), bytes(signature.get_data() or b"") if signature else b""


def _must_be_signed(url: str, summary: bytes, signature: bytes, rings: Keyrings) -> None:
    modules = binding()
    what = f"the summary of {shown(url)}"
    if not signature:
        raise SignatureMissing(what)
    beside = modules.glib.Variant.new_from_bytes(
        modules.glib.VariantType.new("a{sv}"),
        modules.glib.Bytes.new(signature),
        False,  # noqa: FBT003 - GLib's own: it is not trusted
    )
    # Verification of bytes needs a repository, any one.
    with tempfile.TemporaryDirectory(prefix="arkes-summary-") as name:
        repo = modules.ostree.Repo.new(modules.gio.File.new_for_path(name))
        repo.create(modules.ostree.RepoMode.ARCHIVE, None)
        must_be_good(what, rings.signatures(repo, summary, blobs_in(beside)))


def _refs_in(url: str, summary: bytes) -> dict[str, str]:
    modules = binding()
    kind, data = modules.glib.VariantType.new(_SUMMARY), modules.glib.Bytes.new(summary)
    loaded = modules.glib.Variant.new_from_bytes(kind, data, False)  # noqa: FBT003 - GLib's own
    if not loaded.is_normal_form():
        raise SourceBroken(shown(url), said="its summary cannot be read")
    found = {}
    listed = loaded.get_child_value(0)
    for at in range(listed.n_children()):
        name, about = (listed.get_child_value(at).get_child_value(part) for part in (0, 1))
        data = about.get_child_value(1).get_data_as_bytes().get_data() or b""
        found[name.get_string()] = bytes(data).hex()
    return _proper(found)


def _refs_here(url: str) -> dict[str, str]:
    modules = binding()
    repo = modules.ostree.Repo.new(modules.gio.File.new_for_uri(url))
    try:
        repo.open(None)
        return _proper(repo.list_refs(None, None)[1])
    except modules.glib.Error as error:
        raise SourceBroken(shown(url), said=str(error.message)) from error


def _proper(refs: Mapping[str, str]) -> dict[str, str]:
    """Leave out layers, and whatever could not be a ref of ours."""
    return {
        name: commit
        for name, commit in refs.items()
        if is_ref(name) and not name.startswith("arkes-") and CHECKSUM.fullmatch(commit)
    }


@contextmanager
def refusal(source: Source) -> Iterator[None]:
    """Say in our words why libostree took nothing from a source."""
    modules = binding()
    try:
        yield
    except modules.glib.Error as error:
        said = _clean(str(error.message), source.url)
        gio = modules.gio
        if error.matches(gio.io_error_quark(), gio.IOErrorEnum.NO_SPACE) or "min-free" in said:
            raise DiskFull("the store", doing="pulling") from error
        if "no signatures found" in said or "GPG" in said:
            raise SignatureMissing(f"what {source} sent") from error
        if _CORRUPT.search(said):
            raise ObjectTampered("an object", where=str(source), said=said) from error
        raise SourceBroken(source, said=said) from error


def _clean(text: str, url: str) -> str:
    return text.replace(url, shown(url))


def shown(location: str) -> str:
    """Return an address without what is secret in it."""
    if "://" not in location:
        return location[:200]
    try:
        parts = urlsplit(location)
        bare = parts.netloc.rpartition("@")[2]
    except ValueError:
        return "that address"
    return urlunsplit((parts.scheme, bare, parts.path, "", ""))[:200]
