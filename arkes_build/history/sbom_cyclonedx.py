"""Say a bill of materials in CycloneDX 1.6, with the library of those who make the format."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from cyclonedx.model import ExternalReference, ExternalReferenceType, Property, XsUri
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.bom_ref import BomRef
from cyclonedx.model.component import Component, ComponentType, Pedigree
from cyclonedx.model.contact import OrganizationalContact, OrganizationalEntity
from cyclonedx.model.dependency import Dependency
from cyclonedx.model.license import DisjunctiveLicense, LicenseExpression
from cyclonedx.model.tool import ToolRepository
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from arkes_build.history.bill import TOOL, is_link, purl
from arkes_build.history.licences import REF, is_one

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cyclonedx.model.license import License

    from arkes_build.history.bill import Bill
    from arkes_build.history.inventory import Package

_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


def text(bill: Bill) -> bytes:
    """Return the bill as JSON text."""
    root = _root(bill)
    bom = Bom(
        serial_number=bill.unique,
        metadata=BomMetaData(
            timestamp=bill.time,
            component=root,
            tools=ToolRepository(
                components=[Component(name=TOOL, type=ComponentType.APPLICATION, bom_ref=TOOL)]
            ),
        ),
        components=[_component(package, bill) for package in bill.packages],
        dependencies=_dependencies(bill, root),
    )
    value = json.loads(JsonV1Dot6(bom).output_as_string())
    return json.dumps(value, indent=1, ensure_ascii=False, sort_keys=True).encode() + b"\n"


def _root(bill: Bill) -> Component:
    about = bill.about
    return Component(
        type=ComponentType.OPERATING_SYSTEM,
        name=about.node or bill.system,
        version=about.version or None,
        publisher=bill.system,
        bom_ref=f"ostree:{about.checksum}",
        external_references=_links(bill.homepage),
        properties=[Property(name=name, value=value) for name, value in bill.facts],
    )


def _component(package: Package, bill: Bill) -> Component:
    url = purl(package, bill)
    return Component(
        type=ComponentType.LIBRARY,
        name=package.name,
        version=package.version,
        bom_ref=url,
        purl=PackageURL.from_string(url),
        description=package.description or None,
        supplier=_supplier(package),
        licenses=list(_licence(package)),
        external_references=_links(package.homepage),
        pedigree=_pedigree(package, bill),
    )


def _pedigree(package: Package, bill: Bill) -> Pedigree:
    """Return what a package was built from, as its ancestor."""
    name, version = package.source
    source = Component(
        type=ComponentType.LIBRARY,
        name=name,
        version=version,
        purl=PackageURL.from_string(purl(package, bill, source=True)),
        bom_ref=f"source of {purl(package, bill)}",
    )
    return Pedigree(ancestors=[source])


def _supplier(package: Package) -> OrganizationalEntity | None:
    if not package.maintainer:
        return None
    email = package.email if _EMAIL.fullmatch(package.email) else None
    contact = OrganizationalContact(name=package.maintainer, email=email)
    return OrganizationalEntity(name=package.maintainer, contacts=[contact])


def _licence(package: Package) -> Iterator[License]:
    if not package.licence:
        return
    if is_one(package.licence):
        yield DisjunctiveLicense(id=package.licence)
    elif package.licence.startswith(REF) and " " not in package.licence:
        yield DisjunctiveLicense(name=package.licence.removeprefix(REF))
    else:
        yield LicenseExpression(package.licence)


def _links(url: str) -> list[ExternalReference]:
    if not is_link(url):
        return []
    return [ExternalReference(type=ExternalReferenceType.WEBSITE, url=XsUri(url))]


def _dependencies(bill: Bill, root: Component) -> list[Dependency]:
    """Return who needs whom; the system needs all that is installed."""
    refs = {package.identity: BomRef(purl(package, bill)) for package in bill.packages}

    def needs(ref: BomRef, needed: Iterable[BomRef]) -> Dependency:
        return Dependency(ref=ref, dependencies=[Dependency(ref=one) for one in needed])

    return [
        needs(root.bom_ref, refs.values()),
        *(
            needs(refs[package.identity], [refs[one] for one in package.needs])
            for package in bill.packages
        ),
    ]
