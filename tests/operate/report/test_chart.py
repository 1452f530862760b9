"""Charts: every sample is where its time and value say, and axes have round marks."""

import re
from xml.etree import ElementTree

import pytest

from components.operate.figures import bound
from components.operate.report.axes import time_marks, value_marks
from components.operate.report.chart import Chart
from tests.support.trials import sample


def drawn(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text)  # noqa: S314 our own


def path(group: ElementTree.Element) -> str:
    found = group.find("path")
    return "" if found is None else str(found.get("d"))


POINTS = [sample(1), sample(2), sample(3), sample(4)]


def test_a_line_goes_from_left_to_right_and_up() -> None:
    chart = Chart(POINTS, 40, bound)
    group = drawn(chart.line("canary", [0, 10, 20, 40]))
    assert group.get("class") == "track canary"
    assert path(group) == "M158.5 190.0L255.0 146.0L351.5 102.0L448.0 14.0"
    dots = [(dot.get("cx"), dot.get("cy")) for dot in group.findall("circle")]
    assert dots == [("158.5", "190"), ("255", "146"), ("351.5", "102"), ("448", "14")]


def test_a_line_is_broken_where_there_is_no_data() -> None:
    chart = Chart(POINTS, 40, bound)
    group = drawn(chart.line("canary", [0, None, 20, 40]))
    assert path(group) == "M351.5 102.0L448.0 14.0"
    assert len(group.findall("circle")) == 3
    assert list(drawn(chart.line("canary", [None] * 4))) == []


def test_of_many_samples_only_those_alone_have_dots() -> None:
    points = [sample(number) for number in range(1, 121)]
    values: list[float | None] = [1.0] * 120
    assert drawn(Chart(points, 1, bound).line("canary", values)).findall("circle") == []
    values[58] = values[60] = None
    assert len(drawn(Chart(points, 1, bound).line("canary", values)).findall("circle")) == 1


def test_steps_hold_over_the_interval_that_ends_with_the_sample() -> None:
    group = drawn(Chart(POINTS, 40, bound).steps("canary", [20, 20, 40, 40]))
    assert path(group) == "M62.0 102.0V102.0H158.5V102.0H255.0V14.0H351.5V14.0H448.0"


def test_samples_that_did_not_pass_are_bands() -> None:
    points = [sample(1), sample(2, outcome="fail"), sample(3, outcome="unmeasured"), sample(4)]
    bands = drawn(Chart(points, 1, bound).svg("Errors", "Some.")).findall("rect")
    assert [(band.get("class"), band.get("x"), band.get("width")) for band in bands] == [
        ("band fail", "158.5", "96.5"),
        ("band unmeasured", "255", "96.5"),
    ]


@pytest.mark.parametrize(("value", "below"), [(1, False), (40, True)])
def test_a_limit_is_named_where_there_is_room(value: float, below: bool) -> None:
    line, name = drawn(Chart(POINTS, 40, bound).limit(value, "limit"))
    assert name.text == "limit"
    assert (float(str(name.get("y"))) > float(str(line.get("y1")))) is below


def test_a_trial_without_samples_has_axes() -> None:
    chart = Chart([], 0, bound)
    assert re.findall(r">([^<]+)</text>", chart.svg("Errors", "None.")) == ["0 %", "1 %", "0 s", "1 s"]
    assert list(drawn(chart.steps("canary", []))) == []


@pytest.mark.parametrize(
    ("top", "marks"),
    [
        (1, [0, 0.25, 0.5, 0.75, 1]),
        (0.05, [0, 0.02, 0.04, 0.06]),
        (34, [0, 10, 20, 30, 40]),
        (100, [0, 25, 50, 75, 100]),
        (1250, [0, 500, 1000, 1500]),
        (0, [0, 1]),
    ],
)
def test_values_have_round_marks(top: float, marks: list[float]) -> None:
    assert value_marks(top) == pytest.approx(marks)


@pytest.mark.parametrize(
    ("end", "marks"),
    [
        (40, [0, 10, 20, 30, 40]),
        (90, [0, 30, 60, 90]),
        (1800, [0, 600, 1200, 1800]),
        (1, [0, 1]),
        (10**6, [0, 250000, 500000, 750000, 1000000]),
    ],
)
def test_times_have_round_marks(end: int, marks: list[int]) -> None:
    assert time_marks(end) == marks
