"""Values of a wrong type, and keys that are not settings, word for word."""

from typing import Any

import pytest

from tests.support.loaded_settings import SET, problems

CASES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "wrong types": (
        {
            "service": {"port": "abc", "createNamespace": "yes", "name": 12, "replicas": 2.5},
            "image": {"platforms": "linux/amd64", "goVersion": 1.26},
            "network": {"egressPorts": [443, "https"]},
            "ingress": {"annotations": ["a"]},
            "env": {"RATIO": 1.10, "LIST": []},
        },
        [
            f"env.LIST: is not a string; {SET} --type string env.LIST TEXT",
            f"env.RATIO: is not a string; {SET} --type string env.RATIO TEXT",
            f"image.goVersion: 1.26 is not a string; {SET} --type string image.goVersion TEXT",
            f"""image.platforms: "linux/amd64" is not a list of strings; {SET} 'image.platforms[0]' TEXT""",
            f'ingress.annotations: ["a"] is not a map of strings; {SET} --type string'
            " ingress.annotations.NAME TEXT",
            'network.egressPorts: [443, "https"] is not a list of integers;'
            f" {SET} 'network.egressPorts[0]' NUMBER",
            f'service.createNamespace: "yes" is not a boolean; {SET} service.createNamespace true',
            f"service.name: 12 is not a string; {SET} --type string service.name TEXT",
            f'service.port: "abc" is not an integer; {SET} service.port NUMBER',
            f"service.replicas: 2.5 is not an integer; {SET} service.replicas NUMBER",
        ],
    ),
    "a section that is no map": (
        {"service": "shop"},
        [f"service: is not a map; pulumi config rm service, then {SET} service.NAME VALUE"],
    ),
    "unknown keys": (
        {"service": {"replica": 3}, "resource": {"cpuLimit": "1"}, "xyzzy": "1", "service.port": "9090"},
        [
            "resource: is not a setting, did you mean resources?; pulumi config rm resource",
            "service.port: was set without --path; pulumi config rm service.port,"
            f" then {SET} service.port VALUE",
            "service.replica: is not a setting, did you mean service.replicas?;"
            " pulumi config rm --path service.replica",
            "xyzzy: is not a setting; pulumi config rm xyzzy",
        ],
    ),
    "unknown keys of a section within another": (
        {
            "canary": {"metrics": {"status": "code", "unit": {"a": "b"}}},
            "canary.metrics.errors": "x",
            "canary.queries.depth": "x",
            "canary.metric.errors": "x",
        },
        [
            "canary.metric.errors: is not a setting, did you mean canary.metrics.errors?;"
            " pulumi config rm canary.metric.errors",
            "canary.metrics.errors: was set without --path; pulumi config rm canary.metrics.errors,"
            f" then {SET} canary.metrics.errors VALUE",
            "canary.metrics.status: is not a setting, did you mean canary.metrics.statusLabel?;"
            " pulumi config rm --path canary.metrics.status",
            'canary.metrics.unit: {"a": "b"} is not a string;'
            f" {SET} --type string canary.metrics.unit TEXT",
            "canary.queries.depth: was set without --path; pulumi config rm canary.queries.depth,"
            f" then {SET} canary.queries.depth VALUE",
        ],
    ),
    "a section within another that is no map": (
        {"canary": {"metrics": "gin"}},
        [
            "canary.metrics: is not a map; pulumi config rm --path canary.metrics,"
            f" then {SET} canary.metrics.NAME VALUE"
        ],
    ),
    "a canary of wrong types": (
        {
            "rollout": {"strategy": "canary"},
            "canary": {"steps": "10", "maxErrorPercent": "much", "skip": "yes", "queries": ["a <= 1"]},
        },
        [
            f'canary.maxErrorPercent: "much" is not a number; {SET} canary.maxErrorPercent NUMBER',
            "canary.prometheus: is empty; name a Prometheus (a URL, or namespace/service:port),"
            " the strategy canary measures there",
            'canary.queries: ["a <= 1"] is not a map of strings;'
            f" {SET} --type string canary.queries.NAME TEXT",
            f'canary.skip: "yes" is not a boolean; {SET} canary.skip true',
            f"""canary.steps: "10" is not a list of integers; {SET} 'canary.steps[0]' NUMBER""",
        ],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_says_what_is_wrong(case: str) -> None:
    sections, expected = CASES[case]
    assert problems(**sections) == expected


def test_a_value_of_the_wrong_type_is_not_compared_with_others() -> None:
    """`max` 2 is not below the default of a `min` that could not be read."""
    assert problems(autoscaling={"minReplicas": "abc", "maxReplicas": 2}) == [
        f'autoscaling.minReplicas: "abc" is not an integer; {SET} autoscaling.minReplicas NUMBER'
    ]


def test_a_long_value_is_shortened() -> None:
    (line,) = problems(service={"port": "x" * 200})
    assert line == f'service.port: "{"x" * 56}... is not an integer; {SET} service.port NUMBER'
