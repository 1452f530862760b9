"""What pods may have of the node they run on: the baseline Pod Security Standard.

Its other half, what the kernel lets them do, is in pod_baseline_kernel.py.
"""

from ..model import ResourceRule
from ..reading.pod_fields import EACH, in_containers, in_pod, in_security_contexts, only, together
from ..reading.workloads import HOOKS, each_pod

_OFF = (None, False)
_HANDLERS = together(
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
        asks="Pods share no namespace with the node: network, processes, IPC.",
        why="In the node's namespaces a pod sees and reaches what belongs to the node and to other pods.",
        remedy="Remove hostNetwork, hostPID and hostIPC; publish ports through a Service.",
        example="spec: {hostNetwork: false, hostPID: false, hostIPC: false}",
        severity="high",
        control="Host Namespaces",
        standard="baseline",
        check=each_pod(
            only(
                together(in_pod("hostNetwork"), in_pod("hostPID"), in_pod("hostIPC")),
                _OFF,
                "is {}: shares a namespace of the node",
            )
        ),
    ),
    ResourceRule(
        name="pod-privileged",
        asks="Containers are not privileged.",
        why="A privileged container is root on the node in all but name.",
        remedy="Remove privileged; add the one capability that is needed, if any.",
        example="spec: {containers: [{name: app, securityContext: {privileged: false}}]}",
        severity="critical",
        control="Privileged Containers",
        standard="baseline",
        check=each_pod(
            only(in_containers("securityContext", "privileged"), _OFF, "is {}: has all of the node")
        ),
    ),
    ResourceRule(
        name="pod-host-path",
        asks="Volumes do not come from the node's file system.",
        why="Files of the node let a pod read its secrets, or change what it runs.",
        remedy="Use a PersistentVolumeClaim, an emptyDir, a ConfigMap or a Secret.",
        example="spec: {volumes: [{name: work, emptyDir: {}}]}",
        severity="high",
        control="HostPath Volumes",
        standard="baseline",
        check=each_pod(only(in_pod("volumes", EACH, "hostPath"), (None,), "mounts a path of the node")),
    ),
    ResourceRule(
        name="pod-host-ports",
        asks="Containers take no port of the node.",
        why="A host port goes round network policies, and allows one such pod on each node.",
        remedy="Remove hostPort; publish the port through a Service.",
        example="spec: {containers: [{name: app, ports: [{containerPort: 8080}]}]}",
        severity="medium",
        control="Host Ports",
        standard="baseline",
        check=each_pod(
            only(in_containers("ports", EACH, "hostPort"), (None, 0), "takes port {} of the node")
        ),
    ),
    ResourceRule(
        name="pod-host-probes",
        asks="Probes and lifecycle hooks name no host.",
        why="The kubelet makes these requests; a host sends them from the node to anywhere.",
        remedy="Remove host: without it the request goes to the pod itself.",
        example="spec: {containers: [{name: app, livenessProbe: {httpGet: {path: /live, port: http}}}]}",
        severity="medium",
        control="Host Probes / Lifecycle Hooks",
        standard="baseline",
        check=each_pod(only(_HANDLERS, (None, ""), "sends the kubelet to {}")),
    ),
)
