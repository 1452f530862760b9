"""Queries: what Prometheus is asked, and which of a user's own are understood."""

from dataclasses import replace

import pytest

from components.analysis import promql
from components.analysis.metrics import MetricNames
from components.analysis.presets import PRESETS
from components.analysis.promql import UserQuery, filled, parse_query, pods_pattern

METRICS = MetricNames(
    requests="http_requests_total", latency="http_request_duration_seconds", status="status", paths=("route",)
)
PODS = ["shop-7d9f8b-x2x4z"]
PLACE = 'namespace="shop",pod=~"shop-7d9f8b-[a-z0-9]+"'
TRAFFIC = PLACE + ',route!~"([A-Z]+ )?(https?://[^/]+)?(/health(z|[_-]?checks?)?(/.*)?|/metrics)([?].*)?"'


def test_requests_are_counted_by_pod_and_status_without_probes() -> None:
    expected = f"sum by (pod, status) (http_requests_total{{{TRAFFIC}}})"
    assert promql.requests(METRICS, "shop", PODS) == expected


def test_series_that_nothing_tells_from_probes_have_none_of_the_labels() -> None:
    metrics = replace(METRICS, paths=("route", "url"))
    expected = f'sum by (pod, status) (http_requests_total{{{PLACE},route="",url=""}})'
    assert promql.requests(metrics, "shop", PODS, "untold") == expected


def test_pods_that_are_gone_are_asked_for_as_they_were() -> None:
    expected = f"sum by (pod, status) (http_requests_total{{{TRAFFIC}}} @ 1700000000)"
    assert promql.requests(METRICS, "shop", PODS, at=1_700_000_000) == expected


@pytest.mark.parametrize(("seconds", "step"), [(5, 1), (30, 1), (600, 10)])
def test_when_a_pod_was_last_seen_is_looked_for_in_steps(seconds: int, step: int) -> None:
    assert promql.last_seen(METRICS, "shop", PODS, seconds) == (
        f"max_over_time(timestamp(sum by (pod) (http_requests_total{{{PLACE}}}))[{seconds}s:{step}s])"
    )


def test_latency_is_counted_by_bucket() -> None:
    assert promql.latency(METRICS, "shop", PODS) == (
        f"sum by (pod, le) (http_request_duration_seconds_bucket{{{TRAFFIC}}})"
    )
    assert promql.untold_timed(METRICS, "shop", PODS) == (
        f'sum by (pod) (http_request_duration_seconds_count{{{PLACE},route=""}})'
    )


def test_native_histograms_are_summed_before_they_are_read() -> None:
    histograms = f"sum by (pod) (http_request_duration_seconds{{{TRAFFIC}}})"
    assert promql.native_timed(METRICS, "shop", PODS) == f"histogram_count({histograms})"
    assert promql.native_below(METRICS, "shop", PODS, 0.25) == (
        f"histogram_fraction(0, 0.25, {histograms}) * histogram_count({histograms}) >= 0"
    )


def test_scrapes_are_counted_by_the_samples_of_any_series() -> None:
    assert promql.scrapes(METRICS, "shop", PODS, 30) == (
        f"max by (pod) (count_over_time(http_requests_total{{{PLACE}}}[30s])) or vector(time())"
    )


def test_series_with_an_unknown_status_are_looked_for_by_all_that_are_known() -> None:
    metrics = replace(METRICS, ignored="499", paths=())
    words = "([1-4][0-9][0-9]|[1-4][xX][xX])|(5[0-9][0-9]|5[xX][xX])|(499)"
    expected = f'topk(50, http_requests_total{{{PLACE},status!~"{words}"}})'
    assert promql.unclassified(metrics, "shop", PODS) == expected


def test_names_and_labels_are_those_of_the_metrics() -> None:
    metrics = MetricNames(
        requests="istio_requests_total",
        latency="istio_request_duration_milliseconds",
        status="response_code",
        pod="kubernetes_pod_name",
        namespace="kubernetes_namespace",
        selector='reporter="destination"',
    )
    place = 'kubernetes_namespace="shop",kubernetes_pod_name=~"shop-7d9f8b-[a-z0-9]+",reporter="destination"'
    assert promql.requests(metrics, "shop", PODS) == (
        f"sum by (kubernetes_pod_name, response_code) (istio_requests_total{{{place}}})"
    )
    assert promql.latency(metrics, "shop", PODS) == (
        f"sum by (kubernetes_pod_name, le) (istio_request_duration_milliseconds_bucket{{{place}}})"
    )


def test_patterns_of_the_user_are_escaped_for_a_string() -> None:
    metrics = replace(METRICS, ignored_paths=(r"/a\.b", '/"'))
    assert r"(/a\\.b|/\")" in promql.requests(metrics, "shop", PODS)


def test_without_ignored_paths_nothing_is_left_out() -> None:
    assert promql.matchers(replace(METRICS, ignored_paths=()), "shop", PODS) == PLACE


@pytest.mark.parametrize(
    ("pods", "pattern"),
    [
        (["shop-7d9f8b-x2x4z", "shop-7d9f8b-abcde"], "shop-7d9f8b-[a-z0-9]+"),
        (["shop-canary-5c6d-x", "shop-7d9f8b-y"], "shop-7d9f8b-[a-z0-9]+|shop-canary-5c6d-[a-z0-9]+"),
        (["api.v2-7d9f8b-x2x4z"], "api[.]v2-7d9f8b-[a-z0-9]+"),
        (["alone"], "alone"),
        ([], "-"),
    ],
)
def test_pods_are_matched_by_replica_set(pods: list[str], pattern: str) -> None:
    assert pods_pattern(pods) == pattern


@pytest.mark.parametrize("preset", PRESETS)
def test_300_pods_are_a_short_query(preset: str) -> None:
    pods = [f"a-service-with-a-long-name-7d9f8b6c5d-x{i:04d}" for i in range(280)]
    pods += [f"a-service-with-a-long-name-canary-5c6d7f8b9-x{i:04d}" for i in range(20)]
    metrics = PRESETS[preset]
    asked = [
        promql.requests(metrics, "a-namespace", pods),
        promql.requests(metrics, "a-namespace", pods, "untold", at=1_700_000_000),
        promql.latency(metrics, "a-namespace", pods, at=1_700_000_000),
        promql.last_seen(metrics, "a-namespace", pods, 600),
        promql.scrapes(metrics, "a-namespace", pods, 30),
    ]
    assert max(map(len, asked)) < 1000


UNDERSTOOD = {
    "max(queue_depth) <= 100": ("max(queue_depth)", "<=", 100.0),
    "max(queue_depth)<=100": ("max(queue_depth)", "<=", 100.0),
    "min(up)  >= 1 ": ("min(up)", ">=", 1.0),
    "sum(a) < 1.5": ("sum(a)", "<", 1.5),
    "sum(a) > -2e-3": ("sum(a)", ">", -0.002),
    "count(up < 1) <= 0": ("count(up < 1)", "<=", 0.0),
    "sum(\n  a\n) <= 3": ("sum(\n  a\n)", "<=", 3.0),
    "sum(a) # of all\n/ sum(b) <= 3": ("sum(a) # of all\n/ sum(b)", "<=", 3.0),
}


@pytest.mark.parametrize("text", UNDERSTOOD)
def test_a_query_has_a_bound(text: str) -> None:
    query, comparison, bound = UNDERSTOOD[text]
    assert parse_query(text) == UserQuery(query=query, comparison=comparison, bound=bound)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "max(a)",
        "<= 3",
        "3",
        "a == 3",
        "a != 3",
        "a <=",
        "a <= b",
        "(a <= 3)",
        "a < = 3",
        "a <= 3 s",
        "a <= 1e999",
    ],
)
def test_anything_else_is_no_query_with_a_bound(text: str) -> None:
    assert parse_query(text) is None


def test_what_a_query_may_name_is_filled_in() -> None:
    text = 'max(depth{namespace="$namespace",pod=~"$canary"}[$window]) / max(depth{pod=~"$stable"})'
    assert filled(text, "shop", {"c-1-b", "c-1-a"}, {"s-1-x"}, 30) == (
        'max(depth{namespace="shop",pod=~"c-1-[a-z0-9]+"}[30s]) / max(depth{pod=~"s-1-[a-z0-9]+"})'
    )


def test_nothing_else_is() -> None:
    assert filled("a{b=~'x$'} $canaries $other", "shop", ["c"], ["s"], 30) == "a{b=~'x$'} $canaries $other"
