"""Make the node at the bottom: the root file system that the family's own tool makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import Diagnostic
from arkes_build.core.names import BOOTSTRAP, Family
from arkes_build.project.hostfiles import host_files
from arkes_build.project.model import Bootstrap, NodeKind, ResolvedVariant

if TYPE_CHECKING:
    from arkes_build.core.names import Arch
    from arkes_build.core.source import Span
    from arkes_build.project.settings import BootstrapSettings, Config

_EXAMPLES = {
    Family.ARCH: 'tool = "pacstrap" and snapshot = "2025/11/01"',
    Family.DEBIAN: 'tool = "mmdebstrap" and suite = "bookworm"',
}


def bootstrap_node(
    table: BootstrapSettings, config: Config, *, family: Family, arch: Arch
) -> ResolvedVariant:
    """Return the bootstrap's node; with ``tool = "files"`` the machine's files are read.

    Raises ``HostFileMissing``.
    """
    return ResolvedVariant(
        name=BOOTSTRAP,
        kind=NodeKind.BOOTSTRAP,
        display_name="Bootstrap",
        family=family,
        arch=arch,
        snapshot=table.packages_date,
        parent=None,
        dependencies=(),
        file=None,
        bootstrap=Bootstrap(
            tool=table.tool,
            packages=table.packages,
            suite=table.suite or "",
            components=table.components,
            snapshot=table.snapshot or "",
            mirrors=table.mirrors,
            files=host_files(table.files),
        ),
        identity=config.identity(family),
    )


def no_bootstrap(family: Family, span: Span) -> Diagnostic:
    """Return the finding that nothing says how a family's bootstrap is made."""
    return Diagnostic(
        code="no-bootstrap",
        message=f"arkes.toml does not say how the {family.value} root file system is made",
        span=span,
        remedy=f"add a table [bootstrap.{family.value}], for example with {_EXAMPLES[family]}",
    )
