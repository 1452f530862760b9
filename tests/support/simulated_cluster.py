"""A cluster small enough to try a canary in: two Deployments, their pods, and a Prometheus that watches them.

Its state is plain JSON, so that a `kubectl` that is a script can keep it in a file, and tests can change it.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.support import simulated_prometheus
from tests.support.simulated_prometheus import State

NAME = {"app.kubernetes.io/name": "shop", "app.kubernetes.io/instance": "shop"}
GRACE_SECONDS = 5


class RefusedError(Exception):
    """What kubectl would say on stderr."""


def cluster(stable: int = 9, start_seconds: float = 4) -> State:
    """State of a cluster whose stable pods are ready, beside a canary of another version without pods.

    `new` says how pods of the canary turn out: requests and errors of each pod within `interval` seconds, and
    the seconds that an answer takes; other times are of a pod's age. `status` replaces parts of a pod's own.
    """
    state: State = {
        "deployments": {"shop": _deployment("shop", "stable", "v1"), "shop-canary": _canary()},
        "replica_sets": {"shop-1": replica_set("shop-1", "v1", 1)},
        "pods": {},
        "made": 0,
        "start_seconds": {"shop": start_seconds, "shop-canary": start_seconds},
        "new": {
            "errors": 0.0,
            "seconds": 0.02,
            "requests": 100.0,
            "crash_after": None,
            "never_ready": False,
            "slow_for": 0.0,
            "status": {},
        },
        "interval": 30,
        "counted": {},
        "seen": {},
        "counted_at": -100.0,
        "scaler": None,
        "quota": None,
        "scaled": [],
        "prometheus_is_away": False,
    }
    scale(state, "shop", stable, now=-100.0)
    state["scaled"].clear()
    return state


def _canary() -> dict[str, Any]:
    return _deployment("shop-canary", "canary", "v2")


def _deployment(name: str, track: str, version: str) -> dict[str, Any]:
    labels = NAME | {"track": track, "app.kubernetes.io/version": version}
    spread = [{"maxSkew": 1, "labelSelector": {"matchLabels": NAME | {"track": track}}}]
    probe = {"httpGet": {"path": "/health/ready", "port": 8080}}
    image = f"registry/shop@sha256:{version}"
    containers = [{"name": "shop", "image": image, "readinessProbe": probe}]
    template = {
        "metadata": {"labels": labels},
        "spec": {"containers": containers, "topologySpreadConstraints": spread},
    }
    return {
        "kind": "Deployment",
        "metadata": {
            "name": name,
            "uid": f"{name}-uid",
            "annotations": {"deployment.kubernetes.io/revision": "1"} if track == "stable" else {},
        },
        "spec": {"replicas": 0, "template": template},
    }


def replica_set(name: str, version: str, revision: int, record: str = "") -> dict[str, Any]:
    """A ReplicaSet of the stable track, with the record of what became of its release."""
    notes = {"deployment.kubernetes.io/revision": str(revision)} | (
        {"goservice/record": record} if record else {}
    )
    template = _deployment("shop", "stable", version)["spec"]["template"]
    return {
        "metadata": {
            "name": name,
            "labels": NAME | {"track": "stable"},
            "annotations": notes,
            "creationTimestamp": f"2026-01-01T00:00:0{revision}Z",
        },
        "spec": {"template": template},
        "status": {},
    }


def scale(state: State, name: str, replicas: int, now: float) -> None:
    """Sets the pods wanted, as a person or an autoscaler would."""
    state["deployments"][name]["spec"]["replicas"] = replicas
    state["scaled"].append([name, replicas])
    reconcile(state, now)


def reconcile(state: State, now: float) -> None:
    """Adds and removes pods until there are as many as wanted."""
    pods: dict[str, Any] = state["pods"]
    for name, pod in list(pods.items()):
        if pod["left"] is not None and now - pod["left"] >= GRACE_SECONDS:
            del pods[name]
    for deployment, held in state["deployments"].items():
        own = [pod for pod in pods.values() if pod["of"] == deployment and _stays(pod)]
        missing = held["spec"]["replicas"] - len(own)
        if deployment == "shop-canary":
            room = missing if state["quota"] is None else max(state["quota"] - len(own), 0)
            _refuse(held, missing, room)
            missing = min(missing, room)
        for _ in range(missing):
            state["made"] += 1
            pods[f"{deployment}-{state['made']}"] = {
                "of": deployment,
                "born": now,
                "left": None,
                "evicted": False,
            }
        for pod in own[held["spec"]["replicas"] :]:
            pod["left"] = now


def _refuse(deployment: dict[str, Any], missing: int, room: int) -> None:
    """Says at a Deployment that its quota has no room for some of its pods."""
    message = "pods is forbidden: exceeded quota: tight"
    failure = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": message}
    deployment["status"] = {"conditions": [failure] if missing > room else []}


def _stays(pod: dict[str, Any]) -> bool:
    return pod["left"] is None and not pod["evicted"]


def is_ready(state: State, pod: dict[str, Any], now: float) -> bool:
    """Whether a pod takes traffic."""
    if pod["of"] == "shop-canary" and (state["new"]["never_ready"] or _crashed(state, pod, now)):
        return False
    return _stays(pod) and now - pod["born"] >= state["start_seconds"][pod["of"]]


def _crashed(state: State, pod: dict[str, Any], now: float) -> bool:
    after = state["new"]["crash_after"]
    return pod["of"] == "shop-canary" and after is not None and now - pod["born"] >= after


def ready(state: State, deployment: str, now: float) -> int:
    """Pods of a Deployment that take traffic."""
    return sum(pod["of"] == deployment and is_ready(state, pod, now) for pod in state["pods"].values())


def kubectl(state: State, arguments: list[str], now: float) -> str:
    """What kubectl prints for the arguments; raises RefusedError with what it says otherwise."""
    reconcile(state, now)
    return _patch(state, arguments, now) if arguments[0] == "patch" else _read(state, arguments, now)


def _patch(state: State, arguments: list[str], now: float) -> str:
    match arguments:
        case ["patch", "deployment", name, _owner, "--type", "merge", "--patch", text] if (
            name in state["deployments"]
        ):
            patch = json.loads(text)
            if "spec" in patch:
                scale(state, name, patch["spec"]["replicas"], now)
            notes = patch.get("metadata", {}).get("annotations", {})
            annotations = state["deployments"][name]["metadata"]["annotations"]
            annotations |= notes
            for key in [key for key, value in annotations.items() if value is None]:
                del annotations[key]
            return f"deployment.apps/{name} patched\n"
        case ["patch", "replicaset", name, _owner, "--type", "merge", "--patch", text]:
            notes = json.loads(text)["metadata"]["annotations"]
            state["replica_sets"][name]["metadata"]["annotations"] |= notes
            return f"replicaset.apps/{name} patched\n"
    raise RefusedError(f"Error from server (NotFound): {' '.join(arguments)} not found")


def _read(state: State, arguments: list[str], now: float) -> str:
    match arguments:
        case ["get", "deployments.apps,pods", *_]:
            pods = [_pod(state, name, pod, now) for name, pod in state["pods"].items()]
            return json.dumps({"items": [*state["deployments"].values(), *pods]})
        case ["get", "deployment" | "horizontalpodautoscaler" as kind, name, *_] if found := (
            state["deployments"] if kind == "deployment" else {"shop": state["scaler"]}
        ).get(name):
            return json.dumps(found)
        case ["get", "replicasets", *_]:
            return json.dumps({"items": list(state["replica_sets"].values())})
        case ["get", "--raw", path]:
            (query,) = parse_qs(urlsplit(path).query)["query"]
            series = prometheus(state, query, now)
            result = [{"metric": labels, "value": [now, str(value)]} for labels, value in series]
            return json.dumps({"status": "success", "data": {"resultType": "vector", "result": result}})
        case ["get", "events", *_]:
            return json.dumps({"items": _events(state, now)})
        case ["logs", name, _tail, *options]:
            pod = state["pods"].get(name)
            if pod is None or "--previous" in options:
                raise RefusedError(f"Error from server (BadRequest): no container of {name} was before")
            return "panic: no such table\n" if _crashed(state, pod, now) else "GET / 500\nGET / 500\n"
    raise RefusedError(f"Error from server (NotFound): {' '.join(arguments)} not found")


def answer(_cluster: object, _pod: str, _port: int, _path: str) -> tuple[int, str]:
    """What a pod that is not ready answers to its probe."""
    return 503, '{"status":"not ready"}\n'


def prometheus(state: State, query: str, now: float) -> list[tuple[dict[str, str], float]]:
    """What Prometheus answers to the queries of a trial."""
    count(state, now)
    if state["prometheus_is_away"]:
        raise RefusedError("Error from server (ServiceUnavailable): no endpoints available")
    ready = [name for name, pod in state["pods"].items() if is_ready(state, pod, now)]
    return simulated_prometheus.answer(state, query, ready, now)


def count(state: State, now: float) -> None:
    """Counts the answers up to now. To be called before what they are is changed."""
    seconds, state["counted_at"] = now - state["counted_at"], now
    for name, pod in state["pods"].items():
        if is_ready(state, pod, now):
            canary = pod["of"] == "shop-canary"
            cold = canary and now - pod["born"] <= state["new"]["slow_for"]
            simulated_prometheus.count(state, name, seconds, is_canary=canary, is_cold=cold)


def autoscale(state: State, cpu: int | None, most: int = 20) -> None:
    """Gives the stable track an autoscaler that aims at 60 % of its CPU, and has measured `cpu` percent."""
    target = {"type": "Utilization", "averageUtilization": 60}
    metrics = [{"type": "Resource", "resource": {"name": "cpu", "target": target}}]
    current = [{"type": "Resource", "resource": {"name": "cpu", "current": {"averageUtilization": cpu}}}]
    state["scaler"] = {
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "shop", "labels": NAME | {"app.kubernetes.io/managed-by": "pulumi"}},
        "spec": {"minReplicas": 3, "maxReplicas": most, "metrics": metrics},
        "status": {"currentMetrics": None if cpu is None else current},
    }


def _events(state: State, now: float) -> list[dict[str, Any]]:
    """What the kubelet says of pods that fail their probe."""
    return [
        {
            "type": "Warning",
            "lastTimestamp": "2026-01-01T00:00:00Z",
            "message": "Readiness probe failed: HTTP probe failed with statuscode: 503",
            "involvedObject": {"kind": "Pod", "name": name},
        }
        for name, pod in state["pods"].items()
        if pod["of"] == "shop-canary" and state["new"]["never_ready"] and not _crashed(state, pod, now)
    ]


def _pod(state: State, name: str, pod: dict[str, Any], now: float) -> dict[str, Any]:
    crashed = _crashed(state, pod, now)
    is_up = is_ready(state, pod, now)
    running: dict[str, Any] = {"running": {}}
    ended = {"terminated": {"reason": "Error", "exitCode": 2}}
    template = state["deployments"][pod["of"]]["spec"]["template"]
    metadata: dict[str, Any] = {
        "name": name,
        "uid": f"{name}-uid",
        "labels": template["metadata"]["labels"],
    }
    if pod["left"] is not None:
        metadata["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    container = {
        "name": "shop",
        "ready": is_up,
        "restartCount": 0,
        "state": ended if crashed or pod["evicted"] else running,
    }
    status: dict[str, Any] = {
        "phase": "Failed" if pod["evicted"] else "Running",
        "conditions": [{"type": "Ready", "status": str(is_up)}],
        "containerStatuses": [container],
    }
    if pod["evicted"]:
        status |= {"reason": "Evicted", "message": "The node was low on resource: memory."}
    if pod["of"] == "shop-canary":
        status |= state["new"]["status"]
    return {"kind": "Pod", "metadata": metadata, "spec": template["spec"], "status": status}


def main(file: Path) -> int:
    """kubectl for a program: the state is in a file, and the time is real."""
    state: State = json.loads(file.read_text())
    assert sys.argv[1] == "--context=staging", "the gate has to look where Pulumi deploys to"
    arguments = sys.argv[4:]  # the namespace and the limit of time come next
    arguments = arguments[1:] if arguments[0].startswith("--request-timeout") else arguments
    try:
        sys.stdout.write(kubectl(state, arguments, time.time()))
    except RefusedError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    finally:
        fresh = file.with_suffix(".new")
        fresh.write_text(json.dumps(state))
        fresh.replace(file)
    return 0
