"""Name the rules that reading and expanding a project hold."""

from __future__ import annotations

from arkes_build.core.diagnostics import Severity
from arkes_build.project.rules.rule import Rule

RULES = (
    Rule(code="bad-name", title="A file's name cannot be the name of a node."),
    Rule(code="config-syntax", title="arkes.toml is not TOML."),
    Rule(code="config-unknown-key", title="arkes.toml has a key that nobody reads."),
    Rule(code="config-value", title="A value in arkes.toml is wrong."),
    Rule(code="context-ignored", title="What is copied is left out of the build context."),
    Rule(code="context-missing", title="What is copied does not exist in the build context."),
    Rule(code="context-outside", title="A path leaves the build context."),
    Rule(code="context-unreadable", title="A file of the build context cannot be read."),
    Rule(code="dependency-cycle", title="Nodes stand on each other in a ring."),
    Rule(code="depends-disagree", title="The header x-depends and the instructions disagree."),
    Rule(
        code="file-not-read",
        title="A file stands among the variants or templates and is not read.",
        severity=Severity.WARNING,
    ),
    Rule(code="header-value", title="A header has a value that it does not know."),
    Rule(code="link-outside", title="A link leads out of the build context or its overlay."),
    Rule(code="name-taken", title="Two files make a node of the same name."),
    Rule(code="name-too-long", title="A chain of templates makes a name that is too long."),
    Rule(code="no-bootstrap", title="arkes.toml has no bootstrap for this family."),
    Rule(code="path-not-utf8", title="The name of a file to copy is not UTF-8."),
    Rule(code="reserved-name", title="This name is reserved."),
    Rule(code="special-file", title="What is copied is neither file, folder nor link."),
    Rule(code="template-parent", title="A template does not stand on what it is applied to."),
    Rule(code="template-twice", title="A template is applied twice in one chain."),
    Rule(code="unknown-template", title="There is no template of this name."),
    Rule(code="unknown-variable", title="A name depends on a variable that has no value."),
    Rule(code="unknown-variant", title="There is no variant of this name."),
    Rule(code="unreadable-file", title="A file of the project cannot be read."),
)
"""The rules of ``arkes_build.project`` outside ``rules``, by code."""
