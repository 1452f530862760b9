"""Queries of the user's own beside the requests."""

import pytest

from components.analysis.access.prometheus import PrometheusError
from components.analysis.samples import Check
from tests.analysis.sampled_trial import SampledTrial, counts

DEPTH = 'max(depth{pod=~"$canary|$stable"}[$window]) <= 10'
ASKED = 'max(depth{pod=~"shop-canary-5c6d-[a-z0-9]+|shop-7d9f8b-[a-z0-9]+"}[30s])'


@pytest.mark.parametrize(
    ("answer", "value", "error"),
    [
        ([({}, 12.0)], 12.0, ""),
        ([], None, ""),
        ([({}, float("nan"))], None, ""),
        ([({}, float("-inf"))], None, ""),
        (
            [({"pod": "a"}, 1.0), ({"pod": "b"}, 2.0)],
            None,
            "it has 2 values; make them one by sum() or max() in canary.queries.depth",
        ),
        (PrometheusError("Prometheus: parse error"), None, "Prometheus: parse error"),
    ],
)
def test_a_query_of_the_users_own_never_hides_the_requests(
    answer: list[tuple[dict[str, str], float]] | PrometheusError, value: float | None, error: str
) -> None:
    trial = SampledTrial(queries={"depth": DEPTH, "size": "size <= 3"})
    trial.begin()
    trial.prometheus.answers = {ASKED: answer, "size": [({}, 2.0)]}
    sample = trial.sample(lambda: trial.canary[0].answer(100, status="500"))
    assert (sample.error, counts(sample.canary)) == ("", (100, 100))
    assert sample.checks == (
        Check(name="depth", comparison="<=", bound=10.0, value=value, error=error),
        Check(name="size", comparison="<=", bound=3.0, value=2.0),
    )
