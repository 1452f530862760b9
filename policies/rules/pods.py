"""What a pod is given, beyond the Pod Security Standards: namespace, account, resources, images."""

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
            yield Violation(path=path, message="is not true: the root file system can be written to")


def _token(pod: Pod) -> Iterator[Violation]:
    if get(pod.spec, "automountServiceAccountToken") not in (False, UNKNOWN):
        path = pod.at("automountServiceAccountToken")
        yield Violation(
            path=path, message="is not false: every container gets a token for the Kubernetes API"
        )


def _account(pod: Pod) -> Iterator[Violation]:
    # serviceAccount is what serviceAccountName was called once; the API server copies it.
    name = get(pod.spec, "serviceAccountName") or get(pod.spec, "serviceAccount")
    if name in (None, "", "default"):
        yield Violation(path=pod.at("serviceAccountName"), message="is the namespace's default account")


def _namespace(resource: Resource, _options: Options) -> Iterator[Violation]:
    for _ in pods(resource):
        if get(resource.props, "metadata", "namespace") in (None, "", "default"):
            yield Violation(
                path=("metadata", "namespace"), message="is default, or not set, which is the same"
            )


def _given(container: Container, kind: str, resource: str) -> bool:
    """Whether an amount is given, or not known; nothing is no amount, and the pod's own amount counts."""
    amounts = (
        get(container.props, "resources", kind, resource),
        get(container.pod.spec, "resources", kind, resource),
    )
    return any(amount not in (None, "", 0, "0") for amount in amounts)


def _requests(container: Container) -> Iterator[Violation]:
    for resource in ("cpu", "memory"):
        # Without a request the limit is the request.
        if not _given(container, "requests", resource) and not _given(container, "limits", resource):
            path = container.at("resources", "requests", resource)
            yield Violation(path=path, message=f"requests no {resource}")


def _memory(container: Container) -> Iterator[Violation]:
    if not _given(container, "limits", "memory"):
        yield Violation(path=container.at("resources", "limits", "memory"), message="limits no memory")


def _pull(container: Container) -> Iterator[Violation]:
    policy, image = get(container.props, "imagePullPolicy"), text(get(container.props, "image"))
    path = container.at("imagePullPolicy")
    if policy == "Never":
        yield Violation(path=path, message="is Never: the pod starts only where the image happens to be")
    elif image and "@" not in image and policy not in ("Always", UNKNOWN):
        tag = image.rpartition("/")[2].partition(":")[2]
        if policy not in (None, "") or tag not in ("", "latest"):  # of these Always is the default
            yield Violation(path=path, message="is not Always, and the tag of the image can move")


RULES: tuple[ResourceRule, ...] = (
    ResourceRule(
        name="pod-read-only-root",
        asks="The root file system of containers is read-only.",
        why="What breaks into a container cannot change the program in it, nor leave anything behind.",
        remedy="Set readOnlyRootFilesystem: true, and mount an emptyDir where the program writes.",
        example="spec: {containers: [{name: app, securityContext: {readOnlyRootFilesystem: true}}]}",
        severity="medium",
        check=each_pod(_root),
    ),
    ResourceRule(
        name="pod-service-account-token",
        asks="Pods are not given a token for the Kubernetes API unasked.",
        why="Whoever reads a file of the container speaks to the API as the pod's account.",
        remedy="Set automountServiceAccountToken: false; mount a projected token where the API is called.",
        example="spec: {automountServiceAccountToken: false}",
        severity="medium",
        check=each_pod(_token),
    ),
    ResourceRule(
        name="pod-service-account",
        asks="Pods have an account of their own, not the namespace's default one.",
        why="A right given to the default account for one pod is given to every pod of the namespace.",
        remedy="Create a ServiceAccount and name it in serviceAccountName.",
        example="spec: {serviceAccountName: shop}",
        severity="low",
        check=each_pod(_account),
    ),
    ResourceRule(
        name="pod-namespace",
        asks="Pods run in a namespace other than default.",
        why="Quotas, network policies and rights go by namespace, and default is where all else lands.",
        remedy="Set metadata.namespace to a namespace made for the service.",
        example="metadata: {namespace: shop}",
        severity="low",
        check=_namespace,
    ),
    ResourceRule(
        name="pod-requests",
        asks="Containers request CPU and memory.",
        why="Without requests pods land on nodes that have no room, and are the first to be evicted.",
        remedy="Set resources.requests.cpu and resources.requests.memory to what the container needs.",
        example="spec: {containers: [{name: app, resources: {requests: {cpu: 100m, memory: 64Mi}}}]}",
        severity="medium",
        check=each_container(_requests, "containers", "initContainers"),
    ),
    ResourceRule(
        name="pod-memory-limit",
        asks="Containers have a memory limit.",
        why="A leak in one container takes the memory of the whole node, and other pods die of it.",
        remedy="Set resources.limits.memory.",
        example="spec: {containers: [{name: app, resources: {limits: {memory: 256Mi}}}]}",
        severity="medium",
        check=each_container(_memory, "containers", "initContainers"),
    ),
    ResourceRule(
        name="pod-pull-policy",
        asks="Images are pulled by digest or every time, and never only looked for on the node.",
        why="With a tag that moves, nodes run whichever image they happened to pull first.",
        remedy="Name the image by digest; or set imagePullPolicy: Always.",
        example="spec: {containers: [{name: app, image: 'ghcr.io/shop/web:1.4', imagePullPolicy: Always}]}",
        severity="medium",
        check=each_container(_pull),
    ),
)
