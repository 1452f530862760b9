"""Samples of both tracks: what is counted from one to the next."""

from collections.abc import Callable

import pytest

from components.analysis.access.prometheus import PrometheusError
from components.analysis.presets import PRESETS
from components.analysis.samples import Measurement, Sample
from tests.analysis.sampled_trial import SampledTrial, begun, counts


@pytest.fixture
def trial() -> SampledTrial:
    return begun()


def test_each_track_has_the_requests_of_its_pods(trial: SampledTrial) -> None:
    def answer() -> None:
        trial.traffic(95)
        trial.canary[0].answer(5, status="503", seconds=0.7)
        trial.stable[0].answer(10, status="404")
        trial.new("shop-7d9f8b-other").answer(7, status="500")

    sample = trial.sample(answer)
    assert sample.error == ""
    assert (counts(sample.canary), counts(sample.stable)) == ((100, 5), (200, 0))
    assert (sample.canary.timed, sample.canary.slow, sample.canary.slow_at_most) == (100, 5, 5)
    assert (sample.stable.timed, sample.stable.slow) == (200, 0)
    assert sample.canary.p99_seconds == pytest.approx(0.9)
    assert sample.buckets is None


def test_the_next_sample_counts_from_the_last_one(trial: SampledTrial) -> None:
    trial.sample(lambda: trial.traffic(50))
    assert counts(trial.sample(lambda: trial.traffic(20)).canary) == (20, 0)
    assert counts(trial.sample().canary) == (0, 0)


def test_errors_on_new_paths_count(trial: SampledTrial) -> None:
    def answer() -> None:
        trial.traffic(90)
        for number in range(10):
            trial.canary[0].answer(status="500", path=f"/new/{number}", seconds=3)

    for _ in range(3):
        sample = trial.sample(answer)
        assert counts(sample.canary) == (100, 10)
        assert (sample.canary.timed, sample.canary.slow) == (100, 10)


def test_a_burst_of_errors_on_paths_that_had_none_counts_on_old_pods_too(trial: SampledTrial) -> None:
    def burst() -> None:
        for pod in trial.pods:
            pod.answer(40, status="500", path="/broken")

    sample = trial.sample(lambda: trial.traffic(60), burst)
    assert (counts(sample.canary), counts(sample.stable)) == ((100, 40), (200, 80))


def test_a_new_pod_counts_from_its_first_request(trial: SampledTrial) -> None:
    def grow() -> None:
        trial.canary.append(trial.new("shop-canary-5c6d-late"))
        trial.stable.append(trial.new("shop-7d9f8b-late"))
        trial.canary[-1].answer(30, status="500")
        trial.stable[-1].answer(20)

    sample = trial.sample(grow)
    assert (counts(sample.canary), counts(sample.stable)) == ((30, 30), (20, 0))


def test_prometheus_away_is_no_sample_and_the_next_one_covers_the_gap(trial: SampledTrial) -> None:
    trial.prometheus.away = "it is away"
    assert trial.sample(lambda: trial.traffic(10)) == Sample(error="it is away")
    assert trial.sample(lambda: trial.traffic(20)) == Sample(error="it is away")
    trial.prometheus.away = ""
    assert counts(trial.sample(lambda: trial.traffic(30)).canary) == (60, 0)


def test_without_a_baseline_the_next_sample_has_no_data_and_counting_begins() -> None:
    trial = SampledTrial()
    trial.traffic(1000)
    trial.scrape()
    trial.prometheus.away = "it is away"
    with pytest.raises(PrometheusError, match="it is away"):
        trial.begin()
    assert trial.sample() == Sample(error="it is away")
    trial.prometheus.away = ""
    assert trial.sample().error == "Prometheus did not answer when counting was to begin; it begins now"
    assert counts(trial.sample(lambda: trial.traffic(30)).canary) == (30, 0)


def test_what_was_answered_during_a_later_warm_up_does_not_count(trial: SampledTrial) -> None:
    trial.sample(lambda: trial.traffic(10))
    trial.canary[0].answer(50, status="500")
    trial.begin()
    assert counts(trial.sample(lambda: trial.traffic(10)).canary) == (10, 0)


def test_without_series_there_is_no_data(trial: SampledTrial) -> None:
    trial.canary = [trial.new("shop-canary-5c6d-silent")]
    sample = trial.sample(lambda: trial.stable[0].answer(10))
    assert sample.canary == Measurement()
    assert counts(sample.stable) == (10, 0)


def test_nothing_is_taken_out_of_counts_that_hold_no_probes() -> None:
    """As those of a sidecar, which the kubelet does not ask."""
    trial = SampledTrial(paths=(), ignored_paths=(), pod={"path": ""})
    trial.begin()
    trial.expected = {pod.name: 4.0 for pod in trial.pods}
    sample = trial.sample(lambda: trial.traffic(10))
    assert (sample.canary.requests, sample.canary.timed) == (10, 10)


@pytest.mark.parametrize("native", [True, False])
def test_requests_are_counted_by_the_histogram_classic_or_native(native: bool) -> None:
    trial = SampledTrial(requests="http_request_duration_seconds_count", pod={"native": native})
    trial.traffic(1000)
    trial.begin()

    def answer() -> None:
        trial.traffic(90)
        trial.canary[0].answer(10, status="500", path="/new", seconds=0.9)

    sample = trial.sample(answer)
    assert (counts(sample.canary), counts(sample.stable)) == ((100, 10), (180, 0))
    assert (sample.canary.timed, sample.canary.slow) == (100, 10)
    odd = trial.sample(lambda: trial.canary[0].answer(status="?"))
    assert 'is "?", neither a success nor an error' in odd.error


@pytest.mark.parametrize("path", ["/healthcare/claims", "/health-plans", "/metrics-of-sales"])
def test_paths_that_begin_like_a_probes_are_traffic(path: str) -> None:
    trial = begun()
    sample = trial.sample(lambda: trial.canary[0].answer(100, status="500", path=path))
    assert counts(sample.canary) == (100, 100)


@pytest.mark.parametrize(
    "path", ["/health", "/healthz", "/health/ready", "/healthcheck", "/metrics", "GET /health"]
)
def test_usual_paths_of_probes_are_not(path: str) -> None:
    trial = begun()
    sample = trial.sample(lambda: trial.canary[0].answer(100, status="500", path=path))
    assert counts(sample.canary) == (0, 0)


@pytest.mark.parametrize(
    ("pod", "path"),
    [
        ({"path": "", "endpoint": "http"}, "/items"),  # its library has no path
        ({"path": "exported_endpoint", "endpoint": "metrics"}, "/health/live"),  # its library's was renamed
    ],
)
def test_the_name_of_a_port_is_no_path(pod: dict[str, str], path: str) -> None:
    """Prometheus's operator calls it `endpoint`, as some libraries call the path."""
    trial = SampledTrial(pod=pod, paths=PRESETS["default"].paths)
    trial.traffic(1000)
    trial.begin()
    trial.expected = {each.name: 4.0 for each in trial.pods}

    def probes() -> None:
        for each in trial.pods:
            each.answer(2, path=path)

    samples = [trial.sample(probes, probes, probes) for _ in range(3)]
    assert [counts(sample.canary) for sample in samples] == [(0, 0)] * 3
    assert counts(trial.sample(lambda: trial.canary[0].answer(40, status="500")).canary)[1] == 40


def probed() -> tuple[SampledTrial, Callable[[], None]]:
    """Four pods of a canary that nobody asks but the kubelet and Prometheus, whose library has no path."""
    trial = SampledTrial(canary=4, paths=(), pod={"path": ""})

    def probes() -> None:
        for pod in trial.pods:
            pod.answer(3)

    trial.prometheus.now = 1000
    probes()
    trial.begin()
    trial.expected = {pod.name: 6.0 for pod in trial.pods}
    return trial, probes


def test_probes_of_samples_without_data_are_no_traffic_later() -> None:
    trial, probes = probed()
    trial.prometheus.away = "away"
    for number in range(1, 4):
        trial.expected = {pod.name: 6.0 * number for pod in trial.pods}
        assert trial.sample(probes, probes, probes).error
    trial.prometheus.away = ""
    trial.expected = {pod.name: 6.0 * 4 for pod in trial.pods}
    assert counts(trial.sample(probes, probes, probes).canary) == (0, 0)


def test_scrapes_of_a_time_that_was_waited_are_no_traffic() -> None:
    trial, probes = probed()
    for _ in range(24):
        trial.prometheus.now += 10
        probes()
        trial.scrape()
    trial.expected = {pod.name: 6.0 * 9 for pod in trial.pods}
    assert counts(trial.sample(probes, probes, probes).canary) == (0, 0)


def test_what_was_answered_until_now_is_scraped_before_it_counts() -> None:
    """Else the end of the warm-up would be judged, up to one scrape of it."""
    trial = begun()
    trial.prometheus.now += 9
    for pod in trial.canary:
        pod.answer(50, status="500")
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        trial.prometheus.now += seconds
        if len(waited) == 4:
            trial.scrape()

    trial.sampler.wait_for_scrapes(trial.names[0], wait)
    assert waited == [1] * 4
    trial.sampler.begin(*trial.names)
    assert counts(trial.sample(lambda: trial.traffic(20)).canary) == (20, 0)


def test_scrapes_are_waited_for_half_an_interval_at_most() -> None:
    trial = begun()
    trial.prometheus.now += 9
    waited: list[float] = []
    trial.sampler.wait_for_scrapes(trial.names[0], waited.append)
    assert sum(waited) == 15
    trial.prometheus.away = "away"
    trial.sampler.wait_for_scrapes(trial.names[0], waited.append)
    assert sum(waited) == 15
