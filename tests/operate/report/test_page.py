"""The page says how a release went, for every kind of release, and is well formed."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import get_args
from xml.etree import ElementTree

import pytest

from components.cluster import Verdict
from components.operate.report.markup import Markup
from components.operate.report.page import page
from tests.operate.report import cases
from tests.operate.report.cases import CASES, PAGES, past, record, report
from tests.support import trials

VOID = {"meta"}


class Reader(HTMLParser):
    """Checks that every element ends, and collects texts and attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.texts.append(data)


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    return reader


def words(text: str) -> str:
    return " ".join(" ".join(read(text).texts).split())


@pytest.mark.parametrize("case", CASES)
def test_every_page_is_well_formed_and_needs_nothing_else(case: str) -> None:
    reader = read(PAGES[case])
    assert {name for name, _ in reader.attributes} & {"src", "href", "onload", "xlink:href"} == set()
    for forbidden in ("<script", "<link", "<img", "url(", "@import", "http://", "https://"):
        assert forbidden not in PAGES[case]
    assert "default-src 'none'" in PAGES[case].replace("&#x27;", "'")
    # As XML too, but for what HTML does not close.
    body = PAGES[case].partition("<body>")[2].partition("</body>")[0]
    ElementTree.fromstring(body)  # noqa: S314 our own


@pytest.mark.parametrize("case", ["good", "bad", "inconclusive"])
def test_each_picture_has_a_title_and_says_what_it_shows(case: str) -> None:
    pictures = re.findall(r"<svg.*?</svg>", PAGES[case], re.DOTALL)
    assert len(pictures) == 4
    for picture in map(ElementTree.fromstring, pictures):
        assert picture.get("role") == "img"
        first, second = picture[0], picture[1]
        assert (first.tag, second.tag) == ("title", "desc")
        assert picture.get("aria-label") == f"{first.text}. {second.text}"


@pytest.mark.parametrize(
    ("case", "verdict", "reason"),
    [
        ("good", "shop v1.3.0 ✓ promoted", "passed 9 samples"),
        ("bad", "shop v1.3.0 ✕ rolled back", "2 of 4 samples failed: 34.0 % errors, above 1 %"),
        (
            "inconclusive",
            "shop v1.3.0 ? rolled back, inconclusive",
            "inconclusive, 4 samples in a row could not be judged: no data",
        ),
        ("untried", "shop v1.3.0 → untried", "trial SKIPPED: canary.skip is set"),
        ("rolling", "shop v1.3.0 ✓ serves", "It came up on all pods, without a trial."),
        (
            "unfinished",
            "shop v1.3.0 · no verdict",
            "Not all of its pods run yet, and nothing was recorded.",
        ),
    ],
)
def test_the_verdict_and_its_reason_come_first(case: str, verdict: str, reason: str) -> None:
    assert f"strategy canary {verdict} {reason}" in words(PAGES[case])


def test_a_bad_release_in_words() -> None:
    said = words(PAGES["bad"])
    for expected in (
        "Serves now v1.2.0, 3 of 3 pods ready Before it v1.2.0 Trial took 1 min 1 s",
        "Canary up to 34.0 %; stable up to 0.1 %; limit 1 %.",
        "Canary up to 1.25 s; stable up to 23 ms; limit 500 ms.",
        "At most 25 % of the pods that took traffic were the canary's.",
        "All samples as a table (4)",
        "30 s failed 25 % 123 12.0 % 410 ms no data 3,600 0.1 % 21 ms 0.0 % 12.0 % errors, above 1 %",
        "image ghcr.io/acme/shop@sha256:222222222222 ghcr.io/acme/shop@sha256:333333333333",
        "commit c0ffee2c0ffe c0ffee3c0ffe",
        "resources.limits.memory 256Mi 512Mi",
        "env.CACHE_SIZE none from the configuration",
        "10:00:45 rolled back: 2 of 4 samples failed: 34.0 % errors, above 1 %",
        "v1.2.0 (serves) promoted: passed 9 samples 2026-01-02 10:00 c0ffee2c0ffe 222222222222",
        "Read from the cluster on 2026-01-03 at 12:30:00 UTC.",
    ):
        assert expected in said


def test_the_timeline_is_in_order_whoever_said_it() -> None:
    timeline = words(PAGES["good"]).partition("Timeline ")[2].partition(" Releases that")[0]
    assert timeline == (
        "2026-01-03 10:00:00 first pods of v1.3.0 asked for 10:00:05 the trial began 10:00:05 10 % of pods"
        " 10:00:35 25 % of pods 10:01:05 50 % of pods 10:01:35 promoted: passed 9 samples"
        " 10:02:10 all pods of the stable track run v1.3.0"
    )


@pytest.mark.parametrize("case", ["untried", "rolling", "unfinished"])
def test_without_a_trial_the_page_says_so_and_shows_the_rest(case: str) -> None:
    assert "<svg" not in PAGES[case]
    said = words(PAGES[case])
    assert "There was no trial of this release, so there are no samples. The rest is below." in said
    assert "Trial took no trial" in said
    assert "readinessProbe.httpGet.path /health/ready /ready" in said


def test_a_trial_that_ended_before_its_first_sample_says_so() -> None:
    crashed = report(record("rolled back", "did not come up (0 of 1 pods ready): crashed"), serves=False)
    assert "The trial ended before its first sample, or its samples were not recorded." in words(
        page(crashed)
    )


def test_legends_name_only_what_is_drawn() -> None:
    assert "sample failed" not in PAGES["good"]
    assert "sample without a verdict" not in PAGES["bad"]
    assert "sample without a verdict" in PAGES["inconclusive"]


def test_the_first_release_has_nothing_before_it() -> None:
    first = replace(cases.GOOD, last=replace(cases.GOOD.last, before=None, changes=()))
    assert "The cluster remembers no release before it." in words(page(first))


def test_what_comes_from_the_cluster_is_escaped() -> None:
    evil = "</style></svg><script>alert('\"&')</script>"
    outcome = record("rolled back", evil)
    named = replace(past(3, record=outcome), version=evil, commit=evil[:12], image=evil)
    trial = trials.trial(trials.sample(1, outcome="fail", reason=evil), trials.sample(2), steps=((1, evil),))
    bad = report(outcome, trial)
    written = page(
        replace(
            bad,
            service=evil,
            place=evil,
            last=replace(
                bad.last, release=named, changes=(replace(bad.last.changes[0], part=evil, new=evil),)
            ),
            history=[named],
        )
    )
    assert "<script" not in written
    assert written.count("</style>") == 1
    assert "alert('\"&')" in "".join(read(written).texts)


def test_nothing_but_markup_is_left_as_it_is() -> None:
    assert isinstance(cases.PAGES["good"], str)
    assert not isinstance(str(Markup("<b>")), Markup)


@pytest.mark.parametrize("verdict", get_args(Verdict))
def test_every_verdict_has_its_mark(verdict: Verdict) -> None:
    assert verdict in words(page(report(record(verdict, "why"))))
