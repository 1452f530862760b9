"""Checks before a trial that it could be measured, each with its remedy: about one second in all.

Pure over `ask`, so the gate, an operator and a preview have the same.
"""

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from ..access.prometheus import Ask, PrometheusError
from ..access.refusals import RefusedError
from ..metrics import MetricNames
from ..native import with_native_requests
from ..promql import filled, parse_query
from .finding import Finding
from .latency_check import check_latency
from .requests_check import check_requests
from .scrapes_check import check_scrapes
from .watched import Watched


def preflight(
    ask: Ask,
    *,
    metrics: MetricNames,
    namespace: str,
    pods: Collection[str],
    interval: int,
    limit_milliseconds: int,
    queries: Mapping[str, str],
    canary: Collection[str] = (),
) -> list[Finding]:
    """Checks in order; those that make no sense after a problem are left out.

    pods: of the stable track; without any, only Prometheus is tried. interval: of samples, seconds.
    limit_milliseconds: of latency, 0 for none.
    canary: its pods, for user-defined queries; those of the stable track stand in for them.
    """
    answers = _tried("Prometheus answers", lambda: [_answers(ask)])
    if answers[0].problem:
        return answers
    if not pods:
        note = "there is no pod of the stable track yet, and so no baseline"
        return [*answers, Finding(check="requests are counted", note=note)]
    watched = Watched(ask=ask, metrics=metrics, namespace=namespace, pods=frozenset(pods))

    def check_counter() -> list[Finding]:
        nonlocal watched
        watched = replace(watched, metrics=with_native_requests(ask, metrics, namespace, pods))
        return check_requests(watched)

    series = _tried("requests are counted", check_counter, "correct canary.metrics")
    found = answers + series
    if not series[0].problem:
        found += _tried("two scrapes in an interval", lambda: [check_scrapes(watched, interval)])
        if limit_milliseconds:
            found += _tried("latency can be judged", lambda: [check_latency(watched, limit_milliseconds)])
    for name, text in queries.items():
        query = parse_query(text)
        if query is not None:
            found += _query(ask, name, filled(query.query, namespace, canary or pods, pods, interval))
    return found


def _tried(check: str, run: Callable[[], list[Finding]], remedy: str = "") -> list[Finding]:
    """What a check finds; that a query failed is found too. remedy: for a query that was refused."""
    try:
        return run()
    except RefusedError as error:
        return [Finding(check=check, problem=str(error), remedy=remedy)]
    except PrometheusError as error:
        return [Finding(check=check, problem=str(error), transient=True)]


def _answers(ask: Ask) -> Finding:
    ask("vector(1)")
    return Finding(check="Prometheus answers")


def _query(ask: Ask, name: str, promql: str) -> list[Finding]:
    check, key = f"query {name}", f"canary.queries.{name}"

    def run() -> list[Finding]:
        found = ask(promql)
        if len(found) > 1:
            problem = f"{key} has {len(found)} values, and has to have one"
            return [Finding(check=check, problem=problem, remedy="put sum(…) or max(…) around it")]
        none = not found or math.isnan(found[0][1])
        note = f"{key} has no value now; a sample without one is unmeasured" if none else ""
        return [Finding(check=check, note=note)]

    return _tried(check, run, f"correct {key}: {promql}")
