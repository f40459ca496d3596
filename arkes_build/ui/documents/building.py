"""Type what `os build` says of a machine's own Systemfile."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from arkes_build.ui.documents.nodes import Reason
from arkes_build.ui.documents.words import Schema, described


@described
class MachineBuildDocument(TypedDict):
    """The last line of `os build --json`, and all that `os build --plan --json` prints."""

    schema: Schema
    type: Literal["machine-build"]
    action: Literal["build", "reuse"]
    """Whether something was built, or with ``--plan`` would be."""
    reasons: list[Reason]
    """Why; empty after a build."""
    base: str
    """The commit that the Systemfile stands on."""
    base_version: str
    ref: str
    commit: str
    """Empty with ``--plan``."""
    version: str
    key: str
    """The digest of all inputs; of a plan, what it would be."""
    seconds: float
