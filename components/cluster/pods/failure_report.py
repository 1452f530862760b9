"""Reports in a few lines why a release did not come up, from what the cluster still has on it."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..errors import ClusterError
from ..kubectl import Kubectl
from .failed_pods import Reason, reasons
from .pod_answer import answer
from .pod_state import Pod

_MOST_LINES = 14  # and the gate adds one
_MOST_REASONS = 4
_LONGEST_LINE = 400  # characters
_LONGEST_RECORD = 200
_LOG_LINES = 50
_LINES_OF_LOG = 5
# First words of a Go process before its stack trace, which may be long.
_PANIC = ("panic: ", "fatal error: ")


def collect_reasons(cluster: Kubectl, deployment: dict[str, Any], pods: Sequence[Pod]) -> list[Reason]:
    """Why pods of a Deployment did not come up, with lines of logs and answers to failed probes.

    What cannot be read is left out, and no call is repeated: the rollback waits for this.
    """
    cluster = replace(cluster, patience=0)
    found = reasons(deployment, pods, _events(cluster))
    shown, others = found[:_MOST_REASONS], found[_MOST_REASONS:]
    return [*(_with_evidence(cluster, reason) for reason in shown), *others]


def report(headline: str, found: Sequence[Reason]) -> list[str]:
    """A headline and the reasons, at most 14 lines."""
    shown = found[:_MOST_REASONS]
    more = [f"  and {len(found) - len(shown)} more"] if len(found) > len(shown) else []
    with_log = sum(bool(reason.log) for reason in shown)
    room = (_MOST_LINES - 1 - len(shown) - len(more)) // max(with_log, 1)
    lines = [headline]
    for reason in shown:
        lines.append(f"  {_counted(reason)}")
        if reason.log:
            lines[-1] += f"; last lines of {reason.pods[0]}:"
            lines += _shown(reason.log, room)
    return [_clean(line) for line in [*lines, *more]]


def in_a_line(found: Sequence[Reason]) -> str:
    """The reasons without logs, short enough for a record."""
    return _clean("; ".join(map(_text, found)), _LONGEST_RECORD)


def log_report(cluster: Kubectl, pod: str) -> list[str]:
    """A heading and the last 5 lines of a pod's log; empty without a log."""
    log = _last_lines(replace(cluster, patience=0), pod)
    return [f"last lines of {pod}:", *_shown(log, _LINES_OF_LOG)] if log else []


def _events(cluster: Kubectl) -> list[dict[str, Any]]:
    """Events of all pods of the namespace."""
    try:
        found = cluster.run("get", "events", "--field-selector=involvedObject.kind=Pod", "--output", "json")
    except ClusterError:
        return []
    return json.loads(found)["items"]


def _with_evidence(cluster: Kubectl, reason: Reason) -> Reason:
    if not reason.container:
        return reason
    pod, container = reason.pods[0], f"--container={reason.container}"
    log = _last_lines(cluster, pod, container, "--previous") if reason.log_is_previous else ()
    return replace(
        reason,
        text=_with_body(cluster, pod, reason),
        log=log or _last_lines(cluster, pod, container),
    )


def _with_body(cluster: Kubectl, pod: str, reason: Reason) -> str:
    """The reason with the first line of the pod's answer to its probe; events have only the status."""
    probe = reason.probe
    if not probe or not probe.path or probe.said:
        return reason.text
    status, body = answer(cluster, pod, probe.port, probe.path) or (0, "")
    # By now it may have another status than the probe got.
    if status < 400 or probe.status not in {0, status}:
        return reason.text
    first = next((line.strip() for line in body.splitlines() if line.strip()), "")
    return reason.text.removesuffix(probe.text) + replace(probe, status=status, body=first).text


def _counted(reason: Reason) -> str:
    if not reason.pods:
        return _text(reason)
    return f"{len(reason.pods)} {'pod' if len(reason.pods) == 1 else 'pods'}: {_text(reason)}"


def _text(reason: Reason) -> str:
    if reason.restarts < 2:
        return reason.text
    return f"{reason.text}, restarted {'up to ' if len(reason.pods) > 1 else ''}{reason.restarts} times"


def _last_lines(cluster: Kubectl, pod: str, *options: str) -> tuple[str, ...]:
    """The last 50 lines of a pod's log, without blank ones; empty without a log."""
    try:
        text = cluster.run("logs", pod, f"--tail={_LOG_LINES}", *options)
    except ClusterError:
        return ()
    return tuple(line for line in text.splitlines() if line.strip())


def _shown(log: tuple[str, ...], most: int) -> list[str]:
    """The last lines of a log, or the first ones of a panic, whose stack trace is often long."""
    panics = [number for number, line in enumerate(log) if line.startswith(_PANIC)]
    telling = log[panics[-1] :][:most] if panics else log[-most:]
    return [_clean(f"    | {line}") for line in telling]


def _clean(line: str, longest: int = _LONGEST_LINE) -> str:
    """A line without control characters, cut if it is too long."""
    printable = "".join(char if char.isprintable() else " " for char in line)
    return printable if len(printable) <= longest else f"{printable[: longest - 1]}…"
