"""Start and stop of pods: probes, preStop hooks and the grace period."""

import re
from collections.abc import Iterator
from typing import Any

from ..model import ResourceRule, Violation
from ..reading.workloads import HOOKS, Container, Pod, containers, each_container, each_pod, is_long_running
from ..values import UNKNOWN, entries, get, items, leaves, text, whole_number

HANDLERS = ("exec", "grpc", "httpGet", "sleep", "tcpSocket")
GRACE_SECONDS = 30
"""Default of Kubernetes for terminationGracePeriodSeconds."""
_SLEEP = re.compile(r"\bsleep\s+([0-9]{1,6})\b")
_PORT = re.compile(r"[0-9]{1,5}")


def _has(container: Container, *hook: str) -> bool:
    """Whether a probe or hook has a handler, or may."""
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
    """Number of a named port of the container; None if there is no such port, UNKNOWN if there may be."""
    ports = get(container.props, "ports")
    for port in items(ports):
        if get(port, "name") == name:
            number = whole_number(get(port, "containerPort"))
            return UNKNOWN if number is None else number
    unknown = ports is UNKNOWN or any(get(port, "name") is UNKNOWN for port in items(ports))
    return UNKNOWN if unknown else None


def _number(container: Container, port: Any) -> Any:
    """Number of a port given by name or number; the name if the container has no such port."""
    name = text(port)
    if name is None:
        return UNKNOWN if port is UNKNOWN else whole_number(port)
    named = _named_port(container, name)
    if named is not None:
        return named
    return int(name) if _PORT.fullmatch(name) else name


def _actions(container: Container, probe: str) -> dict[str, Any]:
    """Actions of a probe by handler, with ports as numbers and with defaults; empty if not fully known."""
    actions: dict[str, Any] = {}
    for handler in HANDLERS:
        action = get(container.props, probe, handler)
        if action is not None:
            given = {key: value for key, value in entries(action).items() if value not in (None, "")}
            defaults = {"path": "/", "scheme": "HTTP"} if handler == "httpGet" else {}
            actions[handler] = {**defaults, **given, "port": _number(container, given.get("port"))}
    parts = [*leaves(actions), *leaves(get(container.props, probe))]
    return {} if any(value is UNKNOWN for _, value in parts) else actions


def _differ(container: Container) -> Iterator[Violation]:
    readiness = _actions(container, "readinessProbe")
    # A connection alone tells the process itself, whose dependencies cannot make it fail.
    if readiness and set(readiness) != {"tcpSocket"} and readiness == _actions(container, "livenessProbe"):
        yield Violation(path=container.at("readinessProbe"), message="is the same check as livenessProbe")


def _ports(container: Container) -> Iterator[Violation]:
    for hook in HOOKS:
        for handler in ("httpGet", "tcpSocket"):
            name = text(get(container.props, *hook, handler, "port"))
            if name and not _PORT.fullmatch(name) and _named_port(container, name) is None:
                path = container.at(*hook, handler, "port")
                message = f"{container.pod.resource.quote(path)} is not a port of the container"
                yield Violation(path=path, message=message)


def _sleep_seconds(container: Container) -> int:
    """Seconds that a preStop hook sleeps; 0 if unknown."""
    hook = get(container.props, "lifecycle", "preStop")
    command = " ".join(text(part) or "" for part in items(get(hook, "exec", "command")))
    return (
        sum(int(seconds) for seconds in _SLEEP.findall(command))
        or whole_number(get(hook, "sleep", "seconds"))
        or 0
    )


def _grace(pod: Pod) -> Iterator[Violation]:
    given = get(pod.spec, "terminationGracePeriodSeconds")
    seconds = GRACE_SECONDS if given is None else whole_number(given)
    sleep = max((_sleep_seconds(container) for container in containers(pod)), default=0)
    if sleep and seconds is not None and seconds <= sleep:
        path = pod.at("terminationGracePeriodSeconds")
        value = f"the default of {GRACE_SECONDS}" if given is None else pod.resource.quote(path)
        yield Violation(path=path, message=f"{value} s is not longer than the preStop sleep of {sleep} s")


RULES: tuple[ResourceRule, ...] = (
    ResourceRule(
        name="pod-readiness",
        asks="Containers of long-running pods have a readiness probe.",
        why="Without one, a pod gets requests before it can serve them, and a broken release rolls out.",
        remedy="Add a readinessProbe that checks what the container needs to serve requests.",
        example="spec: {containers: [{name: app, readinessProbe: {httpGet: {path: /ready, port: http}}}]}",
        severity="medium",
        check=each_container(_readiness, "containers"),
    ),
    ResourceRule(
        name="pod-liveness",
        asks="Containers of long-running pods have a liveness probe.",
        why="Without one, a process that hangs is never restarted.",
        remedy="Add a livenessProbe that checks the process itself, without its dependencies.",
        example="spec: {containers: [{name: app, livenessProbe: {httpGet: {path: /live, port: http}}}]}",
        severity="medium",
        check=each_container(_liveness, "containers"),
    ),
    ResourceRule(
        name="pod-probes-differ",
        asks="Readiness and liveness probes are different checks.",
        why="Otherwise the failure of a dependency restarts every pod instead of only stopping traffic.",
        remedy="Let livenessProbe check less than readinessProbe, by another path, port or command.",
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
        asks="Named ports in probes and hooks are ports of the container.",
        why="A probe of a missing port fails: the pod never becomes ready, or keeps restarting.",
        remedy="Use a port listed in ports of the same container, or its number.",
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
        asks="Containers of long-running pods have a preStop hook that waits.",
        why="Nodes keep sending requests to a terminating pod for a moment, and these fail without the wait.",
        remedy="Add lifecycle.preStop with a sleep of a few seconds.",
        example="spec: {containers: [{name: app, lifecycle: {preStop: {sleep: {seconds: 5}}}}]}",
        severity="medium",
        check=each_container(_pre_stop, "containers"),
    ),
    ResourceRule(
        name="pod-grace-period",
        asks="The grace period is longer than the preStop sleep.",
        why="The sleep is part of the grace period; the process has only the rest to finish its requests.",
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
