"""Samples of pods whose probes and scrapes are among the requests."""

import pytest

from components.analysis.counting.probe_account import ProbeAccount
from tests.analysis.sampled_trial import SampledTrial, counts


@pytest.mark.parametrize("path", ["route", "path", "endpoint", "url", "uri", "handler"])
@pytest.mark.parametrize(
    "written", ["/health/live", "GET /health/live", "http://10.0.0.1:80/health/live?x=1"]
)
def test_probes_are_told_by_their_path(path: str, written: str) -> None:
    trial = SampledTrial(canary=4, pod={"path": path})
    trial.begin()

    def probe() -> None:
        for pod in trial.canary:
            pod.answer(6, path=written)
            pod.answer(path="/metrics")

    sample = trial.sample(probe)
    assert counts(sample.canary) == (0, 0)


def test_without_a_path_probes_and_scrapes_are_subtracted() -> None:
    trial = SampledTrial(canary=4, pod={"path": ""})
    trial.expected = {pod.name: 4 for pod in trial.pods}
    trial.begin()

    def probe() -> None:
        for pod in trial.canary:
            pod.answer(2)

    for _ in range(9):
        sample = trial.sample(probe, probe, probe)
        assert counts(sample.canary) == (0, 0)
        assert sample.canary.timed == 0


def test_errors_are_neither_subtracted_nor_diluted() -> None:
    trial = SampledTrial(pod={"path": ""}, paths=())
    trial.expected = {pod.name: 4 for pod in trial.pods}
    trial.begin()

    def answer() -> None:
        trial.canary[0].answer(7)  # 4 probes and 3 scrapes
        trial.canary[0].answer(50, status="500", seconds=2)

    trial.sample(answer)
    sample = trial.sample(answer)
    assert counts(sample.canary) == (50, 50)
    assert (sample.canary.timed, sample.canary.slow) == (50, 50)


def test_an_interval_without_a_scrape_leaves_its_probes_to_the_next() -> None:
    trial = SampledTrial(canary=1, stable=0, pod={"path": ""})
    trial.expected = {trial.canary[0].name: 4}
    trial.begin()
    # Three more, which may have been answered before the trial and scraped within it.
    assert counts(trial.sample(lambda: trial.canary[0].answer(7 + 3)).canary) == (0, 0)
    trial.canary[0].answer(4)
    trial.prometheus.now += 30
    assert counts(trial.take().canary) == (0, 0)
    assert counts(trial.sample(lambda: trial.canary[0].answer(4 + 3 + 5)).canary) == (5, 0)


def test_probes_of_an_interval_that_had_no_sample_are_subtracted_once() -> None:
    trial = SampledTrial(canary=1, stable=0, pod={"path": ""})
    trial.expected = {trial.canary[0].name: 4}
    trial.begin()
    trial.sample(lambda: trial.canary[0].answer(7 + 3))

    def odd() -> None:
        trial.canary[0].answer(7)
        trial.canary[0].answer(status="odd")

    assert "odd" in trial.sample(odd).error
    trial.expected = {trial.canary[0].name: 8}  # since the last sample without an error
    assert counts(trial.sample(lambda: trial.canary[0].answer(7 + 5)).canary) == (5, 0)


def test_the_probes_of_a_gap_are_subtracted_with_its_requests() -> None:
    trial = SampledTrial(canary=1, stable=0, pod={"path": ""})
    trial.expected = {trial.canary[0].name: 4}
    trial.begin()
    trial.sample(lambda: trial.canary[0].answer(7 + 3))
    trial.prometheus.away = "it is away"
    trial.sample(lambda: trial.canary[0].answer(7))
    trial.prometheus.away = ""
    trial.expected = {trial.canary[0].name: 8}
    assert counts(trial.sample(lambda: trial.canary[0].answer(7 + 5)).canary) == (5, 0)


def test_nothing_is_subtracted_from_answers_that_are_all_errors() -> None:
    trial = SampledTrial(pod={"path": ""})
    trial.expected = {pod.name: 4 for pod in trial.pods}
    trial.begin()
    sample = trial.sample(lambda: trial.canary[0].answer(50, status="500"))
    assert counts(sample.canary) == (50, 50)


def test_a_pod_that_does_not_count_probes_owes_those_of_one_interval_at_most() -> None:
    account = ProbeAccount()
    for _ in range(5):
        account.take("a", probes=4, scrapes=3, available=0)
    assert account.take("a", probes=4, scrapes=3, available=100) == 14


def test_a_pod_that_is_not_scraped_owes_all() -> None:
    account = ProbeAccount()
    account.take("a", probes=4, scrapes=3, available=100)
    for _ in range(5):
        account.take("a", probes=4, scrapes=0, available=0)
    assert account.take("a", probes=4, scrapes=3, available=100) == 27


def test_a_pod_without_probes_and_scrapes_owes_nothing() -> None:
    assert ProbeAccount().take("a", probes=0, scrapes=0, available=100) == 0
