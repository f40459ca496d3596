"""Name the rules that declarative instructions are held to."""

from __future__ import annotations

from arkes_build.core.diagnostics import Severity
from arkes_build.project.rules.rule import Rule

SETTING_VALUE = Rule(
    code="setting-value", title="A machine setting has a value that it cannot have."
)
PACKAGE_NAME = Rule(code="package-name", title="This cannot be the name of a package.")
PACKAGE_CONFLICT = Rule(
    code="package-conflict", title="One layer is to do two things with the same package."
)
UNIT_NAME = Rule(code="unit-name", title="This cannot be the name of a systemd unit.")
REPOSITORY_VALUE = Rule(code="repository-value", title="A package repository is described wrongly.")
SETTING_DUPLICATE = Rule(
    code="setting-duplicate", title="A machine setting is given twice in one stage."
)
OVERLAY_MISSING = Rule(code="overlay-missing", title="There is no overlay of this name.")
AUR_FAMILY = Rule(code="aur-family", title="An AUR instruction counts for a family without an AUR.")
AUR_BASE_MISSING = Rule(
    code="aur-base-missing",
    title="Nothing says where the AUR's Git repositories are.",
    severity=Severity.WARNING,
)
TEMPLATE_MISPLACED = Rule(
    code="template-misplaced", title="TEMPLATE stands where no template can be applied."
)
SETTING_OVERRIDDEN = Rule(
    code="setting-overridden",
    title="A file of an overlay wins over a machine setting.",
    severity=Severity.NOTE,
)

RULES = (
    AUR_BASE_MISSING,
    AUR_FAMILY,
    OVERLAY_MISSING,
    PACKAGE_CONFLICT,
    PACKAGE_NAME,
    REPOSITORY_VALUE,
    SETTING_DUPLICATE,
    SETTING_OVERRIDDEN,
    SETTING_VALUE,
    TEMPLATE_MISPLACED,
    UNIT_NAME,
)
