"""The page about the last release, opened in Chromium; test_canary has one with a trial."""

import pytest

from .browser import Browser
from .conftest import Embedded
from .report_page import report

pytestmark = pytest.mark.e2e


def test_without_a_trial_the_page_says_so(chromium: Browser, embedded: Embedded) -> None:
    page = report(embedded)
    shown = chromium.dom(page)
    assert "There was no trial of this release" in shown
    assert "<svg" not in shown
    assert len(chromium.colours(page)) > 20
