"""The page about the last release, as Chromium shows it."""

from .browser import Browser
from .conftest import Embedded

CANARY, STABLE = (0xC2, 0x41, 0x0C), (0x0B, 0x63, 0xB5)
PHONE, DESK = 375, 1000


def report(embedded: Embedded) -> str:
    """The page that `make report` writes."""
    said = embedded.make("report").ok().output
    path = said.split()[-1]
    assert path == ".goservice/report.html"
    return (embedded.checkout / path).read_text(encoding="utf-8")


def assert_drawn(chromium: Browser, page: str) -> None:
    """The page shows the trial of a version that answered nothing but errors, on a phone too."""
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
