"""`explain` prints pages and lists rules."""

import json

import pytest

from arkes_build.cli.main import main
from arkes_build.core.errors import ExitCode
from arkes_build.project.rules.catalogue import RULES


@pytest.mark.parametrize(
    "code", ["unknown-variant", "[unknown-variant]", "Unknown-Variant"], ids=repr
)
def test_a_rule_has_a_page(capsys, code):
    assert main(["explain", code]) == 0
    out = capsys.readouterr().out
    assert out.startswith("# unknown-variant\n\nThere is no variant of this name.\n")
    assert "## Good" in out


def test_all_rules_are_listed(capsys):
    assert main(["explain"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(RULES)
    assert " ".join(lines[0].split()).endswith(next(iter(RULES.values())).title)


def test_for_a_program(capsys):
    assert main(["explain", "--json"]) == 0
    shape = json.loads(capsys.readouterr().out)
    assert [rule["code"] for rule in shape["rules"]] == list(RULES)
    assert {rule["page"] for rule in shape["rules"]} == {""}
    assert main(["explain", "--json", "bad-name"]) == 0
    (rule,) = json.loads(capsys.readouterr().out)["rules"]
    assert (rule["code"], rule["severity"]) == ("bad-name", "error")
    assert rule["page"].startswith("# bad-name\n")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        pytest.param("unknown-varient", "did you mean 'unknown-variant'?", id="nearly right"),
        pytest.param("\x1b[2J", "there is no rule '\\x1b[2j'", id="hostile"),
        pytest.param("../../etc/passwd", "there is no rule", id="a path"),
        pytest.param("foo", "`arkes-build explain` alone lists them", id="like none"),
        pytest.param("x" * 5000, "x…", id="long"),
    ],
)
def test_an_unknown_code_is_a_usage_error(capsys, code, said):
    assert main(["explain", code]) == ExitCode.USAGE
    assert said in capsys.readouterr().err
