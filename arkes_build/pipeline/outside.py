"""Find what a node takes from outside its project: images, and files that ADD fetches."""

from __future__ import annotations

import hashlib
import re
import tempfile
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import Request, build_opener

from arkes_build.core.blame import without_credentials
from arkes_build.core.errors import ArkesError, ExitCode
from arkes_build.project.edges import SCHEME
from arkes_build.project.lockfile import Download
from arkes_build.project.scope import walk
from arkes_build.project.supply import platform_arguments

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from arkes_build.language.nodes import Instruction
    from arkes_build.project.model import ResolvedVariant
    from arkes_build.project.scope import Step, Walked

_HTTP = re.compile(r"https?://")
_GIT = re.compile(r"(?:git@|git://|ssh://)|https?://\S+\.git(?:#|$)")
_MOUNT_FROM = re.compile(r"(?:^|,)from=([^,]*)")
_PIECE = 1 << 20
_LARGEST = 8 << 30
_SECONDS = 60


class FetchFailed(ArkesError):
    """Report that a file of elsewhere cannot be had."""

    exit_code = ExitCode.NETWORK

    def __init__(self, url: str, why: str) -> None:
        super().__init__(
            f"{without_credentials(url)} cannot be fetched: {why}",
            resolution="see whether the address is right and the network is there",
        )


class NotLockable(ArkesError):
    """Report an ADD whose content nothing can hold."""

    exit_code = ExitCode.LOCKED

    def __init__(self, node: str, url: str) -> None:
        super().__init__(
            f"{node}: ADD of the Git repository {without_credentials(url)} cannot be locked",
            resolution="name a commit of it with git in a RUN, or fetch an archive of one commit",
        )


def outside_images(node: ResolvedVariant) -> tuple[str, ...]:
    """Return the images that a node names and nobody here makes, without a digest, sorted."""
    walked = _walked(node)
    found: set[str] = set()
    for stage in walked.stages:
        if stage.base_stage is None:
            found.add(stage.base)
    for step in walked.steps:
        for name in _named(step):
            value = step.expanded(name)
            if isinstance(value, str) and walked.stage(value) is None:
                found.add(value)
    return tuple(
        sorted(
            name
            for name in found
            if name not in ("", "scratch") and "@" not in name and not name.startswith(SCHEME)
        )
    )


def urls(node: ResolvedVariant) -> tuple[str, ...]:
    """Return the addresses that a node's ADD fetches files from, sorted.

    Raises ``NotLockable`` for a Git repository.
    """
    found: set[str] = set()
    for step in _walked(node).steps:
        if step.instruction.keyword != "ADD":
            continue
        for word in step.instruction.words[:-1]:
            value = step.expanded(word.text)
            text = value if isinstance(value, str) else word.text
            if _GIT.match(text):
                raise NotLockable(node.name, text)
            if _HTTP.match(text):
                found.add(text)
    return tuple(sorted(found))


def fetch(url: str, target: Path | None = None) -> Download:
    """Return what a server gives for an address now; keep it at ``target`` if there is one.

    Raises ``FetchFailed``.
    """
    summed, size = hashlib.sha256(), 0
    request = Request(url, headers={"User-Agent": "arkes-build"})  # noqa: S310 - http or https
    try:
        with (
            build_opener().open(request, timeout=_SECONDS) as stream,
            target.open("wb") if target else tempfile.TemporaryFile() as kept,
        ):
            while piece := stream.read(_PIECE):
                summed.update(piece)
                kept.write(piece)
                size += len(piece)
                if size > _LARGEST:
                    raise FetchFailed(url, f"it has more than {_LARGEST >> 30} GiB")
    except (URLError, OSError, ValueError) as error:
        raise FetchFailed(url, str(getattr(error, "reason", error))) from error
    return Download(url=url, size=size, sha256=summed.hexdigest())


def with_digest(image: str, digest: str) -> str:
    """Return an image's name with its digest: in place of the tag, as buildah wants it."""
    path, slash, last = image.rpartition("/")
    return f"{path}{slash}{last.partition(':')[0]}@{digest}"


def _walked(node: ResolvedVariant) -> Walked:
    return walk(node.instructions, {**platform_arguments(node.arch), **node.arguments})


def _named(step: Step) -> Iterator[str]:
    instruction: Instruction = step.instruction
    for flag in instruction.flags:
        if instruction.keyword == "COPY" and flag.name == "from" and flag.value:
            yield flag.value
        elif instruction.keyword == "RUN" and flag.name == "mount" and flag.value:
            yield from _MOUNT_FROM.findall(flag.value)
