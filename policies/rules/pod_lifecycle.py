"""How pods come and go: probes, and the time between leaving the Service and the end of the process."""

import re
from collections.abc import Iterator
from typing import Any

from ..model import ResourceRule, Violation
from ..reading.workloads import HOOKS, Container, Pod, containers, each_container, each_pod, is_long_running
from ..values import UNKNOWN, entries, get, items, leaves, text, whole

HANDLERS = ("exec", "grpc", "httpGet", "sleep", "tcpSocket")
GRACE_SECONDS = 30
"""What Kubernetes grants a pod that says nothing."""
_SLEEP = re.compile(r"\bsleep\s+([0-9]{1,6})\b")
_PORT = re.compile(r"[0-9]{1,5}")


def _has(container: Container, *hook: str) -> bool:
    """Whether a probe or hook does something, or may."""
    return any(get(container.props, *hook, handler) is not None for handler in HANDLERS)


def _readiness(container: Container) -> Iterator[Violation]:
    if is_long_running(container.pod) and not _has(container, "readinessProbe"):
        yield Violation(path=container.at("readinessProbe"), message="is missing")


def _liveness(container: Container) -> Iterator[Violation]:
    if is_long_running(container.pod) and not _has(container, "livenessProbe"):
        yield Violation(path=container.at("livenessProbe"), message="is missing")


def _pre_stop(container: Container) -> Iterator[Violation]:
    if is_long_running(container.pod) and not _has(container, "lifecycle", "preStop"):
        yield Violation(path=container.at("lifecycle", "preStop"), message="is missing")


def _named_port(container: Container, name: str) -> Any:
    """Number of a port of the container, None if it has none of that name, UNKNOWN if it may."""
    ports = get(container.props, "ports")
    for port in items(ports):
        if get(port, "name") == name:
            number = whole(get(port, "containerPort"))
            return UNKNOWN if number is None else number
    unknown = ports is UNKNOWN or any(get(port, "name") is UNKNOWN for port in items(ports))
    return UNKNOWN if unknown else None


def _number(container: Container, port: Any) -> Any:
    """Number of a port given by name or number; the name if the container has no port of that name."""
    name = text(port)
    if name is None:
        return UNKNOWN if port is UNKNOWN else whole(port)
    named = _named_port(container, name)
    if named is not None:
        return named
    return int(name) if _PORT.fullmatch(name) else name


def _asked(container: Container, probe: str) -> dict[str, Any]:
    """What a probe does, ports as numbers and defaults filled in; empty where it is not known."""
    asked: dict[str, Any] = {}
    for handler in HANDLERS:
        action = get(container.props, probe, handler)
        if action is not None:
            given = {key: value for key, value in entries(action).items() if value not in (None, "")}
            defaults = {"path": "/", "scheme": "HTTP"} if handler == "httpGet" else {}
            asked[handler] = {**defaults, **given, "port": _number(container, given.get("port"))}
    parts = [*leaves(asked), *leaves(get(container.props, probe))]
    return {} if any(value is UNKNOWN for _, value in parts) else asked


def _differ(container: Container) -> Iterator[Violation]:
    asked = _asked(container, "readinessProbe")
    if asked and asked == _asked(container, "livenessProbe"):
        yield Violation(path=container.at("readinessProbe"), message="asks just what livenessProbe asks")


def _ports(container: Container) -> Iterator[Violation]:
    for hook in HOOKS:
        for handler in ("httpGet", "tcpSocket"):
            name = text(get(container.props, *hook, handler, "port"))
            if name and not _PORT.fullmatch(name) and _named_port(container, name) is None:
                path = container.at(*hook, handler, "port")
                message = (
                    f"is {container.pod.resource.quoted(path)}, and the container has no port of that name"
                )
                yield Violation(path=path, message=message)


def _slept(container: Container) -> int:
    """Seconds that a preStop hook surely sleeps."""
    hook = get(container.props, "lifecycle", "preStop")
    command = " ".join(text(part) or "" for part in items(get(hook, "exec", "command")))
    return (
        sum(int(seconds) for seconds in _SLEEP.findall(command)) or whole(get(hook, "sleep", "seconds")) or 0
    )


def _grace(pod: Pod) -> Iterator[Violation]:
    given = get(pod.spec, "terminationGracePeriodSeconds")
    seconds = GRACE_SECONDS if given is None else whole(given)
    slept = max((_slept(container) for container in containers(pod)), default=0)
    if slept and seconds is not None and seconds <= slept:
        path = pod.at("terminationGracePeriodSeconds")
        shown = "not set" if given is None else pod.resource.quoted(path)
        yield Violation(path=path, message=f"is {shown}, no longer than preStop sleeps")


RULES: tuple[ResourceRule, ...] = (
    ResourceRule(
        name="pod-readiness",
        asks="Containers of pods that stay have a readiness probe.",
        why="Without one a pod gets requests before it can answer them, and a broken release goes out.",
        remedy="Add readinessProbe, asking for what the container needs to answer requests.",
        example="spec: {containers: [{name: app, readinessProbe: {httpGet: {path: /ready, port: http}}}]}",
        severity="medium",
        check=each_container(_readiness, "containers"),
    ),
    ResourceRule(
        name="pod-liveness",
        asks="Containers of pods that stay have a liveness probe.",
        why="A process that hangs is never started again.",
        remedy="Add livenessProbe, asking whether the process itself works, and for nothing behind it.",
        example="spec: {containers: [{name: app, livenessProbe: {httpGet: {path: /live, port: http}}}]}",
        severity="medium",
        check=each_container(_liveness, "containers"),
    ),
    ResourceRule(
        name="pod-probes-differ",
        asks="Readiness and liveness probes ask different things.",
        why="If a database is away, every pod is restarted where it should only get no requests.",
        remedy="Let livenessProbe ask for less than readinessProbe: another path, port or command.",
        example="""spec:
  containers:
    - name: app
      readinessProbe: {httpGet: {path: /ready, port: http}}
      livenessProbe: {httpGet: {path: /live, port: http}}""",
        severity="low",
        check=each_container(_differ, "containers", "initContainers"),
    ),
    ResourceRule(
        name="pod-probe-ports",
        asks="Ports that probes and hooks name are ports of the container.",
        why="A probe of a port that is not there fails: the pod is never ready, or keeps restarting.",
        remedy="Name a port listed in ports of the same container, or give its number.",
        example="""spec:
  containers:
    - name: app
      ports: [{name: http, containerPort: 8080}]
      livenessProbe: {httpGet: {path: /live, port: http}}""",
        severity="high",
        check=each_container(_ports),
    ),
    ResourceRule(
        name="pod-pre-stop",
        asks="Containers of pods that stay wait in preStop before they are told to end.",
        why="Until every node knows that the pod leaves, requests arrive that find no process.",
        remedy="Add lifecycle.preStop with a sleep of some seconds.",
        example="spec: {containers: [{name: app, lifecycle: {preStop: {sleep: {seconds: 5}}}}]}",
        severity="medium",
        check=each_container(_pre_stop, "containers"),
    ),
    ResourceRule(
        name="pod-grace-period",
        asks="The grace period is longer than preStop sleeps.",
        why="The sleep is part of it; what is left is all the process gets to finish its requests.",
        remedy="Set terminationGracePeriodSeconds to the sleep plus the time the server needs to shut down.",
        example="""spec:
  terminationGracePeriodSeconds: 35
  containers:
    - name: app
      lifecycle: {preStop: {sleep: {seconds: 5}}}""",
        severity="high",
        check=each_pod(_grace),
    ),
)
