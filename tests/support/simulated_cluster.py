"""A cluster small enough to try a canary in: two Deployments, their pods, and a Prometheus that watches them.

Its state is plain JSON, so that a `kubectl` that is a script can keep it in a file, and tests can change it.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

State = dict[str, Any]

NAME = {"app.kubernetes.io/name": "shop", "app.kubernetes.io/instance": "shop"}
GRACE_SECONDS = 5


class RefusedError(Exception):
    """What kubectl would say on stderr."""


def cluster(stable: int = 9, start_seconds: float = 4) -> State:
    """State of a cluster whose stable pods are ready, beside a canary of another version without pods.

    `new` says how pods of the canary turn out; times are in seconds of their age.
    """
    state: State = {
        "deployments": {"shop": _deployment("shop", "stable", "v1"), "shop-canary": _canary()},
        "replica_sets": {"shop-1": replica_set("shop-1", "v1", 1)},
        "pods": {},
        "made": 0,
        "start_seconds": {"shop": start_seconds, "shop-canary": start_seconds},
        "new": {"errors": 0.0, "p99": 0.02, "requests": 100.0, "crash_after": None, "never_ready": False},
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
        for _ in range(held["spec"]["replicas"] - len(own)):
            state["made"] += 1
            pods[f"{deployment}-{state['made']}"] = {
                "of": deployment,
                "born": now,
                "left": None,
                "evicted": False,
            }
        for pod in own[held["spec"]["replicas"] :]:
            pod["left"] = now


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
            state["deployments"][name]["metadata"]["annotations"] |= notes
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
        case ["get", "deployment", name, *_] if name in state["deployments"]:
            return json.dumps(state["deployments"][name])
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
    """What Prometheus answers to the queries of a trial: every pod that is ready had the same load."""
    if state["prometheus_is_away"]:
        raise RefusedError("Error from server (ServiceUnavailable): no endpoints available")
    asked = {name: pod for name, pod in state["pods"].items() if name in query and is_ready(state, pod, now)}
    canary = any(pod["of"] == "shop-canary" for pod in asked.values())
    if query.startswith("histogram_quantile"):
        return [({}, state["new"]["p99"] if canary else 0.02)]
    found: list[tuple[dict[str, str], float]] = []
    for name, pod in asked.items():
        errors = state["new"]["errors"] if pod["of"] == "shop-canary" else 0.0
        counts = {"200": state["new"]["requests"] - errors, "500": errors}
        found += [({"pod": name, "status": status}, count) for status, count in counts.items() if count]
    return found


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
    metadata: dict[str, Any] = {"name": name, "labels": template["metadata"]["labels"]}
    if pod["left"] is not None:
        metadata["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    return {
        "kind": "Pod",
        "metadata": metadata,
        "spec": template["spec"],
        "status": {
            "phase": "Failed" if pod["evicted"] else "Running",
            "conditions": [{"type": "Ready", "status": str(is_up)}],
            "containerStatuses": [
                {
                    "name": "shop",
                    "ready": is_up,
                    "restartCount": 0,
                    "state": ended if crashed or pod["evicted"] else running,
                }
            ],
        },
    }


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
