"""Values of a stack become arguments, and everything wrong is reported at once."""

from decimal import Decimal
from typing import Any

import pytest

from components.config import ConfigError, Settings, load
from components.strategies import Canary, CanaryMetrics, Rolling
from tests.support.loaded_settings import (
    ENCRYPTED,
    PASSWORD,
    SET,
    loaded,
    problems,
    service_args,
    write_stack_file,
)
from tests.support.recording import record
from tests.support.stack_config import merged


def test_values_reach_the_arguments() -> None:
    settings = loaded(
        service={"name": "shop", "port": 9090, "type": "NodePort", "nodePort": 30080},
        image={"platforms": ["linux/amd64"], "pullSecrets": ["registry"]},
        autoscaling={"enabled": False},
        network={"egressPorts": [443]},
        ingress={"host": "shop.example.com", "tlsSecret": "shop-tls", "annotations": {"a/b": "c"}},
        env={"WORKERS": 4, "VERBOSE": True, "GREETING": "hello"},
    )
    assert settings.name == "shop"
    assert settings.image.port == 9090
    assert settings.image.platforms == ("linux/amd64",)
    service = service_args(settings)
    exposure = service.exposure
    assert (service.name, service.port, exposure.type, exposure.node_port) == (
        "shop",
        9090,
        "NodePort",
        30080,
    )
    assert service.pull_secrets == ("registry",)
    assert not service.autoscaling.enabled
    assert service.autoscaling.max_replicas == 20
    assert service.network.egress_ports == (443,)
    assert service.ingress.annotations == {"a/b": "c"}
    assert service.env == {"WORKERS": "4", "VERBOSE": "true", "GREETING": "hello"}


def test_values_are_read_from_the_environment_of_the_official_language_host(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = merged(
        {"goservice:image": {"repository": "ghcr.io/acme/shop"}, "goservice:service": {"port": 9191}}
    )
    monkeypatch.setattr("components.config.stack_config.get_config_env", lambda: config)
    result: list[Settings] = []
    record(lambda: result.append(load()))
    assert result[0].image.port == 9191


def test_defaults_of_the_arguments_do_without_pulumi_yaml() -> None:
    result: list[Settings] = []
    record(
        lambda: result.append(load()),
        config={"goservice:image": '{"repository": "ghcr.io/acme/shop"}', "kubernetes:context": "mine"},
    )
    assert result[0].image.port == 8080


def canary_of(**canary: Any) -> Canary:
    """The strategy of a stack with these settings of a canary."""
    given = {"prometheus": "monitoring/prometheus:9090"} | canary
    args = service_args(loaded(canary=given, rollout={"strategy": "canary"}, autoscaling={"minReplicas": 9}))
    assert isinstance(args.strategy, Canary)
    return args.strategy


def test_the_settings_of_a_canary_are_left_alone_by_another_strategy() -> None:
    assert service_args(loaded(canary={"prometheus": "a/b:web"})).strategy == Rolling()


@pytest.mark.parametrize("value", ["0.25", 0.25])
def test_decimals_may_be_text_or_numbers(value: Any) -> None:
    canary = canary_of(maxErrorPercent=value, maxErrorIncreasePercent=2)
    assert canary.max_error_percent == Decimal("0.25")
    assert canary.max_error_increase_percent == 2


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:9090",
        "https://a.example.com/prometheus/",
        "a/b:web",
        "https:a/b:web",
        "a/b:9090/prometheus",
        "https:a/b:9090/a/prometheus/",
    ],
)
def test_a_prometheus_is_a_url_or_behind_the_api_server(address: str) -> None:
    assert canary_of(prometheus=address).prometheus == address


def test_the_metrics_of_a_canary_are_a_section_within_its_own() -> None:
    metrics = canary_of(metrics={"preset": "gin", "statusLabel": "code", "pathLabels": ["url"]}).metrics
    assert metrics == CanaryMetrics(preset="gin", status_label="code", path_labels=("url",))
    assert canary_of().metrics == CanaryMetrics()


def test_encrypted_logins_of_prometheus_reach_the_canary() -> None:
    address = "https://a.example.com"
    headers = {"X-Scope-OrgID": ENCRYPTED}
    write_stack_file(
        canary={"prometheus": address, "prometheusHeaders": headers, "prometheusToken": ENCRYPTED}
    )
    given = {"X-Scope-OrgID": PASSWORD}
    settings = loaded(
        ("canary",),
        canary={"prometheus": address, "prometheusHeaders": given, "prometheusToken": PASSWORD},
        rollout={"strategy": "canary"},
        autoscaling={"minReplicas": 9},
    )
    canary = service_args(settings).strategy
    assert isinstance(canary, Canary)
    assert canary.prometheus_headers == given
    assert canary.prometheus_token == PASSWORD
    assert PASSWORD not in repr(canary)


def test_all_of_it_at_once() -> None:
    lines = problems(
        service={"port": "abc", "bogus": 1, "name": "Bad"},
        image={"repository": "UPPER", "context": "docs", "builder": "x"},
        autoscaling={"minReplicas": 0},
        resources={"cpuLimit": "?"},
        env={"1": "x"},
    )
    assert [line.partition(":")[0] for line in lines] == [
        "autoscaling.minReplicas",
        "env.1",
        "image.builder",
        "image.context",
        "image.repository",
        "resources.cpuLimit",
        "service.bogus",
        "service.name",
        "service.port",
    ]


def test_a_missing_repository_is_named_beside_the_rest() -> None:
    with pytest.raises(ConfigError) as caught:
        record(load, config=merged({"goservice:service": {"port": 80}}))
    assert str(caught.value) == (
        "2 settings are wrong in stack dev:\n"
        f"  image.repository: is missing; {SET} --type string image.repository TEXT\n"
        "  service.port: 80 is out of range; use 1024-65535"
    )


@pytest.mark.parametrize(
    ("repository", "host"),
    [("ghcr.io/acme/shop", "ghcr.io"), ("127.0.0.1:5000/shop", "127.0.0.1:5000"), ("acme/shop", "")],
)
def test_the_login_of_the_image_is_that_of_the_cluster(repository: str, host: str) -> None:
    write_stack_file(image={"repository": repository, "username": "robot", "password": ENCRYPTED})
    settings = loaded(("image",), image={"repository": repository, "username": "robot", "password": PASSWORD})
    login = service_args(settings).registry_login
    assert login is not None
    assert (login.host, login.username, login.password) == (host, "robot", PASSWORD)


def test_without_a_username_the_cluster_gets_no_login() -> None:
    assert service_args(loaded()).registry_login is None
