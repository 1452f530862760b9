"""How a trial went: charts of both tracks, and their samples as a table."""

from ...cluster import Point, TrackPoint, TrialPoints
from ..figures import bound, count, duration, latency, percent
from ..measures import Measure, measures, scale
from .chart import Chart
from .markup import Markup, join, tag

_TRACK_COLUMNS = ("requests", "errors", "p99", "too slow")
_OUTCOMES = {"pass": "passed", "fail": "failed", "unmeasured": "no verdict"}


def trial_section(trial: TrialPoints) -> Markup:
    """Legend, charts, and the table they were drawn from."""
    charts = [_chart(trial, measure) for measure in measures(trial)]
    return join(
        _legend(trial),
        tag("div", *charts, _shares(trial), _requests(trial), class_="charts"),
        tag("details", tag("summary", f"All samples as a table ({len(trial.points)})"), _samples(trial)),
    )


def _legend(trial: TrialPoints) -> Markup:
    outcomes = {point.outcome for point in trial.points}
    entries = {
        "canary": "canary, the new version",
        "stable": "stable, the version before",
        "limit": "limit of the canary",
        **({"fail": "sample failed"} if "fail" in outcomes else {}),
        **({"unmeasured": "sample without a verdict"} if "unmeasured" in outcomes else {}),
    }
    # The marks are drawn by the style alone.
    return tag(
        "ul",
        *(tag("li", tag("i", aria_hidden="true"), text, class_=name) for name, text in entries.items()),
        class_="legend",
    )


def _chart(trial: TrialPoints, measure: Measure) -> Markup:
    tracks = _tracks(trial)
    canary, stable = ([measure.value(point) for point in track] for track in tracks)
    chart = Chart(trial.points, scale(measure, tracks), measure.mark)
    highest = f"{_highest(measure, 'Canary', canary)}; {_highest(measure, 'stable', stable)}"
    text = f"{highest}; limit {measure.limit_figure}."
    picture = chart.svg(
        measure.title,
        text,
        chart.line("stable", stable),
        chart.line("canary", canary),
        chart.limit(measure.limit, f"limit {measure.limit_figure}"),
    )
    return _figure(measure.title, text, picture)


def _shares(trial: TrialPoints) -> Markup:
    shares = [point.share for point in trial.points]
    chart = Chart(trial.points, max(shares, default=0), bound)
    text = f"At most {max(shares, default=0):.0f} % of the pods that took traffic were the canary's."
    title = "Share of the canary in the pods"
    return _figure(title, text, chart.svg(title, text, chart.steps("canary", shares)))


def _requests(trial: TrialPoints) -> Markup:
    """How much the samples rest on."""
    canary, stable = ([track.requests for track in tracks] for tracks in _tracks(trial))
    totals = [sum(number or 0 for number in numbers) for numbers in (canary, stable)]
    chart = Chart(trial.points, max(number or 0 for number in (*canary, *stable)), count)
    title = "Answers in each sample"
    text = f"Canary {count(totals[0])} in all; stable {count(totals[1])}."
    picture = chart.svg(title, text, chart.line("stable", stable), chart.line("canary", canary))
    return _figure(title, text, picture)


def _tracks(trial: TrialPoints) -> tuple[list[TrackPoint], list[TrackPoint]]:
    return [point.canary for point in trial.points], [point.stable for point in trial.points]


def _figure(title: str, text: str, picture: Markup) -> Markup:
    caption = tag("figcaption", tag("h3", title), tag("p", text, class_="quiet"))
    return tag("figure", caption, picture)


def _highest(measure: Measure, name: str, values: list[float | None]) -> str:
    known = [value for value in values if value is not None]
    return f"{name} up to {measure.figure(max(known))}" if known else f"{name} without data"


def _samples(trial: TrialPoints) -> Markup:
    head = tag(
        "tr",
        *(tag("th", text, scope="col", rowspan=2) for text in ("after", "outcome", "share")),
        *(tag("th", name, scope="colgroup", colspan=4) for name in ("canary", "stable")),
        tag("th", "why", scope="col", rowspan=2),
    )
    columns = tag("tr", *(tag("th", text, scope="col") for text in 2 * _TRACK_COLUMNS))
    rows = [tag("tr", *(tag("td", cell) for cell in _row(point))) for point in trial.points]
    shown = tag("table", tag("thead", head, columns), tag("tbody", *rows))
    return tag("div", shown, class_="wide samples", role="region", aria_label="Samples", tabindex="0")


def _row(point: Point) -> list[str]:
    return [
        duration(point.second),
        _OUTCOMES[point.outcome],
        f"{point.share:.0f} %",
        *_cells(point.canary),
        *_cells(point.stable),
        point.reason,
    ]


def _cells(track: TrackPoint) -> list[str]:
    return [
        count(track.requests),
        percent(track.error_percent),
        latency(track.p99_milliseconds),
        percent(track.slow_percent),
    ]
