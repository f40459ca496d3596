"""Hold every file of the corpus, in several dresses, against BuildKit's own parser."""

import json
import re
from pathlib import Path

import pytest

from arkes_build.cli.main import main
from arkes_build.core.diagnostics import Severity
from arkes_build.language.decode import decode
from arkes_build.language.parser import attempt

dockerfile = pytest.importorskip("dockerfile")

CORPUS = sorted((Path(__file__).parents[1] / "corpus").glob("*.Containerfile"))
KEYWORD = re.compile(r"^[ \t]*[A-Za-z]+(?=[ \t])", re.MULTILINE)
LEAST = 150

DRESSES = {
    "as it stands": lambda text: text,
    "with CRLF": lambda text: text.replace("\n", "\r\n"),
    "with a byte-order mark": lambda text: "\ufeff" + text,
    "with lines in lower case": lambda text: KEYWORD.sub(lambda m: m[0].lower(), text),
    "indented by a tab": lambda text: re.sub(r"^(?=.)", "\t", text, flags=re.MULTILINE),
    "without its last line end": lambda text: text.rstrip("\n"),
    "with blanks behind every line": lambda text: text.replace("\n", " \t\n"),
    "with a comment above every continued line": lambda text: re.sub(
        r"(\\|`)\n", r"\1\n# said in between\n\n", text
    ),
    "cut in the middle": lambda text: text[: len(text) // 2],
}
VARIANTS = [(path, dress) for path in CORPUS for dress in DRESSES]


def told(text):
    """Return what BuildKit's parser makes of a text, None when it refuses it."""
    try:
        commands = dockerfile.parse_string(text)
    except dockerfile.GoParseError:
        return None
    return [
        {
            "name": command.cmd.upper(),
            "inner": command.sub_cmd.upper() if command.sub_cmd else None,
            "flags": list(command.flags),
            "arguments": list(command.value),
            "json": command.json,
            "heredocs": [(h.name, h.file_descriptor, h.content) for h in command.heredocs],
            "original": command.original,
            "lines": (command.start_line, command.end_line),
        }
        for command in commands
        if command.cmd  # it makes an empty command of a lone continuation at the end
    ]


def shown(shape):
    """Return what `parse --json` printed, in the same shape; None for an error."""
    if shape["type"] == "error":
        return None
    return [
        {
            "name": each["name"],
            "inner": each["inner"] and each["inner"]["name"],
            "flags": each["flags"],
            "arguments": each["arguments"],
            "json": each["json"],
            "heredocs": [
                (h["delimiter"], h["file_descriptor"], h["content"]) for h in each["heredocs"]
            ],
            "original": each["original"],
            "lines": (each["span"]["line"], each["span"]["end_line"]),
        }
        for each in shape["instructions"]
    ]


@pytest.mark.parametrize(
    ("path", "dress"), VARIANTS, ids=[f"{path.stem} {dress}" for path, dress in VARIANTS]
)
def test_parse_prints_what_buildkit_reads(path, dress, tmp_path, capsys):
    text = DRESSES[dress](path.read_text())
    file = tmp_path / "Containerfile"
    file.write_bytes(text.encode())
    main(["parse", "--json", str(file)])
    assert shown(json.loads(capsys.readouterr().out)) == told(text)


def test_the_corpus_is_large():
    texts = {DRESSES[dress](path.read_text()) for path, dress in VARIANTS}
    assert len(texts) > LEAST


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_only_bad_files_have_errors(path):
    _, found = attempt(decode(path.name, path.read_bytes()))
    errors = [finding for finding in found if finding.severity is Severity.ERROR]
    assert bool(errors) == path.stem.startswith("bad-")
