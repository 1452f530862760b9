"""Presets: what the statuses of HTTP mean."""

import pytest

from components.analysis.counting.statuses import kind_of
from components.analysis.presets import PRESETS

HTTP = sorted(set(PRESETS) - {"grpc", "linkerd"})


@pytest.mark.parametrize("status", ["", "Internal Server Error", "OK", "600", "99", "2xxx", "5"])
@pytest.mark.parametrize("name", HTTP)
def test_other_words_have_no_meaning(name: str, status: str) -> None:
    assert kind_of(status, PRESETS[name]) == "unknown"


@pytest.mark.parametrize("name", HTTP)
def test_every_status_of_http_means_one_thing(name: str) -> None:
    meanings = {status: kind_of(str(status), PRESETS[name]) for status in range(100, 600)}
    assert {status for status, of in meanings.items() if of == "ignored"} == {499}
    assert {status for status, of in meanings.items() if of == "error"} == set(range(500, 600))
    assert "unknown" not in meanings.values()
    assert [kind_of(status, PRESETS[name]) for status in ("2xx", "4XX", "5xx")] == [
        "success",
        "success",
        "error",
    ]


def test_a_client_that_went_away_is_not_taken_for_success_by_proxies() -> None:
    assert kind_of("0", PRESETS["istio"]) == "ignored"
    assert kind_of("0", PRESETS["default"]) == "unknown"
