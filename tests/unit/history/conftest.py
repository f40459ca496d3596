"""Plant trees in a repository of plain files: no libostree is needed to read them."""

import hashlib
import os
import stat
import struct

import pytest

from arkes_build.history.trees import Root, Trees


def array(items):
    """Return a GVariant array of items whose sizes vary."""
    if not items:
        return b""
    body, ends = b"", []
    for item in items:
        body += item
        ends.append(len(body))
    width = next(w for w in (1, 2, 4) if len(body) + w * len(ends) < 1 << 8 * w)
    return body + b"".join(end.to_bytes(width, "little") for end in ends)


def dirtree(files, folders):
    """Return a directory's object; each item ends with the offsets of its members."""
    first = [
        name + b"\0" + bytes.fromhex(checksum) + _offset(len(name) + 1) for name, checksum in files
    ]
    second = [
        name + b"\0" + bytes.fromhex(tree + meta) + _offset(len(name) + 33) + _offset(len(name) + 1)
        for name, tree, meta in folders
    ]
    body = array(first) + array(second)
    width = next(w for w in (1, 2, 4) if len(body) + w < 1 << 8 * w)
    return body + len(array(first)).to_bytes(width, "little")


def _offset(at):
    return at.to_bytes(1 if at < 200 else 2, "little")


class Garden:
    """A repository of mode bare, made of dicts: path → text, bytes, or ``→ target``.

    A path that ends with a slash is an empty directory. ``modes`` are of files and
    directories, by path.
    """

    def __init__(self, path):
        self.path = path
        (path / "objects").mkdir(parents=True)
        (path / "config").write_text("[core]\nmode=bare\n")

    @property
    def trees(self):
        return Trees(self.path)

    def plant(self, files, modes=None):
        """Return the root of a tree of these files."""
        modes = modes or {}
        root = {}
        for path, content in files.items():
            *above, name = path.rstrip("/").split("/")
            place = root
            for part in above:
                place = place.setdefault(part, {})
            place[name] = {} if path.endswith("/") else content
        return Root(self._folder(root, "", modes), self._meta(modes.get("", 0o755)))

    def _folder(self, entries, path, modes):
        files, folders = [], []
        for name, entry in sorted(entries.items(), key=lambda pair: os.fsencode(pair[0])):
            full = f"{path}/{name}".lstrip("/")
            if isinstance(entry, dict):
                tree = self._folder(entry, full, modes)
                folders.append((os.fsencode(name), tree, self._meta(modes.get(full, 0o755))))
            else:
                checksum = self._file(entry, modes.get(full, 0o644))
                files.append((os.fsencode(name), checksum))
        return self._object(dirtree(files, folders), ".dirtree")

    def _file(self, content, mode):
        data = content if isinstance(content, bytes) else content.encode()
        checksum = hashlib.sha256(data + str(mode).encode()).hexdigest()
        path = self._place(checksum, ".file")
        if not os.path.lexists(path):
            if isinstance(content, str) and content.startswith("→ "):
                path.symlink_to(content[2:])
            else:
                path.write_bytes(data)
                path.chmod(mode)
        return checksum

    def _meta(self, mode):
        return self._object(struct.pack(">III", 0, 0, stat.S_IFDIR | mode), ".dirmeta")

    def _object(self, data, ending):
        checksum = hashlib.sha256(data).hexdigest()
        self._place(checksum, ending).write_bytes(data)
        return checksum

    def _place(self, checksum, ending):
        path = self.path / "objects" / checksum[:2] / f"{checksum[2:]}{ending}"
        path.parent.mkdir(exist_ok=True)
        return path


@pytest.fixture
def garden(tmp_path):
    """Return an empty repository to plant trees in."""
    return Garden(tmp_path / "repo")
