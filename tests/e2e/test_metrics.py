"""What measures the pods on the embedded default: Prometheus, metrics-server, and the rules for the first."""

import json
import re
import time
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.support.monitoring import MONITORING, shown

from .conftest import PORT, Embedded
from .load import Load

pytestmark = pytest.mark.e2e

PROXY = "/api/v1/namespaces/monitoring/services/prometheus:9090/proxy/api/v1"
SCRAPED_SECONDS = 8  # within these every pod has been scraped


def query(embedded: Embedded, expression: str) -> list[dict[str, Any]]:
    """Series of an instant query, through the API server. A query that does not parse fails."""
    said = embedded.kubectl("get", "--raw", f"{PROXY}/query?{urlencode({'query': expression})}")
    answer = json.loads(said)
    assert answer["status"] == "success", said
    return answer["data"]["result"]


def eventually(embedded: Embedded, expression: str, seconds: float = 60) -> list[dict[str, Any]]:
    deadline = time.monotonic() + seconds
    while not (series := query(embedded, expression)):
        assert time.monotonic() < deadline, f"nothing within {seconds} s: {expression}"
        time.sleep(2)
    return series


def promtool(embedded: Embedded, *arguments: str) -> str:
    """Runs promtool of the image Prometheus runs in, with the rules in its working directory."""
    deployment = embedded.object("deployment", "prometheus", "monitoring")
    image = deployment["spec"]["template"]["spec"]["containers"][0]["image"]
    place = ("--volume", f"{embedded.checkout / MONITORING.relative_to(MONITORING.parents[1])}:/rules:ro")
    run = ("docker", "run", "--rm", *place, "--workdir", "/rules", "--entrypoint", "promtool")
    return embedded.run(*run, image, *arguments).ok().output


def staying(embedded: Embedded) -> set[str]:
    """Names of the pods that are not about to go."""
    metadata = [pod["metadata"] for pod in embedded.objects("pods")]
    return {one["name"] for one in metadata if "deletionTimestamp" not in one}


def test_every_pod_is_scraped_with_its_name_app_and_track(embedded: Embedded) -> None:
    with Load(port=PORT, limit_seconds=20) as load:
        time.sleep(15)
    assert not load.failures, load.failures
    names = staying(embedded)
    series = eventually(
        embedded, 'rate(http_requests_total{namespace="sample",app="sample",status="200"}[30s]) > 0'
    )
    assert {one["metric"]["pod"] for one in series} >= names
    assert {one["metric"]["track"] for one in series} == {"stable"}
    up = query(embedded, 'up{job="pods"} == 1')
    assert names <= {one["metric"]["pod"] for one in up}
    assert query(embedded, 'up{job="containers"}')[0]["value"][1] == "1"


def test_requests_are_counted_once_and_probes_never(embedded: Embedded) -> None:
    total = f'sum(http_requests_total{{namespace="sample",pod=~"{"|".join(staying(embedded))}"}})'
    time.sleep(SCRAPED_SECONDS)
    before = float(eventually(embedded, total)[0]["value"][1])
    time.sleep(20)  # two probes of every pod
    assert float(query(embedded, total)[0]["value"][1]) == before
    with Load(port=PORT, limit_seconds=10) as load:
        time.sleep(5)
    time.sleep(SCRAPED_SECONDS)
    assert not load.failures, load.failures
    assert float(query(embedded, total)[0]["value"][1]) - before == load.total > 0


def test_kubectl_top_has_figures_and_the_autoscaler_sees_them(embedded: Embedded) -> None:
    lines = embedded.kubectl("top", "pods", "-n", "sample", "--no-headers").splitlines()
    assert lines
    assert all(re.fullmatch(r"sample-\S+\s+\d+m\s+\d+Mi\s*", line) for line in lines), lines
    assert re.search(r"^goservice\s+\d+m", embedded.kubectl("top", "nodes", "--no-headers"))
    deadline = time.monotonic() + 60
    while True:
        conditions = {c["type"]: c for c in embedded.object("hpa")["status"]["conditions"]}
        if conditions["ScalingActive"]["status"] == "True":
            break
        assert time.monotonic() < deadline, conditions
        time.sleep(2)


def test_they_run_restricted(embedded: Embedded) -> None:
    for namespace, name in (("monitoring", "prometheus"), ("kube-system", "metrics-server")):
        spec = embedded.object("deployment", name, namespace)["spec"]["template"]["spec"]
        for elsewhere in ("serviceAccount", "serviceAccountName", "priorityClassName"):
            spec.pop(elsewhere, None)
        tried = {"apiVersion": "v1", "kind": "Pod", "spec": spec}
        tried["metadata"] = {"name": "tried", "namespace": "monitoring"}
        # The namespace enforces the Pod Security Standard "restricted": the API server is the judge.
        path = embedded.checkout.parent / "pod.json"
        path.write_text(json.dumps(tried))
        embedded.kubectl("create", "--dry-run=server", "--filename", str(path))


def test_the_rules_pass_their_tests(embedded: Embedded) -> None:
    assert "SUCCESS" in promtool(embedded, "test", "rules", "alerts_test.yaml")


@pytest.mark.parametrize(("title", "expression"), list(shown()))
def test_what_the_dashboard_shows_parses(embedded: Embedded, title: str, expression: str) -> None:
    query(embedded, expression)


def test_the_dashboard_shows_a_service_under_load(embedded: Embedded) -> None:
    with Load(port=PORT, limit_seconds=60):
        for title, expression in shown():
            # Without a canary, and without a version newer than a minute, there is nothing to show.
            if title not in {"Canary's share of traffic", "New version"}:
                assert eventually(embedded, expression, seconds=50), title
