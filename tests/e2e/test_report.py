"""The page about the last release, opened in Chromium: after a trial, and without one."""

from collections.abc import Iterator

import pytest

from .browser import Browser, browser
from .conftest import PORT, Embedded
from .load import Load
from .test_canary import SETTINGS

pytestmark = pytest.mark.e2e

CANARY, STABLE = (0xC2, 0x41, 0x0C), (0x0B, 0x63, 0xB5)
PHONE, DESK = 375, 1000


@pytest.fixture(scope="module")
def chromium(embedded: Embedded) -> Iterator[Browser]:
    with browser(embedded.env) as opened:
        yield opened


@pytest.fixture(scope="module")
def untried(embedded: Embedded) -> str:
    """The page about a release without a trial."""
    return report(embedded)


@pytest.fixture(scope="module")
def tried(embedded: Embedded, untried: str) -> Iterator[Embedded]:
    """The stack after a trial of a version that answers nothing but errors."""
    file = embedded.checkout / "Pulumi.dev.yaml"
    before = file.read_bytes()
    embedded.set(**SETTINGS)
    embedded.commit("Try versions first")
    embedded.up().ok()
    embedded.set(**{"env.FAULT_ERROR_RATE": "1"})
    embedded.commit("Answer with errors")
    with Load(port=PORT, keep_alive=False):
        embedded.up().failed()
    yield embedded
    file.write_bytes(before)
    embedded.commit("Release without trials")
    embedded.up().ok()


def report(embedded: Embedded) -> str:
    """The page that `make report` writes."""
    said = embedded.make("report").ok().output
    path = said.split()[-1]
    assert path == ".goservice/report.html"
    return (embedded.checkout / path).read_text(encoding="utf-8")


def test_without_a_trial_the_page_says_so(chromium: Browser, untried: str) -> None:
    shown = chromium.dom(untried)
    assert "There was no trial of this release" in shown
    assert "<svg" not in shown
    assert len(chromium.colours(untried)) > 20


def test_a_trial_is_drawn(chromium: Browser, tried: Embedded) -> None:
    page = report(tried)
    shown = chromium.dom(page)
    assert '<span class="verdict bad">✕ rolled back</span>' in shown
    assert "samples failed" in shown
    assert "Canary up to 100.0 %; stable up to 0.0 %; limit 1 %." in shown
    assert "<code>env.FAULT_ERROR_RATE</code>" in shown
    for width in (PHONE, DESK):
        measured = chromium.measured(page, width)
        assert measured["width"] <= measured["room"] == width, "the page scrolls sideways"
        drawn = [(group, kind) for group, kind, wide, high in measured["boxes"] if wide + high > 2]
        assert len(drawn) == len(measured["boxes"])
        # In errors, latency and answers one for each of at least two samples.
        for track in ("track canary", "track stable"):
            assert drawn.count((track, "circle")) >= 5
        assert drawn.count(("limit", "line")) == 2
    colours = chromium.colours(page)
    assert min(colours[CANARY], colours[STABLE]) > 50


def test_status_draws_it_too(tried: Embedded) -> None:
    said = tried.make("status").ok().output
    lines = {line[:14]: line for line in said.splitlines() if "ary " in line[:15] or "ble " in line[:15]}
    assert lines["errors  canary"].endswith("max 100.0 %, limit 1 %")
    assert "█" in lines["errors  canary"]
    assert "        stable" in lines
