"""Writes docs/canary-power.md: `python -m docs.power`, from simulated trials. Takes half a minute.

That is too long for docs.generate, whose pages every `make check` compares. A test simulates one row again.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from statistics import median

from tests.support.simulated_trials import Setup, Version, always, share_of, simulate

PAGE = Path(__file__).with_name("canary-power.md")
TRIALS = 1000
GOOD = Version(errors=0.1)
REQUESTS = (20, 50, 100, 300, 1000)
BAD = {"all": 100.0, "10 %": 10.0, "5 %": 5.0, "3 %": 3.0, "2 %": 2.0}
SHARES = (10, 50)

HEAD = f"""\
# What a trial can find

How often a trial finds a bad version depends on the number of requests that the canary gets, not on minutes.
The tables are from {TRIALS:,} simulated trials a cell, with the default plan of 9 samples and the default
limits. The stable track has {GOOD.errors:g} % errors; the column is the error rate of the new version.

A cell says how many trials did not promote the bad version, and how many samples these took in the median.
The last column is the stable track's own version again: how many trials rolled it back, by chance.
`python -m docs.power` writes this page, with fixed seeds.
"""
TAIL = """\
## How a trial decides

One error in 50 requests is 2 %, and says little. So a share above a limit fails a sample only if chance
explains it in less than about 1 of 1,000 cases: 1 % divided among the looks at the counts. The tests are
exact ones of the counts: a binomial test against `canary.maxErrorPercent`, Fisher's against the stable track
for `canary.maxErrorIncreasePercent`, and a binomial test of the answers slower than
`canary.maxP99Milliseconds`, of which a 99th percentile allows 1 %. The counts are those of the last sample,
the last 2, 4, 8 and so on, and of the whole trial.

Otherwise the sample passes, and its line says `too few to tell`. If the whole trial is still above a limit
after the planned samples, it takes more, at most as many again. If these do not tell either, the version is
promoted.

A burst of errors fails the sample that it is in. A later sample fails only if it is above the limit itself,
so the `canary.failureLimit` of 1 forgives one burst.

The tests take errors as independent of each other. Where they come in runs, as when a database is away for a
second, an identical version is rolled back more often than the last column says: 6 to 17 % of simulated
trials, with runs of 5 to 8 errors. A larger `canary.failureLimit` forgives more of them.

## How to choose

- Requests a sample are requests a second, times the canary's share of the pods, times
  `canary.intervalSeconds`: 20 a second, 10 % and 30 s make 60.
- Find that row, and the error rate that you want to notice. If too few trials find it, a longer
  `canary.intervalSeconds` or a larger step moves you down a row. So does more traffic: try new versions at a
  busy hour.
- The larger the canary's share, the fewer requests are left on the stable track to compare with: see the
  second table.
- `canary.analysisSeconds` less `canary.warmupSeconds`, divided by `canary.intervalSeconds`, is the number of
  samples. If you lengthen the interval, lengthen the analysis with it.
- `canary.minRequests` is for traffic that stops: a sample with fewer requests does not count towards the
  planned ones. Below 20 a trial finds little but the worst. Half of what you expect in a sample is a good
  value.
"""


def page() -> str:
    """The whole page."""
    tables = [f"## {share} % of the traffic\n\n{_table(share)}" for share in SHARES]
    return "\n".join([HEAD, "\n\n".join(tables), "", TAIL])


def row(requests: int, share: int) -> str:
    """One row of the table of that share: a canary with so many requests a sample."""
    return f"| {' | '.join([f'{requests:,}', *_cells(requests, share)])} |"


def _table(share: int) -> str:
    names = ["Requests a sample", *BAD, f"{GOOD.errors:g} %, rolled back"]
    rows = [row(requests, share) for requests in REQUESTS]
    return "\n".join([f"| {' | '.join(names)} |", "|---" * len(names) + "|", *rows])


def _cells(requests: int, share: int) -> Iterator[str]:
    for rate in (*BAD.values(), GOOD.errors):
        # A seed of its own, so that a cell does not depend on those before it.
        random = Random(f"{requests} {share} {rate}")  # noqa: S311 - no secret
        setup = Setup(stable=GOOD, canary=always(Version(errors=rate)), requests=requests, share=share)
        results = [simulate(setup, random) for _ in range(TRIALS)]
        if rate == GOOD.errors:
            yield f"{share_of('roll back', results):.1f} %"
            continue
        found = [result.samples for result in results if result.decision != "promote"]
        yield f"{100 * len(found) / TRIALS:.1f} %, {median(found):.0f}"


if __name__ == "__main__":
    PAGE.write_text(page())
    sys.stdout.write(f"{PAGE.name} is written\n")
