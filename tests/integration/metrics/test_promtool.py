"""What Prometheus' own tool says of the figures, the alerts and the expressions."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from arkes_build.host.metrics.text import Gauge, Sample, exposition

pytestmark = pytest.mark.engine

FOLDER = Path(__file__).parents[3] / "docs/monitoring"
GOLDEN = Path(__file__).parents[2] / "golden/metrics/machine.prom"


def promtool(*words, stdin=None):
    done = subprocess.run(["promtool", *words], input=stdin, capture_output=True, check=False)
    return done.returncode, (done.stdout + done.stderr).decode()


def test_it_has_nothing_to_say_about_a_machine_s_figures():
    assert promtool("check", "metrics", stdin=GOLDEN.read_bytes()) == (0, "")


HOSTILE = ['"}\\', "\n# TYPE arkes_info counter\narkes_info 2\n", "\x00\x1b\r\ud800", "x" * 10_000]


@pytest.mark.parametrize("value", HOSTILE, ids=["quotes", "lines", "controls", "length"])
def test_nor_about_values_of_an_enemy(value):
    labels = {"version": value}
    told = exposition(
        [Gauge(name="arkes_info", help=value, samples=(Sample(value=1, labels=labels),))]
    )
    assert promtool("check", "metrics", stdin=told) == (0, "")


def test_the_alerts_are_rules():
    code, said = promtool("check", "rules", str(FOLDER / "alerts.yaml"))
    assert (code, "SUCCESS" in said) == (0, True)


def test_the_alerts_are_due_when_they_should_be():
    code, said = promtool("test", "rules", str(FOLDER / "alerts_test.yaml"))
    assert (code, "SUCCESS" in said) == (0, True), said


def test_each_expression_of_the_dashboard_is_one(tmp_path):
    """As recording rules, because promtool checks no other expressions off line."""
    panels = json.loads((FOLDER / "dashboard.json").read_text())["panels"]
    found = [target["expr"] for panel in panels for target in panel.get("targets", ())]
    rules = [
        {"record": f"check:number{number}", "expr": text.replace("$instance", ".*")}
        for number, text in enumerate(found)
    ]
    path = tmp_path / "rules.json"
    path.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
    code, said = promtool("check", "rules", str(path))
    assert code == 0, said
    assert re.search(rf"\b{len(found)} rules found", said)
