"""Presets, against what each library exposes; tests/exposition says how that was recorded."""

import re
from collections import Counter
from dataclasses import replace

import pytest

from components.analysis.counting.statuses import Kind, kind_of
from components.analysis.metrics import MetricNames
from components.analysis.presets import PRESETS
from components.analysis.promql import matchers
from tests.support.exposition import Series, parse, selected
from tests.support.stack_config import ROOT

EXPOSITIONS = ROOT / "tests/exposition"
NAMES = sorted(PRESETS)

# How many of the two requests whose client went away are among the requests. Otherwise both: the handler
# wrote nothing, and the status of nothing is 200.
GONE = {"default": 0, "go-chi": 0, "istio": 0, "linkerd": 0, "grpc": 0}
# Libraries without a label for the path: probes and scrapes are among the requests, to be subtracted.
NOT_APART = ("promhttp",)
# Requests without a route are not counted at all.
UNROUTED = {"fiber": 0}
# Bounds around 500 ms, of those that have none at it.
NO_BOUND = {"gin-metrics": (0.3, 1.2)}


def exposed(name: str) -> list[Series]:
    """The series with the labels that a scrape adds."""
    text = (EXPOSITIONS / f"{name}.txt").read_text()
    scraped = {"namespace": "shop", "pod": "sample-7d9f8b-x2x4z"}
    return [replace(one, labels=one.labels | scraped) for one in parse(text)]


def sent(name: str) -> dict[str, int]:
    """What the second line of the exposition says."""
    line = (EXPOSITIONS / f"{name}.txt").read_text().splitlines()[1]
    assert line.startswith("# sent: ")
    return {word: int(count) for word, count in re.findall(r"(\w+)=(\d+)", line)}


def traffic(names: MetricNames) -> str:
    return matchers(names, "shop", ["sample-7d9f8b-x2x4z"])


def counted(names: MetricNames, series: list[Series]) -> Counter[Kind]:
    """Requests by what their status means."""
    count: Counter[Kind] = Counter()
    for one in selected(series, names.requests, traffic(names)):
        count[kind_of(one.labels.get(names.status, ""), names)] += int(one.value)
    return count


def bounds(names: MetricNames, series: list[Series]) -> list[float]:
    found = {float(one.labels["le"]) for one in selected(series, f"{names.latency}_bucket", traffic(names))}
    return sorted(bound / (1000 if names.unit == "milliseconds" else 1) for bound in found)


def slower_than(names: MetricNames, series: list[Series], bound: float) -> int:
    """Answers above a bound, in seconds."""
    unit = 1000 if names.unit == "milliseconds" else 1
    buckets = list(selected(series, f"{names.latency}_bucket", traffic(names)))
    within = sum(one.value for one in buckets if float(one.labels["le"]) / unit == bound)
    return int(sum(one.value for one in buckets if one.labels["le"] == "+Inf") - within)


def test_every_preset_has_an_exposition_that_says_where_it_is_from() -> None:
    assert sorted(file.stem for file in EXPOSITIONS.glob("*.txt")) == NAMES
    for name in NAMES:
        first = (EXPOSITIONS / f"{name}.txt").read_text().splitlines()[0]
        by_hand = first.startswith("# written by ") and first.endswith("; not recorded")
        assert first.startswith("# recorded: ") != by_hand
        assert by_hand == (name in ("istio", "linkerd"))


def test_what_is_recorded_is_of_the_versions_that_are_pinned() -> None:
    """A newer version is recorded anew."""
    pins = "".join(file.read_text() for file in EXPOSITIONS.glob("*/go.mod"))
    for name in set(NAMES) - {"default", "istio", "linkerd"}:
        module = (EXPOSITIONS / f"{name}.txt").read_text().splitlines()[0].removeprefix("# recorded: ")
        assert f"\t{module}\n" in pins


@pytest.mark.parametrize("name", [name for name in NAMES if name != "grpc"])
def test_the_requests_are_those_that_were_sent(name: str) -> None:
    had, names = sent(name), PRESETS[name]
    count = counted(names, exposed(name))
    probes = had["health"] + had["scrapes"] if name in NOT_APART else 0
    unrouted = UNROUTED.get(name, had["unrouted"])
    assert count["unknown"] == 0
    assert count["error"] == had["500"] == 3
    assert count["success"] == had["200"] + had["404"] + unrouted + GONE.get(name, had["gone"]) + probes


def test_grpc_has_all_17_codes_and_the_servers_faults_among_them() -> None:
    names = PRESETS["grpc"]
    codes: dict[Kind, set[str]] = {"error": set(), "success": set(), "ignored": set(), "unknown": set()}
    for one in selected(exposed("grpc"), names.requests, traffic(names)):
        codes[kind_of(one.labels["grpc_code"], names)].add(one.labels["grpc_code"])
    faults = {"Unknown", "DeadlineExceeded", "Unimplemented", "Internal", "Unavailable", "DataLoss"}
    assert codes["error"] == faults
    assert codes["ignored"] == {"Canceled"}
    assert len(codes["success"]) == 17 - len(faults) - 1
    assert codes["unknown"] == set()
    # Canceled once as an answer, and for the two clients that went away.
    assert counted(names, exposed("grpc")) == {"success": 15, "error": 6, "ignored": 3}


@pytest.mark.parametrize("name", [name for name in NAMES if name not in NOT_APART])
def test_probes_and_scrapes_are_left_out_by_their_path(name: str) -> None:
    names, series = PRESETS[name], exposed(name)
    everything = counted(replace(names, ignored_paths=(), selector=""), series)
    left = {of: everything[of] - counted(names, series)[of] for of in everything}
    # The two more of go-chi are clients that went away; errors are a mesh's calls of the service to others.
    # Not all count scrapes.
    expected = {
        "default": {},
        "echo": {"success": 8},
        "fiber": {"success": 6},
        "gin": {"success": 6},
        "gin-metrics": {"success": 6},
        "go-chi": {"success": 8 + 2},
        "grpc": {"success": 6},
        "istio": {"error": 9},
        "linkerd": {"success": 8, "error": 9},
        "otelhttp": {"success": 8},
        "otelhttp-old": {"success": 8},
        "slok": {"success": 8},
    }
    assert {of: count for of, count in left.items() if count} == expected[name]


@pytest.mark.parametrize("name", NOT_APART)
def test_without_a_path_there_is_nothing_to_leave_them_out_by(name: str) -> None:
    names = PRESETS[name]
    for one in selected(exposed(name), names.requests, traffic(names)):
        assert not set(names.paths) & set(one.labels)


@pytest.mark.parametrize("name", NAMES)
def test_the_histogram_tells_answers_slower_than_half_a_second(name: str) -> None:
    names, series = PRESETS[name], exposed(name)
    found = bounds(names, series)
    lower, upper = NO_BOUND.get(name, (0.5, 0.5))
    assert found[-1] == float("inf")
    assert max(bound for bound in found if bound <= 0.5) == lower
    assert min(bound for bound in found if bound >= 0.5) == upper
    slow = 0 if name == "grpc" else 1
    assert slower_than(names, series, lower) == slow


@pytest.mark.parametrize("name", NAMES)
def test_answers_are_counted_and_timed_alike(name: str) -> None:
    names, series = PRESETS[name], exposed(name)
    timed = sum(one.value for one in selected(series, f"{names.latency}_count", traffic(names)))
    # Linkerd does not time an answer that never began.
    untimed = 1 if name == "linkerd" else 0
    assert timed == sum(counted(names, series).values()) - untimed


def test_the_default_knows_the_path_labels_of_libraries() -> None:
    """Whoever sets the names of a library by hand need not set its path label."""
    for name in ("echo", "fiber", "gin", "gin-metrics", "go-chi", "slok"):
        assert set(PRESETS[name].paths) < set(PRESETS["default"].paths)
    assert PRESETS["promhttp"].paths == PRESETS["default"].paths
    assert {"http_requests_total", "status"} == {PRESETS["go-chi"].requests, PRESETS["go-chi"].status}
    # Those whose clients went away are successes then.
    assert counted(PRESETS["default"], exposed("go-chi")) == {"success": 7 + 2 + 1 + 2, "error": 3}


@pytest.mark.parametrize(
    "handler", ["/metrics", "/health/live", "GET /health", "http://shop:80/health?full=1"]
)
def test_a_handler_that_is_named_by_its_path_is_left_out(handler: str) -> None:
    """As in the example of promhttp's middleware."""
    labels = {"namespace": "shop", "pod": "sample-7d9f8b-x2x4z", "code": "200", "method": "get"}
    series = [
        Series(name="http_requests_total", labels=labels | {"handler": path}, value=1)
        for path in (handler, "/items", "/metrics/of/sales")
    ]
    assert counted(PRESETS["promhttp"], series) == {"success": 2}
