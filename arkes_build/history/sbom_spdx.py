"""Say a bill of materials in SPDX 2.3, with the library of those who make the format."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any

from spdx_tools.common.spdx_licensing import spdx_licensing
from spdx_tools.spdx.jsonschema.document_converter import DocumentConverter
from spdx_tools.spdx.model.actor import Actor, ActorType
from spdx_tools.spdx.model.document import CreationInfo, Document
from spdx_tools.spdx.model.extracted_licensing_info import ExtractedLicensingInfo
from spdx_tools.spdx.model.package import (
    ExternalPackageRef,
    ExternalPackageRefCategory,
    Package,
    PackagePurpose,
)
from spdx_tools.spdx.model.relationship import Relationship, RelationshipType
from spdx_tools.spdx.model.spdx_no_assertion import SpdxNoAssertion

from arkes_build.history.bill import TOOL, is_link, purl
from arkes_build.history.licences import REF, refs_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from arkes_build.history.bill import Bill
    from arkes_build.history.inventory import Package as Installed

_DOCUMENT = "SPDXRef-DOCUMENT"
_ROOT = "SPDXRef-System"
_NOBODY_SAYS = SpdxNoAssertion()


def text(bill: Bill) -> bytes:
    """Return the bill as JSON text."""
    names = _Names()
    packages = [_package(one, names.of(*one.identity), bill) for one in bill.packages]
    sources = {_source_url(one, bill): one for one in reversed(bill.packages)}
    built_from = {url: names.of(*one.source, mark="Source") for url, one in sorted(sources.items())}
    document = Document(
        creation_info=_creation(bill),
        packages=[
            _root(bill),
            *packages,
            *(_source(sources[url], name, url) for url, name in built_from.items()),
        ],
        relationships=[*_relationships(bill, names, built_from)],
        extracted_licensing_info=[*_extracted(one.licence for one in bill.packages)],
    )
    made: Any = DocumentConverter  # its own types are not written down
    value = made().convert(document)
    for package in value["packages"]:
        for reference in package.get("externalRefs", ()):
            # The library writes PACKAGE_MANAGER, which the schema of 2.3 does not have.
            reference["referenceCategory"] = reference["referenceCategory"].replace("_", "-")
    return json.dumps(value, indent=1, ensure_ascii=False, sort_keys=True).encode() + b"\n"


class _Names:
    """Give each package an identifier of letters, digits, ``.`` and ``-`` that no other has."""

    def __init__(self) -> None:
        self._given: dict[tuple[str, ...], str] = {}
        self._taken: set[str] = set()

    def of(self, *parts: str, mark: str = "Package") -> str:
        """Return the identifier of a package: always the same for the same parts."""
        key = (mark, *parts)
        if key not in self._given:
            plain = re.sub(r"[^A-Za-z0-9.]+", "-", "-".join(part for part in key if part))
            name, number = f"SPDXRef-{plain}", 2
            while name in self._taken:
                name, number = f"SPDXRef-{plain}-{number}", number + 1
            self._taken.add(name)
            self._given[key] = name
        return self._given[key]


def _creation(bill: Bill) -> CreationInfo:
    about = bill.about
    return CreationInfo(
        spdx_version="SPDX-2.3",
        spdx_id=_DOCUMENT,
        name=" ".join(filter(None, (bill.system, about.node, about.version))),
        document_namespace=bill.unique.urn,
        creators=[Actor(ActorType.TOOL, TOOL)],
        # Naive, as the library wants it; it is UTC.
        created=bill.time.replace(tzinfo=None),
    )


def _root(bill: Bill) -> Package:
    about = bill.about
    return Package(
        spdx_id=_ROOT,
        name=about.node or bill.system,
        version=about.version or None,
        download_location=_NOBODY_SAYS,
        files_analyzed=False,
        supplier=Actor(ActorType.ORGANIZATION, bill.system),
        homepage=bill.homepage if is_link(bill.homepage) else None,
        license_concluded=_NOBODY_SAYS,
        license_declared=_NOBODY_SAYS,
        copyright_text=_NOBODY_SAYS,
        comment="\n".join(f"{name}={value}" for name, value in bill.facts),
        primary_package_purpose=PackagePurpose.OPERATING_SYSTEM,
    )


def _package(one: Installed, name: str, bill: Bill) -> Package:
    return Package(
        spdx_id=name,
        name=one.name,
        version=one.version,
        download_location=_NOBODY_SAYS,
        files_analyzed=False,
        supplier=_supplier(one),
        homepage=one.homepage if is_link(one.homepage) else None,
        source_info=f"built from {' '.join(one.source)}",
        license_concluded=_NOBODY_SAYS,
        license_declared=_expression(one.licence) if one.licence else _NOBODY_SAYS,
        copyright_text=_NOBODY_SAYS,
        summary=one.description or None,
        external_references=[_reference(purl(one, bill))],
        primary_package_purpose=PackagePurpose.LIBRARY,
    )


def _source(one: Installed, name: str, url: str) -> Package:
    return Package(
        spdx_id=name,
        name=one.source[0],
        version=one.source[1],
        download_location=_NOBODY_SAYS,
        files_analyzed=False,
        supplier=_supplier(one),
        license_concluded=_NOBODY_SAYS,
        license_declared=_NOBODY_SAYS,
        copyright_text=_NOBODY_SAYS,
        external_references=[_reference(url)],
        primary_package_purpose=PackagePurpose.SOURCE,
    )


def _source_url(one: Installed, bill: Bill) -> str:
    return purl(one, bill, source=True)


def _reference(url: str) -> ExternalPackageRef:
    return ExternalPackageRef(ExternalPackageRefCategory.PACKAGE_MANAGER, "purl", url)


def _supplier(one: Installed) -> Actor | SpdxNoAssertion:
    if not one.maintainer:
        return _NOBODY_SAYS
    # A maintainer may be a person or a team; the database does not say which.
    return Actor(ActorType.ORGANIZATION, one.maintainer, one.email or None)


@cache
def _expression(licence: str) -> Any:
    return spdx_licensing.parse(licence)


def _relationships(bill: Bill, names: _Names, built_from: dict[str, str]) -> Iterator[Relationship]:
    """Give what the document describes, what the system holds, who needs whom, who is from what."""
    yield Relationship(_DOCUMENT, RelationshipType.DESCRIBES, _ROOT)
    for one in bill.packages:
        name = names.of(*one.identity)
        yield Relationship(_ROOT, RelationshipType.CONTAINS, name)
        for identity in one.needs:
            yield Relationship(name, RelationshipType.DEPENDS_ON, names.of(*identity))
        source = built_from[_source_url(one, bill)]
        yield Relationship(name, RelationshipType.GENERATED_FROM, source)


def _extracted(licences: Iterable[str]) -> Iterator[ExtractedLicensingInfo]:
    """Give each licence that SPDX does not know by the name that the packages have for it."""
    for ref in sorted({ref for licence in licences for ref in refs_in(licence)}):
        name = ref.removeprefix(REF)
        yield ExtractedLicensingInfo(
            license_id=ref,
            license_name=name,
            extracted_text=f"{name}: the text is in the copyright files of the packages",
        )
