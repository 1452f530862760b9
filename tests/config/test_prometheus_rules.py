"""What is wrong with the way to Prometheus and with the names of metrics, word for word."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.loaded_settings import ENCRYPTED, PASSWORD, problems, write_stack_file

URL = "https://prometheus.example.com"
THROUGH_API = "https:monitoring/prometheus:9090"

# Settings of a canary that are secret where the stack file encrypts them, and what is wrong with them.
LOGINS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "half a login": (
        {"prometheus": URL, "prometheusUsername": "robot"},
        ["canary.prometheusUsername: is set without a password; set canary.prometheusPassword"],
    ),
    "the other half": (
        {"prometheus": URL, "prometheusPassword": PASSWORD},
        ["canary.prometheusPassword: is set without a username; set canary.prometheusUsername"],
    ),
    "two logins": (
        {
            "prometheus": URL,
            "prometheusUsername": "robot",
            "prometheusPassword": PASSWORD,
            "prometheusToken": PASSWORD,
        },
        ["canary.prometheusToken: is set beside canary.prometheusUsername; keep one of the two"],
    ),
    "a header that is a login beside one": (
        {"prometheus": URL, "prometheusToken": PASSWORD, "prometheusHeaders": {"authorization": PASSWORD}},
        [
            "canary.prometheusHeaders.authorization: is set beside canary.prometheusUsername or"
            " canary.prometheusToken; keep one of them"
        ],
    ),
    "headers that are none": (
        {"prometheus": URL, "prometheusHeaders": {"X Scope": "a", "X-Scope": f"{PASSWORD}\r\nX: y"}},
        [
            "canary.prometheusHeaders.X Scope: is not the name of a header; use letters, digits and hyphens",
            "canary.prometheusHeaders.X-Scope: has characters that a header cannot have;"
            " use printable ASCII, without a line break at its end",
        ],
    ),
    "a token from a file with a line break": (
        {"prometheus": URL, "prometheusToken": f"{PASSWORD}\n"},
        [
            "canary.prometheusToken: has characters that a header cannot have;"
            " use printable ASCII, without a line break at its end"
        ],
    ),
    "a user that basic authentication cannot have": (
        {"prometheus": URL, "prometheusUsername": "a:b", "prometheusPassword": PASSWORD},
        ['canary.prometheusUsername: "a:b" is not a user name; leave out colons and control characters'],
    ),
    "logins through the API server": (
        {
            "prometheus": THROUGH_API,
            "prometheusHeaders": {"X-Scope-OrgID": "acme"},
            "prometheusUsername": "robot",
            "prometheusPassword": PASSWORD,
        },
        [
            f"canary.{name}: does not reach {THROUGH_API}: the API server passes no login on;"
            " use the URL of Prometheus"
            for name in ("prometheusHeaders", "prometheusPassword", "prometheusUsername")
        ],
    ),
    "a token through the API server": (
        {"prometheus": THROUGH_API, "prometheusToken": PASSWORD},
        [
            f"canary.prometheusToken: does not reach {THROUGH_API}: the API server passes no login on;"
            " use the URL of Prometheus"
        ],
    ),
}
SECRET = {"prometheusPassword", "prometheusToken"}


def stored(name: str, value: Any) -> Any:
    if name == "prometheusHeaders":
        return dict.fromkeys(value, ENCRYPTED)
    return ENCRYPTED if name in SECRET else value


@pytest.mark.parametrize("case", LOGINS)
def test_a_login_that_cannot_work_is_refused(case: str) -> None:
    canary, expected = LOGINS[case]
    write_stack_file(canary={name: stored(name, value) for name, value in canary.items()})
    secret = ("canary",) if SECRET & set(canary) or "prometheusHeaders" in canary else ()
    lines = problems(secret, canary=canary)
    assert lines == expected
    assert PASSWORD not in "\n".join(lines)


@pytest.mark.parametrize(
    ("prometheus", "ca", "reason"),
    [
        (
            URL,
            "/etc/ca.pem",
            '"/etc/ca.pem" is absolute, and would differ between machines; make it relative to the program',
        ),
        (
            URL,
            "missing.pem",
            '"missing.pem" is not a file; name one with the certificates of the authorities to trust, PEM',
        ),
        (URL, "key.pem", '"key.pem" has no certificate in PEM; it begins with -----BEGIN CERTIFICATE-----'),
        (
            "http://prometheus:9090",
            "ca.pem",
            "is not used with http://prometheus:9090; use https://, or remove it",
        ),
        (THROUGH_API, "ca.pem", f"is not used with {THROUGH_API}; use https://, or remove it"),
    ],
)
def test_authorities_that_cannot_be_used_are_refused(prometheus: str, ca: str, reason: str) -> None:
    Path("ca.pem").write_text("-----BEGIN CERTIFICATE-----\n")
    Path("key.pem").write_text("-----BEGIN PRIVATE KEY-----\n")  # gitleaks:allow there is none
    canary = {"prometheus": prometheus, "prometheusCa": ca}
    assert problems(canary=canary) == [f"canary.prometheusCa: {reason}"]


METRICS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "names": (
        {
            "preset": "spring",
            "requests": "http.requests",
            "latency": "http_request_duration_seconds_bucket",
            "unit": "ms",
            "statusLabel": "status-code",
            "podLabel": "kubernetes.pod",
            "namespaceLabel": "0",
            "pathLabels": ["route", "a b"],
        },
        [
            'canary.metrics.latency: "http_request_duration_seconds_bucket" is one series of a histogram;'
            " use its name, http_request_duration_seconds",
            'canary.metrics.namespaceLabel: "0" is not the name of a label; use letters, digits and _',
            'canary.metrics.pathLabels: "a b" is not the name of a label; use letters, digits and _',
            'canary.metrics.podLabel: "kubernetes.pod" is not the name of a label; use letters, digits and _',
            'canary.metrics.preset: "spring" is unknown; use default, promhttp, otelhttp, otelhttp-old,'
            " go-chi, gin, gin-metrics, echo, fiber, slok, grpc, istio or linkerd",
            'canary.metrics.requests: "http.requests" is not the name of a metric;'
            " use letters, digits, _ and :",
            'canary.metrics.statusLabel: "status-code" is not the name of a label; use letters, digits and _',
            'canary.metrics.unit: "ms" is not a unit of latency; use seconds or milliseconds',
        ],
    ),
    "regular expressions": (
        {
            "errors": "5(..",
            "successes": "(?!5)...",
            "ignored": "gone|",
            "ignoredPaths": ["/a", r"/(.)\1", ".*"],
            "selector": '{job="shop"}',
        },
        [
            'canary.metrics.errors: "5(.." is not a regular expression: missing ), unterminated subpattern'
            " at position 1; mend it",
            'canary.metrics.ignored: "gone|" matches an empty text, and so each series without the label;'
            " make it match something",
            'canary.metrics.ignoredPaths: ".*" matches an empty text, and so each series without the label;'
            " make it match something",
            'canary.metrics.ignoredPaths: "/(.)\\1" has a lookaround, a back-reference or the like, which'
            " Prometheus does not know; write it without",
            'canary.metrics.selector: {job="shop"} is not a selector; use label matchers without braces,'
            ' such as job="shop",cluster=~"eu-.*"',
            'canary.metrics.successes: "(?!5)..." has a lookaround, a back-reference or the like, which'
            " Prometheus does not know; write it without",
        ],
    ),
}


@pytest.mark.parametrize("case", METRICS)
def test_names_of_metrics_that_cannot_be_are_refused(case: str) -> None:
    metrics, expected = METRICS[case]
    assert problems(canary={"prometheus": URL, "metrics": metrics}) == expected


def test_rules_of_a_canary_are_checked_beside_those_of_its_metrics() -> None:
    assert problems(canary={"metrics": {"unit": "ms"}, "steps": [60]}) == [
        'canary.metrics.unit: "ms" is not a unit of latency; use seconds or milliseconds',
        "canary.steps: 60 is out of range; use 1-50 %",
    ]
