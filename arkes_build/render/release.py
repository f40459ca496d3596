"""Say which system an image is: the fields of os-release, and the labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.names import BOOTSTRAP

if TYPE_CHECKING:
    from arkes_build.project.model import ResolvedVariant

BUILD_ID_LENGTH = 16
"""Hexadecimal digits of the key that BUILD_ID shows."""


def fields(node: ResolvedVariant, key: str) -> dict[str, str]:
    """Return the fields of os-release(5) in their order, empty ones left out."""
    identity = node.identity
    version = f" {identity.version}" if identity.version else ""
    found = {
        "NAME": identity.name,
        "ID": identity.id,
        "ID_LIKE": identity.id_like,
        "PRETTY_NAME": f"{identity.name}{version} {node.display_name}",
        "VERSION": identity.version,
        "VERSION_ID": identity.version_id,
        "VARIANT": node.display_name,
        "VARIANT_ID": node.arguments.get("VARIANT_ID", node.name),
        "BUILD_ID": key[:BUILD_ID_LENGTH],
        "HOME_URL": identity.home_url,
        "BUG_REPORT_URL": identity.bug_report_url,
    }
    return {name: value for name, value in found.items() if value}


def labels(node: ResolvedVariant, key: str) -> dict[str, str]:
    """Return the labels that do not depend on the build, empty ones left out.

    ``org.opencontainers.image.*`` are those of the OCI image specification
    (annotations.md). The digest of the base is not among them: it would be that of a
    manifest, and a local image has none that another machine could look up.
    """
    release = fields(node, key)
    identity = node.identity
    found = {
        **{f"os-release.{name}": value for name, value in release.items()},
        "org.opencontainers.image.title": release["PRETTY_NAME"],
        "org.opencontainers.image.version": identity.version,
        "org.opencontainers.image.vendor": identity.name,
        "org.opencontainers.image.url": identity.home_url,
        "org.opencontainers.image.base.name": _base(node),
        "hash": key,
        "arkes.node": node.name,
        "arkes.family": node.family.value,
        "arkes.arch": node.arch.value,
    }
    return {name: value for name, value in found.items() if value}


def _base(node: ResolvedVariant) -> str:
    return f"arkes:{node.parent}" if node.parent not in (None, BOOTSTRAP) else ""
