"""Manifests of single kinds: autoscaler, network policy, ingress; labels and hashes."""

from typing import Any

import pytest

from components import Autoscaling, Ingress, Network, Rollout
from components.kubernetes import Manifest, Owner, autoscaler, config_hash, ingress, network_policy
from components.shared import labels, selector

OWNER = Owner(name="shop", namespace="team")


def spec_of(manifest: Manifest) -> dict[str, Any]:
    return manifest["spec"]


def test_the_autoscaler_is_quick_up_and_slow_down() -> None:
    spec = spec_of(autoscaler(OWNER, Autoscaling()))
    assert spec["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": "shop"}
    assert (spec["minReplicas"], spec["maxReplicas"]) == (3, 20)
    assert [
        (metric["resource"]["name"], metric["resource"]["target"]["averageUtilization"])
        for metric in spec["metrics"]
    ] == [("cpu", 60), ("memory", 70)]
    assert spec["behavior"] == {
        "scaleUp": {
            "stabilizationWindowSeconds": 60,
            "policies": [{"type": "Percent", "value": 100, "periodSeconds": 60}],
        },
        "scaleDown": {"stabilizationWindowSeconds": 300},
    }


def test_the_network_allows_the_port_by_name_dns_and_the_ports_named() -> None:
    spec = spec_of(network_policy(OWNER, Network()))
    assert spec["policyTypes"] == ["Ingress", "Egress"]
    assert spec["ingress"] == [{"ports": [{"protocol": "TCP", "port": "http"}]}]
    assert spec["egress"] == [
        {"ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}]},
        {"ports": [{"protocol": "TCP", "port": port} for port in (443, 5432, 6379)]},
    ]


def test_no_egress_port_leaves_dns_alone() -> None:
    """An empty list of ports would mean every port."""
    spec = spec_of(network_policy(OWNER, Network(egress_ports=())))
    assert len(spec["egress"]) == 1


def test_namespaces_narrow_the_sources() -> None:
    spec = spec_of(network_policy(OWNER, Network(ingress_namespaces=("ingress-nginx",))))
    (rule,) = spec["ingress"]
    (source,) = rule["from"]
    assert source["namespaceSelector"]["matchExpressions"] == [
        {"key": "kubernetes.io/metadata.name", "operator": "In", "values": ["ingress-nginx"]}
    ]


@pytest.mark.parametrize("class_name", ["", "nginx"])
def test_an_ingress_has_tls_and_names_its_class_if_told(class_name: str) -> None:
    settings = Ingress(host="shop.example.com", tls_secret="shop-tls", class_name=class_name)
    spec = spec_of(ingress(OWNER, settings))
    assert spec["tls"] == [{"hosts": ["shop.example.com"], "secretName": "shop-tls"}]
    assert spec.get("ingressClassName", "") == class_name
    backend = spec["rules"][0]["http"]["paths"][0]["backend"]
    assert backend == {"service": {"name": "shop", "port": {"name": "http"}}}


def test_labels_hold_the_selector() -> None:
    assert selector("shop").items() < labels("shop").items()


def test_the_grace_period_is_the_pause_and_the_servers_time() -> None:
    assert Rollout().grace_seconds == 35


def test_a_content_hash_is_the_same_in_any_order_and_differs_by_name_and_value() -> None:
    assert config_hash({"A": "1", "B": "2"}) == config_hash({"B": "2", "A": "1"})
    others = [{"A": "1"}, {"A": "2"}, {"B": "1"}, {"A": "1", "B": ""}]
    assert len({config_hash(values) for values in others}) == len(others)
