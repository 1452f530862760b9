"""Pods beyond the Pod Security Standards: namespace, service account, resources, pull policy."""

from collections.abc import Iterator

from ..model import Options, Resource, ResourceRule, Violation
from ..reading.workloads import Container, Pod, containers, each_container, each_pod, may_run_windows, pods
from ..values import UNKNOWN, get, text


def _root(pod: Pod) -> Iterator[Violation]:
    if may_run_windows(pod):
        return
    for container in containers(pod):
        if get(container.props, "securityContext", "readOnlyRootFilesystem") not in (True, UNKNOWN):
            path = container.at("securityContext", "readOnlyRootFilesystem")
            yield Violation(path=path, message="is not true: the root file system is writable")


def _token(pod: Pod) -> Iterator[Violation]:
    if get(pod.spec, "automountServiceAccountToken") not in (False, UNKNOWN):
        path = pod.at("automountServiceAccountToken")
        yield Violation(
            path=path, message="is not false: every container gets a token for the Kubernetes API"
        )


def _account(pod: Pod) -> Iterator[Violation]:
    # serviceAccount is the deprecated name of serviceAccountName; the API server copies it.
    name = get(pod.spec, "serviceAccountName") or get(pod.spec, "serviceAccount")
    if name in (None, "", "default"):
        yield Violation(path=pod.at("serviceAccountName"), message="is the namespace's default account")


def _namespace(resource: Resource, _options: Options) -> Iterator[Violation]:
    for _ in pods(resource):
        if get(resource.props, "metadata", "namespace") in (None, "", "default"):
            yield Violation(path=("metadata", "namespace"), message="is not set, or is default")


def _has_amount(container: Container, kind: str, resource: str) -> bool:
    """Whether the container or its pod sets an amount other than 0; an unknown amount counts."""
    amounts = (
        get(container.props, "resources", kind, resource),
        get(container.pod.spec, "resources", kind, resource),
    )
    return any(amount not in (None, "", 0, "0") for amount in amounts)


def _requests(container: Container) -> Iterator[Violation]:
    for resource in ("cpu", "memory"):
        # The limit is the default of the request.
        if not _has_amount(container, "requests", resource) and not _has_amount(
            container, "limits", resource
        ):
            path = container.at("resources", "requests", resource)
            yield Violation(path=path, message="is not set, or is 0")


def _memory(container: Container) -> Iterator[Violation]:
    if not _has_amount(container, "limits", "memory"):
        yield Violation(path=container.at("resources", "limits", "memory"), message="is not set, or is 0")


def _pull(container: Container) -> Iterator[Violation]:
    policy, image = get(container.props, "imagePullPolicy"), text(get(container.props, "image"))
    path = container.at("imagePullPolicy")
    if policy == "Never":
        yield Violation(
            path=path, message="is Never: the pod starts only on nodes that already have the image"
        )
    elif image and "@" not in image and policy not in ("Always", UNKNOWN):
        tag = image.rpartition("/")[2].partition(":")[2]
        if policy not in (None, "") or tag not in ("", "latest"):  # for which Always is the default
            yield Violation(path=path, message="is not Always, but the image's tag can move")


RULES: tuple[ResourceRule, ...] = (
    ResourceRule(
        name="pod-read-only-root",
        asks="The root file system of containers is read-only.",
        why="Otherwise an attacker in the container can change its program or leave files behind.",
        remedy="Set readOnlyRootFilesystem: true, and mount an emptyDir where the program writes.",
        example="spec: {containers: [{name: app, securityContext: {readOnlyRootFilesystem: true}}]}",
        severity="medium",
        check=each_pod(_root),
    ),
    ResourceRule(
        name="pod-service-account-token",
        asks="Pods do not mount a token for the Kubernetes API automatically.",
        why="Anyone who can read files in the container can use the API as the pod's account.",
        remedy="Set automountServiceAccountToken: false; mount a projected token where the API is used.",
        example="spec: {automountServiceAccountToken: false}",
        severity="medium",
        check=each_pod(_token),
    ),
    ResourceRule(
        name="pod-service-account",
        asks="Pods have their own service account, not the namespace's default.",
        why="A permission granted to the default account for one pod applies to every pod of the namespace.",
        remedy="Create a ServiceAccount and name it in serviceAccountName.",
        example="spec: {serviceAccountName: shop}",
        severity="low",
        check=each_pod(_account),
    ),
    ResourceRule(
        name="pod-namespace",
        asks="Pods run in a namespace other than default.",
        why="Quotas, network policies and permissions apply per namespace, and many objects share default.",
        remedy="Set metadata.namespace to a dedicated namespace.",
        example="metadata: {namespace: shop}",
        severity="low",
        check=_namespace,
    ),
    ResourceRule(
        name="pod-requests",
        asks="Containers request CPU and memory.",
        why="Without requests, pods are scheduled on full nodes, and are the first to be evicted.",
        remedy="Set resources.requests.cpu and resources.requests.memory to what the container needs.",
        example="spec: {containers: [{name: app, resources: {requests: {cpu: 100m, memory: 64Mi}}}]}",
        severity="medium",
        check=each_container(_requests, "containers", "initContainers"),
    ),
    ResourceRule(
        name="pod-memory-limit",
        asks="Containers have a memory limit.",
        why="A leak in one container exhausts the memory of the node, and other pods are killed.",
        remedy="Set resources.limits.memory.",
        example="spec: {containers: [{name: app, resources: {limits: {memory: 256Mi}}}]}",
        severity="medium",
        check=each_container(_memory, "containers", "initContainers"),
    ),
    ResourceRule(
        name="pod-pull-policy",
        asks="imagePullPolicy is Always unless the image has a digest, and never is Never.",
        why="If a tag moves, nodes keep running the image that they pulled first.",
        remedy="Use a digest, or set imagePullPolicy: Always.",
        example="spec: {containers: [{name: app, image: 'ghcr.io/shop/web:1.4', imagePullPolicy: Always}]}",
        severity="medium",
        check=each_container(_pull),
    ),
)
