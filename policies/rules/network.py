"""Who reaches the pods: NetworkPolicies and Services. ingress.py has what comes in from outside."""

from collections.abc import Iterator, Sequence
from typing import Any

from ..model import Option, Options, Resource, ResourceRule, StackCheck, StackRule, Violation
from ..reading.cluster import (
    Workload,
    hides_objects,
    isolates,
    network_policies,
    services,
    takes,
    together,
    workloads,
)
from ..reading.label_selectors import Verdict, every, same, some
from ..values import UNKNOWN, get, is_set, items, possible_items, whole


def _isolated(direction: str) -> StackCheck:
    """A check that a NetworkPolicy rules what goes in or out of each pod."""

    def check(resources: Sequence[Resource], _options: Options) -> Iterator[Violation]:
        for workload in workloads(resources):
            if get(workload.spec, "hostNetwork") in (True, UNKNOWN) or not is_set(workload.spec):
                continue  # in the node's network no policy applies
            covered = [
                every([isolates(each, workload), _rules(each, direction)])
                for each in network_policies(resources)
            ]
            unseen = [hides_objects(resources), _foreign_policy(workload, resources)]
            if some([*covered, *unseen]) is False:
                message = f"no NetworkPolicy of this stack rules the {direction.lower()} of these pods"
                path = (*workload.path, "metadata", "labels")
                yield Violation(path=path, message=message, resource=workload.resource)

    return check


def _rules(policy: Resource, direction: str) -> Verdict:
    types = get(policy.props, "spec", "policyTypes")
    if types is UNKNOWN:
        return None
    if not types:
        egress = get(policy.props, "spec", "egress")
        return True if direction == "Ingress" else None if egress is UNKNOWN else egress is not None
    return True if direction in items(types) else None if UNKNOWN in items(types) else False


def _foreign_policy(workload: Workload, resources: Sequence[Resource]) -> Verdict:
    """None if a policy of another system, not judged here, may be about a workload; otherwise False."""
    foreign = (
        resource
        for resource in resources
        if resource.kind.endswith("NetworkPolicy") and resource.group != "networking.k8s.io"
    )
    near = some("Cluster" in each.kind or together(each, workload.resource) for each in foreign)
    return False if near is False else None


def _type(resource: Resource, options: Options) -> Iterator[Violation]:
    if (resource.group, resource.kind) != ("core", "Service"):
        return
    path = ("spec", "type")
    found = get(resource.props, *path)
    if found in ("NodePort", "LoadBalancer") and found not in options["allowed"]:
        yield Violation(path=path, message=f"{resource.quoted(path)} is not among the allowed types")


def _ports(resources: Sequence[Resource], _options: Options) -> Iterator[Violation]:
    for service in services(resources):
        selected = [workload for workload in workloads(resources) if takes(service, workload)]
        for index, port in enumerate(items(get(service.props, "spec", "ports"))):
            key = "targetPort" if get(port, "targetPort") is not None else "port"
            path = ("spec", "ports", index, key)
            if any(_listens(workload, get(port, key)) is False for workload in selected):
                message = f"{service.quoted(path)} is no port of the containers that the Service selects"
                yield Violation(path=path, message=message, resource=service)


def _listens(workload: Workload, port: Any) -> Verdict:
    """Whether a container declares a port by name or number. A number is let pass if none declares any."""
    declared = list(_declared(workload.spec))
    if isinstance(port, str):
        return some(same(get(each, "name"), port) for each in declared)
    number = whole(port)
    if number is None or not declared:
        return None
    return some(same(get(each, "containerPort"), number) for each in declared)


def _declared(spec: Any) -> Iterator[Any]:
    """Ports that containers declare, UNKNOWN for those that may be there."""
    running = [
        *possible_items(get(spec, "containers")),
        *(each for each in possible_items(get(spec, "initContainers")) if _stays(each)),
    ]
    for container in running:
        yield from possible_items(get(container, "ports"))


def _stays(container: Any) -> bool:
    """Whether an init container runs beside the others."""
    return get(container, "restartPolicy") in ("Always", UNKNOWN)


RULES: tuple[ResourceRule | StackRule, ...] = (
    StackRule(
        name="network-policy-ingress",
        asks="A NetworkPolicy for ingress selects each pod.",
        why="Without one, every pod of the cluster may open connections to it.",
        remedy="Add a NetworkPolicy with policyTypes: [Ingress] for the pods, and name who may come in.",
        example="spec: {podSelector: {matchLabels: {app: shop}}, policyTypes: [Ingress, Egress]}",
        severity="medium",
        check=_isolated("Ingress"),
    ),
    StackRule(
        name="network-policy-egress",
        asks="A NetworkPolicy for egress selects each pod.",
        why="Without one, whoever takes over the pod may send what it finds to any address.",
        remedy="Add a NetworkPolicy with policyTypes: [Egress] for the pods, and name where they may go.",
        example="spec: {podSelector: {matchLabels: {app: shop}}, policyTypes: [Ingress, Egress]}",
        severity="medium",
        check=_isolated("Egress"),
    ),
    ResourceRule(
        name="network-service-type",
        asks="A Service opens no port of the nodes and no load balancer unless its type is allowed.",
        why="NodePort and LoadBalancer let whoever reaches the nodes reach the pods, past Ingress and TLS.",
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
                meaning="Types a Service may have; ExternalName and headless Services open nothing.",
            )
        },
        check=_type,
    ),
    StackRule(
        name="network-target-port",
        asks="The target port of a Service is a port of the containers it selects.",
        why="Otherwise requests are refused, or go nowhere, although the pods are ready.",
        remedy="Name a port that the containers declare under ports.",
        example="spec: {ports: [{port: 80, targetPort: http}]}",
        severity="high",
        check=_ports,
    ),
)
