"""When Services, Ingresses, Pods, Jobs, volumes and the like are ready. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from local.plugins.kubernetes.await_pods import (
    NO_EVIDENCE,
    Evidence,
    condition,
    is_ready,
    is_true,
    reasons,
    with_first,
)
from local.plugins.kubernetes.await_verdict import READY, Verdict
from local.plugins.kubernetes.objects import Object, get, name_of

_BACKEND_PATIENCE = 60.0  # s; a backend may be no service at all, or one that never comes


def service(obj: Object, slices: Sequence[Object]) -> Verdict:
    """Ready once a pod can be reached through it and, for a load balancer, it has an address.

    A headless, external or selector-less one needs no pods.
    """
    spec = obj.get("spec") or {}
    if _needs_pods(spec) and not any(
        _serves(endpoint) for item in slices for endpoint in item.get("endpoints") or []
    ):
        return Verdict(
            status="[1/2] Finding pods to direct traffic to",
            reasons=(
                "the Service reaches no ready pod: its pods are not ready, or no pod carries the labels "
                f"{_labels(spec['selector'])} of spec.selector",
            ),
        )
    if spec.get("type") == "LoadBalancer" and not get(obj, "status", "loadBalancer", "ingress"):
        return Verdict(
            status="[2/2] Waiting for the load balancer's address",
            reasons=(
                "no load balancer address was assigned: the cluster needs a provider of load balancers",
            ),
        )
    return READY


def _needs_pods(spec: Mapping[str, Any]) -> bool:
    return (
        bool(spec.get("selector")) and spec.get("type") != "ExternalName" and spec.get("clusterIP") != "None"
    )


def _serves(endpoint: Mapping[str, Any]) -> bool:
    return get(endpoint, "conditions", "ready") is not False and bool(endpoint.get("addresses"))


def _labels(selector: Mapping[str, Any]) -> str:
    return ",".join(f"{key}={value}" for key, value in selector.items())


def backends(ingress: Object) -> list[tuple[str, str]]:
    """The service names an Ingress routes to, each with its rule's host and path."""
    found: list[tuple[str, str]] = []
    for rule in get(ingress, "spec", "rules") or []:
        for path in get(rule, "http", "paths") or []:
            if name := get(path, "backend", "service", "name"):
                found.append(
                    (str(name), f"{rule.get('host') or ''}{path.get('path') or ''}" or "default path")
                )
    return found


def ingress(obj: Object, services: Iterable[str], waited: float) -> Verdict:
    """Ready once its services are there and a controller has given it an address.

    Args:
        obj: The Ingress.
        services: Names of the services of its namespace.
        waited: Seconds since the wait began.
    """
    there = set(services)
    missing = [
        f"{route} leads to the service {name!r}, which is not there"
        for name, route in backends(obj)
        if name not in there
    ]
    if missing and waited < _BACKEND_PATIENCE:
        return Verdict(status="[1/2] Finding a service for each path", reasons=missing)
    if not get(obj, "status", "loadBalancer", "ingress"):
        cause = "no ingress controller has given it an address: the cluster needs one that serves " + _class(
            obj
        )
        return Verdict(
            status="[2/2] Waiting for the ingress controller to give an address", reasons=[*missing, cause]
        )
    return READY


def _class(obj: Object) -> str:
    name = get(obj, "spec", "ingressClassName")
    return f"the class {name!r}" if name else "the default class"


def pod(obj: Object, evidence: Evidence = NO_EVIDENCE) -> Verdict:
    """Ready once it serves or has done its work."""
    if is_ready(obj):
        return READY
    found = reasons([obj], evidence)
    phase = get(obj, "status", "phase") or "Pending"
    waiting = f"Waiting for the pod to be ready ({phase})"
    return Verdict(
        status=with_first(waiting, found),
        reasons=found or [f"the pod is {phase} and not ready"],
    )


def job(obj: Object, pods: Sequence[Object], evidence: Evidence = NO_EVIDENCE) -> Verdict:
    """Ready once it is complete or suspended; hopeless once it has failed."""
    if is_true(obj, "Complete") or get(obj, "spec", "suspend") is True:
        return READY
    found = reasons(pods, evidence)
    if is_true(obj, "Failed"):
        failed = condition(obj, "Failed")
        return Verdict(
            hopeless=True,
            reasons=[f"the Job failed ({failed.get('reason')}): {failed.get('message')}", *found],
        )
    done, wanted = get(obj, "status", "succeeded") or 0, get(obj, "spec", "completions") or 1
    waiting = f"Waiting for the Job: {done}/{wanted} pods completed"
    return Verdict(
        status=with_first(waiting, found),
        reasons=[f"{done} of {wanted} pods have completed", *found],
    )


def claim(obj: Object, waits_for_pod: bool) -> Verdict:
    """Ready once bound, or at once where a pod has to ask for the volume first."""
    phase = get(obj, "status", "phase")
    if phase == "Bound" or waits_for_pod:
        return READY
    storage = get(obj, "spec", "storageClassName")
    return Verdict(
        status=f"Waiting for a volume ({phase or 'Pending'})",
        reasons=(
            f"the claim is {phase or 'Pending'}: no volume fits it, and "
            + (f"storage class {storage!r} provides none" if storage else "it names no storage class"),
        ),
    )


def volume(obj: Object) -> Verdict:
    """Ready once available or bound."""
    phase = get(obj, "status", "phase")
    if phase in {"Available", "Bound"}:
        return READY
    return Verdict(
        status=f"Waiting for the volume ({phase or 'Pending'})",
        reasons=(f"the volume is {phase or 'Pending'}",),
    )


def quota(obj: Object) -> Verdict:
    """Ready once its limits are in force."""
    if get(obj, "status", "hard") == get(obj, "spec", "hard"):
        return READY
    return Verdict(status="Waiting for the limits to be in force", reasons=("the limits are not in force",))


def token(obj: Object) -> Verdict:
    """A service account's token is ready once it is filled in; other Secrets are at once."""
    if obj.get("type") != "kubernetes.io/service-account-token" or get(obj, "data", "token"):
        return READY
    account = get(obj, "metadata", "annotations", "kubernetes.io/service-account.name")
    return Verdict(
        status="Waiting for the token",
        reasons=(f"no token was issued: is there a service account {account!r}?",),
    )


def definition(obj: Object) -> Verdict:
    """Ready once objects of the new kind can be created."""
    if is_true(obj, "Established"):
        return READY
    refused = condition(obj, "NamesAccepted")
    return Verdict(
        status=f"Waiting for the kind {name_of(obj)}",
        reasons=(str(refused.get("message") or "the API server does not serve the kind"),),
    )
