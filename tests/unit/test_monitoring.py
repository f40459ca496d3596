"""Hold what docs/monitoring ships against the figures that there are."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs/monitoring"
DASHBOARD = json.loads((FOLDER / "dashboard.json").read_text())
PANELS = [each for each in DASHBOARD["panels"] if each["type"] != "row"]
OURS = re.compile(r"\barkes_[a-z_]+")
EXPRESSION = re.compile(r"^\s+expr: (.+)$", re.MULTILINE)
ALERT = re.compile(r"^\s+- alert: (\w+)$", re.MULTILINE)

SOURCES = "".join(path.read_text() for path in (ROOT / "arkes_build/host/metrics").glob("*.py"))
KNOWN = set(re.findall(r'"(arkes_[a-z_]+)"', SOURCES))


def expressions():
    found = [target["expr"] for panel in PANELS for target in panel["targets"]]
    found += [each["expr"] for each in DASHBOARD["annotations"]["list"]]
    return found + [each["query"] for each in _queries()] + _alert_expressions()


def _queries():
    listed = DASHBOARD["templating"]["list"]
    return [each["query"] for each in listed if isinstance(each["query"], dict)]


def _alert_expressions():
    return EXPRESSION.findall((FOLDER / "alerts.yaml").read_text())


def test_every_expression_uses_figures_that_there_are():
    used = {name for text in expressions() for name in OURS.findall(text)}
    assert used <= KNOWN
    assert len(used) > 20


def test_the_dashboard_shows_every_figure():
    shown = {n for panel in PANELS for t in panel["targets"] for n in OURS.findall(t["expr"])}
    assert shown == KNOWN


def test_the_page_describes_every_figure():
    page = (FOLDER / "README.md").read_text()
    described = set(re.findall(r"^\| `(arkes_[a-z_]+)", page, re.MULTILINE))
    assert described == KNOWN


def test_panels_have_ids_of_their_own_and_do_not_overlap():
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(ids)) == len(ids)
    taken = {}
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                assert taken.setdefault((x, y), panel["title"]) == panel["title"]


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel["title"])
def test_a_panel_follows_the_choices_above(panel):
    assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
    for target in panel["targets"]:
        assert target["datasource"] == panel["datasource"]
        assert target["expr"].count('instance=~"$instance"') == len(
            re.findall(r"(?:arkes|node)_\w+\{", target["expr"])
        )


def test_every_alert_is_tested_when_due_and_when_not():
    alerts = ALERT.findall((FOLDER / "alerts.yaml").read_text())
    tests = (FOLDER / "alerts_test.yaml").read_text()
    assert alerts
    for alert in alerts:
        assert re.search(rf"\{{eval_time: \w+, alertname: {alert}\}}", tests), alert
        assert re.search(rf"alertname: {alert}\n\s+exp_alerts:", tests), alert


def test_every_alert_is_on_the_page():
    page = (FOLDER / "README.md").read_text()
    for alert in ALERT.findall((FOLDER / "alerts.yaml").read_text()):
        assert f"`{alert}`" in page
