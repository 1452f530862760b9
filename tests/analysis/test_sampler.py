"""A sample of both tracks, from a Prometheus that answers this and that."""

import math
from collections.abc import Callable

import pytest

from components.analysis.prometheus import PrometheusError
from components.analysis.sampler import Sampler
from components.analysis.samples import Check, Measurement, Sample

Series = list[tuple[dict[str, str], float]]
CANARY, STABLE = ["c-1"], ["s-1", "s-2"]
COUNTS: Series = [
    ({"pod": "c-1", "status": "200"}, 95.0),
    ({"pod": "c-1", "status": "503"}, 5.0),
    ({"pod": "s-1", "status": "200"}, 400.0),
    ({"pod": "s-2", "status": "404"}, 500.0),
    ({"pod": "other", "status": "500"}, 7.0),
]


def sampled(answer: Callable[[str], Series], **queries: str) -> Sample:
    return Sampler(ask=answer, namespace="shop", seconds=30, queries=queries).sample(CANARY, STABLE)


def answering(
    counts: Series = COUNTS, latency: Series | None = None, own: Series | None = None
) -> Callable[[str], Series]:
    def answer(query: str) -> Series:
        if query.startswith("sum by (pod, status)"):
            return counts
        if query.startswith("histogram_quantile"):
            return [({}, 0.02 if 'pod=~"c-1"' in query else 0.03)] if latency is None else latency
        return own or []

    return answer


def test_each_track_has_the_requests_of_its_pods() -> None:
    assert sampled(answering()) == Sample(
        canary=Measurement(requests=100.0, errors=5.0, p99_seconds=0.02),
        stable=Measurement(requests=900.0, errors=0.0, p99_seconds=0.03),
    )


def test_without_series_there_is_no_track() -> None:
    assert sampled(answering(counts=[])) == Sample()


def test_a_track_without_series_is_not_asked_for_its_latency() -> None:
    def answer(query: str) -> Series:
        assert "c-1" not in query or "histogram" not in query
        return answering(counts=COUNTS[2:])(query)

    assert sampled(answer).canary == Measurement()


@pytest.mark.parametrize("latency", [[], [({}, math.nan)], [({}, math.inf)]])
def test_latency_may_be_missing(latency: Series) -> None:
    assert sampled(answering(latency=latency)).canary == Measurement(requests=100.0, errors=5.0)


def test_a_count_that_is_no_number_is_not_known() -> None:
    sample = sampled(answering(counts=[({"pod": "c-1", "status": "500"}, math.nan), *COUNTS]))
    assert sample.canary == Measurement(p99_seconds=0.02)
    assert sample.stable.requests == 900.0


def test_a_series_without_a_status_counts_as_a_request() -> None:
    assert sampled(answering(counts=[({"pod": "c-1"}, 3.0)])).canary.requests == 3.0


def test_a_query_of_the_users_own() -> None:
    assert sampled(answering(own=[({}, 12.0)]), depth="max(depth) <= 10").checks == (
        Check(name="depth", comparison="<=", bound=10.0, value=12.0),
    )


@pytest.mark.parametrize("own", [[], [({}, math.nan)], [({}, -math.inf)]])
def test_a_query_of_the_users_own_without_a_number(own: Series) -> None:
    (check,) = sampled(answering(own=own), depth="max(depth) <= 10").checks
    assert check.value is None


def test_a_query_of_the_users_own_with_several_values_says_nothing() -> None:
    sample = sampled(answering(own=[({"pod": "a"}, 1.0), ({"pod": "b"}, 2.0)]), depth="depth <= 10")
    assert sample == Sample(error="query depth has 2 values; make them one by sum() or max()")


def test_a_query_of_the_users_own_is_filled_in() -> None:
    asked: list[str] = []

    def answer(query: str) -> Series:
        asked.append(query)
        return answering()(query)

    sampled(answer, depth='max(depth{pod=~"$canary|$stable"}[$window]) <= 10')
    assert 'max(depth{pod=~"c-1|s-1|s-2"}[30s])' in asked


@pytest.mark.parametrize("failing", ["sum by", "histogram", "max(depth)"])
def test_one_query_that_fails_is_no_sample(failing: str) -> None:
    def answer(query: str) -> Series:
        if query.startswith(failing):
            raise PrometheusError("it is away")
        return answering()(query)

    assert sampled(answer, depth="max(depth) <= 10") == Sample(error="it is away")
