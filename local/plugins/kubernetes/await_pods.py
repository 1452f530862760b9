"""Why pods are not ready, from their status, events and logs. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from local.plugins.kubernetes.objects import Object, get, name_of

_STARTING = frozenset({"ContainerCreating", "PodInitializing"})
_PULL = frozenset(
    {"ImagePullBackOff", "ErrImagePull", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable"}
)
_LOG_FOLLOWS = "; its last lines:"
_SHOWN = 3  # pods named in one reason


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What is known about pods besides their status.

    Attributes:
        events: Warnings by pod name, oldest first.
        logs: Last log lines by pod and container name.
    """

    events: Mapping[str, Sequence[Object]] = field(default_factory=dict)
    logs: Mapping[tuple[str, str], str] = field(default_factory=dict)


NO_EVIDENCE = Evidence()


def condition(obj: Any, type: str) -> Mapping[str, Any]:
    """A condition of an object's status, empty where there is none."""
    conditions = get(obj, "status", "conditions") or []
    return next((item for item in conditions if item.get("type") == type), {})


def is_true(obj: Any, type: str) -> bool:
    """Whether a condition of an object's status is met."""
    return condition(obj, type).get("status") == "True"


def is_ready(pod: Object) -> bool:
    """Whether a pod serves, or has done its work."""
    return is_true(pod, "Ready") or get(pod, "status", "phase") == "Succeeded"


def reasons(pods: Sequence[Object], evidence: Evidence = NO_EVIDENCE) -> list[str]:
    """Why pods are not ready, one line for each different reason."""
    named: dict[str, list[str]] = {}
    for pod in pods:
        if not is_ready(pod) and get(pod, "metadata", "deletionTimestamp") is None:
            for problem in problems(pod, evidence):
                # Names of pods in messages would keep equal reasons apart.
                named.setdefault(problem.replace(name_of(pod), "<pod>"), []).append(name_of(pod))
    return [f"{_listed(names)}: {problem.replace('<pod>', names[0])}" for problem, names in named.items()]


def with_first(status: str, problems: Sequence[str]) -> str:
    """A status line with the first of several problems, in one line."""
    if not problems:
        return status
    return f"{status}; {problems[0].splitlines()[0].removesuffix(_LOG_FOLLOWS)}"


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
    return f"pod {shown}" if len(names) == 1 else f"pods {shown}"


def problems(pod: Object, evidence: Evidence = NO_EVIDENCE) -> list[str]:
    """Why one pod is not ready; empty when it has simply not had the time."""
    events = evidence.events.get(name_of(pod), ())
    scheduled = condition(pod, "PodScheduled")
    if scheduled.get("status") == "False":
        return [f"cannot be scheduled: {scheduled.get('message') or scheduled.get('reason')}"]
    if get(pod, "status", "reason") and get(pod, "status", "phase") == "Failed":
        return [f"{get(pod, 'status', 'reason')}: {get(pod, 'status', 'message')}"]
    status = pod.get("status") or {}
    statuses = [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]
    found = [text for item in statuses if (text := _container(pod, item, events, evidence.logs))]
    return found or [f"{event.get('reason')}: {event.get('message')}" for event in _last(events, _is_setup)]


def _container(
    pod: Object, status: Mapping[str, Any], events: Sequence[Object], logs: Mapping[tuple[str, str], str]
) -> str:
    name = str(status.get("name"))
    waiting = get(status, "state", "waiting") or {}
    reason = str(waiting.get("reason") or "")
    ended = get(status, "state", "terminated") or get(status, "lastState", "terminated")
    if reason in _PULL:
        image, message = _image(pod, name), _pull_message(waiting, events)
        return f"container {name}: image {image} cannot be pulled ({reason}): {message}"
    if ended and (ended.get("exitCode") or reason == "CrashLoopBackOff") and not _initialised(status):
        return _crashed(pod, status, ended, logs.get((name_of(pod), name), ""))
    if reason and reason not in _STARTING:
        return f"container {name}: {reason}: {waiting.get('message') or 'no message'}"
    if get(status, "state", "running") is not None and not status.get("ready"):
        failing = _last(events, lambda event: event.get("reason") == "Unhealthy" and _concerns(event, name))
        return f"container {name} is not ready: {_tidy(failing[0])}" if failing else ""
    return ""


def _initialised(status: Mapping[str, Any]) -> bool:
    """An init container that has done its work, or a container that serves again."""
    return bool(status.get("ready")) or get(status, "state", "terminated", "exitCode") == 0


def _crashed(pod: Object, status: Mapping[str, Any], ended: Mapping[str, Any], log: str) -> str:
    name = str(status.get("name"))
    if ended.get("reason") == "OOMKilled":
        limit = get(_spec(pod, name), "resources", "limits", "memory") or "the node's"
        text = f"container {name} was killed for using more memory than its limit of {limit} (OOMKilled)"
    else:
        detail = (
            f" ({ended['reason']})" if ended.get("reason") not in {None, "", "Error", "Completed"} else ""
        )
        text = f"container {name} exited with code {ended.get('exitCode')}{detail}"
    waiting = str(get(status, "state", "waiting", "reason") or "")
    restarts = status.get("restartCount") or 0
    text += f", {waiting}" if waiting else ""
    text += f", {restarts} restart{'s' if restarts != 1 else ''}" if restarts else ""
    lines = (log or str(ended.get("message") or "")).strip().splitlines()
    return text + (_LOG_FOLLOWS + "".join(f"\n    {line}" for line in lines) if lines else "")


def _spec(pod: Object, name: str) -> Mapping[str, Any]:
    spec = pod.get("spec") or {}
    containers = [*(spec.get("initContainers") or []), *(spec.get("containers") or [])]
    return next((item for item in containers if item.get("name") == name), {})


def _image(pod: Object, name: str) -> str:
    return str(_spec(pod, name).get("image") or "of unknown name")


def _pull_message(waiting: Mapping[str, Any], events: Sequence[Object]) -> str:
    pulls = _last(events, lambda event: str(event.get("message", "")).startswith("Failed to pull image"))
    message = str(pulls[0].get("message") if pulls else waiting.get("message") or "no message")
    # The runtime wraps its reason in layers that all repeat the image.
    message = re.sub(r"^(Back-off pulling image|Failed to pull image) \"[^\"]*\":? ?", "", message)
    message = re.sub(r"rpc error: code = \w+ desc = ", "", message)
    return re.sub(r"failed to pull and unpack image \"[^\"]*\": ", "", message) or str(
        waiting.get("message") or "no message"
    )


def _concerns(event: Object, container: str) -> bool:
    path = str(get(event, "involvedObject", "fieldPath") or "")
    return not path or f"{{{container}}}" in path


def _is_setup(event: Object) -> bool:
    return event.get("reason") in {
        "FailedMount",
        "FailedAttachVolume",
        "FailedCreatePodSandBox",
        "FailedScheduling",
    }


def _last(events: Sequence[Object], wanted: Callable[[Object], bool]) -> list[Object]:
    return [event for event in reversed(events) if wanted(event)][:1]


def _tidy(event: Object) -> str:
    count = event.get("count") or get(event, "series", "count") or 1
    return str(event.get("message", "")).strip() + (f" ({count} times)" if count > 1 else "")
