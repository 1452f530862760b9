"""Samples of pods that are gone, were not scraped or started again, and of histograms of all kinds."""

import pytest

from components.analysis.counting.snapshot import Reader
from components.analysis.samples import Measurement
from tests.analysis.sampled_trial import METRICS, SampledTrial, begun, counts


@pytest.fixture
def trial() -> SampledTrial:
    return begun()


def test_what_an_old_pod_counted_while_its_scrape_was_missed_is_not_of_this_interval() -> None:
    trial = SampledTrial()
    trial.traffic(1000)
    trial.canary[0].scrape()
    trial.stable[0].scrape()
    trial.sampler.begin(*trial.names)
    sample = trial.sample(lambda: trial.traffic(5))
    assert (counts(sample.canary), counts(sample.stable)) == ((5, 0), (5, 0))
    assert counts(trial.sample(lambda: trial.traffic(5)).stable) == (10, 0)


def test_a_missed_scrape_is_covered_by_the_next_sample(trial: SampledTrial) -> None:
    trial.sample(lambda: trial.traffic(50))
    trial.traffic(30)
    trial.prometheus.now += 30
    for pod in trial.pods:
        pod.miss()
    assert counts(trial.take().canary) == (0, 0)
    assert counts(trial.sample(lambda: trial.traffic(20)).canary) == (50, 0)


def test_a_pod_that_starts_again_counts_from_0(trial: SampledTrial) -> None:
    trial.stable[0].answer(500, path="/only-before", status="500")
    trial.sample()

    def restart() -> None:
        trial.stable[0].restart()
        trial.traffic(30)

    assert counts(trial.sample(restart).stable) == (60, 0)
    assert counts(trial.sample(lambda: trial.traffic(30)).stable) == (60, 0)


def test_a_missed_scrape_brings_nothing_back_from_before_a_pod_started_again(trial: SampledTrial) -> None:
    trial.stable[0].answer(500, path="/only-before", status="500")
    trial.sample()
    trial.stable[0].restart()
    trial.sample(lambda: trial.traffic(20))
    assert counts(trial.sample(lambda: trial.traffic(10), trial.stable[0].miss).stable) == (20, 0)
    trial.stable[0].answer(7)
    trial.prometheus.now += 15
    trial.stable[0].scrape()
    trial.prometheus.now += 15
    trial.stable[0].miss()
    assert counts(trial.take().stable) == (7, 0)
    trial.prometheus.now += 15
    assert counts(trial.take().stable) == (0, 0)


def test_a_pod_that_goes_right_after_a_sample_is_not_read_as_of_before_it(trial: SampledTrial) -> None:
    trial.prometheus.now = 29.5
    trial.traffic(20)
    trial.scrape()
    trial.prometheus.now = 29.8
    assert counts(trial.take().stable) == (40, 0)
    trial.prometheus.now = 29.9
    trial.stable[0].miss()
    trial.prometheus.now = 35
    assert counts(trial.take().stable) == (0, 0)


def test_what_a_pod_answered_before_it_was_evicted_counts(trial: SampledTrial) -> None:
    trial.canary[0].answer(25, status="500", seconds=2)
    trial.canary[0].scrape()
    trial.prometheus.now += 30
    trial.canary[0].miss()
    sample = trial.take()
    assert (counts(sample.canary), sample.canary.slow) == ((25, 25), 25)
    for _ in range(12):
        trial.prometheus.now += 30
        assert trial.take().canary.requests in {0, None}


def test_a_latency_beyond_the_largest_bucket_may_be_above_the_limit() -> None:
    trial = SampledTrial(pod={"bounds": (0.1, 0.25)})
    trial.begin()
    sample = trial.sample(lambda: trial.canary[0].answer(100, seconds=5))
    assert (sample.canary.timed, sample.canary.slow, sample.canary.slow_at_most) == (100, 0, 100)
    assert sample.buckets == (0.25, float("inf"))


def test_latency_may_be_left_out() -> None:
    trial = SampledTrial(limit=0)
    trial.begin()
    sample = trial.sample(lambda: trial.traffic(10))
    assert sample.canary == Measurement(requests=10, errors=0)
    assert not any("duration" in query for query in trial.prometheus.asked)


def test_latency_may_be_in_milliseconds() -> None:
    trial = SampledTrial(unit="milliseconds", pod={"bounds": (250, 500, 1000)})
    trial.begin()
    sample = trial.sample(lambda: trial.canary[0].answer(10, seconds=700))
    assert (sample.canary.timed, sample.canary.slow, sample.canary.slow_at_most) == (10, 10, 10)
    assert sample.canary.p99_seconds == pytest.approx(0.995)


@pytest.mark.parametrize(("unit", "slow"), [("seconds", 0.7), ("milliseconds", 700)])
def test_latency_may_be_in_native_histograms(unit: str, slow: float) -> None:
    trial = SampledTrial(unit=unit, pod={"native": True})
    trial.traffic(1000)
    trial.begin()

    def answer() -> None:
        trial.traffic(95)
        trial.canary[0].answer(5, seconds=slow)
        trial.canary[0].answer(50, path="/health/live")

    sample = trial.sample(answer)
    assert (sample.canary.timed, sample.canary.slow, sample.canary.slow_at_most) == (100, 5, 5)
    assert (sample.stable.timed, sample.stable.slow) == (190, 0)
    assert sample.buckets is None


@pytest.mark.parametrize(
    ("le", "seconds"), [("0.5", 0.5), ("5e-1", 0.5), ("1.0", 1.0), ("+Inf", float("inf"))]
)
def test_a_bound_is_a_number_however_it_is_written(le: str, seconds: float) -> None:
    def answer(query: str) -> list[tuple[dict[str, str], float]]:
        return [({"pod": "c-1", "le": le}, 3.0)] if "_bucket" in query else []

    reader = Reader(ask=answer, metrics=METRICS, namespace="shop", limit_milliseconds=500)
    assert reader.snapshot(["c-1"], 30, 0).buckets == {("c-1", seconds): 3.0}
