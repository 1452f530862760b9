"""A namespace that a stack made goes once nothing is in it. Pulumi keeps it, as others may have moved in."""

import json

from components.shared import MANAGED, RESTRICTED
from local.process import CommandError
from local.site import Site

_LEAVING_SECONDS = 60
_OURS = MANAGED | RESTRICTED
# What a cluster puts into each namespace itself, or takes along with pods.
_OF_CLUSTER = {"configmap/kube-root-ca.crt", "serviceaccount/default"}
_PASSING = ("event", "pod.metrics.k8s.io/", "podmetrics", "endpoints/", "endpointslice", "lease")


def remove_if_empty(site: Site, name: str) -> str:
    """Deletes a namespace of ours if it is empty once its pods have left. Returns what was done."""
    try:
        shown = site.runner.run(["kubectl", "get", "namespace", name, "--output=jsonpath={.metadata.labels}"])
    except CommandError:
        return f"namespace {name} was not there any more"
    if not _OURS.items() <= json.loads(shown or "{}").items():
        return f"kept namespace {name}, which the stack did not make"
    if not site.runner.wait_for(lambda: not _objects(site, name), _LEAVING_SECONDS):
        left = _objects(site, name)
        return f"kept namespace {name}, which has {', '.join(left[:3])}{' and more' if left[3:] else ''}"
    site.runner.run(["kubectl", "delete", "namespace", name, "--wait=false"])
    return f"removed namespace {name}"


def _objects(site: Site, namespace: str) -> list[str]:
    listed = site.runner.run(["kubectl", "api-resources", "--namespaced", "--verbs=list", "--output=name"])
    kinds = ",".join(kind for kind in listed.split() if not kind.startswith("events"))
    names = site.runner.run(["kubectl", "get", kinds, "--namespace", namespace, "--output=name"])
    return [name for name in names.split() if name not in _OF_CLUSTER and not name.startswith(_PASSING)]
