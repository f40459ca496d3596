"""Write `arkes.lock`, and read it without believing any of it."""

from __future__ import annotations

import json
import re
import tomllib
from typing import TYPE_CHECKING, Any

from arkes_build.core.atomic import write_atomically
from arkes_build.core.errors import ArkesError, ExitCode
from arkes_build.core.names import Arch, Family
from arkes_build.project.lockfile import (
    FORMAT,
    LOCK_FILE,
    Download,
    LockFile,
    NodeLock,
    PackageFile,
    TargetLock,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

LARGEST = 16 << 20
"""Bytes of a lock file that are read: some hundred nodes with a thousand packages each."""
_HEADING = """\
# What every node of this project is made of, to the byte. `arkes-build build --locked` takes
# exactly this; `arkes-build lock` writes it, and `arkes-build update` moves it forward.
"""
_NODE = re.compile(r"[a-z][a-z0-9_-]{0,200}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_PLAIN = re.compile(r"[ -~]{0,200}")
_FIELDS = {
    "name": re.compile(r"[A-Za-z0-9@_][A-Za-z0-9@._+-]{0,200}"),
    "version": re.compile(r"[A-Za-z0-9][A-Za-z0-9.+:~^_-]{0,200}"),
    "arch": re.compile(r"[a-z0-9][a-z0-9_-]{0,30}"),
    "sha256": _SHA256,
    "file": re.compile(
        r"aur:[a-z0-9@_+][a-z0-9@._+-]{0,200}@[0-9a-f]{40,64}"
        r"|(?!aur:|/|.*(?:^|/)\.{0,2}(?:/|$))[A-Za-z0-9@._+:~%^/-]{1,500}"
    ),
    "url": re.compile(r"https?://[!-~]{1,2000}"),
    "digest": re.compile(r"sha256:[0-9a-f]{64}"),
    "image": re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@-]{0,500}"),
}
_MOST_BYTES = 1 << 44


class LockUnreadable(ArkesError):
    """Report that ``arkes.lock`` is none, or holds what cannot be."""

    exit_code = ExitCode.LOCKED

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            f"{path} cannot be used: {why}",
            resolution="take the file back from version control, or write it anew with "
            "`arkes-build lock`",
        )


class LockMissing(ArkesError):
    """Report that there is no ``arkes.lock`` where one is wanted."""

    exit_code = ExitCode.LOCKED

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"there is no {path}",
            resolution="build the nodes, then write it with `arkes-build lock`",
        )


class _Wrong(ValueError):
    """Say what in a lock is not what it has to be."""


def read_lock(root: Path) -> LockFile:
    """Return the lock of a project; raises ``LockMissing`` and ``LockUnreadable``."""
    path = root / LOCK_FILE
    try:
        with path.open("rb") as stream:
            data = stream.read(LARGEST + 1)
    except FileNotFoundError as error:
        raise LockMissing(path) from error
    except OSError as error:
        raise LockUnreadable(path, error.strerror or "it cannot be read") from error
    if len(data) > LARGEST:
        raise LockUnreadable(path, f"it has more than {LARGEST >> 20} MiB")
    try:
        return parse(data.decode("utf-8"))
    except RecursionError as error:
        raise LockUnreadable(path, "it is nested too deep") from error
    except ValueError as error:
        raise LockUnreadable(path, str(error)) from error


def write_lock(root: Path, lock: LockFile) -> bool:
    """Write the lock beside ``arkes.toml``; return whether that changed the file."""
    path, data = root / LOCK_FILE, text(lock).encode()
    if path.is_file() and path.read_bytes() == data:
        return False
    write_atomically(path, data)
    return True


def text(lock: LockFile) -> str:
    """Return a lock as it is written: sorted, one line for each package."""
    lines = [_HEADING.rstrip("\n"), f"format = {FORMAT}"]
    for (family, arch), target in sorted(lock.targets.items()):
        lines += ["", f"[{family}.{arch}]"]
        lines += [
            f"{name} = {_quoted(value)}"
            for name, value in (("suite", target.suite), ("snapshot", target.snapshot))
            if value
        ]
        for name in sorted(target.nodes):
            lines += ["", f"[{family}.{arch}.nodes.{name}]"]
            lines += _node_lines(target, target.nodes[name])
    return "\n".join(lines) + "\n"


def _node_lines(target: TargetLock, node: NodeLock) -> Iterator[str]:
    below = target.nodes[node.on].packages if node.on in target.nodes else ()
    if node.on:
        yield f"on = {_quoted(node.on)}"
    yield from _list("asked", (_quoted(one) for one in sorted(node.asked)))
    kept = {(one.name, one.arch) for one in node.packages}
    gone = {(one.name, one.arch) for one in below} - kept
    yield from _list("packages", (_package(one) for one in sorted(set(node.packages) - set(below))))
    yield from _list("without", (_row(one) for one in sorted(gone)))
    yield from _list("tools", (_package(one) for one in sorted(node.tools)))
    images = ({"image": name, "digest": node.images[name]} for name in sorted(node.images))
    yield from _list("images", (_table(one) for one in images))
    downloads = (
        {"url": one.url, "size": one.size, "sha256": one.sha256} for one in sorted(node.downloads)
    )
    yield from _list("downloads", (_table(one) for one in downloads))


def _list(name: str, items: Iterable[str]) -> Iterator[str]:
    lines = [f"  {item}," for item in items]
    if lines:
        yield from (f"{name} = [", *lines, "]")


def _package(one: PackageFile) -> str:
    table: dict[str, Any] = {"name": one.name, "version": one.version, "arch": one.arch}
    if not one.is_built:
        table |= {"size": one.size, "sha256": one.sha256}
    return _table(table | {"file": one.file})


def _table(table: Mapping[str, Any]) -> str:
    return "{ " + ", ".join(f"{name} = {_quoted(value)}" for name, value in table.items()) + " }"


def _row(values: Iterable[str]) -> str:
    return "[" + ", ".join(_quoted(value) for value in values) + "]"


def _quoted(value: str | int) -> str:
    # A text of JSON is one of TOML, as long as it has no DEL, which no field may have.
    return json.dumps(value, ensure_ascii=False)


def parse(data: str) -> LockFile:
    """Return what the text of a lock says; raises ``ValueError`` with what is wrong where."""
    document = tomllib.loads(data)
    if document.pop("format", None) != FORMAT:
        raise _Wrong(f"its format is not {FORMAT}: another version of arkes-build wrote it")
    targets: dict[tuple[str, str], TargetLock] = {}
    for family, parts in document.items():
        if family not in {each.value for each in Family}:
            raise _Wrong(f"{family[:80]!r} is no family")
        for arch, table in _mapping(parts, family).items():
            if arch not in {each.value for each in Arch}:
                raise _Wrong(f"{arch[:80]!r} is no architecture")
            targets[family, arch] = _target(_mapping(table, arch))
    return LockFile(targets=targets)


def _target(table: Mapping[str, Any]) -> TargetLock:
    _only(table, {"suite", "snapshot", "nodes"}, "a family's part")
    tables = _mapping(table.get("nodes", {}), "nodes")
    nodes: dict[str, NodeLock] = {}
    waiting = list(tables)
    while waiting:
        ready = [n for n in waiting if _mapping(tables[n], n).get("on", "") not in waiting]
        if not ready:
            raise _Wrong(f"nodes stand on each other in a circle: {', '.join(sorted(waiting))}")
        for name in ready:
            nodes[name] = _node(name, tables[name], nodes)
        waiting = [name for name in waiting if name not in nodes]
    return TargetLock(suite=_plain(table, "suite"), snapshot=_plain(table, "snapshot"), nodes=nodes)


def _node(name: str, table: Mapping[str, Any], known: Mapping[str, NodeLock]) -> NodeLock:
    if not _NODE.fullmatch(name):
        raise _Wrong(f"{name[:80]!r} cannot be a node")
    wanted = {"on", "asked", "packages", "without", "tools", "images", "downloads"}
    _only(table, wanted, f"node {name}")
    on = table.get("on", "")
    if on and (not isinstance(on, str) or on not in known):
        raise _Wrong(f"node {name} is on {str(on)[:80]!r}, which is not here")
    below = known[on].packages if on else ()
    without = {tuple(_row_of(row, name)) for row in _array(table, "without", name)}
    own = {_file(one, name) for one in _array(table, "packages", name)}
    replaced = without | {(one.name, one.arch) for one in own}
    inherited = {one for one in below if (one.name, one.arch) not in replaced}
    return NodeLock(
        on=on,
        packages=tuple(sorted(inherited | own)),
        tools=tuple(sorted({_file(one, name) for one in _array(table, "tools", name)})),
        images=dict(_image(one, name) for one in _array(table, "images", name)),
        asked=tuple(_asked(one, name) for one in _array(table, "asked", name)),
        downloads=tuple(sorted(_download(one, name) for one in _array(table, "downloads", name))),
    )


def _file(value: Any, node: str) -> PackageFile:
    table = _mapping(value, f"a package of {node}")
    place = f"{str(table.get('name', 'a package'))[:80]} of {node}"
    _only(table, {"name", "version", "arch", "size", "sha256", "file"}, place)
    file = _checked(table, "file", place)
    is_built = file.startswith("aur:")
    return PackageFile(
        name=_checked(table, "name", place),
        version=_checked(table, "version", place),
        arch=_checked(table, "arch", place),
        size=0 if is_built else _bytes(table, place),
        sha256="" if is_built else _checked(table, "sha256", place),
        file=file,
    )


def _asked(value: Any, node: str) -> str:
    if not isinstance(value, str) or not _PLAIN.fullmatch(value):
        raise _Wrong(f"node {node}: nobody can ask for {str(value)[:80]!r}")
    return value


def _image(value: Any, node: str) -> tuple[str, str]:
    table = _mapping(value, f"an image of {node}")
    _only(table, {"image", "digest"}, f"an image of {node}")
    return _checked(table, "image", node), _checked(table, "digest", node)


def _download(value: Any, node: str) -> Download:
    table = _mapping(value, f"a download of {node}")
    _only(table, {"url", "size", "sha256"}, f"a download of {node}")
    return Download(
        url=_checked(table, "url", node),
        size=_bytes(table, node),
        sha256=_checked(table, "sha256", node),
    )


def _checked(table: Mapping[str, Any], field: str, place: str) -> str:
    value = table.get(field)
    if not isinstance(value, str) or not _FIELDS[field].fullmatch(value):
        raise _Wrong(f"{place}: {field} cannot be {str(value)[:80]!r}")
    return value


def _bytes(table: Mapping[str, Any], place: str) -> int:
    value = table.get("size")
    if type(value) is not int or not 0 <= value <= _MOST_BYTES:
        raise _Wrong(f"{place}: size cannot be {str(value)[:80]!r}")
    return value


def _plain(table: Mapping[str, Any], field: str) -> str:
    value = table.get(field, "")
    if not isinstance(value, str) or not _PLAIN.fullmatch(value):
        raise _Wrong(f"{field} cannot be {str(value)[:80]!r}")
    return value


def _row_of(value: Any, node: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise _Wrong(f"node {node}: without holds [name, architecture]")
    return value


def _array(table: Mapping[str, Any], field: str, node: str) -> list[Any]:
    value = table.get(field, [])
    if not isinstance(value, list):
        raise _Wrong(f"node {node}: {field} is no list")
    return value


def _mapping(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _Wrong(f"{what[:80]} is no table")
    return value


def _only(table: Mapping[str, Any], wanted: set[str], place: str) -> None:
    for name in table:
        if name not in wanted:
            raise _Wrong(f"{place}: {name[:80]!r} is not known")
