"""Network access to pods: NetworkPolicies and Services. See also ingress.py."""

from collections.abc import Iterator, Sequence
from typing import Any

from ..model import Option, Options, Resource, ResourceRule, StackCheck, StackRule, Violation
from ..reading.cluster import (
    Workload,
    hides_objects,
    in_same_namespace,
    isolates,
    network_policies,
    routes_to,
    services,
    workloads,
)
from ..reading.label_selectors import Verdict, every, same, some
from ..values import UNKNOWN, get, is_set, items, possible_items, whole_number


def _policy_check(direction: str) -> StackCheck:
    """A check that a NetworkPolicy of a direction (Ingress, Egress) selects each pod."""

    def check(resources: Sequence[Resource], _options: Options) -> Iterator[Violation]:
        for workload in workloads(resources):
            if get(workload.spec, "hostNetwork") in (True, UNKNOWN) or not is_set(workload.spec):
                continue  # policies do not apply in the node's network
            covered = [
                every([isolates(each, workload), _governs(each, direction)])
                for each in network_policies(resources)
            ]
            unseen = [hides_objects(resources), _foreign_policy(workload, resources)]
            if some([*covered, *unseen]) is False:
                message = f"no NetworkPolicy of this stack restricts {direction.lower()} for these pods"
                path = (*workload.path, "metadata", "labels")
                yield Violation(path=path, message=message, resource=workload.resource)

    return check


def _governs(policy: Resource, direction: str) -> Verdict:
    types = get(policy.props, "spec", "policyTypes")
    if types is UNKNOWN:
        return None
    if not types:
        egress = get(policy.props, "spec", "egress")
        return True if direction == "Ingress" else None if egress is UNKNOWN else egress is not None
    return True if direction in items(types) else None if UNKNOWN in items(types) else False


def _foreign_policy(workload: Workload, resources: Sequence[Resource]) -> Verdict:
    """None if a policy of another system, which is not read here, may select a workload; else False."""
    foreign = (
        resource
        for resource in resources
        if resource.kind.endswith("NetworkPolicy") and resource.group != "networking.k8s.io"
    )
    near = some("Cluster" in each.kind or in_same_namespace(each, workload.resource) for each in foreign)
    return False if near is False else None


def _type(resource: Resource, options: Options) -> Iterator[Violation]:
    if (resource.group, resource.kind) != ("core", "Service"):
        return
    path = ("spec", "type")
    found = get(resource.props, *path)
    if found in ("NodePort", "LoadBalancer") and found not in options["allowed"]:
        yield Violation(path=path, message=f"{resource.quote(path)} is not among the allowed types")


def _ports(resources: Sequence[Resource], _options: Options) -> Iterator[Violation]:
    for service in services(resources):
        selected = [workload for workload in workloads(resources) if routes_to(service, workload)]
        for index, port in enumerate(items(get(service.props, "spec", "ports"))):
            key = "targetPort" if get(port, "targetPort") is not None else "port"
            path = ("spec", "ports", index, key)
            if any(_listens(workload, get(port, key)) is False for workload in selected):
                message = f"{service.quote(path)} is not a port of the containers that the Service selects"
                yield Violation(path=path, message=message, resource=service)


def _listens(workload: Workload, port: Any) -> Verdict:
    """Whether a container declares a port. None for a number if no container declares any port."""
    declared = list(_declared_ports(workload.spec))
    if isinstance(port, str):
        return some(same(get(each, "name"), port) for each in declared)
    number = whole_number(port)
    if number is None or not declared:
        return None
    return some(same(get(each, "containerPort"), number) for each in declared)


def _declared_ports(spec: Any) -> Iterator[Any]:
    """Ports that containers declare; UNKNOWN for those that may exist."""
    running = [
        *possible_items(get(spec, "containers")),
        *(each for each in possible_items(get(spec, "initContainers")) if _is_sidecar(each)),
    ]
    for container in running:
        yield from possible_items(get(container, "ports"))


def _is_sidecar(container: Any) -> bool:
    """Whether an init container keeps running beside the others, or may."""
    return get(container, "restartPolicy") in ("Always", UNKNOWN)


RULES: tuple[ResourceRule | StackRule, ...] = (
    StackRule(
        name="network-policy-ingress",
        asks="Each pod is selected by a NetworkPolicy for ingress.",
        why="Without one, every pod in the cluster may connect to it.",
        remedy="Add a NetworkPolicy with policyTypes: [Ingress] for the pods, with the allowed sources.",
        example="spec: {podSelector: {matchLabels: {app: shop}}, policyTypes: [Ingress, Egress]}",
        severity="medium",
        check=_policy_check("Ingress"),
    ),
    StackRule(
        name="network-policy-egress",
        asks="Each pod is selected by a NetworkPolicy for egress.",
        why="Without one, an attacker who takes over the pod can send its data to any address.",
        remedy="Add a NetworkPolicy with policyTypes: [Egress] for the pods, with the allowed destinations.",
        example="spec: {podSelector: {matchLabels: {app: shop}}, policyTypes: [Ingress, Egress]}",
        severity="medium",
        check=_policy_check("Egress"),
    ),
    ResourceRule(
        name="network-service-type",
        asks="A Service opens no port on the nodes and no load balancer unless its type is allowed.",
        why="NodePort and LoadBalancer expose the pods on the nodes, bypassing Ingress and TLS.",
        remedy="Use ClusterIP behind an Ingress, or allow the type in the policy's configuration.",
        example="spec: {type: ClusterIP}",
        severity="medium",
        options={
            "allowed": Option(
                schema={
                    "type": "array",
                    "items": {"type": "string", "enum": ["ClusterIP", "NodePort", "LoadBalancer"]},
                },
                default=["ClusterIP"],
                meaning="Allowed types; ExternalName and headless Services are always allowed.",
            )
        },
        check=_type,
    ),
    StackRule(
        name="network-target-port",
        asks="The target port of a Service is a port of the containers it selects.",
        why="Otherwise requests fail although the pods are ready.",
        remedy="Use a port that the containers declare under ports.",
        example="spec: {ports: [{port: 80, targetPort: http}]}",
        severity="high",
        check=_ports,
    ),
)
