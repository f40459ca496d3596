"""Say what here-documents say to an engine that has none.

The meaning is BuildKit's (Dockerfile reference, "Here-Documents"):

1. ``RUN <<EOT`` alone: the document is what the shell in effect runs.
2. The same, and the document begins with ``#!``: that interpreter runs it.
3. ``RUN`` with a command beside the documents: the shell reads the command and them.
4. ``COPY`` and ``ADD``: each document is a file of mode 0644, named by its delimiter.
   Unless the delimiter is quoted, variables in it are replaced and an escape character
   gives way to what it escapes; quotes mean nothing.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from arkes_build.language.heredocs import is_mark
from arkes_build.language.nodes import Form
from arkes_build.language.variables import BadSubstitution, expand, names
from arkes_build.render import quoting
from arkes_build.render.errors import RenderError, UnknownVariable, UnreadableVariable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from arkes_build.language.nodes import Heredoc, Instruction

FOLDER = ".arkes/heredoc"
"""Where in the build context the files of COPY and ADD lie."""

DEFAULT_SHELL = ("/bin/sh", "-c")

_ONLY_A_MARK = re.compile(r"0?<<-?[^<\s]+")
_FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_ESCAPE_OR_QUOTE = re.compile(r"""\\.|["']""", re.DOTALL)
_SHEBANG = re.compile(r"#![ \t]*(\S+)(?:[ \t]+(.*?))?[ \t\r]*\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lowered:
    """An instruction without here-documents, and the files it reads instead."""

    instruction: Instruction
    files: Mapping[str, bytes]


def lower(
    instruction: Instruction, *, number: int, shell: Sequence[str], values: Mapping[str, str]
) -> Lowered:
    """Return the instruction without here-documents.

    ``number`` tells it from the file's others; ``shell`` is what the SHELL in effect
    says; ``values`` are the ARG and ENV that are known here. Raises ``RenderError``
    where the meaning cannot be known before the build.
    """
    if instruction.inner is not None:
        inner = lower(instruction.inner, number=number, shell=shell, values=values)
        return Lowered(instruction=replace(instruction, inner=inner.instruction), files=inner.files)
    if not instruction.heredocs:
        return Lowered(instruction=instruction, files={})
    if instruction.keyword == "RUN":
        argv = _command(instruction, tuple(shell))
        lowered = replace(
            instruction, form=Form.EXEC, lines=(quoting.exec_form(argv),), heredocs=()
        )
        return Lowered(instruction=lowered, files={})
    return _files(instruction, number, values)


def shell_of(instruction: Instruction, before: tuple[str, ...]) -> tuple[str, ...]:
    """Return the shell in effect behind an instruction."""
    if instruction.keyword == "FROM":
        return DEFAULT_SHELL
    if instruction.keyword == "SHELL" and instruction.form is Form.EXEC:
        return tuple(word.text for word in instruction.words)
    return before


def _command(instruction: Instruction, shell: tuple[str, ...]) -> tuple[str, ...]:
    documents = instruction.heredocs
    alone = len(documents) == 1 and _ONLY_A_MARK.fullmatch(instruction.text.strip()) is not None
    if not alone:
        bodies = "".join(f"{each.body}{each.delimiter}\n" for each in documents)
        return (*shell, f"{instruction.text}\n{bodies}")
    (document,) = documents
    shebang = _SHEBANG.match(document.body)
    if shebang is None:
        return (*shell, document.body)
    return (*_posix(shell), _by_interpreter(document, shebang))


def _posix(shell: tuple[str, ...]) -> tuple[str, ...]:
    """Return the shell when it can read here-documents, else the default one."""
    program = shell[0].rpartition("/")[2]
    return shell if program.endswith("sh") or program == "busybox" else DEFAULT_SHELL


def _by_interpreter(document: Heredoc, shebang: re.Match[str]) -> str:
    """Return shell text that hands a document to the interpreter that it names.

    As the kernel does (execve(2)), all behind the interpreter is one argument. The
    document comes through a descriptor: nothing is left behind in the layer.
    """
    argv = [shebang[1], *([shebang[2]] if shebang[2] else [])]
    command = " ".join(_shell_word(each) for each in argv)
    delimiter = f"ARKES_{re.sub(r'[^A-Za-z0-9_]', '_', document.delimiter)}"
    while delimiter in document.body.split("\n"):
        delimiter += "_"
    body = document.body if document.body.endswith("\n") else f"{document.body}\n"
    return f"exec {command} /proc/self/fd/3 3<<'{delimiter}'\n{body}{delimiter}\n"


def _shell_word(text: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9_/.=+-]+", text):
        return text
    return "'" + text.replace("'", "'\\''") + "'"


def _files(instruction: Instruction, number: int, values: Mapping[str, str]) -> Lowered:
    if instruction.flag("from") is not None:
        raise RenderError(
            "a here-document beside --from cannot be written for this engine",
            resolution="make two instructions of it: one with --from, one with the document",
            where=instruction.span,
        )
    documents = iter(instruction.heredocs)
    files: dict[str, bytes] = {}
    words: list[str] = []
    for word in instruction.words:
        if not is_mark(word.text):
            words.append(word.text)
            continue
        document = next(documents)
        path = f"{FOLDER}/{number}/{_file_name(document)}"
        files[path] = _content(document, values).encode("utf-8", "surrogateescape")
        words.append(path)
    sources = len(words) - 1
    # ADD would unpack what looks like an archive; a document is never one.
    keyword = "COPY" if len(files) == sources else instruction.keyword
    lowered = replace(instruction, keyword=keyword, lines=(" ".join(words),), heredocs=())
    return Lowered(instruction=lowered, files=files)


def _file_name(document: Heredoc) -> str:
    if _FILE_NAME.fullmatch(document.delimiter) is None:
        raise RenderError(
            f"the here-document {json.dumps(document.delimiter)} cannot be a file's name",
            resolution="use letters, digits, '.', '_' and '-' for the delimiter",
            where=document.span,
        )
    return document.delimiter


def _content(document: Heredoc, values: Mapping[str, str]) -> str:
    if not document.expands:
        return document.body
    # Quotes mean nothing in a document, so each one is escaped before the words' own rules.
    text = _ESCAPE_OR_QUOTE.sub(lambda found: f"\\{found[0]}"[-2:], document.body)
    try:
        unknown = sorted(names(text) - values.keys())
        if unknown:
            raise UnknownVariable(unknown[0], delimiter=document.delimiter, where=document.span)
        return expand(text, values)
    except BadSubstitution as error:
        raise UnreadableVariable(
            error.brief, delimiter=document.delimiter, where=document.span
        ) from error
