"""Breaks one rule of each subject, each with a resource of its own. Previewed, never brought up."""

from typing import Any

import pulumi
import pulumi_command as command
import pulumi_kubernetes as kubernetes

TOKEN = "ghp_0123456789abcdefghijABCDEFGHIJ012345"
DIGEST = f"registry.example.com/shop/web:1.2.3@sha256:{'0123456789abcdef' * 4}"


def container(image: pulumi.Input[str], **more: Any) -> dict[str, Any]:
    probe = {"http_get": {"path": "/live", "port": "http"}}
    return {
        "name": "web",
        "image": image,
        "ports": [{"name": "http", "container_port": 8080}],
        "security_context": {
            "allow_privilege_escalation": False,
            "read_only_root_filesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": "64Mi"}},
        "liveness_probe": probe,
        "readiness_probe": {"http_get": {"path": "/ready", "port": "http"}},
        "lifecycle": {"pre_stop": {"sleep": {"seconds": 5}}},
    } | more


def deployment(name: str, replicas: int = 2, **more: Any) -> None:
    labels = {"app.kubernetes.io/name": name}
    pod: Any = {
        "service_account_name": "shop",
        "automount_service_account_token": False,
        "termination_grace_period_seconds": 40,
        "security_context": {
            "run_as_non_root": True,
            "run_as_user": 65534,
            "seccomp_profile": {"type": "RuntimeDefault"},
        },
        "topology_spread_constraints": [
            {
                "max_skew": 1,
                "topology_key": "kubernetes.io/hostname",
                "when_unsatisfiable": "ScheduleAnyway",
                "label_selector": {"match_labels": labels},
            }
        ],
        "containers": [container(**more)],
    }
    kubernetes.apps.v1.Deployment(
        name,
        metadata={"namespace": "shop", "name": name},
        spec={
            "replicas": replicas,
            "selector": {"match_labels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    )


# Its image is unknown in a preview: that says nothing about its ports.
unknown = command.local.Command("later", create="date").stdout
deployment("ports", image=unknown, ports=[{"name": "http", "container_port": 8080, "host_port": 8080}])
deployment("single", image=DIGEST, replicas=1)
deployment("tagged", image="registry.example.com/shop/web:1.2.3", image_pull_policy="Always")
kubernetes.core.v1.Service(
    "open",
    metadata={"namespace": "shop", "name": "open"},
    spec={
        "type": "LoadBalancer",
        "selector": {"app.kubernetes.io/name": "tagged"},
        "ports": [{"port": 80, "target_port": "http"}],
    },
)
kubernetes.networking.v1.NetworkPolicy(
    "all",
    metadata={"namespace": "shop", "name": "all"},
    spec={"pod_selector": {}, "policy_types": ["Ingress", "Egress"]},
)
command.local.Command("clear", create="cat", stdin=f"TOKEN={TOKEN}")
command.local.Command("kept", create="cat", stdin=pulumi.Output.secret(f"TOKEN={TOKEN}"))
command.remote.Command(
    "root",
    connection={"host": "192.0.2.1", "user": "root", "host_key": "ssh-ed25519 AAAA"},
    create="uptime",
    logging=command.remote.Logging.NONE,
)
