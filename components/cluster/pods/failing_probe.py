"""Which probe of a container fails, and what the kubelet got from it.

Pure. Containers, statuses and events are as the API server gives them, the newest event last.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_FAILED = re.compile(r"(Liveness|Readiness|Startup) probe (?:failed|errored[^:]*): (.*)", re.DOTALL)
_KILLED = re.compile(r"Container (\S+) failed (liveness|startup) probe")
_STATUS = re.compile(r"HTTP probe failed with statuscode: (\d+)")
# Addresses, which differ from pod to pod: `Get "http://10.1.0.7:8080/": dial tcp 10.1.0.7:8080: connect: `.
_ADDRESSES = re.compile(r'^Get "[^"]*": |\b(?:dial|read|write) tcp \S+: (?:\w+: )?')


@dataclass(frozen=True, kw_only=True)
class Probe:
    """A probe that fails."""

    kind: str
    """`liveness`, `readiness` or `startup`."""
    path: str
    """HTTP path; empty if the probe is not an HTTP GET."""
    port: int
    """TCP port."""
    status: int
    """Last status code it got; 0 if none is known."""
    said: str
    """The kubelet's message if it got no status code; empty without one."""
    body: str = ""
    """First line of the body it got; empty if not known."""

    @property
    def text(self) -> str:
        """The probe and its failure, in one line."""
        asked = f"{self.kind} probe" + (f" GET {self.path} on port {self.port}" if self.path else "")
        if self.status:
            return f"{asked} answered {self.status}" + (f": {self.body}" if self.body else "")
        return f"{asked} failed: {self.said}" if self.said else f"{asked} has not succeeded yet"


def failing(container: dict[str, Any], status: dict[str, Any], events: Sequence[dict[str, Any]]) -> Probe:
    """The probe that keeps a running container from being ready."""
    startup = "startupProbe" in container and not status.get("started")
    return _probe("startup" if startup else "readiness", container, events)


def killing(container: dict[str, Any], events: Sequence[dict[str, Any]]) -> Probe | None:
    """The probe for which the kubelet killed a container; None if it ended by itself."""
    for event in reversed(events):
        found = _KILLED.match(event["message"])
        if found and found[1] == container["name"]:
            return _probe(found[2], container, events)
    return None


def _probe(kind: str, container: dict[str, Any], events: Sequence[dict[str, Any]]) -> Probe:
    get = container.get(f"{kind}Probe", {}).get("httpGet", {})
    failures = [found for event in events if (found := _FAILED.match(event["message"]))]
    said = next((found[2] for found in reversed(failures) if found[1].lower() == kind), "")
    code = _STATUS.match(said)
    return Probe(
        kind=kind,
        path=get.get("path", ""),
        port=_number(get.get("port", 0), container),
        status=int(code[1]) if code else 0,
        said="" if code else _ADDRESSES.sub("", said),
    )


def _number(port: int | str, container: dict[str, Any]) -> int:
    """Number of a port that may be given by name."""
    named = {entry.get("name"): entry["containerPort"] for entry in container.get("ports", [])}
    return port if isinstance(port, int) else named.get(port, 0)
