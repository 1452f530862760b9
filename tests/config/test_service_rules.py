"""What is wrong with the settings of the service and its objects, word for word."""

from typing import Any

import pytest

from tests.support.loaded_settings import PASSWORD, problems

CASES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "ranges": (
        {
            "service": {"port": 80, "replicas": 0, "type": "NodePort", "nodePort": 99},
            "autoscaling": {"minReplicas": 0, "maxReplicas": 1001, "cpuPercent": 0, "memoryPercent": 101},
            "rollout": {"timeoutSeconds": 29, "preStopSeconds": 61, "shutdownSeconds": 0},
            "network": {"egressPorts": [0]},
        },
        [
            "autoscaling.cpuPercent: 0 is out of range; use 1-100 %",
            "autoscaling.maxReplicas: 1001 is out of range; use 1-1000",
            "autoscaling.memoryPercent: 101 is out of range; use 1-100 %",
            "autoscaling.minReplicas: 0 is out of range; use 1-1000",
            "network.egressPorts: 0 is out of range; use 1-65535",
            "rollout.preStopSeconds: 61 is out of range; use 0-60 s",
            "rollout.shutdownSeconds: 0 is out of range; use 1-600 s",
            "rollout.timeoutSeconds: 29 is out of range; use 30-3600 s",
            "service.nodePort: 99 is out of range; use 30000-32767",
            "service.port: 80 is out of range; use 1024-65535",
            "service.replicas: 0 is out of range; use 1-1000",
        ],
    ),
    "min above max": (
        {"autoscaling": {"minReplicas": 9, "maxReplicas": 4}},
        ["autoscaling.minReplicas: 9 is above maxReplicas 4; lower it or raise maxReplicas"],
    ),
    "names": (
        {
            "service": {"name": "Not_DNS", "namespace": "a" * 64},
            "network": {"ingressNamespaces": ["under_score"]},
            "image": {"pullSecrets": ["-x"]},
        },
        [
            'image.pullSecrets: "-x" is not a DNS-1123 name;'
            " use lower-case letters, digits, inner hyphens and dots",
            'network.ingressNamespaces: "under_score" is not a DNS-1123 label;'
            " use lower-case letters, digits and inner hyphens",
            'service.name: "Not_DNS" is not a DNS-1123 label;'
            " use lower-case letters, digits and inner hyphens",
            f'service.namespace: "{"a" * 64}" has 64 characters; use at most 63',
        ],
    ),
    "a name too long": (
        {"service": {"name": "a" * 41}},
        [f'service.name: "{"a" * 41}" has 41 characters; use at most 40'],
    ),
    "a name Services refuse": (
        {"service": {"name": "1shop"}},
        [
            'service.name: "1shop" starts with a digit, which a Kubernetes Service must not;'
            " start it with a letter"
        ],
    ),
    "choices": (
        {
            "service": {"type": "Headless"},
            "image": {"builder": "kaniko", "base": "ubuntu"},
            "rollout": {"strategy": "big-bang"},
        },
        [
            'image.base: "ubuntu" is unknown; use scratch, alpine or distroless',
            'image.builder: "kaniko" is unknown; use buildkit or docker',
            'rollout.strategy: "big-bang" is unknown; use rolling or canary',
            'service.type: "Headless" is unknown; use ClusterIP, NodePort or LoadBalancer',
        ],
    ),
    "quantities": (
        {
            "resources": {
                "cpuRequest": "lots",
                "cpuLimit": "500m",
                "memoryRequest": "512Mi",
                "memoryLimit": "256Mi",
            }
        },
        [
            'resources.cpuRequest: "lots" is not an amount of CPU;'
            " use cores or thousandths, such as 0.5 or 500m",
            "resources.memoryLimit: 256Mi is below the request 512Mi; raise the limit or lower the request",
        ],
    ),
    "settings that need another": (
        {
            "service": {"nodePort": 30080},
            "image": {"username": "robot", "baseImage": "alpine:3.22"},
            "ingress": {"host": "shop.example.com"},
        },
        [
            "image.baseImage: is set while the base is scratch, which has no image;"
            " choose the base alpine or distroless",
            "image.username: is set without a password",
            'ingress.tlsSecret: is empty, and "shop.example.com" needs TLS; name a TLS secret',
            "service.nodePort: 30080 needs the type NodePort, not ClusterIP;"
            " set the type, or leave the port out",
        ],
    ),
    "paths": (
        {"service": {"livenessPath": "live", "readinessPath": "/a b"}},
        [
            'service.livenessPath: "live" is not an HTTP path; start it with / and leave out spaces',
            'service.readinessPath: "/a b" is not an HTTP path; start it with / and leave out spaces',
        ],
    ),
    "variables": (
        {
            "env": {
                "1ST": "a",
                "PORT": "1",
                "API_TOKEN": PASSWORD,
                "REDIS": f"redis://user:{PASSWORD}@cache:6379/0",
                "REPLICAS": f"redis://cache-1:6379,redis://user:{PASSWORD}@cache-2:6379/0",
                "DSN": f"host=db user=shop password={PASSWORD}",
                "SMTP_PASSWD": PASSWORD,
                "PEM": f"-----BEGIN RSA PRIVATE KEY-----\n{PASSWORD}\n",
                "EMPTY_PASSWORD": "",
                "PLAIN": "https://example.com:8443/a@b",
                "TEMPLATE": "host=db password=$DB_PASSWORD",
            }
        },
        [
            "env.1ST: is not a variable name; use letters, digits and _, not starting with a digit",
            "env.API_TOKEN: looks like a credential in clear; move it to secrets",
            "env.DSN: looks like a credential in clear; move it to secrets",
            "env.PEM: looks like a credential in clear; move it to secrets",
            "env.PORT: is set from service.port; leave it out",
            "env.REDIS: looks like a credential in clear; move it to secrets",
            "env.REPLICAS: looks like a credential in clear; move it to secrets",
            "env.SMTP_PASSWD: looks like a credential in clear; move it to secrets",
        ],
    ),
    "credentials in annotations": (
        {
            "ingress": {
                "annotations": {
                    "nginx.ingress.kubernetes.io/auth-url": f"https://me:{PASSWORD}@auth.example.com",
                    "nginx.ingress.kubernetes.io/configuration-snippet": (
                        f'proxy_set_header Authorization "Basic {PASSWORD}";'
                    ),
                    "nginx.ingress.kubernetes.io/auth-snippet": (
                        "proxy_set_header Authorization $http_authorization;"
                    ),
                    "nginx.ingress.kubernetes.io/auth-secret": "basic-auth",
                }
            }
        },
        [
            f"ingress.annotations.nginx.ingress.kubernetes.io/{name}: looks like a credential in clear;"
            " name a Secret that holds it, where the controller has an annotation for that"
            for name in ("auth-url", "configuration-snippet")
        ],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_says_what_is_wrong(case: str) -> None:
    sections, expected = CASES[case]
    lines = problems(**sections)
    assert lines == expected
    assert PASSWORD not in "\n".join(lines)


def test_a_variable_is_either_plain_or_secret() -> None:
    lines = problems(("secrets",), env={"MODE": "a"}, secrets={"MODE": "b", "PORT": "1"})
    assert lines == [
        "secrets.MODE: is in env too; keep one of the two",
        "secrets.PORT: is set from service.port; leave it out",
    ]
