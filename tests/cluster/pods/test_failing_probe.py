"""Which probe fails and what it got, from the kubelet's events."""

from typing import Any

import pytest

from components.cluster.pods.failing_probe import failing, killing
from tests.support.pods import READINESS, RUNNING, container, event

STARTUP = {"httpGet": {"path": "/health/ready", "port": 8080}}
GET = 'Get "http://10.244.0.7:8080/health/ready": '
SAID = {
    "HTTP probe failed with statuscode: 503": "answered 503",
    f"{GET}dial tcp 10.244.0.7:8080: connect: connection refused": "failed: connection refused",
    f"{GET}dial tcp 10.244.0.7:8080: i/o timeout": "failed: i/o timeout",
    f"{GET}read tcp 10.244.0.1:9->10.244.0.7:8080: read: connection reset by peer": (
        "failed: connection reset by peer"
    ),
    f"{GET}context deadline exceeded (Client.Timeout exceeded while awaiting headers)": (
        "failed: context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
    ),
}


@pytest.mark.parametrize("said", SAID)
def test_what_a_probe_got(said: str) -> None:
    found = failing(container(), RUNNING, [event(f"Readiness probe failed: {said}")])
    assert found.text == f"{READINESS} {SAID[said]}"
    assert (found.path, found.port) == ("/health/ready", 8080)


def test_a_probe_that_errs() -> None:
    errs = "Readiness probe errored and resulted in unknown state: no such container"
    assert failing(container(), RUNNING, [event(errs)]).text == f"{READINESS} failed: no such container"


def test_the_last_answer_counts_and_only_those_to_this_probe() -> None:
    events = [
        event("Readiness probe failed: HTTP probe failed with statuscode: 503"),
        event("Readiness probe failed: HTTP probe failed with statuscode: 500"),
        event("Liveness probe failed: HTTP probe failed with statuscode: 404"),
        event("Pulled"),
    ]
    assert failing(container(), RUNNING, events).text == f"{READINESS} answered 500"


@pytest.mark.parametrize(
    ("more", "started", "kind"),
    [
        ({}, False, "readiness"),
        ({"startupProbe": STARTUP}, False, "startup"),
        ({"startupProbe": STARTUP}, True, "readiness"),
    ],
)
def test_the_probe_that_is_waited_for(more: dict[str, Any], started: bool, kind: str) -> None:
    events = [event("Startup probe failed: HTTP probe failed with statuscode: 503")]
    found = failing(container(**more), RUNNING | {"started": started}, events)
    assert found.kind == kind
    assert found.status == (503 if kind == "startup" else 0)


@pytest.mark.parametrize("kind", ["liveness", "startup"])
def test_the_probe_that_had_a_container_killed(kind: str) -> None:
    events = [
        event(f"{kind.capitalize()} probe failed: HTTP probe failed with statuscode: 500"),
        event(f"Container shop failed {kind} probe, will be restarted", kind="Normal"),
    ]
    found = killing(container(startupProbe=STARTUP), events)
    assert found is not None
    assert (found.kind, found.status) == (kind, 500)
    assert killing(container(name="proxy"), events) is None
    assert killing(container(), events[:1]) is None, "a failure is none yet"


def test_a_probe_that_is_no_get() -> None:
    bare = container(readinessProbe={"exec": {"command": ["true"]}})
    found = failing(bare, RUNNING, [event("Readiness probe failed: it is false")])
    assert found.text == "readiness probe failed: it is false"
    assert found.port == 0
