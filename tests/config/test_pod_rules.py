"""What is wrong with the settings of pods, probes, metrics and rollout, word for word."""

from typing import Any

import pytest

from tests.support.loaded_settings import loaded, problems, service_args

CASES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "ranges": (
        {
            "service": {
                "startSeconds": 0,
                "livenessPeriodSeconds": 601,
                "livenessFailures": 0,
                "livenessTimeoutSeconds": 61,
                "readinessPeriodSeconds": 601,
                "readinessFailures": 101,
                "readinessTimeoutSeconds": 0,
            },
            "rollout": {"minReadySeconds": 601, "timeoutSeconds": 900},
            "metrics": {"port": 80},
        },
        [
            "metrics.port: 80 is out of range; use 1024-65535",
            "rollout.minReadySeconds: 601 is out of range; use 0-600 s",
            "service.livenessFailures: 0 is out of range; use 1-100",
            "service.livenessPeriodSeconds: 601 is out of range; use 1-600 s",
            "service.livenessTimeoutSeconds: 61 is out of range; use 1-60 s",
            "service.readinessFailures: 101 is out of range; use 1-100",
            "service.readinessPeriodSeconds: 601 is out of range; use 1-600 s",
            "service.readinessTimeoutSeconds: 0 is out of range; use 1-60 s",
            "service.startSeconds: 0 is out of range; use 1-3600 s",
        ],
    ),
    "choices": (
        {"service": {"probe": "exec"}, "metrics": {"monitor": "Probe"}},
        [
            'metrics.monitor: "Probe" is unknown; use none, PodMonitor or ServiceMonitor',
            'service.probe: "exec" is unknown; use http, grpc or tcp',
        ],
    ),
    "settings that need another": (
        {
            "service": {"readinessService": "readiness", "readinessTimeoutSeconds": 11},
            "rollout": {"timeoutSeconds": 60, "minReadySeconds": 60},
        },
        [
            "rollout.minReadySeconds: 60 is not below timeoutSeconds 60; lower it or raise timeoutSeconds",
            "service.readinessService: needs the probe grpc, not http; set service.probe, or leave it out",
            "service.readinessTimeoutSeconds: 11 is above its period of 10 s; lower it or raise the period",
        ],
    ),
    "texts": (
        {"rollout": {"maxSurge": "0"}, "metrics": {"path": "metrics"}},
        [
            'metrics.path: "metrics" is not an HTTP path; start it with / and leave out spaces',
            'rollout.maxSurge: "0" is not a number of pods to add;'
            " use a percentage of the pods, 1% to 100%, or a number of them, 1 to 999",
        ],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_says_what_is_wrong(case: str) -> None:
    sections, expected = CASES[case]
    assert problems(**sections) == expected


def test_every_setting_reaches_its_part() -> None:
    args = service_args(
        loaded(
            service={"probe": "grpc", "readinessService": "readiness", "startSeconds": 7},
            metrics={"port": 9102, "path": "/m", "monitor": "PodMonitor"},
            rollout={"maxSurge": "2", "minReadySeconds": 3},
        )
    )
    assert (args.probes.probe, args.probes.readiness_service, args.probes.start_seconds) == (
        "grpc",
        "readiness",
        7,
    )
    assert (args.metrics.port, args.metrics.path, args.metrics.monitor) == (9102, "/m", "PodMonitor")
    assert (args.rollout.max_surge, args.rollout.min_ready_seconds) == ("2", 3)
