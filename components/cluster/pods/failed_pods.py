"""Why pods of a release did not come up, in the cluster's words.

Pure. Objects are as the API server gives them.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from . import failing_probe as probes
from . import pod_state
from .pod_state import Pod

_PULLING = frozenset({"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"})
_ON_ITS_WAY = frozenset({"ContainerCreating", "PodInitializing"})
# Prefixes of the cause, which repeat the image.
_BEFORE_CAUSE = re.compile(
    r'^(?:Failed to pull image|Back-off pulling image) "[^"]*"(?:: )?'
    r"(?:ErrImagePull: )?(?:rpc error: code = \w+ desc = )?"
)


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why some pods are not ready, or none could be created."""

    text: str
    """In one line, the same for all of these pods."""
    pods: tuple[str, ...] = ()
    """Names of the pods; empty if none could be created."""
    restarts: int = 0
    """Maximum number of restarts of a container of these pods."""
    container: str = ""
    """Container whose log may show more; empty if there is no log."""
    log_is_previous: bool = False
    """Whether that log is the one from before the last restart (`kubectl logs --previous`)."""
    log: tuple[str, ...] = ()
    """Last lines of that log, from the first pod."""
    probe: probes.Probe | None = None
    """The probe that fails."""


def reasons(
    deployment: dict[str, Any], pods: Sequence[Pod], events: Iterable[dict[str, Any]] = ()
) -> list[Reason]:
    """Why pods of a Deployment are not ready or have crashed: each reason once, the most frequent first.

    events: those of pods in the namespace.
    """
    events = sorted((event for event in events if event.get("message")), key=_moment)
    found = _refused(deployment, pods)
    template = deployment.get("spec", {}).get("template")
    for pod in pods:
        if not pod_state.is_leaving(pod):
            told = [e for e in events if e["involvedObject"].get("name") == pod_state.name(pod)]
            own = (template or pod)["spec"]["containers"][0]["name"]
            found += _of(pod, told, own)
    if not found and not pods:
        found = [Reason(text="no pod has been made yet")]
    groups: dict[str, Reason] = {}
    for one in found:
        same = groups.get(one.text)
        groups[one.text] = (
            replace(same, pods=same.pods + one.pods, restarts=max(same.restarts, one.restarts))
            if same
            else one
        )
    return sorted(groups.values(), key=lambda reason: -len(reason.pods))


def refusal(deployment: dict[str, Any], pods: Sequence[Pod]) -> str:
    """Why pods of a Deployment cannot be made at all: a pause, a quota or admission; empty if they can."""
    return "; ".join(reason.text for reason in _refused(deployment, pods))


def _refused(deployment: dict[str, Any], pods: Sequence[Pod]) -> list[Reason]:
    """Pauses, quotas and admission: pods that could not be created."""
    if deployment.get("spec", {}).get("paused"):
        return [Reason(text="no pod is made while the Deployment is paused; resume its rollout")]
    some = any(not pod_state.is_leaving(pod) for pod in pods)
    what = "no further pod can be made" if some else "no pod can be made"
    return [
        Reason(text=f"{what}: {condition.get('message', condition.get('reason', ''))}")
        for condition in deployment.get("status", {}).get("conditions", [])
        if condition["type"] == "ReplicaFailure" and condition["status"] == "True"
    ]


def _of(pod: Pod, events: list[dict[str, Any]], own: str) -> list[Reason]:
    """Reasons of one pod. A sidecar that has restarted and is ready again is none.

    own: name of the service's container.
    """
    name = pod_state.name(pod)
    statuses = pod["status"].get("containerStatuses", [])
    if not statuses:
        return [Reason(text=_unscheduled(pod) or _not_started(events), pods=(name,))]
    containers = {container["name"]: container for container in pod["spec"]["containers"]}
    found: list[Reason] = []
    for status in statuses:
        container = containers[status["name"]]
        waiting = status.get("state", {}).get("waiting")
        ended = pod_state.termination(status)
        if ended and not (status.get("ready") and status["name"] != own):
            reason = _ended(ended, status, container, events)
            # Of one container alone, nobody asks which.
            text = f"container {container['name']} {reason.text}" if len(containers) > 1 else reason.text
            found.append(replace(reason, text=text, pods=(name,)))
        elif waiting:
            found.append(Reason(text=_waits(waiting, container, events), pods=(name,)))
        elif with_node := status.get("state", {}).get("terminated"):
            text = f"ended with its node: {with_node['reason']}, exit code {with_node['exitCode']}"
            found.append(Reason(text=text, pods=(name,)))
        elif not status.get("ready"):
            probe = probes.failing(container, status, events)
            found.append(Reason(text=probe.text, pods=(name,), container=status["name"], probe=probe))
    return found


def _unscheduled(pod: Pod) -> str:
    for condition in pod["status"].get("conditions", []):
        if condition["type"] == "PodScheduled" and condition["status"] != "True":
            return f"not scheduled: {condition.get('message', condition.get('reason', 'no reason given'))}"
    return ""


def _ended(
    ended: dict[str, Any],
    status: dict[str, Any],
    container: dict[str, Any],
    events: list[dict[str, Any]],
) -> Reason:
    probe = probes.killing(container, events)
    if probe:
        text = f"killed by the kubelet: {probe.text}"
    else:
        text = f"crashed: {ended.get('reason', 'Error')}, exit code {ended['exitCode']}"
        limit = container.get("resources", {}).get("limits", {}).get("memory")
        if ended.get("reason") == "OOMKilled" and limit:
            text += f", memory limit {limit}"
        if ended.get("message"):
            text += f": {ended['message'].strip()}"
    return Reason(
        text=text,
        restarts=status.get("restartCount", 0),
        container=status["name"],
        log_is_previous="terminated" not in status["state"],
        probe=probe,
    )


def _waits(waiting: dict[str, Any], container: dict[str, Any], events: list[dict[str, Any]]) -> str:
    reason, message = waiting.get("reason", "waiting"), waiting.get("message", "")
    if reason in _PULLING:
        told = [e["message"] for e in events if e["message"].startswith("Failed to pull image")]
        cause = _cause(told[-1] if told else message, container["image"])
        return f"image {container['image']} cannot be pulled: {cause or reason}"
    if reason in _ON_ITS_WAY:
        return _not_started(events)
    return f"container not started: {reason}" + (f": {message}" if message else "")


def _cause(message: str, image: str) -> str:
    """Why an image cannot be pulled, without the prefixes that repeat its name."""
    named = re.escape(image)
    return re.sub(rf'[^:"]*"[^"]*{named}": |\S*{named}: ', "", _BEFORE_CAUSE.sub("", message))


def _moment(event: dict[str, Any]) -> str:
    return event.get("lastTimestamp") or event.get("eventTime") or ""


def _not_started(events: list[dict[str, Any]]) -> str:
    warnings = [event["message"] for event in events if event.get("type") == "Warning"]
    return "not started yet" + (f": {warnings[-1]}" if warnings else "")
