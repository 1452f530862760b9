"""Which changes an object cannot take in place, so that it has to be made anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from local.plugins.kubernetes.objects import Gvk

_IDENTITY = ("metadata.name", "metadata.namespace")
_WORKLOAD = ("spec.selector",)
_BINDING = ("roleRef",)
_CONTAINER_FREE = ("image",)
_VOLUME_SOURCES = (
    "awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "csi", "fc", "flexVolume",
    "flocker", "gcePersistentDisk", "glusterfs", "hostPath", "iscsi", "local", "nfs", "photonPersistentDisk",
    "portworxVolume", "quobyte", "rbd", "scaleIO", "storageos", "vsphereVolume",
)  # fmt: skip
# The API server takes a new image, deadline or toleration in a running pod, and nothing else.
_POD = tuple(
    f"spec.{name}"
    for name in (
        "affinity", "automountServiceAccountToken", "containers", "dnsConfig", "dnsPolicy",
        "enableServiceLinks", "hostAliases", "hostIPC", "hostNetwork", "hostPID", "hostname",
        "imagePullSecrets", "initContainers", "nodeName", "nodeSelector", "overhead", "preemptionPolicy",
        "priority", "priorityClassName", "readinessGates", "restartPolicy", "runtimeClassName",
        "schedulerName", "securityContext", "serviceAccount", "serviceAccountName",
        "shareProcessNamespace", "subdomain", "terminationGracePeriodSeconds", "volumes",
    )
)  # fmt: skip

_RULES: Mapping[tuple[str, str], Sequence[str]] = {
    ("", "ConfigMap"): ("data", "binaryData"),
    ("", "PersistentVolume"): tuple(f"spec.{source}" for source in _VOLUME_SOURCES),
    ("", "PersistentVolumeClaim"): ("spec",),
    ("", "Pod"): _POD,
    ("", "ResourceQuota"): ("spec.scopes",),
    ("", "Secret"): ("type", "data", "stringData"),
    ("", "Service"): ("spec.clusterIP",),
    ("apps", "DaemonSet"): _WORKLOAD,
    ("apps", "Deployment"): _WORKLOAD,
    ("apps", "StatefulSet"): (
        "spec.podManagementPolicy", "spec.revisionHistoryLimit", "spec.selector", "spec.serviceName",
        "spec.volumeClaimTemplates",
    ),
    ("batch", "Job"): ("spec.completions", "spec.parallelism", "spec.selector", "spec.template"),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): _BINDING,
    ("rbac.authorization.k8s.io", "RoleBinding"): _BINDING,
    ("storage.k8s.io", "StorageClass"): ("parameters", "provisioner"),
}  # fmt: skip


def replacing_fields(
    gvk: Gvk, *, mutable_configmaps: bool, mutable_secrets: bool, immutable: bool
) -> Sequence[str]:
    """Fields whose change, or that of anything inside them, makes a new object.

    Args:
        gvk: The kind.
        mutable_configmaps, mutable_secrets: The provider's enableConfigMapMutable and enableSecretMutable.
        immutable: The object says `immutable: true` of itself.
    """
    rules = _RULES.get((gvk.group, gvk.kind), ())
    if not immutable and not gvk.group:
        if gvk.kind == "ConfigMap" and mutable_configmaps:
            rules = ()
        if gvk.kind == "Secret" and mutable_secrets:
            rules = ("type",)
    return (*_IDENTITY, *rules)


def replaces(path: str, gvk: Gvk, fields: Sequence[str]) -> bool:
    """Whether a change at a property path makes a new object."""
    if (
        gvk.group == ""
        and gvk.kind == "Pod"
        and path.startswith("spec.")
        and path.rpartition(".")[2] in _CONTAINER_FREE
    ):
        return False
    # A change of a whole section that holds such a field changes the field as well.
    return any(path == f or path.startswith((f"{f}.", f"{f}[")) or f.startswith(f"{path}.") for f in fields)
