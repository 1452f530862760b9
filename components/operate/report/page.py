"""The report as one HTML page that needs nothing else: no script, no font, no network."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from ...cluster import PastRelease, Tracks, Verdict
from ..console import short_digest
from ..figures import duration
from .last_release import LastRelease
from .markup import Markup, table, tag, void
from .style import STYLE
from .trial_section import trial_section

# Nothing is loaded, whatever slips into the page.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_MARKS: dict[Verdict, tuple[str, str]] = {
    "promoted": ("good", "✓"),
    "untried": ("plain", "→"),
    "rolled back": ("bad", "✕"),
    "not started": ("warn", "?"),
    "interrupted": ("warn", "!"),
    "overtaken": ("warn", "!"),
}


class _Verdict(NamedTuple):
    """A verdict as it is shown: class of the style, mark, words, and reason."""

    kind: str
    mark: str
    text: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Report:
    """What the page says."""

    service: str
    """Name of the service."""
    place: str
    """Where it runs: namespace, stack, strategy."""
    tracks: Tracks
    """What runs now."""
    last: LastRelease
    """The last release."""
    history: Sequence[PastRelease]
    """All releases that the cluster remembers, newest first."""
    read: datetime
    """When the cluster was read, UTC."""


def page(report: Report) -> str:
    """The page as text."""
    last = report.last
    title = f"{report.service} {_name(last.release)}: {_verdict(last).text}"
    head = tag(
        "head",
        void("meta", charset="utf-8"),
        void("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        void("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", title),
        tag("style", Markup(STYLE)),
    )
    body = tag(
        "main",
        _header(report),
        _section("How it went", _trial(last)),
        _section("What changed", _changes(last)),
        _section("Timeline", _timeline(last)),
        _section("Releases that the cluster remembers", _history(report.history)),
        tag("footer", f"Read from the cluster on {report.read:%Y-%m-%d at %H:%M:%S} UTC. All times are UTC."),
    )
    return f"<!doctype html>\n{tag('html', head, tag('body', body), lang='en')}\n"


def _header(report: Report) -> Markup:
    last = report.last
    verdict = _verdict(last)
    badge = tag("span", f"{verdict.mark} {verdict.text}", class_=f"verdict {verdict.kind}")
    facts = {
        "Serves now": _running(report.tracks),
        "Before it": _name(last.before) if last.before else "no release",
        "Trial took": duration(last.record.seconds) if last.record and last.record.seconds else "no trial",
    }
    return tag(
        "header",
        tag("p", report.place, class_="place"),
        tag("h1", f"{report.service} {_name(last.release)} ", badge),
        tag("p", verdict.reason, class_="reason"),
        tag("dl", *(tag("div", tag("dt", term), tag("dd", fact)) for term, fact in facts.items())),
    )


def _verdict(last: LastRelease) -> _Verdict:
    record = last.record
    if record is None:
        if last.came_up:
            return _Verdict("good", "✓", "serves", "It came up on all pods, without a trial.")
        return _Verdict("plain", "·", "no verdict", "Not all of its pods run yet, and nothing was recorded.")
    if record.verdict == "rolled back" and record.reason.startswith("inconclusive"):
        return _Verdict("warn", "?", "rolled back, inconclusive", record.reason)
    return _Verdict(*_MARKS[record.verdict], record.verdict, record.reason)


def _running(tracks: Tracks) -> str:
    found = [(track.release.name, track.count) for track in (tracks.stable,) if track]
    # Between trials the canary has none.
    found += [(f"canary {t.release.name}", t.count) for t in (tracks.canary,) if t and (t.replicas or t.pods)]
    return "; ".join(f"{name}, {count}" for name, count in found)


def _trial(last: LastRelease) -> Markup:
    if last.trial and last.trial.points:
        return trial_section(last.trial)
    if last.record and last.record.seconds and last.record.verdict != "untried":
        return tag("p", "The trial ended before its first sample, or its samples were not recorded.")
    return tag("p", "There was no trial of this release, so there are no samples. The rest is below.")


def _changes(last: LastRelease) -> Markup:
    before, now = last.before, last.release
    if before is None:
        return tag("p", "The cluster remembers no release before it.")
    rows = [
        ["version", before.version or "none", now.version or "none"],
        ["commit", before.commit[:12] or "not known", now.commit[:12] or "not known"],
        ["image", _image(before), _image(now)],
    ]
    same = tag("span", "the same", class_="quiet")
    rows = [[part, old, new if old != new else same] for part, old, new in rows]
    rows += [[tag("code", c.part), c.old or "none", c.new or "none"] for c in last.changes]
    return table(["part", "before", "after"], rows, label="What changed", class_="changes")


def _image(release: PastRelease) -> str:
    digest = short_digest(release.image)
    return f"{release.image.partition('@')[0]}@sha256:{digest}" if digest else release.image


def _timeline(last: LastRelease) -> Markup:
    moments: list[tuple[str, str]] = [
        (last.release.created, f"first pods of {_name(last.release)} asked for")
    ]
    if last.trial:
        began = datetime.fromisoformat(last.trial.began)
        moments.append((last.trial.began, "the trial began"))
        moments += [
            (f"{began + timedelta(seconds=second):%Y-%m-%dT%H:%M:%SZ}", line)
            for second, line in last.trial.steps
        ]
    if last.came_up:
        moments.append((last.came_up, f"all pods of the stable track run {_name(last.release)}"))
    entries: list[Markup] = []
    day = ""
    # The sort is stable: what happened within a second stays in order.
    for moment, text in sorted(moments, key=lambda entry: entry[0]):
        if moment[:10] != day:
            day = moment[:10]
            entries.append(tag("li", day, class_="day"))
        entries.append(tag("li", tag("time", moment[11:19], datetime=moment), tag("span", text)))
    return tag("ol", *entries, class_="timeline")


def _history(history: Sequence[PastRelease]) -> Markup:
    rows: list[list[str]] = [
        [
            tag("strong", _name(past), " (serves)") if past.current and past.pods else _name(past),
            past.record.text if past.record else "",
            past.created[:16].replace("T", " "),
            tag("code", past.commit[:12]),
            tag("code", short_digest(past.image)),
        ]
        for past in history
    ]
    head = ["version", "verdict", "created", "commit", "digest"]
    return table(head, rows, label="Releases", class_="history")


def _section(title: str, content: Markup) -> Markup:
    return tag("section", tag("h2", title), content)


def _name(release: PastRelease) -> str:
    return release.version or short_digest(release.image)
