"""A Deployment during a rollout, one moment after the other."""

import json
from dataclasses import dataclass, field
from typing import Any

from components.cluster import ClusterError, Kubectl

UNPROVEN = "goservice/unproven"


def moment(updated: int, total: int, available: int, wanted: int = 2, observed: int = 4) -> dict[str, Any]:
    counts = {"updatedReplicas": updated, "replicas": total, "readyReplicas": available}
    return {
        "metadata": {"generation": 4, "uid": "uid-1"},
        "spec": {
            "replicas": wanted,
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
            "template": {"metadata": {"labels": {}}, "spec": {"containers": []}},
        },
        "status": counts | {"availableReplicas": available, "observedGeneration": observed},
    }


DONE = moment(2, 2, 2)

WAITING = moment(1, 3, 2)


@dataclass(frozen=True, kw_only=True)
class Cluster(Kubectl):
    """A Deployment at one moment after the other, the last for good; and what was changed."""

    namespace: str = "team"
    moments: list[Any] = field(default_factory=list[Any])
    account: dict[str, Any] | None = None
    autoscaler: dict[str, Any] | None = None
    replica_sets: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    changes: list[str] = field(default_factory=list[str])

    def get(self, kind: str, name: str) -> dict[str, Any] | None:
        if kind == "serviceaccount":
            return self.account
        if kind == "horizontalpodautoscaler":
            return self.autoscaler
        now = self.moments.pop(0) if len(self.moments) > 1 else self.moments[0]
        if isinstance(now, ClusterError):
            raise now
        return now

    def run(self, *arguments: str, stdin: str = "") -> str:
        if arguments[:2] == ("get", "replicasets"):
            return json.dumps({"items": self.replica_sets})
        if arguments[0] == "patch":
            kind, patch = arguments[1], json.loads(arguments[-1])
            notes = patch.get("metadata", {}).get("annotations", {})
            self.changes.append(f"{kind} {notes.get(UNPROVEN) if notes else json.dumps(patch['spec'])}")
        if arguments[0] == "apply":
            self.changes.append(f"apply {json.loads(stdin)['spec']}")
        return ""
