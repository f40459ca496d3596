"""Write what tests found as JUnit's XML, which every CI service shows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from arkes_build.trial.model import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arkes_build.trial.model import Check, Report

# What XML 1.0 cannot hold (https://www.w3.org/TR/xml/#charsets), not even escaped.
_IMPOSSIBLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LEFT_OUT = (Status.NOT_APPLICABLE, Status.DENIED, Status.NOT_RUN)


def junit(reports: Sequence[Report], held: Sequence[tuple[str, str]] = ()) -> bytes:
    """Return one ``testsuite`` for each node, one ``testcase`` for each check.

    ``held`` are nodes that were not booted, each with why.
    """
    top = Element("testsuites", name="arkes-build test")
    for report in reports:
        _suite(top, report)
    for node, why in held:
        suite = SubElement(top, "testsuite", name=node, tests="1", failures="0", skipped="1")
        case = SubElement(suite, "testcase", classname=node, name="verdict", time="0.000")
        SubElement(case, "skipped", message=_shown(why))
    indent(top)
    text: bytes = tostring(top, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _suite(top: Element, report: Report) -> None:
    suite = SubElement(
        top,
        "testsuite",
        name=report.subject.node,
        tests=str(len(report.checks)),
        failures=str(len(report.failures)),
        errors="0",
        skipped=str(sum(one.status in _LEFT_OUT for one in report.checks)),
        time=f"{report.seconds:.3f}",
    )
    told = {"commit": report.subject.commit, "version": report.subject.version}
    told |= {"accel": report.accel, "folder": str(report.folder)}
    if report.upgraded_from:
        told["upgraded_from"] = report.upgraded_from
    properties = SubElement(suite, "properties")
    for name, value in told.items():
        SubElement(properties, "property", name=name, value=_shown(value))
    for check in report.checks:
        _case(suite, report.subject.node, check)


def _case(suite: Element, node: str, check: Check) -> None:
    case = SubElement(
        suite,
        "testcase",
        classname=node,
        name=_shown(check.name),
        time=f"{check.seconds:.3f}",
    )
    if check.status is Status.FAILED:
        failure = SubElement(case, "failure", message=_shown(check.message))
        failure.text = _shown("\n".join(filter(None, (check.where, check.output))))
    elif check.status in _LEFT_OUT:
        SubElement(case, "skipped", message=_shown(f"{check.status.value}: {check.message}"))
    elif check.output:
        SubElement(case, "system-out").text = _shown(check.output)


def _shown(text: str) -> str:
    return _IMPOSSIBLE.sub("\ufffd", text)
