"""The dashboard and the alert rules: well formed, and about what is exported."""

import re

import pytest
import yaml

from tests.support.monitoring import MONITORING, VARIABLES, dashboard, metrics, rules, shown
from tests.support.stack_config import ROOT

TELEMETRY = (ROOT / "app/internal/telemetry/telemetry.go").read_text()
SCRAPED = re.search(r"regex: (container_\S+)", (ROOT / "local/prometheus/manifests.yaml").read_text())
# Of Prometheus itself, and of the collectors the service registers.
GIVEN = {
    "up", "go_goroutines", "process_cpu_seconds_total", "process_start_time_seconds",
    "process_open_fds", "process_max_fds",
}  # fmt: skip
EXPRESSIONS = [*shown(), *((rule.get("alert") or rule["record"], rule["expr"]) for rule in rules())]


def exported(metric: str) -> bool:
    """Whether the service, its collectors, the kubelet as scraped, or a recording rule has the metric."""
    if metric in GIVEN or metric in {rule.get("record") for rule in rules()}:
        return True
    own = re.sub(r"_(bucket|sum|count)$", "", metric)
    return f'Name: "{own}"' in TELEMETRY or bool(SCRAPED and re.fullmatch(SCRAPED[1], metric))


def test_a_metric_nobody_exports_is_noticed() -> None:
    assert exported("http_requests_total")
    assert exported("http_request_duration_seconds_bucket")
    assert exported("container_cpu_cfs_periods_total")
    assert not exported("http_request_total")
    assert not exported("kube_pod_status_ready")
    assert not exported("container_cpu_cfs_bursts_total")


def test_metrics_are_found_in_promql() -> None:
    expression = 'sum by (a, le) (rate(x_total{b=~"up|c"}[5m] offset 1m)) > on (a) 2 * y:z{b="1"} or (w > 0)'
    assert metrics(expression) == {"x_total", "y:z", "w"}


@pytest.mark.parametrize(("title", "expression"), EXPRESSIONS)
def test_every_expression_asks_for_what_is_exported(title: str, expression: str) -> None:
    asked = metrics(expression)
    assert asked
    assert not {metric for metric in asked if not exported(metric)}
    assert "$" not in expression
    for opening, closing in ("()", "[]", "{}"):
        assert expression.count(opening) == expression.count(closing)


def test_every_alert_says_how_bad_it_is_and_what_to_do() -> None:
    alerts = [rule for rule in rules() if "alert" in rule]
    names = [rule["alert"] for rule in alerts]
    assert len(names) == len(set(names)) > 0
    for alert in alerts:
        assert alert["labels"]["severity"] in {"warning", "critical"}, alert["alert"]
        assert set(alert["annotations"]) == {"summary", "description"}, alert["alert"]


def test_every_alert_fires_in_its_tests() -> None:
    tests = yaml.safe_load((MONITORING / "alerts_test.yaml").read_text())["tests"]
    expected = [alert for test in tests for alert in test["alert_rule_test"]]
    fired = {alert["alertname"] for alert in expected if alert.get("exp_alerts")}
    silent = {alert["alertname"] for alert in expected if not alert.get("exp_alerts")}
    assert fired == silent == {rule["alert"] for rule in rules() if "alert" in rule}


def test_every_panel_has_a_place_of_its_own_and_the_chosen_service() -> None:
    drawn = dashboard()
    assert {f"${variable['name']}" for variable in drawn["templating"]["list"]} == {
        "$datasource",
        *(name for name in VARIABLES if not name.startswith("$__")),
    }
    taken: set[tuple[int, int]] = set()
    for panel in drawn["panels"]:
        place = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not cells & taken, panel["title"]
        taken |= cells
        assert max(x for x, _ in cells) < 24, panel["title"]
        assert all("$namespace" in target["expr"] and "$app" in target["expr"] for target in panel["targets"])
    assert len({panel["id"] for panel in drawn["panels"]}) == len(drawn["panels"])
