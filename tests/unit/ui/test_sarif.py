"""The SARIF log keeps to the standard, and says all that a finding has."""

import json
from pathlib import Path

import jsonschema
import pytest

from arkes_build import __version__
from arkes_build.core.diagnostics import Diagnostic, Edit, Fix, Label, Severity
from arkes_build.core.resources import rule_page
from arkes_build.core.source import Source
from arkes_build.project.rules.catalogue import RULES
from arkes_build.ui.sarif import sarif

SCHEMA = Path(__file__).parents[2] / "golden/ui/sarif-2.1.0.schema.json"
SOURCE = Source("variants/ä b.Containerfile", "FROM arkes:𝒃\nADD a \\\n b\n")


def log(*found):
    made = json.loads(json.dumps(sarif(found, RULES, rule_page)))
    jsonschema.validate(made, json.loads(SCHEMA.read_text()))
    return made["runs"][0]


def finding(**rest):
    values = {"code": "unknown-variant", "message": "no 𝒃", "span": SOURCE.span(5, 12), **rest}
    return Diagnostic(**values)


def test_no_finding():
    assert log() == {
        "tool": {"driver": {"name": "arkes-build", "version": __version__, "rules": []}},
        "columnKind": "unicodeCodePoints",
        "results": [],
    }


def test_a_finding_with_all_it_can_have():
    place = SOURCE.span(13, 16)
    (result,) = log(
        finding(
            remedy="name another",
            related=(Label(span=SOURCE.span(13, 23), text="here too"),),
            fix=Fix(title="write COPY", edits=(Edit(span=place, text="COPY"),)),
        )
    )["results"]
    artifact = {"uri": "variants/%C3%A4%20b.Containerfile", "uriBaseId": "PROJECT"}
    region = {"startLine": 2, "startColumn": 1, "endLine": 2, "endColumn": 4}
    assert result == {
        "ruleId": "unknown-variant",
        "ruleIndex": 0,
        "level": "error",
        "message": {"text": "no 𝒃\nname another"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": artifact,
                    "region": {"startLine": 1, "startColumn": 6, "endLine": 1, "endColumn": 13},
                }
            }
        ],
        "relatedLocations": [
            {
                "id": 0,
                "physicalLocation": {
                    "artifactLocation": artifact,
                    "region": {"startLine": 2, "startColumn": 1, "endLine": 3, "endColumn": 3},
                },
                "message": {"text": "here too"},
            }
        ],
        "fixes": [
            {
                "description": {"text": "write COPY"},
                "artifactChanges": [
                    {
                        "artifactLocation": artifact,
                        "replacements": [
                            {"deletedRegion": region, "insertedContent": {"text": "COPY"}}
                        ],
                    }
                ],
            }
        ],
    }


def test_each_code_is_described_once_with_its_page():
    run = log(finding(), finding(code="bad-name", span=None), finding(span=SOURCE.span(0, 4)))
    first, second = run["tool"]["driver"]["rules"]
    assert (first["id"], second["id"]) == ("bad-name", "unknown-variant")
    assert second["shortDescription"] == {"text": RULES["unknown-variant"].title}
    assert second["help"]["text"].startswith("# unknown-variant\n")
    # the page comes along: a path of this machine would help nobody
    assert "helpUri" not in second
    assert [result["ruleIndex"] for result in run["results"]] == [1, 0, 1]


@pytest.mark.parametrize(
    ("name", "artifact"),
    [
        ("a%b:c.Containerfile", {"uri": "a%25b%3Ac.Containerfile", "uriBaseId": "PROJECT"}),
        ("/srv/a/Systemfile", {"uri": "file:///srv/a/Systemfile"}),
        ("a\udcffb\n", {"uri": "a%ED%B3%BFb%0A", "uriBaseId": "PROJECT"}),
    ],
    ids=["with what a URI reserves", "absolute", "no text"],
)
def test_names_become_uris(name, artifact):
    (result,) = log(finding(span=Source(name, "x").span(0, 1)))["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == artifact


def test_hostile_text_stays_text():
    hostile = '"}]}\x1b[2J\u202e\udcff</script>'
    (result,) = log(finding(code="x-" + hostile, message=hostile, severity=Severity.NOTE))[
        "results"
    ]
    assert result["message"]["text"] == hostile
