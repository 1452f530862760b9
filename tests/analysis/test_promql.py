"""Queries: what Prometheus is asked, and which of a user's own are understood."""

import pytest

from components.analysis.promql import UserQuery, filled, p99, parse_query, requests


def test_requests_are_counted_by_pod_and_status_without_probes() -> None:
    assert requests("shop", ["b-1", "a-1"], 30) == (
        'sum by (pod, status) (increase(http_requests_total{namespace="shop",pod=~"a-1|b-1",'
        'route!~"([A-Z]+ )?/(health.*|metrics)"}[30s]))'
    )


def test_latency_is_one_number_for_all_pods() -> None:
    assert p99("shop", {"a-1"}, 60) == (
        "histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket"
        '{namespace="shop",pod=~"a-1",route!~"([A-Z]+ )?/(health.*|metrics)"}[60s])))'
    )


UNDERSTOOD = {
    "max(queue_depth) <= 100": ("max(queue_depth)", "<=", 100.0),
    "max(queue_depth)<=100": ("max(queue_depth)", "<=", 100.0),
    "min(up)  >= 1 ": ("min(up)", ">=", 1.0),
    "sum(a) < 1.5": ("sum(a)", "<", 1.5),
    "sum(a) > -2e-3": ("sum(a)", ">", -0.002),
    "count(up < 1) <= 0": ("count(up < 1)", "<=", 0.0),
    "sum(\n  a\n) <= 3": ("sum(   a )", "<=", 3.0),
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
    assert filled(text, "shop", {"c-2", "c-1"}, {"s-1"}, 30) == (
        'max(depth{namespace="shop",pod=~"c-1|c-2"}[30s]) / max(depth{pod=~"s-1"})'
    )


def test_nothing_else_is() -> None:
    assert filled("a{b=~'x$'} $canaries $other", "shop", ["c"], ["s"], 30) == "a{b=~'x$'} $canaries $other"
