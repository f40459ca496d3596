"""Say what an instruction means, for keys: layout and comments leave no trace."""

from __future__ import annotations

from typing import Any

from arkes_build.language import layout
from arkes_build.language.keywords import KEYWORDS, Takes
from arkes_build.language.nodes import Form, Heredoc, Instruction


def meaning(instruction: Instruction) -> dict[str, Any]:
    """Return the meaning as a JSON value, the same for two texts that do the same.

    Comments, line continuations, indentation, the case of the keyword and of ``AS``, and
    runs of blanks between words are gone. Flags keep their order. Blanks inside quotes,
    behind an escape character, in JSON items and in here-documents stay, as does all white
    space of arguments that are one text (``WORKDIR``).
    """
    answer: dict[str, Any] = {
        "keyword": instruction.keyword,
        "form": instruction.form.value,
        "words": [_word(instruction, index) for index in range(len(instruction.words))],
    }
    if instruction.flags:
        answer["flags"] = [[flag.name, flag.value] for flag in instruction.flags]
    if instruction.heredocs:
        answer["heredocs"] = [_heredoc(document) for document in instruction.heredocs]
    if instruction.inner is not None:
        answer["words"] = []
        answer["inner"] = meaning(instruction.inner)
    return answer


def _word(instruction: Instruction, index: int) -> str:
    text = instruction.words[index].text
    known = KEYWORDS.get(instruction.keyword)
    takes_command = known is not None and known.takes in (Takes.COMMAND, Takes.HEALTH)
    if instruction.form is Form.SHELL and takes_command:
        return layout.collapsed(text)
    if instruction.keyword == "FROM" and index == 1 and text.upper() == "AS":
        return "AS"
    return text


def _heredoc(document: Heredoc) -> list[Any]:
    return [document.delimiter, document.expands, document.body]
