"""What is found before a trial: each check with a Prometheus that fails it, and the remedy it names."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from components.analysis import PRESETS, Finding, MetricNames, PrometheusError, preflight
from components.analysis.access.refusals import RefusedError
from tests.support.preflight_prometheus import PreflightPrometheus

PODS = ("shop-6d4c-a", "shop-6d4c-b")
PLACE = 'namespace="team",pod=~"shop-6d4c-[a-z0-9]+"'
TARGET = {"namespace": "team", "job": "pods"}
LATENCY = "http_request_duration_seconds"
STATUSES = (
    "set canary.metrics.statusLabel to the label with the status, or canary.metrics.errors, successes and"
)
CHECKS = [
    "Prometheus answers",
    "requests are counted",
    "statuses are known",
    "each pod is read once",
    "probes and scrapes are left out",
    "two scrapes in an interval",
    "latency can be judged",
]

Exposed = list[tuple[str, dict[str, str]]]
"""Metric and labels of each series."""


def requests(name: str = "http_requests_total", **labels: str) -> Exposed:
    return [(name, {"route": "/", "status": "200"} | labels)]


def histogram(*bounds: str, name: str = LATENCY, **labels: str) -> Exposed:
    return [(f"{name}_bucket", {"route": "/", "le": bound} | labels) for bound in bounds]


GOOD = [*requests(), *requests(route="/health/live"), *histogram("0.1", "0.5", "1", "+Inf")]


def scraped(
    exposed: Exposed,
    *more: Mapping[str, str],
    every: int = 15,
    value: Any = 1.0,
    pods: tuple[str, ...] = PODS,
    times: int = 20,
    **target: str,
) -> PreflightPrometheus:
    """A Prometheus that has read each pod some times. more: labels of further targets for the same pods."""
    prometheus = PreflightPrometheus()
    for n in range(times):
        prometheus.now = 1000.0 + n * every
        for pod in pods:
            series: dict[frozenset[tuple[str, str]], Any] = {}
            for extra in more or ({},):
                common = {"pod": pod, "instance": f"{pod}:8080"} | TARGET | target | dict(extra)
                common = {label: text for label, text in common.items() if text}
                for name, labels in exposed:
                    series[frozenset({"__name__": name, **common, **labels}.items())] = value
            prometheus.scrape(series)
    return prometheus


def findings(
    prometheus: PreflightPrometheus, metrics: MetricNames | None = None, **values: Any
) -> list[Finding]:
    given: dict[str, Any] = {
        "namespace": "team",
        "pods": PODS,
        "interval": 30,
        "limit_milliseconds": 500,
        "queries": {},
    }
    return preflight(prometheus.ask, metrics=metrics or PRESETS["default"], **(given | values))


def problem(found: list[Finding]) -> Finding:
    """The only one."""
    (one,) = (finding for finding in found if finding.problem)
    return one


def names(**values: Any) -> MetricNames:
    return replace(PRESETS["default"], **values)


def test_a_service_that_can_be_measured() -> None:
    prometheus = scraped(GOOD)
    prometheus.answers["max(lag)"] = [({}, 3.0)]
    found = findings(prometheus, queries={"lag": "max(lag) <= 100"})
    assert found == [Finding(check=check) for check in [*CHECKS, "query lag"]]
    assert len(prometheus.asked) <= 10, "each is a call of kubectl, a tenth of a second"


@pytest.mark.parametrize(
    ("error", "transient"), [(PrometheusError("no answer"), True), (RefusedError("a login"), False)]
)
def test_without_an_answer_nothing_else_is_asked(error: PrometheusError, transient: bool) -> None:
    prometheus = scraped(GOOD)
    prometheus.answers["vector(1)"] = error
    found = findings(prometheus, queries={"lag": "max(lag) <= 100"})
    assert found == [Finding(check="Prometheus answers", problem=str(error), transient=transient)]


def test_a_metric_of_another_library_is_named_with_its_preset() -> None:
    otel = "http_server_request_duration_seconds"
    labels = {"http_response_status_code": "200", "http_route": "/"}
    exposed = [(f"{otel}_count", labels), (f"{otel}_bucket", labels | {"le": "0.5"}), ("go_goroutines", {})]
    assert problem(findings(scraped(exposed))) == Finding(
        check="requests are counted",
        problem=f"no series http_requests_total with {PLACE}; the pods have {otel}_count",
        remedy="set canary.metrics.preset otelhttp",
    )
    assert findings(scraped(exposed), PRESETS["otelhttp"]) == [Finding(check=check) for check in CHECKS]


def test_a_metric_of_their_own_is_named_with_its_labels() -> None:
    exposed = [
        ("acme_requests_total", {"result": "200"}),
        ("acme_client_requests_total", {}),
        ("promhttp_metric_handler_requests_total", {"code": "200"}),
    ]
    assert problem(findings(scraped(exposed))) == Finding(
        check="requests are counted",
        problem=f"no series http_requests_total with {PLACE}; the pods have acme_requests_total"
        " (labels of the first: namespace, pod, result, instance, job)",
        remedy="set canary.metrics.requests, statusLabel and latency to what the service has",
    )


def test_a_native_histogram_alone_counts_requests_too() -> None:
    metrics = names(requests=f"{LATENCY}_count")
    histogram = (LATENCY, {"route": "/", "status": "200"})
    found = findings(scraped([histogram], value=(0.1, 0.2)), metrics)
    assert ([one.check for one in found], [one.problem for one in found if one.problem]) == (CHECKS, [])
    odd = (LATENCY, {"route": "/", "status": "odd"})
    assert (
        'has "odd", neither success nor error'
        in problem(findings(scraped([histogram, odd], value=(0.1, 0.2)), metrics)).problem
    )


def test_pods_that_have_answered_no_request_may_get_a_counter() -> None:
    assert problem(findings(scraped([("go_goroutines", {}), ("up", {})]))) == Finding(
        check="requests are counted",
        problem=f"no series http_requests_total with {PLACE}; the pods have 2 other metrics, none of which"
        " counts requests",
        remedy="set canary.metrics; many counters have no series before the first request",
        transient=True,
    )


def test_pods_that_do_not_answer_prometheus() -> None:
    assert problem(findings(scraped([("up", {}), ("scrape_duration_seconds", {})]))) == Finding(
        check="requests are counted",
        problem=f"no series http_requests_total with {PLACE}: Prometheus gets no answer from the pods (up is"
        " 0)",
        remedy="check metrics.port and metrics.path, and that network.ingressNamespaces lets Prometheus in",
        transient=True,
    )


def test_pods_that_prometheus_does_not_know() -> None:
    assert problem(findings(scraped(GOOD, pods=("other-77-x",)))) == Finding(
        check="requests are counted",
        problem=f"no series http_requests_total with {PLACE}, nor any other metric",
        remedy="check that Prometheus reads the pods' metrics, and calls pod and namespace so; else set"
        " canary.metrics.podLabel and canary.metrics.namespaceLabel",
        transient=True,
    )


def test_labels_of_pod_and_namespace_that_are_called_otherwise() -> None:
    prometheus = scraped(
        GOOD, pods=PODS[:1], pod="", namespace="", kubernetes_pod_name=PODS[0], app_namespace="team"
    )
    assert problem(findings(prometheus)) == Finding(
        check="requests are counted",
        problem=f"no series http_requests_total with {PLACE}; the pod is in the label kubernetes_pod_name,"
        " and its namespace in app_namespace",
        remedy="set canary.metrics.podLabel kubernetes_pod_name and canary.metrics.namespaceLabel"
        " app_namespace",
    )


def test_series_without_a_namespace() -> None:
    assert problem(findings(scraped(GOOD, namespace=""))) == Finding(
        check="requests are counted",
        problem=f"no series http_requests_total with {PLACE}; the pod is in pod, and its namespace in none of"
        " pod, route, status, instance, job",
        remedy="have the scrape configuration add a label with the namespace",
    )


def test_a_selector_that_leaves_the_pods_out() -> None:
    assert problem(findings(scraped(GOOD), names(selector='job="x"'))) == Finding(
        check="requests are counted",
        problem='no series http_requests_total of the pods has job="x"; their labels are namespace, pod,'
        " route, status, instance, job",
        remedy="correct canary.metrics.selector, or leave it out",
    )


def test_a_pod_that_is_new_is_only_noted() -> None:
    found = findings(scraped(GOOD, pods=PODS[:1]))
    assert found[1] == Finding(check="requests are counted", note="no series yet of 1 of 2 pods")
    assert not [finding for finding in found if finding.problem]


def test_a_status_under_another_label_is_found() -> None:
    exposed = [
        ("http_requests_total", {"route": "/", "code": "500", "method": "GET"}),
        *histogram("0.5", "+Inf"),
    ]
    assert problem(findings(scraped(exposed))) == Finding(
        check="statuses are known",
        problem="http_requests_total has series without the label status; they have code, method, namespace,"
        " pod, route, instance, job",
        remedy="set canary.metrics.statusLabel code",
    )


def test_words_that_are_no_status() -> None:
    exposed = [*GOOD, *requests(status="Internal Server Error"), *requests(status="OK")]
    assert problem(findings(scraped(exposed))) == Finding(
        check="statuses are known",
        problem='http_requests_total: the label status has "Internal Server Error", "OK", neither success nor'
        " error nor ignored; the labels are namespace, pod, route, status, instance, job",
        remedy=f"{STATUSES} ignored to its words",
    )
    known = names(errors="5..|Internal Server Error", ignored="OK")
    assert findings(scraped(exposed), known) == [Finding(check=check) for check in CHECKS]


def test_a_status_of_probes_does_not_matter() -> None:
    exposed = [*GOOD, *requests(route="/health/ready", status="starting")]
    assert findings(scraped(exposed)) == [Finding(check=check) for check in CHECKS]


@pytest.mark.parametrize(
    ("targets", "problem_text", "remedy"),
    [
        (
            [{"job": "pods"}, {"job": "annotated"}],
            'counted 2 times: by job "annotated" and "pods"',
            'job="annotated"',
        ),
        (
            [{"instance": "10.0.0.1:8080"}, {"instance": "10.0.0.1:9100"}],
            'counted 2 times: by instance "10.0.0.1:8080" and "10.0.0.1:9100"',
            'instance="10.0.0.1:8080"',
        ),
    ],
)
def test_pods_that_are_scraped_twice(targets: list[dict[str, str]], problem_text: str, remedy: str) -> None:
    assert problem(findings(scraped(GOOD, *targets))) == Finding(
        check="each pod is read once",
        problem=f"each request to shop-6d4c-b is {problem_text}",
        remedy=f"set canary.metrics.selector {remedy}",
    )


def test_without_a_path_probes_are_subtracted() -> None:
    exposed = [("http_requests_total", {"status": "200"}), *histogram("0.5", "+Inf")]
    found = findings(scraped(exposed))
    assert not [finding for finding in found if finding.problem]
    assert found[4] == Finding(
        check="probes and scrapes are left out",
        note="2 of 2 series have none of the labels route, path, endpoint, exported_endpoint, url, uri,"
        " handler: the expected number of probes and scrapes is subtracted from them",
        remedy="for an exact count name the label with the path in canary.metrics.pathLabels",
    )


@pytest.mark.parametrize("every", [5, 10, 15, 16])
def test_scrapes_that_are_often_enough(every: int) -> None:
    assert not [finding for finding in findings(scraped(GOOD, every=every, times=30)) if finding.problem]


@pytest.mark.parametrize(("every", "least"), [(20, 40), (30, 60), (60, 120)])
def test_scrapes_that_are_too_few(every: int, least: int) -> None:
    assert problem(findings(scraped(GOOD, every=every, times=10))) == Finding(
        check="two scrapes in an interval",
        problem=f"Prometheus reads the pods every {every} s, so an interval of 30 s has fewer than two"
        " scrapes",
        remedy=f"set canary.intervalSeconds to at least {least}, or scrape them at least every 15 s",
    )


@pytest.mark.parametrize("every", [15, 20])
def test_pods_that_are_new_are_judged_by_their_own_scrapes(every: int) -> None:
    found = findings(scraped(GOOD, every=every, times=3))
    assert bool([finding for finding in found if finding.problem]) == (every == 20)


def test_pods_that_were_read_once() -> None:
    assert problem(findings(scraped(GOOD, times=1))) == Finding(
        check="two scrapes in an interval",
        problem="within 120 s no pod was read twice by Prometheus",
        remedy="wait if the pods are new; else scrape them at least every 15 s, or set canary.intervalSeconds"
        " to more than twice the scrape interval",
        transient=True,
    )


def test_buckets_that_end_below_the_limit() -> None:
    exposed = [*requests(), *histogram("0.1", "0.25", "+Inf")]
    assert problem(findings(scraped(exposed))) == Finding(
        check="latency can be judged",
        problem=f"the largest bucket of {LATENCY} ends at 250 ms, and the limit is 500 ms: whether an answer"
        " is slower cannot be told",
        remedy="add a bucket that ends at 500 ms or above, set canary.maxP99Milliseconds to at most 250, or"
        " set canary.maxP99Milliseconds 0, which leaves latency out",
    )


def test_a_limit_between_two_buckets_is_noted() -> None:
    found = findings(scraped([*requests(), *histogram("0.25", "1.0", "+Inf")]))
    assert found[-1] == Finding(
        check="latency can be judged",
        note="no bucket ends at 500 ms; answers between 250 and 1000 ms may be on either side",
        remedy="set canary.maxP99Milliseconds to 250 or 1000, or add a bucket that ends there",
    )


def test_buckets_in_milliseconds() -> None:
    found = findings(scraped([*requests(), *histogram("100", "5e2", "+Inf")]), names(unit="milliseconds"))
    assert found == [Finding(check=check) for check in CHECKS]


def test_latency_that_is_left_out_is_not_asked_for() -> None:
    found = findings(scraped(requests()), limit_milliseconds=0)
    assert found == [Finding(check=check) for check in CHECKS[:-1]]


def test_a_native_histogram_will_do() -> None:
    prometheus = scraped(requests())
    for pod in PODS:
        labels = {"__name__": LATENCY, "pod": pod, "route": "/"} | TARGET
        counter = {"__name__": "http_requests_total", "status": "200", "instance": f"{pod}:8080"} | labels
        counter["__name__"] = "http_requests_total"
        prometheus.scrape({frozenset(labels.items()): (0.1, 0.2), frozenset(counter.items()): 1.0})
    found = findings(prometheus)
    assert found[-1] == Finding(check="latency can be judged", note=f"{LATENCY} is a native histogram")


def test_a_summary_will_not_do() -> None:
    exposed = [*requests(), (LATENCY, {"quantile": "0.99"})]
    assert problem(findings(scraped(exposed))) == Finding(
        check="latency can be judged",
        problem=f"{LATENCY} is no histogram; quantiles of pods cannot be added up",
        remedy="make it a histogram, or set canary.maxP99Milliseconds 0, which leaves latency out",
    )


def test_another_histogram_is_named() -> None:
    exposed = [*requests(), *histogram("0.5", name="acme_seconds")]
    assert problem(findings(scraped(exposed))) == Finding(
        check="latency can be judged",
        problem=f"no series {LATENCY}_bucket with {PLACE}; the pods have acme_seconds",
        remedy="set canary.metrics.latency to a histogram of latency, or set canary.maxP99Milliseconds 0,"
        " which leaves latency out",
    )


QUERY = 'max(lag{pod=~"$canary",namespace="$namespace"})'
FILLED = 'max(lag{pod=~"shop-6d4c-[a-z0-9]+",namespace="team"})'


@pytest.mark.parametrize(
    ("answer", "finding"),
    [
        ([({}, 3.0)], Finding(check="query lag")),
        (
            [],
            Finding(
                check="query lag",
                note="canary.queries.lag has no value now; a sample without one is unmeasured",
            ),
        ),
        (
            [({}, float("nan"))],
            Finding(
                check="query lag",
                note="canary.queries.lag has no value now; a sample without one is unmeasured",
            ),
        ),
        (
            [({"pod": "a"}, 3.0), ({"pod": "b"}, 4.0)],
            Finding(
                check="query lag",
                problem="canary.queries.lag has 2 values, and has to have one",
                remedy="put sum(…) or max(…) around it",
            ),
        ),
        (
            RefusedError("Prometheus: parse error"),
            Finding(
                check="query lag",
                problem="Prometheus: parse error",
                remedy=f"correct canary.queries.lag: {FILLED}",
            ),
        ),
        (
            PrometheusError("Prometheus: query timed out"),
            Finding(check="query lag", problem="Prometheus: query timed out", transient=True),
        ),
    ],
)
def test_a_query_of_the_user_is_tried(answer: Any, finding: Finding) -> None:
    prometheus = scraped(GOOD)
    prometheus.answers[FILLED] = answer
    assert findings(prometheus, queries={"lag": f"{QUERY} <= 100"})[-1] == finding


def test_a_query_gets_the_pods_of_a_canary_that_is_there() -> None:
    prometheus = scraped(GOOD)
    prometheus.answers[FILLED.replace("shop-", "shop-canary-")] = [({}, 3.0)]
    found = findings(prometheus, queries={"lag": f"{QUERY} <= 100"}, canary=["shop-canary-6d4c-z"])
    assert found[-1] == Finding(check="query lag")


def test_a_query_is_tried_also_where_requests_are_not_counted() -> None:
    prometheus = scraped([("go_goroutines", {})])
    prometheus.answers["lag"] = [({}, 1.0), ({}, 2.0)]
    found = findings(prometheus, queries={"lag": "lag < 1"})
    assert [finding.check for finding in found if finding.problem] == ["requests are counted", "query lag"]
