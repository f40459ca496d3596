"""Find where each key of a TOML text is written; ``tomllib`` keeps no places.

Only used once something is wrong, and on text that ``tomllib`` has accepted: so this
reader skips values without judging them (TOML 1.0.0, https://toml.io/en/v1.0.0).
"""

from __future__ import annotations

import tomllib

KeyPath = tuple[str | int, ...]
Place = tuple[int, int]


def key_places(text: str) -> dict[KeyPath, Place]:
    """Return path → (start, end) of every key, in characters.

    A path is the chain of keys, with the index (from 0) for items of a list. The
    place is that of the last key of the path, or of the whole item.
    """
    reader = _Reader(text)
    reader.document()
    return reader.places


def nearest_place(places: dict[KeyPath, Place], path: KeyPath) -> Place:
    """Return the place of the longest known beginning of a path; (0, 0) for none."""
    for length in range(len(path), 0, -1):
        if path[:length] in places:
            return places[path[:length]]
    return (0, 0)


class _Reader:
    """Walk over the text; ``at`` is the offset of the next character."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.places: dict[KeyPath, Place] = {}
        self.lists: dict[KeyPath, int] = {}

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def skip(self, characters: str) -> None:
        while self.peek() and self.peek() in characters:
            self.at += 1

    def skip_blank(self) -> None:
        self.skip(" \t\r\n")
        while self.peek() == "#":
            while self.peek() not in ("", "\n"):
                self.at += 1
            self.skip(" \t\r\n")

    def document(self) -> None:
        table: KeyPath = ()
        while True:
            self.skip_blank()
            if not self.peek():
                return
            if self.peek() == "[":
                table = self.header()
            else:
                self.entry(table)

    def header(self) -> KeyPath:
        brackets = 2 if self.text.startswith("[[", self.at) else 1
        self.at += brackets
        table = self.key(())
        self.at += brackets
        if brackets == 1:
            return table
        index = self.lists.get(table, 0)
        self.lists[table] = index + 1
        return (*table, index)

    def entry(self, table: KeyPath) -> None:
        path = self.key(table)
        self.at += 1  # the equals sign
        self.value(path)

    def key(self, table: KeyPath) -> KeyPath:
        """Read a dotted key and remember where each part of it is."""
        path = table
        while True:
            self.skip(" \t")
            start = self.at
            if self.peek() in "\"'":
                self.string()
                (name,) = tomllib.loads(f"{self.text[start : self.at]} = 0")
            else:
                while self.peek() and self.peek() not in " \t.=]":
                    self.at += 1
                name = self.text[start : self.at]
            path = (*path, name)
            self.places.setdefault(path, (start, self.at))
            self.skip(" \t")
            if self.peek() != ".":
                return path
            self.at += 1

    def value(self, path: KeyPath) -> None:
        self.skip_blank()
        if self.peek() == "{":
            self.inside(path, closing="}")
        elif self.peek() == "[":
            self.inside(path, closing="]")
        elif self.peek() in "\"'":
            self.string()
        else:
            while self.peek() not in ("", ",", "]", "}", "#", "\n"):
                self.at += 1

    def inside(self, path: KeyPath, *, closing: str) -> None:
        """Read the entries of an inline table, or the items of a list."""
        self.at += 1
        index = 0
        while True:
            self.skip_blank()
            if self.peek() in ("", closing):
                self.at += 1
                return
            if self.peek() == ",":
                self.at += 1
            elif closing == "}":
                self.entry(path)
            else:
                start = self.at
                self.value((*path, index))
                end = start + len(self.text[start : self.at].rstrip())
                self.places[*path, index] = (start, end)
                index += 1

    def string(self) -> None:
        quote = self.peek()
        opening = quote * 3 if self.text.startswith(quote * 3, self.at) else quote
        self.at += len(opening)
        while self.peek() and not self.text.startswith(opening, self.at):
            self.at += 2 if quote == '"' and self.peek() == "\\" else 1
        self.at += len(opening)
        if len(opening) > 1:  # up to two more quotes belong to the text itself
            self.skip(quote)
