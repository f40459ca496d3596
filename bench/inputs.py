"""Make texts that nobody would write, from pieces of those that somebody did.

Every input is made from the seed and its own number alone, so that any of them can be made
again. Three ways take turns: a file of the corpus with structure-aware changes, a file
written by a small grammar, and noise.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from pathlib import Path

from arkes_build.language.keywords import KEYWORDS

ROOT = Path(__file__).resolve().parent.parent

FOLDERS = ("variants", "templates", "examples", "tests/golden", "docs/rules")
"""Where the corpus is from."""

NAMES = ("Containerfile", "Systemfile")

LONGEST = 200_000
"""Longest input, in bytes."""

_FENCE = re.compile(r"^```dockerfile[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_INSTRUCTION = re.compile(r"(?m)^(?=[A-Za-z]+[ \t])")

WORDS = [
    *(
        "a",
        "b",
        "$abcd",
        "${abcd}",
        "arkes:base",
        "arkes:atomic",
        "AS",
        "as",
        "/",
        "/usr/share/x",
        "/var/x",
        "A=1",
    ),
    *("A=", "=", "A", "$A", "${A}", "${A:-b}", "${A:+b}", "${A:?b}", "${A#b}", "${A%%b}"),
    *("${A/b/c}", "${A//b/c}", "${", "${}", "$(", ")", "`a`", "'", '"', "'a  b'", '"a  b"'),
    *('"$A"', "\\", "\\\\", "\\ ", "\\$", '\\"', "&&", "||", "|", ";", ">", "<", "<<E", "<<-E"),
    *("<<'E'", '<<"E F"', "3<<E", "<<E<<F", "<<", "<<<a", "[", "]", '["a", "b"]', '["a",]'),
    *("[1]", '["\\ud800"]', "--", "--family=arch", "--family=debian", "--arch=x86_64"),
    *("--family=", "--from=b", "--from=arkes:base", "--mount=type=bind,source=a,target=/b"),
    *(
        "--mount=type=cache,target=/c",
        "--chmod=0644",
        "--chown=0:0",
        "--user",
        "--server=https://e",
    ),
    *("--key=ABCD", "--x", "--x=y", "--link", "--parents", "nginx", "nginx=1.2", "sshd.service"),
    *("Europe/Berlin", "de_DE.UTF-8", "host.example.org", "quiet", "vm.swappiness=10", "mine"),
    *("apt-get", "install", "-y", "pacman", "-S", "rm", "-rf", "mkdir", "systemctl", "enable"),
    *("useradd", "curl", "https://example.org/a.tar", "/usr/lib/system/package_layer", "touch"),
    *("NONE", "CMD", "none", "80/tcp", "9", "SIGTERM", "é", "\u00a0", "\u2028", "\x85", "\x1c"),
    *("\x1b[2J", "\u202e", "\ufeff", "\U0001f600", "A" * 300, "../a", "a/../../b", "overlay/mine/"),
    *("HASH", "VARIANT_ID=x", "BASE_VARIANT_ID", "arkes:${BASE_VARIANT_ID}", "scratch"),
]
GAPS = [
    *(" ", " ", " ", "  ", "\t", " \\\n    ", " \\\n", "\\\n", " \\\n# said\n  ", " \\\n\n  "),
    *(" \\\r\n  ", "\f", "\v", "\r", "\u00a0", " `\n ", "\n", "\\ \n", " \\\n#\n\\\n"),
]
ENDS = ["\n", "\n", "\n", "\n\n", "\r\n", " \n", "\\\n", "", "\f\n", "\n# c\n", "\n\n\n"]
REMARKS = [
    *("# escape=`\n", "# escape=\\\n", "# escape=x\n", "# syntax=a/b:1\n", "# check=skip=all\n"),
    *("# check=skip=secret-value because\n", "# check=skip=\n", "# check=error=true\n"),
    *("# x-depends=base\n", "# x-templates=slim\n", "# x-name=Mine\n", "# x-arch=x86_64\n"),
    *("# x-families=debian\n", "# x-families=arch,\n", "# x-clean\n", "# x-nmae=a\n", "#\n"),
    *("# words\n", "#x-depends = base , atomic\n", "\ufeff", "\n", "  # escape=`\n"),
]
DOCUMENTS = [
    "a\nE\n",
    "\ta\n\tE\n",
    "$A\nE F\n",
    "E\nF\n",
    "a\r\nE\r\n",
    "a\n E\n",
    "#!/bin/sh\nE\n",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """Whole files, and the instructions in them."""

    files: tuple[str, ...]
    instructions: tuple[str, ...]


def corpus() -> Corpus:
    """Read the repository's own files and the examples of its pages, in a fixed order."""
    files = []
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix == ".md":
                files += _FENCE.findall(path.read_text(encoding="utf-8"))
            elif path.is_file() and (path.name.endswith(NAMES) or "format" in path.parts):
                files.append(path.read_bytes().decode("utf-8", "replace"))
    parts = [part for text in files for part in _INSTRUCTION.split(text) if part.strip()]
    return Corpus(files=tuple(files), instructions=tuple(dict.fromkeys(parts)))


def make(texts: Corpus, seed: int, number: int) -> bytes:
    """Return an input; the same for the same corpus, seed and number."""
    dice = random.Random(f"{seed}:{number}")
    kind = dice.random()
    if kind < 0.5:
        text = _changed(dice.choice(texts.files), texts, dice)
    elif kind < 0.95:
        text = _written(texts, dice)
    else:
        return _noise(dice)
    data = text.encode("utf-8", "surrogatepass")
    if dice.random() < 0.05:
        data = _hurt(data, dice)
    return data[:LONGEST]


def _written(texts: Corpus, dice: random.Random) -> str:
    parts = [dice.choice(REMARKS) for _ in range(dice.choice((0, 0, 1, 2, 4)))]
    if dice.random() < 0.9:
        parts.append(dice.choice(("FROM arkes:base\n", "FROM scratch\n", "from a as b\n")))
    for _ in range(dice.choice((1, 1, 2, 3, 6, 12))):
        own = dice.random() < 0.75
        parts.append(_instruction(dice) if own else dice.choice(texts.instructions))
        if dice.random() < 0.1:
            parts.append(dice.choice(REMARKS))
    return "".join(parts)


def _instruction(dice: random.Random) -> str:
    keyword = dice.choice(tuple(KEYWORDS))
    if dice.random() < 0.1:
        keyword = dice.choice((keyword.lower(), keyword.title(), keyword[:-1], keyword + "X"))
    parts = [keyword]
    for _ in range(dice.choice((0, 1, 1, 2, 3, 5, 9))):
        parts += [_gap(dice), dice.choice(WORDS)]
    text = "".join(parts) + dice.choice(ENDS)
    return text + dice.choice(DOCUMENTS) if "<<" in text and dice.random() < 0.8 else text


def _gap(dice: random.Random) -> str:
    return " " if dice.random() < 0.7 else dice.choice(GAPS)


def _changed(text: str, texts: Corpus, dice: random.Random) -> str:
    for _ in range(dice.choice((1, 1, 2, 3, 6))):
        text = dice.choice(_CHANGES)(text, texts, dice)
    return text


def _spliced(text: str, texts: Corpus, dice: random.Random) -> str:
    parts = _INSTRUCTION.split(text)
    at = dice.randrange(len(parts) + 1)
    parts[at : at + dice.randrange(2)] = [dice.choice(texts.instructions)]
    return "".join(parts)


def _inserted(text: str, _texts: Corpus, dice: random.Random) -> str:
    at = dice.randrange(len(text) + 1)
    return text[:at] + dice.choice((*WORDS, *GAPS, *ENDS, *REMARKS)) + text[at:]


def _broken(text: str, _texts: Corpus, dice: random.Random) -> str:
    """Put a continuation at a blank."""
    places = [found.start() for found in re.finditer(" ", text)]
    if not places:
        return text
    at = dice.choice(places)
    return text[:at] + dice.choice(GAPS) + text[at + 1 :]


def _cut(text: str, _texts: Corpus, dice: random.Random) -> str:
    start = dice.randrange(len(text) + 1)
    return text[:start] + text[start + dice.choice((1, 1, 2, 5, 20, 200)) :]


def _swapped(text: str, _texts: Corpus, dice: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    if not lines:
        return text
    one, other = dice.randrange(len(lines)), dice.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return "".join(lines)


def _repeated(text: str, _texts: Corpus, dice: random.Random) -> str:
    """Say one thing over and over: depth and length find what is slow or recursive."""
    word = dice.choice(
        (*WORDS, "${A:-", '"', "(", "[", "$abcd", "$A_b}", " \\\n", "# c\n", "RUN a\n", "<<E ")
    )
    at = dice.randrange(len(text) + 1)
    times = dice.choice((3, 10, 10, 30, 90, 90, 300, 2000) if len(word) < 10 else (3, 20))
    return text[:at] + word * times + text[at:]


def _with_other_ends(text: str, _texts: Corpus, dice: random.Random) -> str:
    return dice.choice((text.replace("\n", "\r\n"), text.rstrip("\n"), text.replace("  ", "\t")))


def _in_other_case(text: str, _texts: Corpus, dice: random.Random) -> str:
    return dice.choice((text.lower(), text.upper(), text.swapcase()))


def _misspelt(text: str, _texts: Corpus, dice: random.Random) -> str:
    if not text:
        return text
    at = dice.randrange(len(text))
    return (
        text[:at] + chr(dice.choice((0, 9, 10, 13, 32, 34, 39, 92, 96, 127, 233))) + text[at + 1 :]
    )


_CHANGES = (
    _spliced,
    _spliced,
    _inserted,
    _inserted,
    _broken,
    _broken,
    _cut,
    _swapped,
    _repeated,
    _with_other_ends,
    _in_other_case,
    _misspelt,
)


def _noise(dice: random.Random) -> bytes:
    length = dice.choice((0, 1, 8, 60, 400))
    if dice.random() < 0.5:
        return dice.randbytes(length)
    characters = "".join(dice.choice((*WORDS, *GAPS, *ENDS)) for _ in range(length))
    return characters.encode("utf-8", "surrogatepass")


def _hurt(data: bytes, dice: random.Random) -> bytes:
    """Change single bytes, so that it may be no text at all."""
    changed = bytearray(data or b"\0")
    for _ in range(dice.choice((1, 1, 4))):
        changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)
