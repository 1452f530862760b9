"""What the statuses of requests mean, and samples where that is not known."""

from dataclasses import replace

import pytest

from components.analysis.counting.statuses import Kind, kind_of
from components.analysis.samples import Sample
from tests.analysis.sampled_trial import METRICS, SampledTrial, begun, counts


@pytest.fixture
def trial() -> SampledTrial:
    return begun()


def test_statuses_that_are_ignored_are_no_requests() -> None:
    trial = SampledTrial(ignored="499")
    trial.begin()

    def answer() -> None:
        trial.traffic(10)
        trial.canary[0].answer(7, status="499")

    assert counts(trial.sample(answer).canary) == (10, 0)


@pytest.mark.parametrize("name", ["code", "status_code"])
def test_another_label_for_the_status_is_no_sample(name: str) -> None:
    trial = SampledTrial(pod={"status": name})
    trial.begin()
    sample = trial.sample(lambda: trial.canary[0].answer(100, status="500"))
    labels = ", ".join(sorted([name, "namespace", "pod", "route"]))
    assert sample == Sample(
        error=f"series of http_requests_total have no label status; their labels are {labels}; "
        "set canary.metrics.statusLabel"
    )
    fitting = SampledTrial(pod={"status": name}, status=name)
    fitting.begin()
    assert counts(fitting.sample(lambda: fitting.canary[0].answer(100, status="500")).canary) == (100, 100)


def test_other_words_for_a_status_are_no_sample(trial: SampledTrial) -> None:
    def answer() -> None:
        trial.traffic(10)
        trial.canary[0].answer(3, status="Internal Server Error")
        trial.stable[0].answer(5, status="OK")

    assert trial.sample(answer) == Sample(
        error='label status of http_requests_total is "OK", "Internal Server Error", neither a success nor '
        "an error; their labels are namespace, pod, route, status; set canary.metrics.statusLabel (or "
        "errors, successes, ignored beside it)"
    )
    assert counts(trial.sample(lambda: trial.traffic(10)).canary) == (10, 0)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("200", "success"),
        ("2xx", "success"),
        ("404", "success"),
        ("500", "error"),
        ("5XX", "error"),
        ("503", "ignored"),
        ("499", "ignored"),
        ("OK", "unknown"),
        ("2000", "unknown"),
        ("0", "unknown"),
        ("", "unknown"),
    ],
)
def test_a_status_is_what_its_whole_word_matches(status: str, kind: Kind) -> None:
    assert kind_of(status, replace(METRICS, ignored="499|503")) == kind


def test_a_label_that_is_missing_is_no_success_whatever_matches() -> None:
    assert kind_of("", replace(METRICS, successes=".*", ignored=".*")) == "unknown"
