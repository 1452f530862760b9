"""What is wrong with the settings of a canary, word for word."""

from typing import Any

import pytest

from tests.support.loaded_settings import PASSWORD, problems

PROMETHEUS = {"prometheus": "monitoring/prometheus:9090"}


CASES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "a canary without Prometheus": (
        {"rollout": {"strategy": "canary"}, "autoscaling": {"minReplicas": 9}},
        [
            "canary.prometheus: is empty; name a Prometheus (a URL, or namespace/service:port),"
            " the strategy canary measures there"
        ],
    ),
    "a canary that is less than a pod": (
        {"rollout": {"strategy": "canary"}, "canary": PROMETHEUS, "autoscaling": {"minReplicas": 8}},
        [
            "canary.steps: 10 % is less than one pod beside 8 stable ones; raise the first step to 12"
            " or the pods (autoscaling.minReplicas, or service.replicas) to 9"
        ],
    ),
    "a canary beside a fixed number of pods": (
        {
            "rollout": {"strategy": "canary"},
            "canary": PROMETHEUS | {"steps": [33, 50]},
            "autoscaling": {"enabled": False, "minReplicas": 9},
            "service": {"replicas": 2},
        },
        [
            "canary.steps: 33 % is less than one pod beside 2 stable ones; raise the first step to 34"
            " or the pods (autoscaling.minReplicas, or service.replicas) to 3"
        ],
    ),
    "probes that look like users": (
        {
            "rollout": {"strategy": "canary"},
            "canary": PROMETHEUS,
            "autoscaling": {"minReplicas": 9},
            "service": {"livenessPath": "/"},
            "metrics": {"path": "/"},
        },
        [
            'metrics.path: "/" is the start page, and a trial has to tell it from requests of users;'
            " use a path that nobody else asks for",
            'service.livenessPath: "/" is the start page, and a trial has to tell it from requests of users;'
            " use a path that nobody else asks for",
        ],
    ),
    "what is wrong with a canary in itself": (
        {
            "rollout": {"strategy": "canary"},
            "canary": {
                "prometheus": "prometheus:9090",
                "steps": [10, 51, 25],
                "intervalSeconds": 4,
                "warmupSeconds": 601,
                "minRequests": 0,
                "maxErrorPercent": "NaN",
                "maxErrorIncreasePercent": -0.5,
                "maxP99Milliseconds": -1,
                "failureLimit": 101,
                "evictionLimit": -1,
                "unmeasuredLimit": -1,
                "queries": {"depth": "max(depth)", "fine": "max(depth) <= 1.5e3"},
            },
        },
        [
            "canary.analysisSeconds: 300 leaves no interval to each step after warm-up; use at least 1815",
            "canary.evictionLimit: -1 is out of range; use 0-100",
            "canary.failureLimit: 101 is out of range; use 0-100",
            "canary.intervalSeconds: 4 is out of range; use 5-600 s",
            "canary.maxErrorIncreasePercent: -0.5 is not a percentage; use 0 to 100, such as 1 or 0.5",
            "canary.maxErrorPercent: NaN is not a percentage; use 0 to 100, such as 1 or 0.5",
            "canary.maxP99Milliseconds: -1 is out of range; use 0-600000 ms",
            "canary.minRequests: 0 is out of range; use 1-1000000",
            'canary.prometheus: "prometheus:9090" is not the address of a Prometheus;'
            " use a URL (http://prometheus.example.com) or namespace/service:port"
            " (monitoring/prometheus:9090)",
            'canary.queries.depth: "max(depth)" is not a query with a bound;'
            " write PromQL, a comparison and a number, such as max(queue_depth) <= 100",
            "canary.steps: 51 is out of range; use 1-50 %",
            "canary.steps: [10, 51, 25] does not ascend; order the shares",
            "canary.unmeasuredLimit: -1 is out of range; use 0-100",
            "canary.warmupSeconds: 601 is out of range; use 0-600 s",
        ],
    ),
    "a canary without steps": (
        {"rollout": {"strategy": "canary"}, "canary": PROMETHEUS | {"steps": []}},
        ["canary.steps: is empty; name at least one share, such as 10"],
    ),
    "a canary beside pods that cannot be counted": (
        {
            "rollout": {"strategy": "canary"},
            "canary": PROMETHEUS,
            "autoscaling": {"minReplicas": 0},
        },
        ["autoscaling.minReplicas: 0 is out of range; use 1-1000"],
    ),
    "a Prometheus that is kept from the pods": (
        {
            "rollout": {"strategy": "canary"},
            "canary": PROMETHEUS | {"steps": [50]},
            "network": {"ingressNamespaces": ["ingress-nginx"]},
        },
        [
            "network.ingressNamespaces: leaves out monitoring, from where Prometheus reads the pods' metrics;"
            " add it"
        ],
    ),
    "credentials in the address of Prometheus": (
        {"canary": {"prometheus": f"https://me:{PASSWORD}@prometheus.example.com"}},
        [
            "canary.prometheus: has credentials, which would be in clear;"
            " set canary.prometheusUsername and canary.prometheusPassword"
        ],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_says_what_is_wrong(case: str) -> None:
    sections, expected = CASES[case]
    lines = problems(**sections)
    assert lines == expected
    assert PASSWORD not in "\n".join(lines)
