"""Say why a node has no Containerfile text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.errors import ArkesError, ExitCode

if TYPE_CHECKING:
    from arkes_build.core.source import Span


class RenderError(ArkesError):
    """Report something that people wrote and that no Containerfile can say."""

    exit_code = ExitCode.SOURCE


class UnwritableValue(RenderError):
    """Report a value with a line end or another control character in it."""

    def __init__(self, name: str, value: str) -> None:
        super().__init__(
            f"{name} has a control character in it: {value[:80]!r}",
            details="labels and os-release fields are single lines",
            resolution=f"take the line ends and control characters out of {name}",
        )


class UnknownVariable(RenderError):
    """Report a variable in a here-document whose value only the image knows."""

    def __init__(self, name: str, *, delimiter: str, where: Span | None) -> None:
        super().__init__(
            f"the value of ${name} in the here-document {delimiter} is not known here",
            details="this engine has no here-documents, so the text is written out before the "
            "build, and only ARG and ENV of the same stage are known then",
            resolution=f"declare {name} with ARG or ENV in this stage; or write \\${name} or "
            f"quote the delimiter (<<'{delimiter}') to keep the text as it is",
            where=where,
        )
        self.name = name


class UnreadableVariable(RenderError):
    """Report a variable in a here-document that is not written as one."""

    def __init__(self, problem: str, *, delimiter: str, where: Span | None) -> None:
        super().__init__(
            f"the here-document {delimiter} cannot be expanded: {problem}",
            resolution="write \\$ for a dollar sign, "
            f"or quote the delimiter (<<'{delimiter}') to keep the text as it is",
            where=where,
        )
