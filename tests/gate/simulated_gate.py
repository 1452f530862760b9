"""The gate in this process, in a simulated cluster and in simulated time."""

import io
import json
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from components.analysis import PRESETS, Finding
from components.cluster import (
    ClusterError,
    Kubectl,
    NotFoundError,
    Tracks,
    find_tracks,
)
from components.gate import gate
from components.gate.gate import build_trial
from components.gate.request import TrialRequest
from components.gate.trial.trial import Trial
from tests.support import simulated_cluster as simulated

REQUEST: dict[str, Any] = {
    "service": "shop",
    "namespace": "shop",
    "cluster": {"kubeconfig": "", "context": "staging", "name": ""},
    "uid": "shop-canary-uid",
    "prometheus": {"address": "monitoring/prometheus:9090", "headers": {}, "ca": ""},
    "metrics": {
        "requests": "http_requests_total",
        "latency": "http_request_duration_seconds",
        "unit": "seconds",
        "status": "status",
        "pod": "pod",
        "namespace": "namespace",
        "paths": ["route"],
        "errors": "5[0-9][0-9]",
        "successes": "[1-4][0-9][0-9]",
        "ignored": "",
        "ignored_paths": list(PRESETS["default"].ignored_paths),
        "native": False,
        "selector": "",
    },
    "queries": {},
    "skip": False,
    "plan": {
        "steps": [10],
        "analysis": 300,
        "interval": 30,
        "warmup": 30,
        "start": 60,
        "eviction_limit": 2,
        "limits": {
            "min_requests": 20,
            "max_error_percent": 1.0,
            "max_error_increase_percent": 0.5,
            "max_p99_milliseconds": 500,
            "failure_limit": 1,
            "unmeasured_limit": 3,
        },
    },
}

RELEASE = {"version": "v2", "image": "registry/shop@sha256:v2"}


class Gate:
    """The gate in this process, in a simulated cluster and in simulated time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.state = simulated.cluster()
        self.now = 0.0
        self.findings: list[Finding] = []
        self.asked: list[dict[str, Any]] = []
        self.meanwhile: Callable[[], None] = lambda: None
        self._patch, self._capture = monkeypatch, capsys
        monkeypatch.setattr(Kubectl, "_once", lambda _cluster, *arguments, stdin: self.kubectl(*arguments))
        monkeypatch.setattr("components.cluster.pods.failure_report.answer", simulated.answer)
        monkeypatch.setattr("components.cluster.kubectl._RETRY_SECONDS", 0)
        monkeypatch.setattr(gate, "build_trial", self._build_trial)
        monkeypatch.setattr(gate, "preflight", lambda _ask, **asked: self._preflight(asked))
        # Handlers of signals are this process's own.
        monkeypatch.setattr(signal, "signal", lambda _number, _handler: None)

    def kubectl(self, *arguments: str) -> str:
        try:
            return simulated.kubectl(self.state, list(arguments), self.now)
        except simulated.RefusedError as error:
            kind = NotFoundError if "(NotFound)" in str(error) else ClusterError
            raise kind(str(error)) from None

    def _build_trial(self, request: TrialRequest, cluster: Kubectl, **_real: Any) -> Trial:
        wall = datetime(2026, 1, 1, tzinfo=UTC)
        return build_trial(request, cluster, sleep=self._sleep, clock=lambda: self.now, wall=lambda: wall)

    def _preflight(self, asked: dict[str, Any]) -> list[Finding]:
        self.asked.append(asked)
        return self.findings

    def _sleep(self, seconds: float) -> None:
        simulated.count(self.state, self.now)
        self.now += seconds
        self.meanwhile()

    def run(self, **settings: Any) -> tuple[int, dict[str, Any] | None, list[str]]:
        """Exit code, the record on stdout, and the lines on stderr."""
        self._patch.setattr(sys, "stdin", io.StringIO(json.dumps(REQUEST | settings)))
        code = gate.main()
        out, err = self._capture.readouterr()
        return code, json.loads(out, parse_constant=no_constant) if out else None, err.splitlines()

    @property
    def note(self) -> dict[str, Any]:
        """The record at the canary's Deployment."""
        return json.loads(self.annotations["goservice/record"], parse_constant=no_constant)

    @property
    def annotations(self) -> dict[str, str]:
        return self.state["deployments"]["shop-canary"]["metadata"]["annotations"]

    @property
    def tracks(self) -> Tracks:
        return find_tracks(Kubectl(namespace="shop"), "shop")


def no_constant(name: str) -> Any:
    raise AssertionError(f"{name} is not JSON")
