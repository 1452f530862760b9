"""The page about the power of a trial is what the judge does today."""

from docs.power import HEAD, PAGE, TAIL, row


def test_a_row_of_the_page_simulated_again() -> None:
    written = PAGE.read_text()
    assert row(300, 10) in written.splitlines(), "the judge has changed; run python -m docs.power"
    assert written.startswith(HEAD)
    assert written.endswith(TAIL)
