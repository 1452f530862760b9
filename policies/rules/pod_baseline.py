"""The baseline Pod Security Standard: access of pods to their node.

pod_baseline_kernel.py has its controls of kernel features.
"""

from ..model import ResourceRule
from ..reading.pod_fields import EACH, in_containers, in_pod, in_security_contexts, only, union
from ..reading.workloads import HOOKS, each_pod

_OFF = (None, False)
_HANDLERS = union(
    *(in_containers(*hook, handler, "host") for hook in HOOKS for handler in ("httpGet", "tcpSocket"))
)


RULES: tuple[ResourceRule, ...] = (
    ResourceRule(
        name="pod-host-process",
        asks="Windows pods do not run as processes of the host.",
        why="A HostProcess container has the privileges of the Windows node.",
        remedy="Remove windowsOptions.hostProcess.",
        example="spec: {securityContext: {windowsOptions: {hostProcess: false}}}",
        severity="critical",
        control="HostProcess",
        standard="baseline",
        check=each_pod(
            only(
                in_security_contexts("windowsOptions", "hostProcess"),
                _OFF,
                "runs as a process of the host",
            )
        ),
    ),
    ResourceRule(
        name="pod-host-namespaces",
        asks="Pods do not share the node's network, process or IPC namespace.",
        why="In these namespaces a pod can see and reach resources of the node and of other pods.",
        remedy="Remove hostNetwork, hostPID and hostIPC; publish ports through a Service.",
        example="spec: {hostNetwork: false, hostPID: false, hostIPC: false}",
        severity="high",
        control="Host Namespaces",
        standard="baseline",
        check=each_pod(
            only(
                union(in_pod("hostNetwork"), in_pod("hostPID"), in_pod("hostIPC")),
                _OFF,
                "is {}: the pod shares a namespace of the node",
            )
        ),
    ),
    ResourceRule(
        name="pod-privileged",
        asks="Containers are not privileged.",
        why="A privileged container is root on the node in all but name.",
        remedy="Remove privileged; add only the capability that is needed, if any.",
        example="spec: {containers: [{name: app, securityContext: {privileged: false}}]}",
        severity="critical",
        control="Privileged Containers",
        standard="baseline",
        check=each_pod(
            only(
                in_containers("securityContext", "privileged"),
                _OFF,
                "is {}: the container has full access to the node",
            )
        ),
    ),
    ResourceRule(
        name="pod-host-path",
        asks="Volumes do not mount paths of the node.",
        why="With the node's files a pod can read its secrets or change its programs.",
        remedy="Use a PersistentVolumeClaim, an emptyDir, a ConfigMap or a Secret.",
        example="spec: {volumes: [{name: work, emptyDir: {}}]}",
        severity="high",
        control="HostPath Volumes",
        standard="baseline",
        check=each_pod(only(in_pod("volumes", EACH, "hostPath"), (None,), "mounts a path of the node")),
    ),
    ResourceRule(
        name="pod-host-ports",
        asks="Containers use no port of the node.",
        why="A host port bypasses network policies, and limits each node to one such pod.",
        remedy="Remove hostPort; publish the port through a Service.",
        example="spec: {containers: [{name: app, ports: [{containerPort: 8080}]}]}",
        severity="medium",
        control="Host Ports",
        standard="baseline",
        check=each_pod(only(in_containers("ports", EACH, "hostPort"), (None, 0), "uses port {} of the node")),
    ),
    ResourceRule(
        name="pod-host-probes",
        asks="Probes and lifecycle hooks do not set a host.",
        why="The kubelet makes these requests: with a host, they go from the node to any address.",
        remedy="Remove host, so that the request goes to the pod itself.",
        example="spec: {containers: [{name: app, livenessProbe: {httpGet: {path: /live, port: http}}}]}",
        severity="medium",
        control="Host Probes / Lifecycle Hooks",
        standard="baseline",
        check=each_pod(only(_HANDLERS, (None, ""), "is {}: the kubelet sends requests to it")),
    ),
)
