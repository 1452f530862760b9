"""A trial in a few lines of text."""

from dataclasses import replace

import pytest

from components.cluster import Point, TrackPoint
from components.operate.figures import bound, count, duration, latency, percent
from components.operate.sparklines import sparklines
from tests.support import trials


def test_both_tracks_have_the_same_scale() -> None:
    assert sparklines(trials.BAD) == [
        "errors  canary ▁▁▃█  min 0.0 %, max 34.0 %, limit 1 %",
        "        stable ▁▁▁▁  min 0.0 %, max 0.1 %",
        "p99     canary ▁▁▃█  min 24 ms, max 1.25 s, limit 500 ms",
        "        stable ▁▁▁▁  min 21 ms, max 23 ms",
    ]


def test_the_limit_is_in_the_scale_so_that_little_is_drawn_low() -> None:
    quiet = trials.trial(trials.sample(1, errors=0.1), trials.sample(2, errors=0.5))
    assert sparklines(quiet)[0] == "errors  canary ▂▅  min 0.1 %, max 0.5 %, limit 1 %"


def test_no_data_is_not_drawn_as_zero() -> None:
    errors, _, p99, _ = sparklines(trials.INCONCLUSIVE)
    assert errors == "errors  canary ▁····  min 0.0 %, max 0.0 %, limit 1 %"
    assert p99.startswith("p99     canary ▁····  ")
    nothing = trials.trial(trials.sample(1, errors=None, p99=None))
    assert sparklines(nothing)[0] == "errors  canary ·  no data, limit 1 %"


def test_latency_that_was_left_out_is_not_drawn() -> None:
    assert len(sparklines(replace(trials.GOOD, max_p99_milliseconds=0))) == 2


def test_a_limit_of_nothing_has_a_scale() -> None:
    strict = replace(trials.trial(trials.sample(1)), max_error_percent=0)
    assert sparklines(strict)[0] == "errors  canary ▁  min 0.0 %, max 0.0 %, limit 0 %"


@pytest.mark.parametrize("number", [1, 24, 25, 120])
def test_a_line_fits_80_columns(number: int) -> None:
    wide = TrackPoint(requests=1, error_percent=99.99, p99_milliseconds=99_999)
    point = Point(second=10, outcome="fail", share=25, canary=wide, stable=wide)
    long = replace(trials.trial(*[point] * number), max_error_percent=33.33, max_p99_milliseconds=60_000)
    assert max(map(len, sparklines(long))) <= 80


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (percent(None), "no data"),
        (percent(0), "0.0 %"),
        (percent(0.04), "0.04 %"),
        (percent(12.34), "12.3 %"),
        (bound(1), "1 %"),
        (bound(0.5), "0.5 %"),
        (latency(None), "no data"),
        (latency(0), "0 ms"),
        (latency(0.25), "0.25 ms"),
        (latency(12.6), "13 ms"),
        (latency(999.9), "1000 ms"),
        (latency(1500), "1.5 s"),
        (count(None), "no data"),
        (count(1234), "1,234"),
        (duration(0), "0 s"),
        (duration(90), "1 min 30 s"),
        (duration(3600), "1 h"),
    ],
)
def test_figures(said: str, expected: str) -> None:
    assert said == expected
